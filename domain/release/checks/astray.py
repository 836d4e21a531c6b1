"""What goes to a branch of no version of a release: one is given to it, or that leaves (S1-32)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from domain.gate import Act
from domain.inclusion import Inclusion, ItemKind
from domain.process.release import Matter
from domain.process.support import Support, branch_name
from domain.release.checks.reach import required
from domain.release.gate.question import Question

ELSEWHERE: Final = "to a branch of no version here"
_LINE: Final = "Give the release a version of the line of that branch."


def strays(ask: Question, policy: Support) -> list[Inclusion]:
    """What goes neither to the default branch nor to that of one of the versions."""
    ported = {each.id for each in ask.backports}
    return [each for each in ask.items if _stray(ask, each, ported, policy)]


def wanting(ask: Question) -> list[Inclusion]:
    """The same where the playbook asks for backports of every version; nothing elsewhere."""
    policy = ask.kind.support
    asked = any(each.about is Matter.BACKPORTS for each in ask.kind.requirements)
    return strays(ask, policy) if policy and asked else []


def _stray(ask: Question, item: Inclusion, ported: set[str], policy: Support) -> bool:
    request = ask.request_of(item)
    if request is None and item.kind is not ItemKind.MERGE_REQUEST:
        return False
    if request is not None and request.id in ported:
        return False
    return request is None or branch_name(request.target) not in policy.default_branches


def covering(ask: Question) -> Act:
    """That it has a version of each line that what is in it has to reach."""
    return ask.act("release.edit", "Let it have a version of each supported line.")


def is_wanted(ask: Question, item: Inclusion, lines: Collection[str], policy: Support) -> bool:
    """Whether it goes to the branch of one of these lines."""
    request = ask.request_of(item)
    return request is not None and branch_name(request.target) in map(policy.branch, lines)


def helping(ask: Question, left: Collection[Inclusion]) -> list[tuple[Act, ...]]:
    """Each way to mend that these go to branches of no version here.

    What goes to a line that the release has to reach stays, and it gets a version of that: to take
    the one out would leave it short of the other.
    """
    policy = ask.kind.support
    lines = required(ask, policy) if policy else ()
    stays = [each for each in left if policy and is_wanted(ask, each, lines, policy)]
    if stays and len(stays) == len(left):
        return [(covering(ask),)]
    rest = [each for each in left if each not in stays]
    cover = (covering(ask),) if stays else ()
    return [(*cover, *_leaving(ask, rest)), (*cover, versions(ask))]


def versions(ask: Question) -> Act:
    """That it has a version of the line of each such branch, whether it has to or not."""
    return ask.act("release.edit", _LINE)


def _leaving(ask: Question, left: Collection[Inclusion]) -> Iterator[Act]:
    """That these leave it; a linked fix goes out whole, and leaves it with all of it."""
    linked = {id for fix in ask.fixes for id in fix.merge_requests}
    own = (ask.request_of(each) for each in left)
    if any(each is not None and each.id in linked for each in own):
        yield ask.act("security_fix.unlink", "Take the fix off the release.")
        told = "Take out what goes to a branch of no version here, and all of such a fix."
        yield ask.act("release.exclude", told)
    else:
        yield ask.act("release.exclude", "Take out what goes to a branch of no version here.")
