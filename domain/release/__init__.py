"""A release of a service: planned, filled, tested, approved, deployed, published, closed."""
