"""Records and reports of what took place elsewhere."""
