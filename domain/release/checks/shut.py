"""What helps where a release lacks something, once nothing more is included in it (S1-11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from domain.gate import Act
from domain.merge_request.state import MergeRequest
from domain.release.commands.late import linked_again, returning
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
    """That each fix is linked again of which something helps, called by its first merge request."""
    parts = tuple(linked_again(ask.state, ask.records))
    fixes = dict.fromkeys(each.fix for each in parts if back(each))
    firsts = (min((e for e in parts if e.fix == fix), key=lambda e: e.number) for fix in fixes)
    names = (merge_request_name(ask, each) for each in firsts)
    return tuple(ask.act("security_fix.link", _AGAIN.format(name)) for name in names)
