"""What took place elsewhere, as somebody else's records have it; no gate ever counts it."""
