"""Acts on the merge requests of a release, by who may ask for them and may know of these."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from domain.evidence.state import Evidence
from domain.explanation import act_of, explain
from domain.gate import Act, evaluate, nowhere
from domain.merge_request.checks import SIGN, requirements
from domain.merge_request.once import once_aimed, once_open
from domain.merge_request.question import Question as Own
from domain.merge_request.question import knowing
from domain.merge_request.reports import reports_on
from domain.merge_request.standing import involved
from domain.merge_request.state import MergeRequest
from domain.process.release import Matter
from domain.release.checks.comeback import able, comebacks, coming
from domain.release.checks.leaving import taking_out, unlinked
from domain.release.gate.naming import merge_request_name
from domain.release.gate.question import Question
from domain.titles import person_name
from domain.verdict import on

MOST: Final = 10
"""Of how many merge requests each is told with what it waits for; of more in one act."""
MERGE: Final = "merge_request.merge"


def moving(ask: Question, action: str, requests: Collection[MergeRequest], how: str) -> Act:
    """That somebody who may asks for an action of one of these."""
    people = (knowing(each, action, ask.who) for each in requests)
    return Act(action, frozenset[str]().union(*people), description=how)


def merging(ask: Question, requests: Collection[MergeRequest], how: str) -> tuple[Act, ...]:
    """That each of these is merged, by somebody who had no hand in it.

    Of a few each is told by itself, after what its own gate waits for; else they are in one act.
    What was closed or aimed elsewhere comes back first.
    """
    back = comebacks(ask) if ask.explained else {}
    if len(requests) <= MOST and all(map(ask.sees, requests)):
        told = reports_on(ask.records, requests) if ask.explained else ()
        return tuple(act for each in requests for act in _merged(ask, each, back, told))
    first = (coming(ask, each, back[each.id]) for each in requests if each.id in back)
    people = (_able_to_merge(ask, each) for each in requests)
    return (*first, Act(MERGE, frozenset[str]().union(*people), description=how))


def merging_ways(
    ask: Question, requests: Collection[MergeRequest], how: str
) -> Iterator[tuple[tuple[Act, ...], frozenset[str]]]:
    """Each way to have these merged, with the ids of what it takes out first.

    Where only linked fixes may stay in it, what is of no such leaves, and is not merged for it.
    """
    yield merging(ask, requests, how), frozenset()
    loose = _loose(ask) if requests and ask.explained else frozenset()
    if not loose.isdisjoint(each.id for each in requests):
        merged = merging(ask, [each for each in requests if each.id not in loose], how)
        yield (taking_out(ask), *merged), loose


def _loose(ask: Question) -> frozenset[str]:
    """What may not stay in it since no linked fix brought it, by its ids."""
    if all(each.about is not Matter.FIXES_LINKED for each in ask.kind.requirements):
        return frozenset()
    try:
        return frozenset(each.id for each in unlinked(ask))
    except LookupError:  # the requirement of linked fixes answers for that
        return frozenset()


def _merged(
    ask: Question, request: MergeRequest, back: Mapping[str, str], told: tuple[Evidence, ...]
) -> Iterator[Act]:
    """What it takes to merge one, the last of which does."""
    branch = back.get(request.id)
    if branch is not None:
        yield coming(ask, request, branch)
    if ask.explained:
        yield from _readied(ask, request, branch, told)
    how = f"Merge {merge_request_name(ask, request)}."
    yield Act(MERGE, _able_to_merge(ask, request), description=how, subject=request.id)


def _able_to_merge(ask: Question, request: MergeRequest) -> frozenset[str]:
    people = able(ask, request, MERGE)
    return people - involved(request, ask.authority) if people else people


def _readied(
    ask: Question, request: MergeRequest, branch: str | None, told: tuple[Evidence, ...]
) -> tuple[Act, ...]:
    """The first way by which it has all that its kind demands, as it stands once it came back."""
    may = partial(able, ask, request)
    known = (request, ask.at, ask.authority, ask.records)
    own = once_open(Own(*known, who=may, reports=told, there=ask.there))
    if branch is not None:
        own = once_aimed(own, branch)
    ways = explain(
        evaluate(requirements(own)),
        approve=SIGN,
        named=lambda id: person_name(ask.authority.person(id)),
        may=None if ask.there is nowhere else lambda _rule: may(SIGN),
    ).ways
    start = f"For {merge_request_name(ask, request)}: "
    acts = (on(act_of(each), request.id) for each in (ways[0].acts if ways else ()))
    return tuple(replace(each, description=start + each.description) for each in acts)
