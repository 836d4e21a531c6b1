"""What is stored, and the one way in."""
