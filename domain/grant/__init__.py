"""A grant: who holds which role for what, and the index of all of them."""
