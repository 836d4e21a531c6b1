"""The numbers on delivery: what they are read from, and how they are asked for."""
