"""From the socket to a GraphQL operation: bounded, validated, answered and logged."""
