"""Numbers with their lineage, and the reviews of them."""
