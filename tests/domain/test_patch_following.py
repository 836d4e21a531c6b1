"""A fix that is out is brought to a line that came out since: only that line lacks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.gate import Status as Is
from domain.merge_request.state import MergeRequest
from domain.merge_request.state import Status as MergeStatus
from domain.playbook.aggregate import Playbook
from domain.release.state import Release
from domain.security_fix.earlier import earlier
from domain.security_fix.goal import hindrance
from domain.security_fix.linking import readiness
from domain.security_fix.readiness import Completeness
from domain.security_fix.seconding import NAME
from domain.security_fix.state import FinderProposal, SecurityFix, Status
from domain.stable_line.state import StableLine
from tests.domain.given import DAY
from tests.domain.organisation import SERVICE, refused
from tests.domain.patch_stories import (
    APPSEC,
    BRANCHES,
    FINDER,
    PATCH,
    apply_backports,
    begin,
    fix,
    host,
    line,
    linked,
    merge,
    patch_office,
    ported_bug,
    prepared,
    request,
    tag_and_test,
    to_preparation,
)
from tests.domain.release_stories import PROJECT, RITA, SAM, Office, opened

NEWEST, NEWER, TIP = "17-7-stable-ee", "17.7.1", "8" * 40
SECOND = "5" * 32
FIRST = "a" * 32
ALSO = {"main": "master", "refs/heads/main": "master"}
"""The other names of the one default branch."""
OURS = {"line_not_covered", "backport_missing", "fix_incomplete", "fix_not_included"}
OPENING = {"playbook": "planned_patch", "kind": "vulnerability", "service": SERVICE}


def published() -> Office:
    """A patch that is out with a fix, and 17.7, which came out while it was under way."""
    office = patch_office()
    id = prepared(office)
    office.learn(line("17.7"))
    office.learn(replace(line("17.7"), released_at=office.at, recorded_at=office.at))
    begin(office, id)
    to_preparation(office, id)
    tag_and_test(office, id)
    office.ask(RITA, "release.publish", id)
    assert first(office).status is Status.RELEASED
    return office


def first(office: Office) -> SecurityFix:
    found: SecurityFix = office.states[SecurityFix, FIRST]
    return found


def second(office: Office) -> SecurityFix:
    found: SecurityFix = office.states[SecurityFix, SECOND]
    return found


def follow(office: Office, by: str = APPSEC, **more: Any) -> SecurityFix:
    told = {**OPENING, "project": PROJECT, "title": "Close the hole in 17.7", "follows": FIRST}
    office.ask(by, "security_fix.open", SECOND, **(told | more))
    return second(office)


def whole(office: Office, target: str = NEWEST) -> SecurityFix:
    """The following fix with its one backport, of which nothing is left to be done."""
    follow(office)
    return whole_as(office, "e" * 32, target)


def whole_as(office: Office, id: str, target: str = NEWEST) -> SecurityFix:
    """The following fix as it was opened, with this backport."""
    state = second(office)
    port = replace(request(id, target, kind="backport"), fix=SECOND, embargoed=True)
    ours = replace(linked((port,), None, "5"), id=SECOND, items=())
    ours = replace(ours, follows=state.follows, kept_before=state.kept_before, embargoed=True)
    office.learn(port, ours)
    return ours


def found(office: Office, release: str | None = None) -> Completeness:
    of = office.release(release) if release else None
    return readiness(second(office), office.at, office.authority, office.records, release=of)


def patch(office: Office, *versions: str, kind: str = "planned_patch", **more: Any) -> str:
    """The next patch, hidden, for which the fix is linked."""
    plan = replace(PATCH, title="Next patch", versions=versions)
    told = {"scheduled": office.at + 3 * DAY} if kind == "planned_patch" else {}
    id = opened(office, kind, kind, plan, embargoed=True, **told, **more)
    office.learn(replace(second(office), tracker=id, status=Status.LINKED))
    return id


def said(office: Office, id: str) -> set[str]:
    return (office.codes(id, "tag") | office.codes(id, "publish")) & OURS


@pytest.mark.req("S1-21", "S1-22", "S1-27", "X-02")
def test_a_fix_that_follows_one_that_is_out_needs_what_that_did_not_reach() -> None:
    office = published()
    follow(office)
    told = found(office)
    lacking = {e.branch for e in told.slots if not e.complete}
    assert lacking == {NEWEST}
    assert "nothing_ported" in told.verdict.codes
    assert told.versions == ("17.7", "17.6", "17.5")
    there = {e.branch: e.merge_request for e in told.slots if e.complete}
    ids = [each.id for each in fix()]
    assert there == dict(zip(("master", *BRANCHES[:2]), ids, strict=False))
    out = [each for slot in told.slots for each in slot.findings if slot.complete]
    assert {each.status for each in out} == {Is.SATISFIED}


@pytest.mark.req("S1-02", "S1-21", "S1-27", "S1-32", "X-02")
def test_a_patch_of_the_new_line_alone_goes_out_with_it() -> None:
    office = published()
    whole(office)
    id = patch(office, NEWER)
    state, release = second(office), office.release(id)
    assert hindrance(replace(state, tracker=None), release, office.records, office.at) is None
    office.ask(RITA, "release.include", id, merge_requests=["e" * 32])
    assert said(office, id) == set()
    assert "not_a_single_change" not in office.codes(id, "tag")


@pytest.mark.req("S1-02", "S1-27", "X-02", "X-05")
def test_beside_a_fix_that_is_out_nowhere_every_line_is_covered() -> None:
    office = published()
    whole(office)
    id = patch(office, NEWER)
    other = fix("c", (NEWEST, *BRANCHES[:2]))
    other = tuple(replace(each, embargoed=True) for each in other)
    office.learn(*other, linked(other, id, "c"))
    office.ask(RITA, "release.include", id, merge_requests=["e" * 32, *(e.id for e in other[:2])])
    assert "line_not_covered" in said(office, id)
    strange = replace(request("d" * 32, NEWEST, kind="backport"), embargoed=True)
    office.learn(strange, replace(linked(other, None, "c"), tracker=None))
    office.ask(RITA, "release.exclude", id, merge_requests=[e.id for e in other[:2]], reason="No.")
    assert said(office, id) == set()
    office.learn(strange)
    office.ask(RITA, "release.include", id, merge_requests=[strange.id])
    assert said(office, id) == {"line_not_covered"}, "what is of no fix may be of any"


@pytest.mark.req("S1-01", "S1-02", "X-02")
def test_a_version_for_bug_fixes_alone_needs_no_fix_that_is_out_there() -> None:
    office = published()
    whole(office, BRANCHES[0])
    parts = {each.target: each for each in fix()}
    gone = replace(parts[BRANCHES[0]], status=MergeStatus.MERGED, reverted_at=office.at)
    port = replace(request("b4" * 16, NEWEST, kind="backport", playbook="playbook planned_patch"))
    office.learn(gone, replace(port, status=MergeStatus.MERGED, fix=FIRST))
    before = first(office)
    more = linked((*fix(), port), before.tracker, "a").parts
    office.learn(replace(before, parts=more))
    assert {e.branch for e in found(office).slots if not e.complete} == {BRANCHES[0]}, "reverted"
    id = patch(office, NEWER, "17.6.2")
    bug = ported_bug("f", NEWEST)
    office.learn(bug)
    office.ask(RITA, "release.include", id, merge_requests=["e" * 32, bug.id])
    assert said(office, id) == set()
    office.ask(
        RITA, "release.edit", id, plan=replace(office.release(id).plan, versions=("17.6.2",))
    )
    assert "line_not_covered" in said(office, id), "bug fixes go to the current version"


@pytest.mark.req("S1-27", "S1-52", "X-05")
def test_what_is_taken_back_of_the_fix_that_is_out_is_missing_again() -> None:
    office = published()
    whole(office)
    id = patch(office, NEWER)
    office.ask(RITA, "release.include", id, merge_requests=["e" * 32])
    assert said(office, id) == set()
    main, back = (office.states[MergeRequest, fix()[at].id] for at in (0, 2))
    office.learn(replace(main, reverted_at=office.at))
    assert said(office, id) == {"fix_incomplete"}, "it is not on the default branch any more"
    office.learn(main, replace(back, reverted_at=office.at))
    assert said(office, id) == {"line_not_covered"}, "nor in a line that the policy reaches"


@pytest.mark.req("S1-22", "S1-27", "S1-32")
def test_what_is_missing_on_the_default_branch_alone_goes_out_with_no_port() -> None:
    office = published()
    del office.states[StableLine, line("17.7").id]
    main = office.states[MergeRequest, fix()[0].id]
    office.learn(replace(main, reverted_at=office.at))
    follow(office)
    whole_as(office, "e" * 32, "master")
    anew = replace(office.states[MergeRequest, "e" * 32], kind="strict", embargoed=False)
    office.learn(anew)
    version, date = "17.6.2", office.at + 3 * DAY
    id = patch(office, version)
    gate = "enter_phase:backports"
    office.ask(RITA, "release.include", id, merge_requests=["e" * 32])
    bug = ported_bug("f", "master", status=MergeStatus.MERGED)
    office.learn(bug)
    office.ask(RITA, "release.include", id, merge_requests=[bug.id])
    assert "backport_missing" in office.codes(id, gate), "the fix of a bug is ported"
    office.ask(RITA, "release.exclude", id, merge_requests=[bug.id], reason="Another time.")
    begin(office, id, date - 2 * DAY)
    office.at = date - DAY
    merge(office, anew)
    assert office.codes(id, gate) == {"changes_not_deployed"}
    host(office, anew)
    assert office.codes(id, gate) == set()
    assert said(office, id) == set()
    back = office.states[MergeRequest, fix()[1].id]
    office.learn(replace(back, reverted_at=office.at))
    assert {"backport_missing", "fix_incomplete"} <= office.codes(id, gate), "it is out no more"


@pytest.mark.req("S1-05", "S1-32")
def test_its_backport_comes_from_what_the_fix_had_that_is_out() -> None:
    office = published()
    whole(office)
    date = office.at + 3 * DAY
    id = patch(office, NEWER)
    office.ask(RITA, "release.include", id, merge_requests=["e" * 32])
    begin(office, id, date - 2 * DAY)
    apply_backports(office, office.states[MergeRequest, "e" * 32])
    office.at = date - DAY
    assert office.codes(id, "enter_phase:backports") == set()
    office.states = {
        key: each
        for key, each in office.states.items()
        if not (isinstance(each, Release) and each.kind == "auto_deploy")
    }
    assert office.codes(id, "enter_phase:backports") == {"changes_not_deployed"}
    host(office, office.states[MergeRequest, fix()[0].id])
    assert office.codes(id, "enter_phase:backports") == set()


@pytest.mark.req("S1-47", "S1-49")
def test_a_critical_patch_brings_it_as_the_one_change() -> None:
    office = published()
    whole(office)
    id = patch(office, NEWER, kind="critical_patch")
    gate = "enter_phase:early_merge"
    [empty] = [e for e in office.verdict(id, gate).blocking if e.code == "not_a_single_change"]
    assert [each.action for each in empty.acts] == ["release.include"], "nothing is in it"
    office.ask(RITA, "release.include", id, merge_requests=["e" * 32])
    assert "not_a_single_change" not in office.codes(id, gate)
    bug = ported_bug("f", "master")
    office.learn(bug)
    office.ask(RITA, "release.include", id, merge_requests=[bug.id])
    assert "not_a_single_change" in office.codes(id, gate)


@pytest.mark.req("S1-20", "X-04")
@pytest.mark.parametrize("report", [None, "c" * 32])
def test_who_opens_what_follows_settles_nothing_of_it_until_another_agrees_that_it_is_a_port(
    report: str | None,
) -> None:
    office = published()
    office.learn(replace(first(office), report=report))
    state = follow(office)
    assert first(office).finder == FINDER
    assert (state.finder, state.kept_out, state.finder_agreed) == (FINDER, (FINDER, APPSEC), True)
    assert state.known_since == first(office).known_since
    again = replace(request("d" * 32, NEWEST, kind="backport"), fix=None)
    office.learn(again)
    added = {"merge_request": again.id}
    told = office.ask(SAM, "security_fix.add_merge_request", SECOND, **added)
    assert told[1].arguments["excluded"] == (FINDER, APPSEC)
    for who in (FINDER, APPSEC):
        with refused("own_find"):
            office.ask(who, "security_fix.assess", SECOND, severity="high")
    for who, finder in ((APPSEC, SAM), (FINDER, SAM)):
        with refused("own_find", "finder_reported") if report else refused("own_find"):
            office.ask(who, "security_fix.name_finder", SECOND, reporter=finder, reason="No.")
    same = {"reporter": FINDER, "reason": "It is the same hole."}
    with refused("own_find"):
        office.ask(APPSEC, "security_fix.name_finder", SECOND, **same)
    assert office.ask(RITA, "security_fix.name_finder", SECOND, **same)
    assert second(office).kept_out == (FINDER,)
    office.ask(APPSEC, "security_fix.assess", SECOND, severity="high")


@pytest.mark.req("S1-20", "X-04")
def test_whom_the_followed_fix_kept_out_is_no_second_who_says_that_it_is_a_port() -> None:
    office = published()
    office.learn(replace(first(office), finder_agreed=False))
    assert set(first(office).kept_out) == {FINDER, APPSEC}
    follow(office, RITA)
    same = {"reporter": FINDER, "reason": "It is the same hole."}
    with refused("own_find"):
        office.ask(APPSEC, "security_fix.name_finder", SECOND, **same)


@pytest.mark.req("S1-20", "X-04")
def test_who_agrees_that_it_is_a_port_is_named_where_nobody_else_settles_it() -> None:
    office = published()
    follow(office)
    whole_as(office, "e" * 32)
    office.learn(replace(second(office), severity=None, finder_proposals=follow_words(office)))

    def who(action: str, _project: str) -> frozenset[str]:
        return frozenset((APPSEC, FINDER, RITA) if action == NAME else (APPSEC, FINDER))

    told = readiness(second(office), office.at, office.authority, office.records, who)
    acts = {a.action: a.people for e in told.findings for a in e.acts if e.status.blocks}
    assert acts[NAME] == {RITA, FINDER}
    assert acts["security_fix.assess"] == {APPSEC}
    office.ask(RITA, NAME, SECOND, reporter=FINDER, reason="It is the same hole.")
    told = readiness(second(office), office.at, office.authority, office.records, who)
    acts = {a.action: a.people for e in told.findings for a in e.acts if e.status.blocks}
    assert NAME not in acts
    assert acts["security_fix.assess"] == {APPSEC}


def follow_words(office: Office) -> tuple[FinderProposal, ...]:
    """What the opener of the following fix said as they opened it."""
    return (FinderProposal(FINDER, APPSEC, office.at),)


@pytest.mark.req("S1-20", "X-04")
def test_whom_the_fix_kept_out_that_is_followed_stays_kept_out() -> None:
    office = published()
    office.learn(replace(first(office), finder_agreed=False))
    kept = first(office).kept_out
    assert set(kept) == {FINDER, APPSEC}
    state = follow(office, RITA)
    assert set(state.kept_out) == {FINDER, APPSEC, RITA}, "and who opens what follows"
    with refused("own_find"):
        office.ask(APPSEC, "security_fix.assess", SECOND, severity="high")


@pytest.mark.req("S1-12", "S1-18")
def test_only_what_is_out_is_followed_and_only_the_last() -> None:
    office = published()
    before = first(office)
    for state in (
        replace(before, status=Status.LINKED, embargoed=True),
        replace(before, status=Status.DISMISSED, embargoed=False),
        replace(before, project="group/other"),
        replace(before, service="other"),
    ):
        office.learn(state)
        with refused("unknown_fix"):
            follow(office)
    office.learn(before)
    with refused("unknown_fix"):
        follow(office, follows="0" * 32)
    with refused("finder_followed"):
        follow(office, reporter=FINDER)
    follow(office)
    office.learn(replace(second(office), status=Status.RELEASED, embargoed=False))
    third = {**OPENING, "project": PROJECT, "title": "Again"}
    with refused("followed_before"):
        office.ask(APPSEC, "security_fix.open", "4" * 32, **third, follows=FIRST)
    office.ask(APPSEC, "security_fix.open", "4" * 32, **third, follows=SECOND)
    lacking = office.states[SecurityFix, "4" * 32]
    told = readiness(lacking, office.at, office.authority, office.records)
    assert {e.branch for e in told.slots if not e.complete} == {NEWEST}, "that had no part"


@pytest.mark.req("S1-22", "S1-27")
def test_what_goes_anew_to_a_branch_takes_the_place_of_what_is_out_there() -> None:
    office = published()
    state = whole(office)
    anew = replace(request("d" * 32, BRANCHES[0], kind="backport"), fix=SECOND, embargoed=True)
    office.learn(anew, replace(state, parts=linked((anew,), None).parts))
    told = found(office)
    assert {e.branch: e.merge_request for e in told.slots}[BRANCHES[0]] == anew.id
    id = patch(office, NEWER)
    state = replace(second(office), tracker=None)
    code, _ = hindrance(state, office.release(id), office.records, office.at) or ("", "")
    assert code == "line_missing"


@pytest.mark.req("S1-20", "S1-22", "X-04")
@pytest.mark.parametrize("target", ["master", "main", "refs/heads/main", BRANCHES[0]])
def test_what_goes_to_where_it_is_out_is_no_port_and_its_opener_settles_it_by_no_road(
    target: str,
) -> None:
    office = published()
    follow(office)
    again = replace(request("d" * 32, target, kind="backport"), fix=None)
    office.learn(again)
    with refused("out_already"):
        add(office, again.id)
    there = next(each for each in fix() if each.target == ALSO.get(target, target))
    out = office.states[MergeRequest, there.id]
    office.learn(replace(out, reverted_at=office.at))
    assert add(office, again.id) == (again.id,), "it is taken back"
    office.learn(out)
    assert "out_already" in found(office).verdict.codes
    office.learn(replace(again, target=NEWEST, fix=SECOND, embargoed=True))
    assert "out_already" not in found(office).verdict.codes
    office.learn(replace(again, fix=SECOND, embargoed=True))
    assert "out_already" in found(office).verdict.codes, "it was aimed elsewhere as it was added"
    office.learn(replace(again, status=MergeStatus.CLOSED, fix=SECOND, embargoed=True))
    assert "out_already" not in found(office).verdict.codes


@pytest.mark.req("S1-22")
def test_what_was_the_default_branch_by_another_playbook_is_that_still() -> None:
    office = published()
    follow(office)
    book = office.states[Playbook, first(office).playbook]
    body = book.body.replace('"master", "main"', '"trunk"')
    main = office.states[MergeRequest, fix()[0].id]
    office.learn(
        replace(book, id="older", body=body),
        replace(first(office), playbook="older"),
        replace(main, target="trunk"),
    )
    out = earlier(second(office), office.records)
    assert {out[name].id for name in ("trunk", "master", "main")} == {main.id}
    slot = found(office).slots[0]
    assert (slot.branch, slot.merge_request, slot.complete) == ("trunk", main.id, True)
    anew = replace(request("d" * 32, "main", kind="strict"), fix=None)
    office.learn(anew)
    with refused("out_already"):
        add(office, anew.id)


@pytest.mark.req("S1-20", "X-04")
def test_what_is_still_wrong_there_goes_into_a_fix_that_follows_none() -> None:
    office = published()
    office.ask(APPSEC, "security_fix.open", SECOND, **OPENING, project=PROJECT, title="Another")
    again = replace(request("d" * 32, BRANCHES[0], kind="backport"), fix=None)
    office.learn(again)
    assert add(office, again.id) == (again.id,)
    with refused("own_find"):
        office.ask(APPSEC, "security_fix.assess", SECOND, severity="low")


def add(office: Office, id: str) -> tuple[str, ...]:
    office.ask(SAM, "security_fix.add_merge_request", SECOND, merge_request=id)
    return second(office).merge_requests


@pytest.mark.req("S1-22", "S1-27")
def test_it_goes_out_with_no_patch_to_which_it_brings_nothing() -> None:
    office = published()
    office.learn(replace(line("17.7"), released_at=office.at, recorded_at=office.at))
    early = opened(office, "planned_patch", "planned_patch", PATCH, embargoed=True)
    office.at += timedelta(hours=1)
    office.learn(replace(line("17.7"), released_at=office.at, recorded_at=office.at))
    follow(office)
    told = found(office, early)
    assert all(each.complete for each in told.slots), "that was planned before 17.7 came out"
    assert not told.complete
    ours = whole_as(office, "e" * 32)
    assert "nothing_ported" not in found(office, early).verdict.codes
    port = office.states[MergeRequest, "e" * 32]
    office.learn(replace(port, status=MergeStatus.CLOSED), ours)
    assert "nothing_ported" in found(office, early).verdict.codes, "what was closed is nothing"


@pytest.mark.req("S1-22")
def test_the_road_is_told_where_a_line_is_left_to_the_next_patch() -> None:
    office = patch_office()
    id = prepared(office)
    office.learn(replace(line("17.7"), released_at=office.at, recorded_at=office.at))
    office.at += timedelta(hours=1)
    begin(office, id)
    state = office.states[SecurityFix, FIRST]
    told = readiness(state, office.at, office.authority, office.records)
    [beside] = [e for e in told.slots if e.branch == NEWEST]
    assert "follows" in beside.findings[0].message
