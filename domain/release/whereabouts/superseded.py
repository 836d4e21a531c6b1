"""What a later release brought in the place of this one: all that is in it, where it is to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from domain.gate import Act, Finding, Verdict, or_else
from domain.process.release import CLOSE, Matter
from domain.release.embargo import known
from domain.release.evidence.carried import identity
from domain.release.evidence.made_of import named
from domain.release.gate.question import Question, unknown
from domain.release.state import ENDED, Release
from domain.release.whereabouts.brought import holding
from domain.release.whereabouts.counted import as_counted
from domain.release.whereabouts.taken import goes_back
from domain.release.whereabouts.there import GAVE_WAY, Lacking, in_place, running

_GIVE_UP: Final = "Give it up: {} brought all that is in it to {}."
_KEPT: Final = frozenset(("ended", "countersigned"))
"""What is asked of what is given up as well."""


def not_closed(ask: Question, where: str) -> Lacking | None:
    """Why it does not count as deployed there to be closed, None if it does.

    What took its place counts for it where that holds all that is in it, whatever was built first.
    """
    lacking = in_place(ask, where, CLOSE)
    return None if lacking and goes_on(ask, where, lacking) else lacking


def goes_on(ask: Question, where: str, lacking: Lacking) -> bool:
    """Whether it gave way there to others that hold all that is in it, and run there."""
    return lacking.code == GAVE_WAY and bool(carrying(ask, where))


def carrying(ask: Question, where: str) -> tuple[Release, ...]:
    """The other releases that run there and hold all that is in this one; none if some lacks."""
    rows = [each for each in ask.ever_carried if each.included and each.release != ask.state.id]
    ids = frozenset(each.release for each in rows)
    every = ask.records.find(Release, id=ids) if ids else ()
    there = holding(ask, [each for each in every if known(each, ask.state)], where)
    runs = {id: each for id, each in there.items() if not running(ask, each, where)}
    inside = [
        (each.release, identity(each, ask.merge_requests, runs[each.release].plan.project))
        for each in rows
        if each.release in runs
    ]
    project = ask.state.plan.project
    own = {identity(each, ask.merge_requests, project) for each in ask.items}
    if not own or not own <= {name for _, name in inside}:
        return ()
    of_it = {id for id, name in inside if name in own}
    return tuple(each for id, each in runs.items() if id in of_it)


def superseded(ask: Question, gate: str, said: Verdict) -> Verdict:
    """What closing says, with that it is given up where others brought all that is in it there.

    Deploying it would take that away again where what runs there has higher versions, unless it is
    made of the very package that stands there, which counts for it then.
    """
    going = gate == CLOSE and not said.allowed and ask.state.status not in ENDED
    if not going or ask.who is unknown or ask.state.published_at is not None:
        return said
    by = {finding.requirement: way for finding, way in _given_up(ask, said)}
    if not by:
        return said
    way = next(iter(by.values()))[0]
    told = (_told(each, by.get(each.requirement), way) for each in said.findings)
    return replace(said, findings=tuple(told))


def _given_up(ask: Question, said: Verdict) -> Iterator[tuple[Finding, tuple[Act, bool]]]:
    """What closing lacks that others brought; with how it is given up, and whether they are later.

    What of it is live is closed, and not given up.
    """
    try:
        rows = {each.name: each for each in ask.kind.rows(CLOSE) if each.about is Matter.DEPLOYED}
    except LookupError:  # nothing is known of how it closes
        return
    for each in said.blocking:
        row = rows.get(each.requirement)
        where = row.environment if row else None
        if where and (others := carrying(ask, where)):
            act = ask.act("release.abort", _GIVE_UP.format(named(others), where))
            counts = as_counted(ask.state, where, ask.records) is not None
            yield each, (act, not counts and any(_later(ask, one) for one in others))


def _later(ask: Question, other: Release) -> bool:
    return goes_back(ask.state.plan.versions, other.plan.versions) is True


def _told(finding: Finding, own: tuple[Act, bool] | None, way: Act) -> Finding:
    if own is not None and own[1]:
        return replace(finding, acts=(own[0],), instead=())
    asked = finding.status.blocks and finding.requirement not in _KEPT
    return or_else(finding, (way,)) if asked else finding
