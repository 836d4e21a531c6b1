"""How each requirement of a release is evaluated."""
