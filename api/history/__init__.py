"""What happened, what stood at a moment, and the proofs of it."""
