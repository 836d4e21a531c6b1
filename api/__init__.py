"""The edge: GraphQL, HTTP and the command line."""
