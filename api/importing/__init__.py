"""Bringing in what other systems recorded: read line by line, claimed in batches."""
