"""Whether somebody who asked first for what takes two still may."""

from __future__ import annotations

from domain.authority import Authority
from domain.authorship import lost
from domain.environment.state import Proposal, Resuming, Unblocking


def void(wish: Proposal | Resuming | Unblocking, authority: Authority) -> bool:
    """Whether who asked for it may not any more, so that nobody may agree to it."""
    return lost((wish.by,), wish.grant, authority, others=wish.other_grants)
