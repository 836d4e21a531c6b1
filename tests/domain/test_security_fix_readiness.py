"""A security fix is complete once nothing is missing anywhere, and only then goes out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.belonging import everybody
from domain.evidence.aggregate import Outcome
from domain.gate import Status as Is
from domain.merge_request.merging import verdict
from domain.process.release import ReleaseStatus
from domain.security_fix.basis import Basis
from domain.security_fix.queue import awaits
from domain.security_fix.readiness import completeness
from domain.security_fix.seconding import NAME
from domain.security_fix.state import Status
from domain.stable_line.state import StableLine
from tests.domain.fix_stories import (
    APPSEC,
    CI,
    ENGINEER,
    FINDER,
    FIX_WORLD,
    LABEL,
    LINES,
    MAINTAINER,
    MANAGER,
    OTHER_APPSEC,
    PRODUCT,
    PROJECT,
    TRACKER,
    Workshop,
    held,
    labelled,
    out,
    tracker,
)
from tests.domain.given import DAY, NOON, authority, known
from tests.domain.merge_stories import report
from tests.domain.organisation import (
    PLAYBOOKS,
    ROBOT,
    adopted,
    kinds,
    person,
    refused,
    revoked,
)


@pytest.mark.req("S1-18", "S1-21", "S1-22")
def test_of_a_fresh_fix_everything_is_missing_and_told_at_once() -> None:
    shop = Workshop()
    assert shop.missing() == {
        "fix": ("boxes_open", "label_missing"),
        "master": ("merge_request_missing",),
        "17-1-stable": ("merge_request_missing",),
        "17-0-stable": ("merge_request_missing",),
        "16-11-stable": ("merge_request_missing",),
    }
    assert shop.readiness().versions == ("17.1", "17.0", "16.11")


@pytest.mark.req("S1-20", "S1-23", "S1-24", "S1-25")
def test_every_merge_request_says_what_it_lacks_and_who_can_mend_it() -> None:
    shop = Workshop()
    for target in ("master", "17-1-stable"):
        shop.add(target)
    missing = shop.missing()
    default = ("approvals_missing", "approvals_missing", "evidence_missing", "not_assigned")
    assert missing["master"] == default
    assert missing["17-1-stable"] == default[1:]
    [slot] = [each for each in shop.readiness().slots if each.branch == "master"]
    standing = {each.requirement: each.standing for each in slot.findings if each.standing}
    assert standing["appsec"].candidates == {APPSEC}, "who opened it counts as its finder"
    pipeline = next(each for each in slot.findings if each.requirement == "evidence:pipeline")
    assert pipeline.acts[0].people == {CI}


@pytest.mark.req("S1-26", "S1-43")
def test_a_fix_is_complete_when_nothing_is_missing() -> None:
    shop = Workshop()
    shop.whole()
    assert shop.missing() == {"fix": ("label_missing",)}
    assert kinds(shop.fix.ask(ENGINEER, "label", label="backend")) == ["Labelled"]
    assert kinds(shop.fix.ask(ENGINEER, "label", label=LABEL)) == ["Labelled", "Reviewed"]
    assert shop.fix.state.review.complete
    assert shop.missing() == {}
    assert shop.readiness().complete


@pytest.mark.req("S1-26", "S1-27")
def test_the_label_starts_the_review_which_links_a_complete_fix_to_the_next_patch() -> None:
    shop = Workshop(tracker())
    shop.whole()
    events = shop.fix.ask(ENGINEER, "label", label=LABEL)
    assert kinds(events) == ["Labelled", "Reviewed", "Linked"]
    state = shop.fix.state
    assert (state.status, state.tracker) == (Status.LINKED, TRACKER)
    assert state.versions == ("17.1", "17.0", "16.11")


@pytest.mark.req("S1-26", "S1-27", "S1-51")
def test_an_incomplete_fix_is_not_linked_and_the_review_says_why() -> None:
    shop = Workshop(tracker())
    shop.whole()
    shop.fix.ask(ENGINEER, "untick", item="tested")
    assert kinds(shop.fix.ask(ENGINEER, "label", label=LABEL)) == ["Labelled", "Reviewed"]
    assert shop.fix.state.review.codes == ("boxes_open",)
    assert shop.fix.state.tracker is None
    with refused("boxes_open"):
        shop.fix.ask(APPSEC, "link", tracker=TRACKER)
    shop.fix.ask(ENGINEER, "tick", item="tested")
    assert kinds(shop.fix.ask(ENGINEER, "review")) == ["Reviewed", "Linked"]


LATER = tracker(id="e" * 32, scheduled=NOON + 19 * DAY)
UNDATED = tracker(id="c" * 32, scheduled=None)
CRITICAL = tracker(
    id="b" * 32,
    kind="critical_patch",
    playbook="playbook critical_patch",
)
BRANCHED = (PLAYBOOKS / "critical_patch.toml").read_text().replace("N-N-stable-ee", "N-N-stable")
BOTH = (PLAYBOOKS / "security.toml").read_text()
BOTH = BOTH.replace('trackers = ["patch"]', 'trackers = ["patch", "critical_patch"]')


@pytest.mark.req("S1-12", "S1-26", "S1-27")
@pytest.mark.parametrize("beside", [(), (LATER,), (UNDATED,), (UNDATED, LATER)])
def test_the_label_links_to_the_next_by_date_whatever_else_is_open(beside: Any) -> None:
    shop = Workshop(*beside, tracker())
    shop.whole()
    assert kinds(shop.fix.ask(ENGINEER, "label", label=LABEL)) == ["Labelled", "Reviewed", "Linked"]
    assert shop.fix.state.tracker == TRACKER


SOONER = tracker(
    id="a" * 32,
    scheduled=NOON + 2 * DAY,
    opened_at=NOON,
    plan=replace(tracker().plan, versions=("17.2.1", "17.1.2", "17.0.3", "16.11.6")),
)
"""Sooner, and for a line more, which came out since the other one was opened."""


@pytest.mark.req("S1-12", "S1-22", "S1-26", "S1-27")
@pytest.mark.parametrize("beside", [(), (SOONER,)])
def test_the_label_links_to_what_the_fix_is_complete_for_and_is_kept_by_that(beside: Any) -> None:
    came_out = StableLine("line 17.2", 1, PRODUCT, "17.2", NOON, MANAGER, NOON)
    shop = Workshop(tracker(opened_at=NOON - DAY), came_out, *beside)
    shop.whole()
    shop.fix.ask(ENGINEER, "untick", item="tested")
    assert kinds(shop.fix.ask(ENGINEER, "label", label=LABEL)) == ["Labelled", "Reviewed"]
    assert shop.fix.state.review.codes == ("boxes_open",)
    shop.fix.ask(ENGINEER, "tick", item="tested")
    assert kinds(shop.fix.ask(ENGINEER, "review")) == ["Reviewed", "Linked"]
    assert (shop.fix.state.review.complete, shop.fix.state.tracker) == (True, TRACKER)
    assert shop.fix.state.versions == ("17.1", "17.0", "16.11")


@pytest.mark.req("S1-12", "S1-26", "S1-49")
@pytest.mark.parametrize("beside", [(), (CRITICAL,)])
def test_what_is_for_one_fix_alone_gets_none_by_the_label(beside: Any) -> None:
    shop = Workshop(adopted("critical_patch", BRANCHED), *beside)
    shop.learn(adopted("security", BOTH))
    shop.whole()
    assert kinds(shop.fix.ask(ENGINEER, "label", label=LABEL)) == ["Labelled", "Reviewed"]
    assert shop.fix.state.review.complete
    shop.learn(CRITICAL)
    assert kinds(shop.fix.ask(ENGINEER, "review")) == ["Reviewed"]
    assert kinds(shop.fix.ask(MANAGER, "link", tracker=CRITICAL.id)) == ["Linked"], "by hand"


@pytest.mark.req("S1-12", "S1-26")
def test_what_is_kept_of_a_review_goes_by_no_release_that_cannot_take_the_fix() -> None:
    old = replace(tracker().plan, versions=("17.1.1", "16.10.7"), project="elsewhere/shop")
    shop = Workshop(tracker(plan=old, opened_at=NOON - 90 * DAY))
    shop.whole()
    assert kinds(shop.fix.ask(ENGINEER, "label", label=LABEL)) == ["Labelled", "Reviewed"]
    assert (shop.fix.state.review.complete, shop.fix.state.review.codes) == (True, ())
    assert not shop.readiness().complete, "for that one"


def test_between_two_releases_somebody_chooses() -> None:
    other = LATER
    shop = Workshop(tracker(), other)
    shop.whole()
    shop.fix.ask(ENGINEER, "untick", item="tested")
    assert kinds(shop.fix.ask(ENGINEER, "label", label=LABEL)) == ["Labelled", "Reviewed"]
    shop.fix.ask(ENGINEER, "tick", item="tested")
    assert kinds(shop.fix.ask(MANAGER, "link", tracker=other.id)) == ["Linked"]
    assert shop.fix.ask(MANAGER, "link", tracker=other.id) == []
    with refused("linked"):
        shop.fix.ask(MANAGER, "link", tracker=TRACKER)
    with refused("linked"):
        shop.fix.ask(APPSEC, "dismiss", reason="No.")


@pytest.mark.req("S1-20", "S1-25")
def test_no_program_of_its_finder_is_to_merge_it_where_another_can() -> None:
    other = "bot:" + "c" * 32
    shop = Workshop(person(ROBOT, owner=FINDER), reporter=FINDER)
    shop.fix.ask(FINDER, "name_finder", reporter=FINDER, reason="I did.")
    shop.add("master")
    shop.sign("master")
    assert "master" not in shop.missing(), "somebody merges it by hand"
    shop.sees = lambda who, record: who != other or not record.embargoed
    shop.fix.learn(person(other), held(other, "role:release_bot"))
    assert "master" not in shop.missing(), "the other may not know of it"
    shop.sees = everybody
    assert shop.missing()["master"] == ("not_assigned",)
    shop.parts["master"].ask(ENGINEER, "assign", assignee=other)
    assert "master" not in shop.missing()
    shop.sees = lambda who, record: who != other or not record.embargoed
    shop.fix.learn(person("bot:" + "d" * 32), held("bot:" + "d" * 32, "role:release_bot"))
    assert shop.missing()["master"] == ("not_assigned",), "it may not know of it any more"
    shop.parts["master"].ask(ENGINEER, "assign", assignee="bot:" + "d" * 32)
    assert "master" not in shop.missing()


@pytest.mark.req("S1-26", "S1-27")
@pytest.mark.parametrize("by", ["link", "review", "label"])
def test_a_fix_whose_release_was_given_up_goes_out_with_the_next_one(by: str) -> None:
    shop = labelled(tracker())
    assert shop.fix.state.tracker == TRACKER
    other = tracker(id="e" * 32)
    shop.learn(tracker(status=ReleaseStatus.ABORTED), other)
    basis = Basis(known(*shop.fix.others), authority(*shop.fix.world), shop.fix.at)
    basis.read((shop.fix.state,))
    waits = awaits(shop.fix.state, shop.readiness(), basis).others
    assert [each.code for each in waits] == ["without_tracker"]
    if by == "link":
        told = shop.fix.ask(MANAGER, "link", tracker=other.id)
    elif by == "review":
        told = shop.fix.ask(ENGINEER, "review")
    else:
        shop.fix.ask(ENGINEER, "unlabel", label=LABEL)
        told = shop.fix.ask(ENGINEER, "label", label=LABEL)
    assert [each for each in kinds(told) if each.endswith("inked")] == ["Unlinked", "Linked"]
    assert shop.fix.state.tracker == other.id


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "monthly"},
        {"published_at": NOON},
        {"status": ReleaseStatus.ABORTED},
        {"plan": replace(tracker().plan, service="other")},
    ],
    ids=["another kind", "published", "given up", "another product"],
)
def test_only_an_open_release_of_the_product_takes_fixes(changes: dict[str, object]) -> None:
    shop = labelled(tracker(**changes))
    assert shop.fix.state.tracker is None
    for given in (TRACKER, "f" * 32):
        with refused("not_a_tracker"):
            shop.fix.ask(MANAGER, "link", tracker=given)


CANNOT: dict[str, tuple[dict[str, Any], str]] = {
    "in the open": ({"embargoed": False}, "release_in_the_open"),
    "other lines": (
        {"plan": replace(tracker().plan, versions=("17.1.1", "17.0.2"))},
        "line_missing",
    ),
    "another project": (
        {"plan": replace(tracker().plan, project="elsewhere/shop")},
        "project_of_other_service",
    ),
}


@pytest.mark.req("S1-26", "S1-27", "S1-51")
@pytest.mark.parametrize("changes, code", CANNOT.values(), ids=[*CANNOT])
def test_a_fix_is_linked_to_no_release_that_cannot_take_it(
    changes: dict[str, Any], code: str
) -> None:
    shop = labelled(tracker(**changes))
    assert (shop.fix.state.tracker, shop.fix.state.review.complete) == (None, True)
    [found] = [e for e in shop.readiness().findings if e.requirement == "release"]
    assert (found.status, tracker().plan.title in found.message) == (Is.NOT_APPLICABLE, True)
    with refused(code) as caught:
        shop.fix.ask(MANAGER, "link", tracker=TRACKER)
    assert caught.value.verdict is not None
    shop.learn(tracker(id="e" * 32))
    assert kinds(shop.fix.ask(ENGINEER, "review")) == ["Reviewed", "Linked"]
    assert shop.fix.state.tracker == "e" * 32, "the one that can take it"


@pytest.mark.req("S1-12", "S1-27")
def test_a_hidden_release_tells_that_a_project_is_of_the_product() -> None:
    elsewhere = replace(tracker().plan, project="elsewhere/shop")
    plan = replace(tracker().plan, versions=("17.3.0",), project=PROJECT)
    first = tracker(id="e" * 32, plan=plan)
    shop = labelled(tracker(plan=elsewhere), replace(first, status=ReleaseStatus.ABORTED))
    with refused("project_of_other_service"):
        shop.fix.ask(MANAGER, "link", tracker=TRACKER)
    shop.learn(first)
    assert kinds(shop.fix.ask(MANAGER, "link", tracker=TRACKER)) == ["Linked"]
    shop.learn(replace(first, status=ReleaseStatus.ABORTED))
    assert shop.readiness().complete, "it stays known of what is linked"


def test_where_no_release_is_open_completeness_says_so() -> None:
    shop = labelled()
    [found] = [e for e in shop.readiness().findings if e.requirement == "release"]
    assert "No release is open" in found.message
    assert shop.readiness().complete


@pytest.mark.req("S1-27")
def test_a_fix_is_taken_off_until_its_release_is_out() -> None:
    shop = labelled(tracker())
    shop.fix.ask(MANAGER, "unlink", reason="It breaks uploads.")
    state = shop.fix.state
    assert (state.status, state.tracker, state.versions) == (Status.FIXING, None, ())
    with refused("without_tracker"):
        shop.fix.ask(MANAGER, "unlink", reason="Again.")
    shop.fix.ask(MANAGER, "link", tracker=TRACKER)
    out(shop)
    with refused("published_before"):
        shop.fix.ask(MANAGER, "unlink", reason="Too late.")


@pytest.mark.req("S1-22", "X-02")
def test_a_version_that_comes_out_has_to_be_covered_from_then_on() -> None:
    shop = labelled()
    assert shop.readiness().complete
    shop.learn(StableLine("line 17.2", 1, PRODUCT, "17.2", NOON, MANAGER, NOON))
    missing = shop.missing()
    assert missing["17-2-stable"] == ("merge_request_missing",)
    assert missing["16-11-stable"] == ("unsupported_version",)


@pytest.mark.req("S1-22", "X-02")
def test_a_line_that_is_withdrawn_once_a_release_was_opened_still_has_to_be_covered() -> None:
    shop = Workshop(tracker())
    before = shop.readiness().versions
    shop.fix.world = tuple(
        replace(each, withdrawn_at=NOON + DAY) if each in LINES else each for each in shop.fix.world
    )
    assert shop.readiness().versions == before


@pytest.mark.req("S1-22", "X-05")
def test_where_no_version_is_known_nothing_is_covered() -> None:
    shop = labelled()
    shop.fix.world = tuple(each for each in shop.fix.world if each not in LINES)
    found = shop.readiness()
    assert not found.complete
    (told,) = (e for e in found.verdict.blocking if e.code == "versions_unknown")
    assert [each.action for each in told.acts] == ["stable_line.enter"]


def test_without_its_playbook_nothing_is_complete() -> None:
    shop = labelled()
    shop.fix.world = tuple(
        each for each in shop.fix.world if getattr(each, "name", "") != "security"
    )
    found = shop.readiness()
    assert not found.complete
    assert "could_not_be_evaluated" in found.verdict.codes


# Attacks.


@pytest.mark.req("S1-20")
def test_a_push_after_the_sign_off_makes_it_incomplete_and_pushing_back_does_not_help() -> None:
    shop = labelled()
    master = shop.parts["master"]
    head = master.state.head
    master.ask(ENGINEER, "push", head="c" * 40, base="b" * 40)
    moved = ("approvals_missing", "approvals_missing", "evidence_missing")
    assert shop.missing() == {"master": moved}
    master.ask(ENGINEER, "push", head=head, base="b" * 40)
    assert shop.missing() == {"master": moved[:2]}


@pytest.mark.req("S1-21")
def test_a_retargeted_backport_covers_neither_version() -> None:
    shop = labelled()
    shop.parts["17-0-stable"].ask(ENGINEER, "retarget", target="17-1-stable", base="b" * 40)
    assert shop.missing() == {
        "17-1-stable": ("merge_requests_several",),
        "17-0-stable": ("merge_request_missing",),
    }
    shop.parts["17-0-stable"].ask(ENGINEER, "retarget", target="15-0-stable", base="b" * 40)
    assert shop.missing()["15-0-stable"] == ("unsupported_version",)


@pytest.mark.req("S1-20")
def test_one_person_does_not_sign_off_as_both() -> None:
    shop = Workshop(held(MAINTAINER, "role:appsec"))
    shop.add("master")
    shop.sign("master", appsec=MAINTAINER)
    assert shop.missing()["master"] == ("approvals_missing",)
    shop.parts["master"].ask(APPSEC, "sign_off", rule="appsec")
    assert "master" not in shop.missing()


@pytest.mark.req("S1-20")
def test_who_contributed_to_an_earlier_revision_does_not_sign_off() -> None:
    shop = Workshop()
    master = shop.add("master")
    master.ask(ENGINEER, "push", head="c" * 40, base="b" * 40, contributors=(MAINTAINER,))
    master.ask(ENGINEER, "push", head="d" * 40, base="b" * 40)
    with refused("own_change"):
        master.ask(MAINTAINER, "sign_off", rule="maintainer")


@pytest.mark.req("S1-20")
def test_who_found_it_does_not_sign_it_off_whether_before_or_after_it_was_tied() -> None:
    shop = Workshop(held(FINDER, "role:appsec"), reporter=FINDER)
    master = shop.add("master")
    with refused("own_change"):
        master.ask(FINDER, "sign_off", rule="appsec")
    other = Workshop(held(FINDER, "role:appsec"), reporter=FINDER)
    story = other.add("master")
    untied = replace(story.state, excluded=(), fix=None)
    story.state = untied
    story.ask(FINDER, "sign_off", rule="appsec")
    story.ask(ENGINEER, "tie", fix=other.fix.subject, excluded=(FINDER,))
    other.learn()
    assert other.missing()["master"].count("approvals_missing") == 2


@pytest.mark.req("S1-20")
def test_nor_is_it_complete_where_it_was_merged_with_their_sign_off() -> None:
    shop = Workshop(held(FINDER, "role:appsec"), reporter=FINDER)
    story = shop.add("master")
    story.state = replace(story.state, excluded=())
    shop.sign("master", appsec=FINDER)
    story.ask(MANAGER, "merge")
    shop.learn()
    assert shop.missing()["master"] == ("own_report",)
    story.ask(ENGINEER, "tie", fix=shop.fix.subject, excluded=(FINDER,))
    assert shop.missing()["master"] == ("own_report",)


@pytest.mark.req("S1-20")
def test_who_opened_it_with_no_finder_named_signs_nothing_off_by_any_road() -> None:
    """Whether tied before they sign or after, on a backport, or by another of their accounts."""
    shop = Workshop(held(OTHER_APPSEC, "role:maintainer"))
    master, port = shop.add("master"), shop.add("17-1-stable")
    for part, rule in ((master, "appsec"), (master, "maintainer"), (port, "maintainer")):
        with refused("own_change", "own_find") as told:
            part.ask(OTHER_APPSEC, "sign_off", rule=rule)
        assert any("anybody else" in each.message for each in told.value.problems)
        with refused("own_find"):
            part.ask(OTHER_APPSEC, "reject", rule=rule, reason="No.")
    assert OTHER_APPSEC in master.state.excluded
    earlier = replace(master.state, excluded=(), fix=None)
    master.state = earlier
    shop.sign("master", appsec=OTHER_APPSEC)
    assert "approvals_missing" in shop.missing()["master"], "also where it was tied without"
    master.ask(MANAGER, "merge")
    assert shop.missing()["master"] == ("own_report",)


@pytest.mark.req("S1-20")
def test_a_finder_who_is_named_frees_who_opens_it_unless_both_are_one_person() -> None:
    shop = Workshop(reporter=FINDER)
    shop.fix.ask(FINDER, "name_finder", reporter=FINDER, reason="I did.")
    shop.add("master")
    shop.sign("master", appsec=OTHER_APPSEC)
    assert shop.missing().get("master") is None
    same = Workshop(person(FINDER, linked=(OTHER_APPSEC,)), reporter=FINDER)
    same.add("master")
    with refused("own_find"):
        same.parts["master"].ask(OTHER_APPSEC, "sign_off", rule="appsec")


@pytest.mark.req("S1-10", "S1-20")
def test_how_grave_it_is_others_say_than_who_opened_it() -> None:
    shop = Workshop()
    for verb, given in (("assess", {"severity": "low"}), ("dismiss", {"reason": "Nothing."})):
        with refused("own_find") as told:
            shop.fix.ask(OTHER_APPSEC, verb, **given)
        assert "another of application security" in told.value.problems[0].message
    shop.fix.ask(APPSEC, "assess", severity="low")


@pytest.mark.req("S1-20")
def test_a_grant_that_is_taken_back_takes_the_sign_off_along() -> None:
    shop = labelled(reporter=FINDER)
    grant = next(each for each in FIX_WORLD if getattr(each, "person", "") == APPSEC)
    shop.learn(revoked(grant, shop.fix.at))
    told = {"master": ("quorum_impossible",)}
    assert shop.missing() == told, "the other one opened it, and nobody else says who found it"


@pytest.mark.req("S1-20", "X-04", "X-05")
@pytest.mark.parametrize("of_self", [False, True])
def test_the_gate_of_merging_names_whose_word_frees_somebody_to_approve(of_self: bool) -> None:
    shop = Workshop(reporter=None if of_self else FINDER)
    story = shop.add("master")
    if of_self:
        shop.fix.ask(APPSEC, "claim_find", reason="I did, too.")
        story.ask(APPSEC, "keep_out", excluded=(APPSEC,), freed=())
    else:
        grant = next(each for each in FIX_WORLD if getattr(each, "person", "") == APPSEC)
        shop.learn(revoked(grant, shop.fix.at))
    shop.learn()
    people = {NAME: (FINDER, MANAGER), "merge_request.merge": (MANAGER,)}
    told: dict[str, Any] = {"at": shop.fix.at, "authority": authority(*shop.fix.world)}
    told |= {"records": known(*shop.fix.others), "by": MANAGER}
    assert "quorum_impossible" in verdict(story.state, "merge", **told).codes
    found = verdict(story.state, "merge", who=lambda e: frozenset(people.get(e, ())), **told)
    assert "quorum_impossible" not in found.codes
    [freeing] = [each for each in found.blocking if each.requirement == "finder"]
    assert [(e.action, e.people) for e in freeing.acts] == [(NAME, frozenset((FINDER, MANAGER)))]


@pytest.mark.req("S1-23", "X-05")
def test_an_empty_list_of_pipelines_is_none_that_passed() -> None:
    shop = labelled()
    shop.fix.world = tuple(e for e in shop.fix.world if type(e).__name__ != "Evidence")
    assert set(shop.missing()) == {"master", "17-1-stable", "17-0-stable", "16-11-stable"}
    assert set(shop.missing().values()) == {("evidence_missing",)}


@pytest.mark.req("S1-23", "X-05")
@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.NEUTRAL, Outcome.FAILED])
def test_one_pipeline_that_did_not_pass_is_enough(outcome: Outcome) -> None:
    shop = labelled()
    later = {"reported_at": NOON + DAY, "reporter": CI}
    shop.learn(report(shop.parts["17-0-stable"].state, outcome, **later))
    assert list(shop.missing()) == ["17-0-stable"]


def test_a_merge_request_under_laxer_rules_does_not_count() -> None:
    shop = Workshop()
    shop.add("master", kind="bug_backport")
    assert "wrong_kind" in shop.missing()["master"]


def test_a_closed_merge_request_counts_for_nothing() -> None:
    shop = labelled()
    shop.parts["17-1-stable"].ask(ENGINEER, "close", reason="Another way.")
    assert shop.missing() == {"17-1-stable": ("merge_request_missing",)}


def test_what_was_merged_through_its_gate_stays_complete_whatever_becomes_of_rights() -> None:
    shop = labelled()
    shop.parts["master"].ask(MANAGER, "merge")
    grant = next(each for each in FIX_WORLD if getattr(each, "person", "") == MAINTAINER)
    shop.learn(revoked(grant, shop.fix.at))
    assert "master" not in shop.missing()
    assert shop.missing()["17-1-stable"] == ("quorum_impossible",)


def test_an_assignee_without_the_role_does_not_count() -> None:
    shop = labelled()
    shop.parts["master"].ask(ENGINEER, "assign", assignee=CI)
    assert shop.missing() == {"master": ("not_assigned",)}
    shop.parts["master"].ask(ENGINEER, "assign", assignee=ROBOT)
    assert shop.missing() == {}


@pytest.mark.req("S1-12", "S1-25", "X-06")
def test_only_who_may_know_of_a_hidden_fix_is_named_for_helping_it() -> None:
    shop = Workshop(service="lineless")
    people = {"security_fix.tick": {ENGINEER, APPSEC}, "security_fix.assess": {FINDER, APPSEC}}
    served = {"stable_line.enter": frozenset((MANAGER,))}
    known_to = (known(*shop.fix.others), authority(*shop.fix.world), shop.fix.at)
    basis = Basis(
        *known_to,
        lambda action, _: frozenset(people.get(action, ())),
        served=lambda action, place: served[action] if place == "lineless" else frozenset(),
        cleared=lambda _: frozenset((APPSEC,)),
    )
    for hidden in (True, False):
        told = completeness(replace(shop.fix.state, embargoed=hidden), basis)
        acts = {act.action: act.people for each in told.findings for act in each.acts}
        assert acts["security_fix.tick"] == ({APPSEC} if hidden else {ENGINEER, APPSEC})
        assert acts["stable_line.enter"] == {MANAGER}
