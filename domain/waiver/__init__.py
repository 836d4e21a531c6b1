"""A waiver: a requirement of one release need not be met, by somebody independent, for a while."""
