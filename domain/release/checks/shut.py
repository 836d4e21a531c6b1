"""What helps where a release lacks something, once nothing more is included in it (S1-11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from domain.gate import Act
from domain.merge_request.state import MergeRequest
from domain.release.commands.late import linked_again, returning
from domain.release.gate.question import Question
from domain.release.standing import closed_since

_AGAIN: Final = "Link the fix again that was taken off."
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
    if any(map(back, linked_again(ask.state, ask.records))):
        return ask.act("security_fix.link", _AGAIN), ask.act("release.include", told)
    return (ask.act("release.abort", _GIVE_UP),)
