"""What is hidden from whom, in every list, history and count."""
