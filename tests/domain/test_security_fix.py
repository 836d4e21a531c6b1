"""A security fix is hidden from the first, assessed, and worked on step by step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.kernel import Then
from domain.security_fix.events import MergeRequestAdded, MergeRequestRemoved
from domain.security_fix.state import Status
from tests.domain.fix_stories import (
    APPSEC,
    ENGINEER,
    FINDER,
    FIX,
    MANAGER,
    OTHER_APPSEC,
    PROJECT,
    assessed,
    merge_request,
    opened,
)
from tests.domain.given import DAY, NOON
from tests.domain.organisation import kinds, refused


@pytest.mark.req("S1-12", "S1-18")
def test_a_fix_is_under_embargo_from_the_first_moment() -> None:
    state = opened().state
    assert state.embargoed
    assert (state.status, state.project) == (Status.ASSESSING, PROJECT)
    assert not any(item.ticked_at for item in state.items)
    assert len(state.items) == 5


@pytest.mark.req("S1-13")
def test_a_vulnerable_dependency_has_the_same_time_to_be_remedied() -> None:
    own, other = assessed(), assessed(dependency="libxml2 2.9.4")
    assert other.state.dependency == "libxml2 2.9.4"
    assert own.state.due_at == other.state.due_at == NOON + 30 * DAY


@pytest.mark.req("S1-10")
def test_the_time_to_remedy_counts_from_when_it_became_known() -> None:
    story = opened(known_since=NOON - 10 * DAY)
    assert not story.state.due_at
    story.ask(APPSEC, "assess", severity="medium")
    assert (story.state.status, story.state.due_at) == (Status.FIXING, NOON + 80 * DAY)
    story.ask(APPSEC, "assess", severity="critical", comment="It is used already.")
    assert (story.state.severity, story.state.due_at) == ("critical", NOON + 20 * DAY)
    assert story.ask(APPSEC, "assess", severity="critical") == []
    with refused("unknown_severity"):
        story.ask(APPSEC, "assess", severity="dire")


@pytest.mark.parametrize(
    "given, code",
    [
        ({"title": " "}, "text_missing"),
        ({"project": "any"}, "name_unusable"),
        ({"known_since": NOON + timedelta(minutes=5)}, "in_the_future"),
        ({"reporter": "user:" + "0" * 32}, "unknown_person"),
        ({"kind": "bug"}, "unknown_kind"),
        ({"playbook": "absent"}, "unknown_playbook"),
        ({"component": ""}, "text_missing"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, Any], code: str) -> None:
    with refused(code):
        opened(**given)


@pytest.mark.req("S1-19")
def test_boxes_are_ticked_by_somebody_and_may_be_unticked() -> None:
    story = opened()
    story.ask(ENGINEER, "tick", item="tested")
    box = {item.name: item for item in story.state.items}["tested"]
    assert (box.ticked_by, box.ticked_at) == (ENGINEER, NOON + timedelta(minutes=1))
    assert story.ask(APPSEC, "tick", item="tested") == []
    assert kinds(story.ask(APPSEC, "untick", item="tested")) == ["Unticked"]
    assert story.ask(APPSEC, "untick", item="tested") == []
    with refused("unknown_step"):
        story.ask(ENGINEER, "tick", item="prayed")


def test_what_is_said_of_it_is_edited_field_by_field() -> None:
    story = opened(credit="Somebody")
    story.ask(APPSEC, "edit", cve="CVE-2026-12345", advisory="GHSA-1")
    state = story.state
    assert (state.cve, state.advisory, state.credit) == ("CVE-2026-12345", "GHSA-1", "Somebody")
    assert story.ask(APPSEC, "edit", cve="CVE-2026-12345") == []
    story.ask(APPSEC, "edit", credit=None)
    assert story.state.credit is None
    with refused("not_a_cve"):
        story.ask(APPSEC, "edit", cve="cve-26-1")


@pytest.mark.req("S1-20", "S1-21")
def test_a_merge_request_of_the_fix_is_tied_to_it_and_who_found_it_is_kept_out() -> None:
    story = opened(reporter=FINDER)
    main = merge_request("master")
    story.learn(main)
    tie = {"fix": FIX, "excluded": (FINDER, OTHER_APPSEC)}
    expected = [MergeRequestAdded(main.id), Then("merge_request.tie", main.id, tie)]
    assert story.ask(ENGINEER, "add_merge_request", merge_request=main.id) == expected
    assert story.state.merge_requests == (main.id,)
    assert story.ask(ENGINEER, "add_merge_request", merge_request=main.id) == []
    gone = story.ask(ENGINEER, "remove_merge_request", merge_request=main.id)
    assert gone == [MergeRequestRemoved(main.id), Then("merge_request.untie", main.id, {})]
    assert story.state.merge_requests == ()


@pytest.mark.req("S1-02")
@pytest.mark.parametrize("target", ["16-10-stable", "18-0-stable", "refs/tags/17-1-stable", "x"])
def test_a_backport_to_a_version_that_is_not_supported_is_refused(target: str) -> None:
    story = opened()
    story.learn(other := merge_request(target, 9))
    with refused("unsupported_version"):
        story.ask(ENGINEER, "add_merge_request", merge_request=other.id)


@pytest.mark.parametrize(
    "changes, code",
    [({"project": "gitlab-org/gitlab"}, "unknown_merge_request"), ({"fix": "a"}, "other_fix")],
)
def test_only_a_free_merge_request_of_the_project_is_added(
    changes: dict[str, Any], code: str
) -> None:
    story = opened()
    story.learn(other := merge_request("refs/heads/17-0-stable", 9, **changes))
    with refused(code):
        story.ask(ENGINEER, "add_merge_request", merge_request=other.id)
    with refused("unknown_merge_request"):
        story.ask(ENGINEER, "add_merge_request", merge_request="f" * 32)


def test_of_what_was_dismissed_nothing_is_worked_on() -> None:
    story = opened()
    story.ask(APPSEC, "dismiss", reason="It is meant to be so.")
    assert (story.state.status, story.state.embargoed) == (Status.DISMISSED, True)
    for verb, given in (
        ("tick", {"item": "tested"}),
        ("edit", {"title": "Other"}),
        ("assess", {"severity": "low"}),
        ("dismiss", {"reason": "Again."}),
        ("add_merge_request", {"merge_request": "f" * 32}),
    ):
        with refused("fix_ended"):
            story.ask(MANAGER, verb, **given)
