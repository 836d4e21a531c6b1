"""A change to a service: drafted, assessed, authorized, implemented, reviewed and closed."""
