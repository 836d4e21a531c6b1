"""What of the schema follows from the domain: types, inputs, mutations, look-ups and lists."""
