"""The processes of a running service: one writer, some edges, and the parent that keeps them."""
