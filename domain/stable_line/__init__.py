"""A stable line of a product: a version that fixes may have to reach, and when it came out."""
