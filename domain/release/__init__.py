"""A release of a service: planned, filled, tested, approved, deployed, published, closed.

Here lie its state, what becomes true of it, and how that folds. Its rooms: `commands` says what may
be done with it, `gate` asks what must hold before, `checks` evaluates each requirement, `evidence`
knows what it is made of and whose word counts, `whereabouts` where it is and what came after it.
"""
