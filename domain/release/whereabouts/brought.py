"""Which releases brought what they list to an environment: those known to hold just that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from domain.change.covering import requests_of
from domain.change.state import Change
from domain.evidence.aggregate import Evidence
from domain.inclusion import Inclusion
from domain.merge_request.state import MergeRequest
from domain.playbook.aggregate import Playbook
from domain.process.release import DEPLOY, Matter, RequirementRow
from domain.release.checks.traced import holds_what_it_lists
from domain.release.evidence.carried import named
from domain.release.evidence.hands import of_all
from domain.release.evidence.manifest import manifest_of, seen
from domain.release.gate.question import Question
from domain.release.state import Release
from domain.sides import Wanted

_ASKED_BY_NOBODY: Final = RequirementRow("traced", "", Matter.TRACED, ())
"""What is known of a release whose playbook asks nobody what it is made of."""


def holding(ask: Question, releases: Iterable[Release], environment: str) -> dict[str, Release]:
    """Those of these that stand there, and whose versions hold what they list and nothing else.

    What a release lists says nothing of what it is made of: CI does, or it contains one thing alone
    and is made of that (X-01). They are of the service of the release that asks, unless one of both
    kinds spans services.
    """
    asked = _questions(ask, arrived(releases, environment))
    return {each.state.id: each.state for each in asked if _brought(ask, each, environment)}


def arrived(releases: Iterable[Release], environment: str) -> list[Release]:
    """Those of these that stand there, as they went there where something in them hid since."""
    each_way = ((each, each.as_it_went_out) for each in releases)
    there = (next((e for e in ways if e.reached(environment)), None) for ways in each_way)
    return [each for each in there if each]


def wanted(ask: Question, releases: Iterable[Release]) -> Iterator[Wanted]:
    """What is read of them, in sets, to know what they are made of."""
    every = tuple(releases)
    if every:
        yield Playbook, {"id": frozenset(each.playbook for each in every)}
        yield Inclusion, {"release": frozenset(each.id for each in every)}
    if subjects := frozenset(s for each in every for s in _asking(ask, each).subjects):
        yield Evidence, {"subject": subjects}


def _questions(ask: Question, releases: list[Release]) -> list[Question]:
    """A question to each, with what it contains and what was reported of it read at once."""
    found: dict[type, tuple[Any, ...]] = {
        state: ask.records.find(state, **equal)
        for state, equal in wanted(ask, releases)
        if state is not Playbook
    }
    asked = [_asking(ask, each) for each in releases]
    _compare(ask, asked, found.get(Inclusion, ()))
    for each in asked:
        subjects = each.subjects
        own = tuple(one for one in found.get(Evidence, ()) if one.subject in subjects)
        each.reports = each.judged(own)
    ask.records.together(*(wanted for each in asked for wanted in of_all(each)))
    return asked


def _compare(ask: Question, asked: Collection[Question], every: tuple[Inclusion, ...]) -> None:
    """Tell each what it contains, and its manifest: that which it went out with.

    In the open that is without what moves in secret; in secret with it, so that what CI said of
    what went out in the open before counts on.
    """
    went = {each.state.id: each.state.went_with for each in asked}
    rows = [replace(e, included=e.included or e.reference in went[e.release]) for e in every]
    inside = [each for each in rows if each.included]
    changes, requests = _parts(ask, named(inside))
    shown = seen(requests.values(), ask.state)
    for each in asked:
        each.ever_included = tuple(one for one in rows if one.release == each.state.id)
        own = (one for one in inside if one.release == each.state.id)
        each.manifest = manifest_of(each.state, own, shown, changes)
        each.compared_before = frozenset((each.state.listing,))


def _parts(ask: Question, ids: frozenset[str]) -> tuple[dict[str, Change], dict[str, MergeRequest]]:
    """The changes and merge requests of these ids, and what such changes are tied to."""
    if not ids:
        return {}, {}
    ask.records.together((Change, {"id": ids}), (MergeRequest, {"id": ids}))
    changes = {each.id: each for each in ask.records.find(Change, id=ids)}
    wanted = ids | requests_of(changes.values())
    return changes, {each.id: each for each in ask.records.find(MergeRequest, id=wanted)}


def _asking(ask: Question, release: Release) -> Question:
    return Question(release, ask.at, ask.authority, ask.records, now=ask.now)


def _brought(ask: Question, other: Question, environment: str) -> bool:
    """Whether it is of the service, and what it lists is what it is made of; else unknown."""
    try:
        kind, own = other.kind, ask.kind
    except LookupError:
        return False
    same = ask.state.plan.service == other.state.plan.service
    if not (same or kind.spans_services or own.spans_services):
        return False
    rows = [each for each in kind.requirements if each.about is Matter.TRACED]
    here = [each for each in rows if f"{DEPLOY}:{environment}" in each.gates] or rows
    return all(holds_what_it_lists(other, row) for row in here or (_ASKED_BY_NOBODY,))
