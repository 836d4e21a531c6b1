"""What stands in a plan's way."""
