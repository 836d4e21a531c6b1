"""What leaves a release: a linked fix goes out whole, and so leaves it with all that it brought."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from domain.gate import Act
from domain.merge_request.state import MergeRequest
from domain.process.support import Fixes
from domain.release.checks.reach import kind_of_fix
from domain.release.gate.question import Question
from domain.security_fix.state import SecurityFix


def leaving(
    ask: Question,
    left: Iterable[MergeRequest | None],
    told: str,
    fixes: Collection[SecurityFix] | None = None,
) -> Iterator[Act]:
    """That these leave it, in words for what is of no linked fix; what is no such comes as none.

    Else only what is of these `fixes` leaves with all of them.
    """
    linked = {id for fix in (ask.fixes if fixes is None else fixes) for id in fix.merge_requests}
    own = [each is not None and each.id in linked for each in left]
    if any(own):
        yield from taking_off(ask)
    if not all(own):
        yield ask.act("release.exclude", told)


def unlinked(ask: Question) -> list[MergeRequest]:
    """The security merge requests in it of no fix that is linked to it."""
    linked = {id for fix in ask.fixes for id in fix.merge_requests}
    every = (each for each in ask.merge_requests.values() if each.id not in linked)
    return [each for each in every if kind_of_fix(ask, each) is Fixes.SECURITY]


def taking_out(ask: Question) -> Act:
    """That these leave it, which only linked fixes may stay in."""
    return ask.act("release.exclude", "Take out what is not linked.")


def something_stays(ask: Question, left: Iterable[MergeRequest | None]) -> bool:
    """Whether it brings something else than these, and than the linked fixes that they are of."""
    ids = {each.id for each in left if each is not None}
    whole = (fix.merge_requests for fix in ask.fixes if not ids.isdisjoint(fix.merge_requests))
    gone = ids.union(*whole)
    return any((of := ask.request_of(each)) is None or of.id not in gone for each in ask.items)


def taking_off(ask: Question, *, inside: bool = True) -> Iterator[Act]:
    """That linked fixes go out with another release; what is `inside` of them leaves this one."""
    yield ask.act("security_fix.unlink", "Take the fix off the release.")
    if inside:
        yield ask.act("release.exclude", "Take out what is in it of that fix.")
