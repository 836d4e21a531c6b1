"""What leaves a release: a linked fix goes out whole, and so leaves it with all that it brought."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.gate import Act
from domain.merge_request.state import MergeRequest
from domain.release.gate.question import Question


def leaving(ask: Question, left: Iterable[MergeRequest | None], told: str) -> Iterator[Act]:
    """That these leave it, in words for what is of no linked fix; what is no such comes as none."""
    linked = {id for fix in ask.fixes for id in fix.merge_requests}
    own = [each is not None and each.id in linked for each in left]
    if any(own):
        yield from taking_off(ask)
    if not all(own):
        yield ask.act("release.exclude", told)


def taking_off(ask: Question, *, inside: bool = True) -> Iterator[Act]:
    """That linked fixes go out with another release; what is `inside` of them leaves this one."""
    yield ask.act("security_fix.unlink", "Take the fix off the release.")
    if inside:
        yield ask.act("release.exclude", "Take out what is in it of that fix.")
