"""A line that comes out while a patch is prepared: the patch covers what it did when opened."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.gate import Status as Is
from domain.merge_request.state import MergeRequest
from domain.security_fix.linking import readiness
from domain.security_fix.parts import add_merge_request
from domain.security_fix.readiness import Completeness
from domain.security_fix.state import SecurityFix
from domain.stable_line.state import FormerDoubt
from tests.domain.given import asked_by
from tests.domain.organisation import refused, ways
from tests.domain.patch_stories import (
    APPSEC,
    BRANCHES,
    PATCH,
    VERSIONS,
    fix,
    line,
    linked,
    patch_office,
    ported_bug,
    request,
)
from tests.domain.release_stories import RITA, Office, opened

NEWEST, OLDEST = "17-7-stable-ee", BRANCHES[-1]
NEWER = "17.7.1"
OURS = {"line_not_covered", "line_not_supported", "backport_missing", "target_not_covered"}


def story(versions: tuple[str, ...] = VERSIONS) -> tuple[Office, str]:
    """A patch that was planned before 17.7 came out, which it has by now."""
    office = patch_office()
    plan = replace(PATCH, versions=versions)
    id = opened(office, "planned_patch", "planned_patch", plan, embargoed=True)
    came_out(office)
    return office, id


def came_out(office: Office) -> None:
    office.learn(replace(line("17.7"), released_at=office.at, recorded_at=office.at))
    office.at += timedelta(hours=1)


def hidden(*targets: str) -> list[MergeRequest]:
    """The merge requests of a hidden fix, to the default branch and these."""
    told = {"fix": "7" * 32, "embargoed": True}
    return [replace(each, **told) for each in fix("a", targets)]  # type: ignore[arg-type]


def found(office: Office, state: SecurityFix, release: str | None = None) -> Completeness:
    """What the fix lacks, for a release if one is named."""
    office.learn(state)
    of = office.release(release) if release else None
    return readiness(state, office.at, office.authority, office.records, release=of)


def codes(told: Completeness) -> dict[str, set[str]]:
    """What is missing at each branch, but for reviews and tests."""
    ours = {"merge_request_missing", "unsupported_version", "merge_requests_several"}
    return {e.branch: {each.code for each in e.findings} & ours for e in told.slots}


@pytest.mark.req("S1-22", "X-02")
def test_a_fix_covers_what_the_patch_covers_that_it_goes_out_with() -> None:
    office, id = story()
    parts = hidden(*BRANCHES)
    office.learn(*parts)
    for state in (linked(parts, None), linked(parts, id)):
        told = found(office, state)
        assert told.versions == ("17.6", "17.5", "17.4")
        assert not any(codes(told).values())
        [beside] = [each for each in told.slots if each.branch == NEWEST]
        assert (beside.merge_request, beside.complete) == (None, True)
        assert [each.status for each in beside.findings] == [Is.NOT_APPLICABLE]
        assert NEWEST in beside.findings[0].message, "and it is said what may be done"


@pytest.mark.req("S1-02", "X-02")
def test_a_fix_of_no_patch_covers_what_is_supported_now() -> None:
    office = patch_office()
    came_out(office)
    parts = hidden(*BRANCHES)
    office.learn(*parts)
    told = codes(found(office, linked(parts, None)))
    assert told[NEWEST] == {"merge_request_missing"}
    assert told[OLDEST] == {"unsupported_version"}


@pytest.mark.req("S1-22", "X-02")
def test_of_several_patches_each_is_linked_with_what_it_covers() -> None:
    office, id = story()
    later = opened(office, "planned_patch", "planned_patch", PATCH, embargoed=True)
    parts = hidden(*BRANCHES)
    office.learn(*parts)
    state = linked(parts, None)
    assert not any(codes(found(office, state, id)).values())
    told = codes(found(office, state, later))
    assert told[NEWEST] == {"merge_request_missing"}
    assert told[OLDEST] == {"unsupported_version"}
    assert found(office, state).versions == found(office, state, id).versions, "the next one"
    office.ask(RITA, "release.reschedule", id, scheduled=None, reason="It waits.")
    assert found(office, state).versions == found(office, state, later).versions


@pytest.mark.req("S1-21", "X-02")
def test_a_backport_is_added_for_a_patch_to_come_or_for_what_is_supported_now() -> None:
    office, _ = story()
    state = linked(hidden(*BRANCHES[:2]), None)
    ports = {
        each: request(f"{at}" * 32, each, embargoed=True)
        for at, each in enumerate((NEWEST, OLDEST, "17-3-stable-ee"), start=1)
    }
    office.learn(state, *ports.values())
    context = asked_by(RITA, *office.states.values(), at=office.at)
    for branch in (NEWEST, OLDEST):
        assert add_merge_request(state, context, merge_request=ports[branch].id)
    with refused("unsupported_version"):
        add_merge_request(state, context, merge_request=ports["17-3-stable-ee"].id)


def told(office: Office, id: str) -> set[str]:
    """What is said of the versions of a patch and of what goes to them."""
    one, other = (office.codes(id, gate) & OURS for gate in ("enter_phase:backports", "tag"))
    assert one == other
    return one


@pytest.mark.req("S1-02", "S1-32", "X-02")
def test_a_patch_goes_out_without_the_new_line_or_with_it_and_no_accord() -> None:
    office, id = story()
    parts = hidden(*BRANCHES)
    office.learn(*parts, linked(parts, id))
    office.ask(RITA, "release.include", id, merge_requests=[each.id for each in parts])
    assert told(office, id) == set()
    [since] = [e for e in office.verdict(id, "tag").findings if e.message.startswith("17.7 came")]
    assert since.status is Is.NOT_APPLICABLE
    office.ask(RITA, "release.edit", id, plan=replace(PATCH, versions=(NEWER, *VERSIONS)))
    assert told(office, id) == {"backport_missing"}, "a version of it has the fix"
    bug = ported_bug("f", NEWEST)
    office.learn(bug)
    office.ask(RITA, "release.include", id, merge_requests=[bug.id])
    assert told(office, id) == {"backport_missing"}, "the fix of a bug is none"
    port = replace(request("e" * 32, NEWEST, kind="backport"), fix="7" * 32, embargoed=True)
    every = [*parts, port]
    office.learn(port, linked(every, id))
    office.ask(RITA, "release.include", id, merge_requests=[port.id])
    assert told(office, id) == set()
    assert found(office, linked(every, id)).versions == ("17.7", "17.6", "17.5", "17.4")
    office.ask(RITA, "release.edit", id, plan=PATCH)
    assert told(office, id) == {"target_not_covered"}
    [left] = [e for e in office.verdict(id, "tag").blocking if e.code == "target_not_covered"]
    apart = ["security_fix.unlink", "release.exclude", "release.exclude"]
    assert ways(left) == [apart, ["release.edit"]], "the fix, and beside it the bug"


@pytest.mark.req("S1-21", "X-02")
def test_a_fix_has_to_reach_the_new_line_once_its_patch_has_a_version_of_it() -> None:
    office, id = story((NEWER, *VERSIONS))
    parts = hidden(*BRANCHES)
    office.learn(*parts)
    assert codes(found(office, linked(parts, id)))[NEWEST] == {"merge_request_missing"}


@pytest.mark.req("S1-01", "X-02")
def test_bug_fixes_go_to_the_current_version_of_either_moment() -> None:
    office, id = story((NEWER, *VERSIONS[:1]))
    ports = [ported_bug("e", NEWEST), ported_bug("f", BRANCHES[0])]
    office.learn(*ports)
    office.ask(RITA, "release.include", id, merge_requests=[each.id for each in ports])
    assert told(office, id) == set()
    older = ported_bug("d", BRANCHES[1])
    office.learn(older)
    office.ask(RITA, "release.edit", id, plan=replace(PATCH, versions=(NEWER, *VERSIONS[:2])))
    office.ask(RITA, "release.include", id, merge_requests=[older.id])
    assert told(office, id) == {"line_not_supported"}


@pytest.mark.req("S1-12", "X-02", "X-05")
def test_a_fix_in_the_open_goes_by_no_patch_that_is_hidden() -> None:
    office, _ = story()
    shown = replace(linked(fix(), None, "a"), embargoed=False)
    without = patch_office()
    came_out(without)
    without.at = office.at
    assert found(office, shown) == found(without, shown)
    assert found(office, replace(shown, embargoed=True)) != found(without, shown)


@pytest.mark.req("S1-11", "S1-22")
def test_past_its_cut_off_a_patch_is_told_to_leave_the_new_line_to_the_next() -> None:
    office, id = story()
    parts = hidden(*BRANCHES)
    office.learn(*parts)
    state, port = linked(parts, id), f"port the fix to {NEWEST}"

    def said() -> tuple[str, str]:
        [beside] = [e for e in found(office, state, id).slots if e.branch == NEWEST]
        every = office.verdict(id, "tag").findings
        [line] = [e for e in every if e.status is Is.NOT_APPLICABLE and "17.7 came" in e.message]
        return beside.findings[0].message, line.message

    assert port in said()[0]
    assert "may have a version" in said()[1]
    office.learn(replace(office.release(id), phase="early_merge"))
    assert port not in said()[0]
    assert "next release" in said()[0]
    assert said()[1].endswith("it does not wait for that, so the next release covers it.")


@pytest.mark.req("S1-22", "S1-32", "X-02")
def test_what_was_reached_as_it_was_opened_is_taken_from_no_patch_by_a_second_word() -> None:
    """Whether a line that came out is agreed on since, or a doubt about one is upheld."""
    office = patch_office()
    now = office.at
    fresh = replace(line("17.7"), released_at=now, recorded_at=now, displaces=True)
    office.learn(fresh)
    office.at += timedelta(hours=1)
    versions = (NEWER, *VERSIONS)
    plan = replace(PATCH, versions=versions)
    id = opened(office, "planned_patch", "planned_patch", plan, embargoed=True)
    parts = hidden(NEWEST, *BRANCHES)
    office.learn(*parts, linked(parts, id))
    office.ask(RITA, "release.include", id, merge_requests=[each.id for each in parts])
    assert told(office, id) == set()
    opening = office.release(id).opened_at
    doubt = FormerDoubt(opening - timedelta(minutes=1), office.at)
    agreed = replace(fresh, agreed_by=APPSEC, agreed_at=office.at)
    early = replace(fresh, agreed_by=APPSEC, agreed_at=opening - timedelta(minutes=2))
    for since in (agreed, replace(early, doubts=(doubt,))):
        office.learn(since)
        assert told(office, id) == set()
        lacks = found(office, linked(parts, id), id)
        assert lacks.versions == ("17.7", "17.6", "17.5", "17.4")
        assert not any(codes(lacks).values())
    fewer = opened(office, "planned_patch", "planned_patch", PATCH, embargoed=True)
    assert "line_not_covered" in told(office, fewer)
    office.learn(early)
    later = opened(office, "planned_patch", "planned_patch", plan, embargoed=True)
    assert "line_not_supported" in told(office, later), "it was known by then"
