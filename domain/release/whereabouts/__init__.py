"""Where a release is, was and goes next, and what came after it."""
