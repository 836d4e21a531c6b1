"""What a security fix does to its merge requests: it ties them to itself, and hides them."""

from __future__ import annotations

from typing import Any

from domain.kernel import Context
from domain.merge_request.events import Concealed, Tied, Untied
from domain.merge_request.evolve import foreseen
from domain.merge_request.standing import alarms
from domain.merge_request.state import MergeRequest


def tie(
    state: MergeRequest, context: Context, *, fix: str, excluded: tuple[str, ...] = ()
) -> list[Any]:
    """Become part of a fix, hidden from now on; the excluded sign nothing off, then or before."""
    tied = Tied(fix, excluded)
    hidden = [] if state.embargoed else [Concealed()]
    return [tied, *hidden, *alarms(foreseen(state, context, tied), context)]


def untie(state: MergeRequest, context: Context) -> list[Any]:
    """Be no part of the fix any more; it stays hidden, and who was excluded stays that."""
    return [Untied(state.fix)] if state.fix else []
