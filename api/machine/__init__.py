"""What an operator does to an installation at the machine itself."""
