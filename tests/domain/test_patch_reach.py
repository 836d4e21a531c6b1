"""Bug fixes go to the current version, security fixes further back, and others by agreement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.accord.state import Accord
from domain.adoption import Status as Adoption
from domain.change.state import Link, LinkKind
from domain.merge_request.state import MergeRequest, Status
from domain.playbook.aggregate import Playbook
from domain.release.commands.contents import CommitItem
from tests.domain.given import DAY
from tests.domain.organisation import adopted, refused
from tests.domain.patch_stories import (
    BRANCHES,
    MANAGERS,
    PATCH,
    VERSIONS,
    accord,
    fix,
    line,
    on_duty,
    patch_office,
    ported_bug,
    prepared,
    request,
)
from tests.domain.release_stories import (
    OTHER,
    RITA,
    SAM,
    Office,
    approved_change,
    merged,
    opened,
)

GATES = ("enter_phase:backports", "tag")
OURS = {"line_not_covered", "line_not_supported", "backport_missing"}


def told(office: Office, id: str) -> set[str]:
    """What both gates say of versions, which is the same."""
    one, other = (office.codes(id, gate) & OURS for gate in GATES)
    assert one == other
    return one


def patch(office: Office, versions: tuple[str, ...], *parts: MergeRequest) -> str:
    """A patch with these versions and merge requests."""
    id = opened(office, "planned_patch", "planned_patch", replace(PATCH, versions=versions))
    office.learn(*parts)
    if parts:
        office.ask(RITA, "release.include", id, merge_requests=[each.id for each in parts])
    return id


def agree(office: Office, subject: str, *versions: str) -> str:
    """Who asks and both release managers agree to a backport."""
    id = accord(office, SAM, subject, "beyond_policy", versions=versions)
    for each in MANAGERS:
        office.ask(each, "accord.agree", id, rule="release_managers")
    return id


def once(office: Office, agreed: str, *versions: str) -> None:
    """Let an accord name versions of other branches, too, as it could before that was refused."""
    state = office.states[Accord, agreed]
    office.learn(replace(state, terms=replace(state.terms, versions=versions)))


def bugs() -> list[MergeRequest]:
    """The fix of a bug, ported to three lines."""
    return [ported_bug(name, branch) for name, branch in zip("def", BRANCHES, strict=True)]


@pytest.mark.req("S1-01", "S1-14")
def test_a_patch_with_bug_fixes_alone_goes_out_with_the_current_version() -> None:
    office = patch_office()
    id = patch(office, VERSIONS[:1], bugs()[0])
    assert told(office, id) == set()
    office.ask(RITA, "release.edit", id, plan=replace(PATCH, versions=VERSIONS))
    assert told(office, id) == {"backport_missing"}


@pytest.mark.req("S1-01", "S1-03", "X-02")
def test_a_bug_fix_goes_to_an_older_version_only_by_agreement_about_itself() -> None:
    office = patch_office()
    on_duty(office)
    first, second, third = bugs()
    id = patch(office, VERSIONS, first, second, third)
    assert told(office, id) == {"line_not_supported"}
    found = [e for e in office.verdict(id, "tag").findings if e.code == "line_not_supported"]
    assert [{each.id for each in e.lacking} for e in found] == [{second.id}, {third.id}]
    once(office, agree(office, second.id, VERSIONS[1]), VERSIONS[1], VERSIONS[2])
    found = [e for e in office.verdict(id, "tag").findings if e.code == "line_not_supported"]
    assert [{each.id for each in e.lacking} for e in found] == [{third.id}]
    last = agree(office, third.id, VERSIONS[2])
    assert told(office, id) == set()
    office.ask(SAM, "accord.withdraw", last, reason="Nobody needs it.")
    assert told(office, id) == {"line_not_supported"}


@pytest.mark.req("S1-01", "S1-02", "S1-03")
def test_a_bug_fix_does_not_ride_along_with_a_security_fix_to_an_older_version() -> None:
    office = patch_office()
    on_duty(office)
    id = prepared(office)
    assert told(office, id) == set()
    stray = bugs()[1]
    office.learn(stray)
    office.ask(RITA, "release.include", id, merge_requests=[stray.id])
    assert told(office, id) == {"line_not_supported"}
    agree(office, stray.id, VERSIONS[1])
    assert told(office, id) == set()


@pytest.mark.req("S1-02", "X-02")
def test_a_patch_with_a_security_fix_covers_every_version_that_one_reaches() -> None:
    office = patch_office()
    on_duty(office)
    main, first, second, third = fix()
    id = patch(office, VERSIONS[:1], main, first, bugs()[0])
    assert told(office, id) == {"line_not_covered"}
    office.ask(RITA, "release.edit", id, plan=replace(PATCH, versions=VERSIONS))
    port = bugs()[2]
    office.learn(second, third, port)
    office.ask(RITA, "release.include", id, merge_requests=[second.id, port.id])
    agree(office, port.id, VERSIONS[2])
    assert told(office, id) == {"backport_missing"}, "the fix of a bug is no security fix"
    office.ask(RITA, "release.include", id, merge_requests=[third.id])
    assert told(office, id) == set()


@pytest.mark.req("S1-02", "X-05")
def test_what_is_not_known_to_be_a_bug_fix_covers_what_security_fixes_do() -> None:
    office = patch_office()
    id = patch(office, VERSIONS[:1])
    assert "line_not_covered" in told(office, id)
    office.learn(bugs()[0])
    office.ask(RITA, "release.include", id, merge_requests=[bugs()[0].id])
    assert told(office, id) == set()
    office.ask(RITA, "release.include", id, commits=[CommitItem("d" * 40)])
    assert told(office, id) == {"line_not_covered"}
    given = {"commits": ["d" * 40], "reason": "Whose is it?"}
    office.ask(RITA, "release.exclude", id, **given)
    merged = replace(bugs()[0], status=Status.MERGED, head="d" * 40)
    office.learn(merged)
    answered = [CommitItem("d" * 40, covered_by=merged.id)]
    office.ask(RITA, "release.include", id, commits=answered)
    assert told(office, id) == set()


@pytest.mark.req("S1-02", "X-05")
@pytest.mark.parametrize(
    "more", [{"fix": "7" * 32}, {"embargoed": True}, {"kind": "backport"}, {"kind": "strict"}]
)
def test_a_security_fix_is_one_by_its_fix_by_being_hidden_or_by_its_kind(
    more: dict[str, Any],
) -> None:
    office = patch_office()
    id = patch(office, VERSIONS[:1], ported_bug("d", **more))
    assert told(office, id) == {"line_not_covered"}


@pytest.mark.req("S1-01", "X-02")
def test_a_version_that_comes_out_later_changes_nothing_for_a_patch_with_bug_fixes() -> None:
    office = patch_office()
    id = patch(office, VERSIONS[:1], bugs()[0])
    office.learn(replace(line("17.7"), released_at=office.at + DAY))
    office.at += 2 * DAY
    assert told(office, id) == set()
    later = patch(office, VERSIONS[:1], bugs()[0])
    assert told(office, later) == {"line_not_covered", "line_not_supported"}


@pytest.mark.req("X-05")
def test_a_merge_request_whose_playbook_is_gone_blocks() -> None:
    office = patch_office()
    lost = request("d" * 32, BRANCHES[0], playbook="playbook none")
    id = patch(office, VERSIONS[:1], lost)
    assert {"could_not_be_evaluated"} <= office.codes(id, "tag")


@pytest.mark.req("S1-03", "X-05")
def test_an_accord_about_something_else_lets_no_bug_fix_go_further_back() -> None:
    office = patch_office()
    on_duty(office)
    first, second, _ = bugs()
    id = patch(office, VERSIONS[:2], first, second)
    once(office, agree(office, first.id, VERSIONS[0]), VERSIONS[1])
    assert told(office, id) == {"line_not_supported"}
    once(office, agree(office, second.id, VERSIONS[1]), VERSIONS[2])
    assert told(office, id) == {"line_not_supported"}
    agree(office, second.id, VERSIONS[1])
    assert told(office, id) == set()


@pytest.mark.req("S1-01", "S1-03", "X-02")
def test_a_bug_fix_goes_no_further_back_as_a_commit_than_as_its_merge_request() -> None:
    office = patch_office()
    on_duty(office)
    id, parts = patch(office, VERSIONS[:2]), bugs()[:2]
    merged = [replace(each, status=Status.MERGED) for each in parts]
    office.learn(*merged)
    commits = tuple(CommitItem(each.head, each.id) for each in merged)
    office.ask(RITA, "release.include", id, commits=commits)
    assert told(office, id) == {"line_not_supported"}
    assert {"evidence_missing", "changes_not_deployed"} <= office.codes(id, GATES[0])
    agree(office, merged[1].id, VERSIONS[1])
    assert told(office, id) == set()


@pytest.mark.req("S1-16", "S1-17", "X-05")
def test_what_other_rules_reviewed_is_in_no_patch() -> None:
    office = patch_office()
    id = prepared(office)
    strange = replace(merged("9" * 32, number=99), target=BRANCHES[0])
    office.learn(strange)
    assert "wrong_kind" not in office.codes(id, "publish")
    office.ask(RITA, "release.include", id, merge_requests=(strange.id,))
    found = [e for e in office.verdict(id, "publish").findings if e.code == "wrong_kind"]
    assert [each.id for e in found for each in e.lacking] == [strange.id]
    office.ask(RITA, "release.exclude", id, merge_requests=(strange.id,), reason="Not reviewed.")
    own = replace(strange, kind="bug_fix")
    office.learn(own)
    office.ask(RITA, "release.include", id, merge_requests=(own.id,))
    assert "wrong_kind" in office.codes(id, "publish"), "of the same name in another playbook"


@pytest.mark.req("S1-16", "S1-20", "X-05")
def test_what_no_merge_request_of_the_patch_brought_is_in_no_patch() -> None:
    office = patch_office()
    id = prepared(office)
    own = replace(ported_bug(), status=Status.MERGED)
    commit, change = Link(LinkKind.COMMIT, OTHER), approved_change()
    ours = Link(LinkKind.MERGE_REQUEST, own.id)
    strange = replace(merged("9" * 32, number=99), target=BRANCHES[0])
    theirs = Link(LinkKind.MERGE_REQUEST, strange.id)
    office.learn(own, strange)
    for put, links, good in (
        ({"commits": (CommitItem(OTHER),)}, (), False),
        ({"commits": (CommitItem(OTHER, change.id),)}, (commit,), False),
        ({"commits": (CommitItem(OTHER, change.id),)}, (commit, ours), False),
        ({"commits": (CommitItem(own.head, change.id),)}, (ours,), True),
        ({"commits": (CommitItem(own.head, own.id),)}, (ours,), True),
        ({"commits": (CommitItem(strange.head, change.id),)}, (theirs,), False),
        ({"changes": (change.id,)}, (), False),
        ({"changes": (change.id,)}, (commit,), False),
        ({"changes": (change.id,)}, (ours,), True),
        ({"changes": (change.id,)}, (ours, commit), False),
        ({"changes": (change.id,)}, (ours, Link(LinkKind.COMMIT, own.head)), True),
        ({"changes": (change.id,)}, (ours, theirs), False),
    ):
        office.learn(replace(change, links=links))
        before = dict(office.states)
        office.ask(RITA, "release.include", id, **put)
        assert ("wrong_kind" not in office.codes(id, "publish")) == good, (put, links)
        office.states = before


@pytest.mark.req("X-02", "S1-02")
@pytest.mark.parametrize("kind", ["planned_patch", "critical_patch"])
def test_a_version_that_is_dropped_after_tagging_keeps_it_from_being_published(kind: str) -> None:
    office = patch_office()
    id = prepared(office, kind)
    assert not office.codes(id, "publish") & OURS
    plan = replace(PATCH, versions=VERSIONS[:1])
    office.ask(RITA, "release.edit", id, plan=plan)
    assert {"line_not_covered", "target_not_covered"} <= office.codes(id, "publish")


@pytest.mark.req("S1-02", "S1-22", "X-02")
def test_a_patch_goes_over_to_no_policy_that_reaches_fewer_versions() -> None:
    office = patch_office()
    id = prepared(office)
    before = adopted("planned_patch")
    _adopt(office, before, 2, "security_lines = 2")
    with refused("reaches_less"):
        office.ask(RITA, "release.take_playbook", id, reason="Newer.")
    assert office.release(id).playbook == before.id
    _adopt(office, before, 3, "security_lines = 4")
    office.ask(RITA, "release.take_playbook", id, reason="Newer.")
    assert office.release(id).playbook == "playbook planned 3"


def _adopt(office: Office, before: Playbook, number: int, lines: str) -> None:
    """Put another support policy into force, and only that."""
    for each in (each for each in tuple(office.states.values()) if isinstance(each, Playbook)):
        if each.name == before.name:
            office.learn(replace(each, status=Adoption.SUPERSEDED))
    body = before.body.replace("security_lines = 3", lines, 1)
    office.learn(replace(before, body=body, id=f"playbook planned {number}", number=number))
