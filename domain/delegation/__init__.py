"""A delegation: a person lets another decide in their place."""
