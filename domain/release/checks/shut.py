"""What helps where a release lacks something, once nothing more is included in it (S1-11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from domain.gate import Act
from domain.merge_request.state import MergeRequest
from domain.release.checks.comeback import coming, is_told, lost
from domain.release.commands.late import once_linked, returning
from domain.release.gate.naming import merge_request_name
from domain.release.gate.question import Question
from domain.release.standing import closed_since

_AGAIN: Final = "Link the fix of {} again, which was taken off."
_GIVE_UP: Final = "Give it up, and plan another: nothing that would help is included any more."


def anything(_request: MergeRequest | None) -> bool:
    """That whatever is put in helps."""
    return True


def takes(ask: Question, helps: Callable[[MergeRequest | None], bool] = anything) -> bool:
    """Whether something that helps is still included in it: what had been in it, past its cut-off.

    What is no merge request, nor of one, comes as none.
    """
    if closed_since(ask.state, ask.records) is None:
        return True
    return any(map(helps, returning(ask.state, ask.records)))


def including(
    ask: Question,
    told: str,
    helps: Callable[[MergeRequest | None], bool] = anything,
    back: Callable[[MergeRequest], bool] = anything,
) -> tuple[Act, ...]:
    """That what helps is put in, as long as it is taken; else that the release is given up.

    What helps may come `back` with a fix that was taken off, once that is linked again.
    """
    if takes(ask, helps):
        return (ask.act("release.include", told),)
    if again := _linked_again(ask, back):
        return *again, ask.act("release.include", told)
    return (ask.act("release.abort", _GIVE_UP),)


def _linked_again(ask: Question, back: Callable[[MergeRequest], bool]) -> tuple[Act, ...]:
    """That each fix is linked again of which something helps, called by its first merge request.

    First what it has lost since comes back, each to its branch: it is linked as complete as it was.
    """
    acts: list[Act] = []
    for fix, parts in once_linked(ask.state, ask.records):
        known = {each.id: each for each in parts}
        gone = lost(ask, fix, parts)
        there = (e for e in parts if e.id not in gone and not e.given_up)
        aimed = (replace(known[id], target=branch) for id, branch in gone.items())
        told = all(is_told(ask, known[id]) for id in gone)
        if told and any(map(back, (*there, *aimed))):
            first = merge_request_name(ask, min(parts, key=lambda each: each.number))
            acts += [coming(ask, known[id], branch) for id, branch in gone.items()]
            acts += [ask.act("security_fix.link", _AGAIN.format(first))]
    return tuple(acts)
