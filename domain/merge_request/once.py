"""A merge request as it stands once it is opened again, or aimed elsewhere: without sign-offs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from domain.kernel import Context, Refusal, Then
from domain.merge_request.evolve import foreseen
from domain.merge_request.question import Question
from domain.merge_request.revising import reopen, retarget
from domain.merge_request.state import MergeRequest, Status
from domain.merge_request.twins import open_twins

_Told = Callable[[MergeRequest, Context], list[Any]]


def once_open(ask: Question) -> Question:
    """As it stands once what was closed is opened again, where that can be."""
    if ask.state.status is not Status.CLOSED or is_elsewhere(ask):
        return ask
    return _after(ask, reopen)


def once_aimed(ask: Question, target: str) -> Question:
    """As it stands once what is open is aimed at another branch, from where it branched off."""
    if ask.state.status is not Status.OPEN:
        return ask
    return _after(ask, lambda state, at: retarget(state, at, target=target, base=state.base))


def is_elsewhere(ask: Question) -> bool:
    """Whether it is open under another id."""
    return not ask.state.embargoed and bool(open_twins(ask.state, ask.records))


def _after(ask: Question, told: _Told) -> Question:
    """As it stands after this; where that cannot be, as it is, and its gate says why."""
    context = Context(ask.at, "", ask.state.id, ask.records, ask.authority)
    try:
        events = told(ask.state, context)
    except (LookupError, Refusal):
        return ask
    state = ask.state
    for event in events:
        if not isinstance(event, Then):
            state = foreseen(state, context, event)
    return replace(ask, state=state)
