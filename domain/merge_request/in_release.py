"""Merge requests in releases: merged in the phase for it, and taken out of open ones if hidden."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from domain.gate import Act, Finding, There
from domain.gate import Status as Is
from domain.inclusion import Inclusion
from domain.kernel import Records, Then
from domain.merge_request.state import MergeRequest
from domain.playbook.aggregate import Playbook, process
from domain.process.release import ReleaseStatus
from domain.release.events import Item
from domain.release.standing import scopes_of
from domain.release.state import ENDED, Release

_CLEARED: Final = "release.read_embargoed"
_GOING: Final = frozenset(ReleaseStatus).difference(ENDED)
TITLE = "A release that has it has come to its phase"


def in_phase(state: MergeRequest, phase: str | None, records: Records, who: There) -> Finding:
    """Whether a release that goes on has it, and is in the phase or past it (S1-30, S1-31)."""
    if phase is None:
        return Finding("release", Is.NOT_APPLICABLE, TITLE)
    found = records.find(Inclusion, reference=state.id)
    ids = frozenset(each.release for each in found if each.included)
    releases = records.find(Release, id=ids) if ids else ()
    told = [each for each in releases if state.embargoed or not each.embargoed]
    carrying = [each for each in told if each.status not in ENDED]
    there = tuple(each.id for each in carrying if _has_come_to(each, phase, records))
    if there:
        return Finding("release", Is.SATISFIED, TITLE, there)
    message = f"No release that has it is in {phase}." if carrying else "No release has it."
    taking = f"Take a release that has it to {phase}."
    act = _act("release.enter_phase", taking, carrying, who)
    if not carrying:
        going = records.find(Release, status=_GOING)
        may = (each for each in going if _may_take(each, state))
        act = _act("release.include", "Put it into a release.", may, who)
    return Finding(
        "release", Is.UNSATISFIED, TITLE, message=message, code="phase_not_reached", acts=(act,)
    )


def _may_take(release: Release, state: MergeRequest) -> bool:
    """Whether a release may have it: one of the project, and hidden where that is."""
    return release.plan.project == state.project and release.embargoed == state.embargoed


def _act(action: str, told: str, releases: Iterable[Release], who: There) -> Act:
    """That somebody does it on one of these, who may see that."""
    people: frozenset[str] = frozenset()
    for each in releases:
        able = who(action, scopes_of(each))
        people |= able & who(_CLEARED, scopes_of(each)) if each.embargoed else able
    return Act(action, people, description=told)


def _has_come_to(release: Release, phase: str, records: Records) -> bool:
    """Whether it is in the phase or past it; one whose playbook has no such phase is not."""
    playbook = records.get(Playbook, release.playbook)
    kind = process(playbook.body).releases.kind(release.kind) if playbook else None
    names = [each.name for each in kind.phases] if kind else []
    known = phase in names and release.phase in names
    return known and names.index(release.phase) >= names.index(phase)


def leaving(state: MergeRequest, records: Records, reason: str) -> list[Then]:
    """That it leaves every release in the open that is not out: those contain nothing hidden.

    So does each of its commits that it covers there. The reason for hiding it is that for leaving
    them, told to who may know of it.
    """
    found = records.find(Inclusion, reference=frozenset((state.id, *state.commits)))
    inside: dict[str, list[Inclusion]] = {}
    for each in found:
        if each.included and state.id in (each.reference, each.covered_by):
            inside.setdefault(each.release, []).append(each)
    releases = records.find(Release, id=frozenset(inside)) if inside else ()
    return [
        each
        for release in releases
        if not release.embargoed and release.published_at is None and release.status not in ENDED
        for each in _withheld(release, inside[release.id], reason)
    ]


def _withheld(release: Release, inside: list[Inclusion], reason: str) -> list[Then]:
    items = tuple(Item(each.kind, each.reference, each.covered_by) for each in inside)
    told = {"items": items, "reason": reason}
    removed = (Then("inclusion.remove", each.id) for each in inside)
    return [Then("release.withhold", release.id, told), *removed]
