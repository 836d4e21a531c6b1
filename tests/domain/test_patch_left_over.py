"""A fix whose patch was given up is in none: the gates of the next that could take it say so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.gate import Finding, Verdict
from domain.gate import Status as Is
from domain.merge_request.state import MergeRequest
from domain.merge_request.state import Status as Merge
from domain.passage import evidence
from domain.process.release import ReleaseStatus
from domain.release.checks.loose import TITLE
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.security_fix.state import Item, SecurityFix, TakenOff
from tests.domain.given import NOON
from tests.domain.patch_stories import APPSEC, BRANCHES, PATCH, fix, linked, patch_office
from tests.domain.release_stories import RITA, Office, opened

GATE = "enter_phase:early_merge"


def story(**changes: object) -> tuple[Office, str, SecurityFix]:
    """A complete fix whose patch was given up, and another patch that is planned."""
    office = patch_office()
    gone = opened(office, "planned_patch", "planned_patch", PATCH, embargoed=True)
    later = opened(office, "planned_patch", "planned_patch", PATCH, embargoed=True)
    office.learn(replace(office.release(gone), status=ReleaseStatus.ABORTED))
    parts = [replace(each, fix="7" * 32, embargoed=True) for each in fix("a", BRANCHES)]
    state = replace(linked(parts, gone), versions=("17.6", "17.5", "17.4"), **changes)  # type: ignore[arg-type]
    office.learn(*parts, state)
    return office, later, state


def said(office: Office, id: str, *, sees: bool = True) -> list[Finding]:
    """What the gate says of fixes that are in none, to who sees them or does not."""
    told = (office.release(id), office.at, office.authority, office.records)
    ask = Question(*told, sees=lambda _: sees)
    return [each for each in asked(ask, GATE).findings if each.title == TITLE]


@pytest.mark.req("S1-27")
def test_a_later_patch_tells_of_a_complete_fix_whose_patch_was_given_up() -> None:
    office, later, state = story()
    [found] = said(office, later)
    assert (found.status, [each.id for each in found.lacking]) == (Is.NOT_APPLICABLE, [state.id])
    assert [each.action for each in found.acts] == ["security_fix.link"]
    assert evidence(Verdict((found,))) == (), "what stays hidden is not told by what is kept"
    assert said(office, later, sees=False) == [], "and nobody who may not know of it"
    office.learn(replace(state, tracker=later))
    assert said(office, later) == [], "it is linked"


@pytest.mark.req("S1-27")
def test_so_it_does_of_what_was_taken_off_that() -> None:
    ticked = Item("tested", "A test shows it", RITA, NOON)
    office, later, state = story(items=(ticked,))
    office.learn(*(complete(office.states[MergeRequest, id]) for id in state.merge_requests))
    office.ask(APPSEC, "security_fix.unlink", state.id, reason="That was given up.")
    free = office.states[SecurityFix, state.id]
    assert (free.tracker, free.versions) == (None, ())
    [found] = said(office, later)
    assert [each.id for each in found.lacking] == [state.id]
    waits = replace(office.states[MergeRequest, state.merge_requests[1]], status=Merge.OPEN)
    office.learn(waits)
    assert said(office, later) == [], "it is another by now, and nobody has looked at that"
    office.learn(complete(waits), replace(free, unlinked=()))
    assert said(office, later) == [], "it never was to go out with that"
    kept = replace(free, unlinked=(TakenOff(state.tracker or "", APPSEC), TakenOff(later, APPSEC)))
    office.learn(kept)
    assert said(office, later) == [], "it was taken off this one since"


def complete(part: MergeRequest) -> MergeRequest:
    """Merged through its gate."""
    return replace(part, status=Merge.MERGED)


@pytest.mark.req("S1-11", "S1-27")
def test_past_its_cut_off_it_is_left_to_the_next() -> None:
    office, later, _ = story()
    assert "Link them to it." in said(office, later)[0].message
    office.learn(replace(office.release(later), phase="early_merge"))
    assert "link them to the next" in said(office, later)[0].message


@pytest.mark.req("S1-27", "X-02")
def test_of_what_is_not_complete_or_cannot_go_with_it_nothing_is_said() -> None:
    office, later, state = story()
    for each in (replace(state, severity=None), replace(state, labels=())):
        office.learn(each)
        assert said(office, later) == [], "it lost what made it complete"
    office.learn(replace(state, parts=state.parts[:-1]))
    assert said(office, later) == [], "nothing of it is for 17.4"
    office.learn(state)
    assert said(office, later)
    office.ask(RITA, "release.edit", later, plan=replace(PATCH, versions=PATCH.versions[:1]))
    assert said(office, later) == [], "that has no version of some of its lines"


@pytest.mark.req("S1-12", "S1-27")
def test_a_release_in_the_open_is_told_of_none() -> None:
    office, later, state = story()
    office.learn(replace(office.release(later), embargoed=False))
    assert said(office, later) == []
    assert state.embargoed
