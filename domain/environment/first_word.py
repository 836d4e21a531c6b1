"""By what right somebody asks first for what takes two, and whether they still may."""

from __future__ import annotations

from domain.askers import other_grants
from domain.authority import Authority
from domain.authorship import lost
from domain.environment.state import Proposal, Resuming, Unblocking
from domain.kernel import Context


def rights(context: Context) -> tuple[str | None, tuple[str, ...]]:
    """The grant by which the policy lets the asker, and every other one."""
    return context.grant, other_grants(context)


def void(wish: Proposal | Resuming | Unblocking, authority: Authority) -> bool:
    """Whether who asked for it may not any more, so that nobody may agree to it."""
    return lost((wish.by,), wish.grant, authority, others=wish.other_grants)
