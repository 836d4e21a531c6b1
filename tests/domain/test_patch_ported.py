"""What a patch ports to stable branches runs on the hosted service first, bug fixes too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.change.state import Link, LinkKind
from domain.gate import Finding
from domain.gate import Status as Is
from domain.merge_request.state import MergeRequest, Status
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.release.state import Release
from domain.security_fix.state import Status as FixStatus
from tests.domain.given import NOON
from tests.domain.organisation import HOUR, adopted, refused
from tests.domain.patch_stories import (
    BRANCHES,
    PATCH,
    VERSIONS,
    begin,
    fix,
    host,
    linked,
    merge,
    patch_office,
    ported_bug,
    prepared,
)
from tests.domain.release_stories import PLAN, RITA, Office, approved_change, opened

GATES = ("enter_phase:backports", "enter_phase:preparation", "tag", "publish")
PORTED = "Every fix runs on the hosted service: what is ported"


def patch(office: Office, *parts: MergeRequest, **more: bool) -> str:
    """A patch for the current version with these in it."""
    plan = replace(PATCH, versions=VERSIONS[:1])
    id = opened(office, "planned_patch", "planned_patch", plan, **more)
    office.learn(*parts)
    office.ask(RITA, "release.include", id, merge_requests=[each.id for each in parts])
    return id


def told(office: Office, id: str, gate: str = "tag") -> Finding:
    """What a gate says of what was ported."""
    return next(each for each in office.verdict(id, gate).findings if each.title == PORTED)


def lacking(office: Office, id: str) -> set[str]:
    """The backports whose origin is not known to run anywhere."""
    return {each.id for each in told(office, id).lacking}


@pytest.mark.req("S1-05", "S1-32", "S1-33")
def test_backports_alone_are_deployed_nowhere_and_every_gate_says_so() -> None:
    office = patch_office()
    port = ported_bug("d")
    id = patch(office, port)
    for gate in GATES:
        assert "changes_not_deployed" in office.codes(id, gate)
        found = told(office, id, gate)
        assert (found.status, {each.id for each in found.lacking}) == (Is.UNSATISFIED, {port.id})
        assert [each.action for each in found.acts] == ["release.include"]


def ways(found: Finding) -> list[list[str]]:
    """The actions of each way that a finding tells."""
    return [[each.action for each in acts] for acts in (found.acts, *found.instead)]


@pytest.mark.req("S1-11", "S1-32", "X-05")
def test_past_the_cut_off_it_is_told_to_take_out_what_was_ported_from_nothing_in_it() -> None:
    office = patch_office()
    id, main, port = prepared(office), ported_bug("e", "master"), ported_bug("d")
    office.learn(port, main)
    office.ask(RITA, "release.include", id, merge_requests=[port.id])
    assert ways(told(office, id)) == [["release.include"]]
    begin(office, id)
    with refused("past_cut_off"):
        office.ask(RITA, "release.include", id, merge_requests=[main.id])
    assert ways(told(office, id)) == [["release.exclude"]]
    given = {"merge_requests": [port.id], "reason": "Another time."}
    office.ask(RITA, "release.exclude", id, **given)
    assert told(office, id).status is Is.SATISFIED


@pytest.mark.req("S1-11", "S1-32", "S1-54")
def test_past_the_cut_off_what_was_in_it_is_put_back_or_the_rest_of_the_fix_leaves_it() -> None:
    office = patch_office()
    id, (main, *_) = prepared(office), fix()
    begin(office, id)
    given = {"merge_requests": [main.id], "reason": "By mistake."}
    office.ask(RITA, "release.exclude", id, **given)
    both = [["release.include"], ["security_fix.unlink", "release.exclude"]]
    assert ways(told(office, id)) == both
    office.ask(RITA, "release.include", id, merge_requests=[main.id])
    assert told(office, id).status is Is.SATISFIED


@pytest.mark.req("S1-11", "S1-32")
def test_a_patch_past_its_cut_off_is_given_up_where_nothing_more_could_be_put_in() -> None:
    office = patch_office()
    port, main = ported_bug("d"), ported_bug("e", "master")
    id = patch(office, port, main)
    begin(office, id)

    def missing() -> list[list[str]]:
        every = office.verdict(id, "tag").findings
        return [way for each in every if each.code == "backport_missing" for way in ways(each)]

    given = {"merge_requests": [port.id], "reason": "Another time."}
    office.ask(RITA, "release.exclude", id, **given)
    assert missing() == [["release.include"]], "it was in it as that was cut off"
    office.learn(replace(main, reverted_at=office.at))
    assert missing() == [["release.abort"]], "what it was ported from is gone"
    office.learn(main, replace(port, reverted_at=office.at))
    assert missing() == [["release.abort"]]
    standing = (office.release(id), office.at, office.authority, office.records)
    asking = Question(*standing, lambda _: frozenset((RITA,)))
    helped = [each for each in asked(asking, "tag").blocking if each.acts and not each.standing]
    assert len(helped) > 1
    assert all(ways(each) == [["release.abort"]] for each in helped), "all else would be in vain"
    office.ask(RITA, "release.abort", id, reason="Nothing is left of it.")


@pytest.mark.req("S1-11", "S1-27", "S1-54", "X-05")
def test_past_the_cut_off_a_fix_that_was_taken_off_is_linked_and_put_in_again() -> None:
    office = patch_office()
    id = prepared(office)
    begin(office, id)
    office.at += HOUR
    parts = {"merge_requests": [each.id for each in fix()]}
    office.ask(RITA, "release.exclude", id, **parts, reason="A slip.")
    office.learn(linked(fix(), None, "a"))

    def lacking() -> set[tuple[str, ...]]:
        every = office.verdict(id, "tag").blocking
        codes = {"nothing_included", "backport_missing", "evidence_missing"}
        told = {tuple(way) for each in every if each.code in codes for way in ways(each)}
        return {way for way in told if "release.abort" in way or "security_fix.link" in way}

    assert lacking() == {("security_fix.link", "release.include")}
    secret, patch = office.release(id), replace(office.release(id), embargoed=False)
    for hiding in (
        replace(linked(fix(), None, "a"), embargoed=True),
        replace(fix()[0], embargoed=True),
    ):
        before = dict(office.states)
        office.learn(patch, hiding)
        assert lacking() == {("release.abort",)}, "in the open nothing tells of what hides"
        office.states = before
    office.learn(secret, linked(fix(), id, "a"))
    assert lacking() == set()
    office.ask(RITA, "release.include", id, **parts)
    office.ask(RITA, "release.exclude", id, **parts, reason="A slip.")
    office.learn(replace(linked(fix(), None, "a"), status=FixStatus.DISMISSED))
    assert lacking() == {("release.abort",)}, "nothing comes back of what is dismissed"


@pytest.mark.req("S1-05", "S1-14", "S1-32")
def test_the_fix_of_a_bug_goes_out_once_what_it_was_ported_from_is_in_the_patch_and_hosted() -> (
    None
):
    office = patch_office()
    port, main = ported_bug("d"), ported_bug("e", "master")
    id = patch(office, port, main)
    assert told(office, id).status is Is.SATISFIED
    assert "changes_not_deployed" in office.codes(id, "tag"), "it is in the patch and nowhere else"
    merge(office, main)
    host(office, replace(main, status=Status.MERGED))
    assert "changes_not_deployed" not in office.codes(id, "tag")


@pytest.mark.req("S0-31", "S1-05", "S1-32")
def test_a_patch_of_the_hosted_service_takes_backports_as_what_they_were_ported_from() -> None:
    office = patch_office()
    office.learn(adopted("gitlab"))
    plan = replace(PLAN, versions=("17.6.0",))
    above = opened(office, "gitlab", "monthly", plan)
    plan = replace(PATCH, versions=VERSIONS[:1], parent_release=above)
    id = opened(office, "gitlab", "patch", plan)
    port, main = ported_bug("d"), ported_bug("e", "master")
    office.learn(port, main)
    office.ask(RITA, "release.include", id, merge_requests=[port.id])
    assert lacking(office, id) == {port.id}
    office.ask(RITA, "release.include", id, merge_requests=[main.id])
    assert "changes_not_deployed" in office.codes(id, "tag"), "it is in the patch and nowhere else"
    merge(office, port, main)
    host(office, replace(main, status=Status.MERGED))
    assert {"changes_not_deployed", "change_not_authorised"}.isdisjoint(office.codes(id, "tag"))


@pytest.mark.req("S1-32", "X-05")
def test_one_fix_on_the_default_branch_is_what_one_backport_to_each_branch_comes_from() -> None:
    office = patch_office()
    main = ported_bug("e", "master")
    ports = [ported_bug("c"), ported_bug("d")]
    id = patch(office, main, *ports)
    assert lacking(office, id) == {each.id for each in ports}
    given = {"merge_requests": [ports[0].id], "reason": "Another time."}
    office.ask(RITA, "release.exclude", id, **given)
    office.ask(RITA, "release.edit", id, plan=replace(PATCH, versions=VERSIONS))
    other = ported_bug("f", BRANCHES[1])
    office.learn(other)
    office.ask(RITA, "release.include", id, merge_requests=[other.id])
    assert lacking(office, id) == set()


@pytest.mark.req("S1-32", "X-05")
def test_the_fix_of_a_bug_is_not_ported_from_a_security_fix() -> None:
    office = patch_office()
    id = prepared(office)
    assert lacking(office, id) == set()
    port = ported_bug()
    office.learn(port)
    office.ask(RITA, "release.include", id, merge_requests=[port.id])
    assert lacking(office, id) == {port.id}


@pytest.mark.req("S1-30", "S1-32")
def test_a_security_fix_is_ported_from_its_own_that_is_in_the_patch_or_hosted() -> None:
    office = patch_office()
    main, *ports = fix()
    id = prepared(office)
    given = {"merge_requests": [main.id], "reason": "Another time."}
    office.ask(RITA, "release.exclude", id, **given)
    assert lacking(office, id) == {each.id for each in ports}
    merge(office, main)
    package = host(office, main)
    assert lacking(office, id) == set()
    hidden: Release = replace(office.release(package), embargoed=True)
    office.learn(hidden)
    assert lacking(office, id) == set(), "who may know of the patch may know of the package"
    office.learn(replace(office.release(id), embargoed=False))
    assert lacking(office, id) == {each.id for each in ports}
    office.learn(replace(hidden, embargoed=False, deliveries=()))
    assert lacking(office, id) == {each.id for each in ports}


@pytest.mark.req("S1-32")
def test_what_a_change_in_the_patch_is_tied_to_runs_where_the_change_does() -> None:
    office = patch_office()
    port = ported_bug("d")
    id = patch(office, port)
    tie = Link(LinkKind.MERGE_REQUEST, port.id)
    change = replace(approved_change(), links=(tie,))
    office.learn(change)
    assert lacking(office, id) == {port.id}
    office.ask(RITA, "release.include", id, changes=[change.id])
    assert lacking(office, id) == set()
    assert "changes_not_deployed" in office.codes(id, "tag"), "the change is not there yet"


def of_codes(office: Office, id: str, *codes: str) -> list[list[list[str]]]:
    """The ways of each finding with one of these codes, before its backports are merged."""
    every = office.verdict(id, "enter_phase:backports").findings
    return [ways(each) for each in every if each.code in codes]


DROPPED = ("line_not_covered", "changes_not_deployed", "target_not_covered")


@pytest.mark.req("S1-32", "X-02", "X-06")
def test_a_dropped_version_that_fixes_have_to_reach_is_given_back_and_nothing_else() -> None:
    office = patch_office()
    id, (main, *ports) = prepared(office), fix()
    merge(office, main, *ports)
    host(office, replace(main, status=Status.MERGED))
    for number in (0, 2):
        left = tuple(each for each in VERSIONS if each != VERSIONS[number])
        office.ask(RITA, "release.edit", id, plan=replace(PATCH, versions=left))
        assert of_codes(office, id, *DROPPED) == [[["release.edit"]]] * len(DROPPED)
        given = {"merge_requests": [ports[number].id], "reason": "Another time."}
        office.ask(RITA, "release.exclude", id, **given)
        [told, *_] = of_codes(office, id, "fix_not_included")
        assert told[0] == ["release.edit", "release.include"]
        office.ask(RITA, "release.edit", id, plan=PATCH)
        office.ask(RITA, "release.include", id, merge_requests=[ports[number].id])
        assert of_codes(office, id, *DROPPED, "fix_not_included") == []


@pytest.mark.req("S1-32", "X-02", "X-06")
def test_a_dropped_version_that_it_need_not_have_takes_what_goes_there_along_or_comes_back() -> (
    None
):
    office = patch_office()
    main, port, further = ported_bug("e", "master"), ported_bug("c"), ported_bug("d", BRANCHES[1])
    id = patch(office, main, port, further)
    merge(office, main, port, further)
    host(office, replace(main, status=Status.MERGED))
    both = [["release.exclude"], ["release.edit"]]
    assert of_codes(office, id, *DROPPED) == [both, both]
    given = {"merge_requests": [further.id], "reason": "Another time."}
    office.ask(RITA, "release.exclude", id, **given)
    assert of_codes(office, id, *DROPPED) == []


@pytest.mark.req("S1-27", "S1-32", "X-06")
def test_a_linked_fix_leaves_with_all_of_it_where_a_part_goes_to_no_version_here() -> None:
    office = patch_office()
    id, (main, *ports) = prepared(office), fix()
    astray = replace(ports[2], target="16-9-stable-ee")
    merge(office, main, *ports[:2], astray)
    host(office, replace(main, status=Status.MERGED))
    [told] = of_codes(office, id, "target_not_covered")
    assert told == [["security_fix.unlink", "release.exclude"], ["release.edit"]]
    assert of_codes(office, id, "changes_not_deployed") == [told]
    office.ask(RITA, "security_fix.unlink", "a" * 32, reason="It goes elsewhere.")
    every = [each.id for each in (main, *ports)]
    office.ask(RITA, "release.exclude", id, merge_requests=every, reason="It goes elsewhere.")
    gone = ("target_not_covered", "changes_not_deployed", "fix_not_included", "fix_not_linked")
    assert of_codes(office, id, *gone) == []


@pytest.mark.req("S1-30", "S1-32", "X-06")
def test_what_lacks_on_the_hosted_service_is_merged_before_it_is_deployed_there() -> None:
    office = patch_office()
    id, (main, *_) = prepared(office), fix()
    begin(office, id)
    told = of_codes(office, id, "changes_not_deployed")
    assert told == [[["merge_request.merge", "release.deploy"]]]
    merge(office, main)
    assert of_codes(office, id, "changes_not_deployed") == [[["release.deploy"]]]
    host(office, replace(main, status=Status.MERGED))
    assert of_codes(office, id, "changes_not_deployed") == []


@pytest.mark.req("S1-32", "X-05")
@pytest.mark.parametrize("gone", [{"status": Status.CLOSED}, {"reverted_at": NOON}])
def test_what_was_given_up_is_ported_to_no_version_and_needs_no_report(
    gone: dict[str, Any],
) -> None:
    office = patch_office()
    port, main = ported_bug("d"), ported_bug("e", "master")
    id = patch(office, port, main)
    begin(office, id)

    def lacking() -> set[str]:
        asked_for = {"evidence_missing", "backport_missing"}
        return office.codes(id, "enter_phase:backports") & asked_for

    assert lacking() == {"evidence_missing"}
    office.learn(replace(port, **gone))
    assert "backport_missing" in lacking(), "nothing that goes out is for the version"
