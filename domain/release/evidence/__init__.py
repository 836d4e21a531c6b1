"""What is known of what a release is made of, and whose word on it counts."""
