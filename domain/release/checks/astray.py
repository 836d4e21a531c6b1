"""What goes to a branch of no version of a release: one is given to it, or that leaves (S1-32)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from domain.gate import Act
from domain.inclusion import Inclusion, ItemKind
from domain.process.release import Matter
from domain.process.support import Support, branch_name
from domain.release.checks.comeback import comebacks, coming
from domain.release.checks.leaving import leaving
from domain.release.checks.reach import required
from domain.release.gate.question import Question

ELSEWHERE: Final = "to a branch of no version here"
_OUT: Final = "Take out what goes to a branch of no version here."
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

    First that all of it goes where linked fixes lack it: what alone is for its branch does not
    leave. What goes to a line that the release has to reach stays, and it gets a version of that:
    to take the one out would leave it short of the other.
    """
    back = comebacks(ask)
    going = [of for each in left if (of := ask.request_of(each)) is not None and of.id in back]
    others = _apart(ask, left)
    if len(going) < len(left):
        return others
    way, there = tuple(coming(ask, each, back[each.id]) for each in going), _reached(ask)
    return [way, others[0]] if there.issuperset(back[e.id] for e in going) else [way]


def _reached(ask: Question) -> frozenset[str]:
    return frozenset(branch_name(each.target) for each in ask.backports)


def _apart(ask: Question, left: Collection[Inclusion]) -> list[tuple[Act, ...]]:
    policy = ask.kind.support
    lines = required(ask, policy) if policy else ()
    stays = [each for each in left if policy and is_wanted(ask, each, lines, policy)]
    if stays and len(stays) == len(left):
        return [(covering(ask),)]
    rest = [each for each in left if each not in stays]
    cover = (covering(ask),) if stays else ()
    return [(*cover, *leaving(ask, map(ask.request_of, rest), _OUT)), (*cover, versions(ask))]


def versions(ask: Question) -> Act:
    """That it has a version of the line of each such branch, whether it has to or not."""
    return ask.act("release.edit", _LINE)
