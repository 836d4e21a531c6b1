"""Drafting a change: what it must say, who stands behind it, and what it is tied to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.calendar.window import Clock
from domain.change.aggregate import AGGREGATE
from domain.change.state import LinkKind, Status, digest_of
from domain.content import LARGEST
from domain.kernel import Refusal
from domain.merge_request.state import MergeRequest
from tests.domain.change_stories import drafted, reviewing, scheduled, under_way
from tests.domain.merge_stories import opened as opened_merge_request
from tests.domain.organisation import (
    ANN,
    CONTENT,
    ENG,
    MAX,
    OWEN,
    ROBOT,
    WINDOW,
    Story,
    kinds,
    person,
    refused,
)

STRANGER = "user:" + "f" * 32


def test_whoever_opens_a_change_wants_it_unless_they_say_who_does() -> None:
    story = drafted()
    assert (story.state.author, story.state.requester, story.state.owner) == (ANN, ANN, OWEN)
    story = Story(AGGREGATE)
    story.ask(ANN, "open", playbook="itsm", kind="normal", content=CONTENT, requester=MAX)
    assert (story.state.author, story.state.requester, story.state.owner) == (ANN, MAX, MAX)


def test_a_change_keeps_the_playbook_version_it_was_opened_under() -> None:
    story = drafted()
    assert (story.state.playbook, story.state.path.value) == ("playbook itsm", "normal")


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"playbook": "none"}, "unknown_playbook"),
        ({"kind": "none"}, "unknown_kind"),
        ({"requester": STRANGER}, "unknown_person"),
        ({"owner": ROBOT}, "unknown_person"),
        ({"template": "none"}, "unknown_template"),
    ],
)
def test_a_change_is_opened_only_for_what_is_there(changes: dict[str, Any], code: str) -> None:
    story = Story(AGGREGATE)
    asked = {"playbook": "itsm", "kind": "normal", "content": CONTENT} | changes
    with refused(code):
        story.ask(ANN, "open", **asked)


@pytest.mark.parametrize(
    "changes,codes",
    [
        ({"title": "  "}, ["text_missing"]),
        ({"title": "x" * 201}, ["text_too_long"]),
        ({"title": "a\x00b"}, ["text_unreadable"]),
        ({"description": "\ud800"}, ["text_unreadable"]),
        ({"description": "\ufdd0"}, ["text_unreadable"]),
        ({"description": "\U0001ffff"}, ["text_unreadable"]),
        ({"description": "e\u0301"}, ["text_unreadable"]),
        ({"service": "any"}, ["name_unusable"]),
        ({"service": ""}, ["name_unusable"]),
        ({"service": "a\nb"}, ["name_unusable"]),
        ({"environments": ("a", "a")}, ["named_twice"]),
        ({"environments": tuple(f"e{n}" for n in range(41))}, ["too_many"]),
        ({"configuration_items": ("a", " b")}, ["name_unusable"]),
        ({"impact": "gigantic"}, ["unknown_impact"]),
        ({"probability": "maybe"}, ["unknown_probability"]),
        ({"window": replace(WINDOW, until=WINDOW.since)}, ["window_ends_first"]),
        ({"window": replace(WINDOW, since=WINDOW.since.replace(tzinfo=None))}, ["zone_missing"]),
        ({"window": replace(WINDOW, since_clock=Clock.SKIPPED)}, ["skipped_local_time"]),
        ({"window": replace(WINDOW, until_clock=Clock.REPEATED)}, ["repeated_local_time"]),
        ({"description": "ü" * (LARGEST // 2)}, ["content_too_large"]),
        ({"title": "", "service": "any"}, ["text_missing", "name_unusable"]),
    ],
)
def test_content_that_cannot_be_kept_is_refused_with_every_problem(
    changes: dict[str, Any], codes: Any
) -> None:
    content = replace(CONTENT, **changes)
    with pytest.raises(Refusal) as caught:
        drafted(content)
    assert [each.code for each in caught.value.problems] == codes
    assert {each.path[0] for each in caught.value.problems} == {"content"}
    with pytest.raises(Refusal) as caught:
        drafted().ask(ANN, "edit", content=content)
    assert [each.code for each in caught.value.problems] == codes


def test_a_draft_may_be_sparse() -> None:
    from domain.content import Content

    story = drafted(Content(title="Something", service="ledger"))
    assert story.state.risk is None


def test_every_edit_is_a_new_revision_with_its_own_risk() -> None:
    story = drafted()
    story.ask(ENG, "edit", content=replace(CONTENT, impact="high", probability="likely"))
    assert (story.state.revision, story.state.risk) == (2, "high")
    assert story.state.contributors == (ANN, ENG)


def test_an_edit_for_somebody_else_makes_both_contributors() -> None:
    from tests.domain.given import asked_by

    story = drafted()
    run = next(each.run for each in story.aggregate.commands if each.name == "edit")
    context = asked_by(ROBOT, *story.others, at=story.at, behalf=MAX)
    events = run(story.state, context, content=replace(CONTENT, test_plan="Other."))
    from tests.domain.given import then

    state = then(story.aggregate, story.state, context, events)
    assert state.contributors == (ANN, ROBOT, MAX)


@pytest.mark.parametrize("begin", [under_way, reviewing])
def test_what_a_change_says_is_settled_once_work_begins(begin: Callable[[], Story]) -> None:
    with refused("not_editable"):
        begin().ask(ANN, "edit", content=replace(CONTENT, test_plan="Other."))


def test_the_owner_is_a_person_who_is_there() -> None:
    story = drafted()
    for owner in (STRANGER, ROBOT):
        with refused("unknown_person"):
            story.ask(ANN, "assign", owner=owner)
    assert kinds(story.ask(ANN, "assign", owner=MAX)) == ["Assigned"]
    assert story.ask(ANN, "assign", owner=MAX) == []
    assert story.state.owner == MAX
    story.ask(ANN, "cancel", reason="Not now.")
    with refused("ended"):
        story.ask(ANN, "assign", owner=OWEN)


# Ties.


@pytest.mark.req("S3-32", "S3-33", "S3-36")
@pytest.mark.parametrize(
    "kind", [LinkKind.REQUEST, LinkKind.PROBLEM, LinkKind.INCIDENT, LinkKind.KNOWLEDGE]
)
def test_a_change_is_tied_to_records_elsewhere_without_moving_votes(kind: LinkKind) -> None:
    story = scheduled()
    before = (story.state.revision, story.state.digest, story.state.votes)
    story.ask(ANN, "link", kind=kind, reference="REC-1")
    assert story.ask(ANN, "link", kind=kind, reference="REC-1") == []
    assert (story.state.revision, story.state.digest, story.state.votes) == before
    assert [(each.kind, each.reference) for each in story.state.links] == [(kind, "REC-1")]
    story.ask(ANN, "unlink", kind=kind, reference="REC-1")
    assert story.state.links == ()


@pytest.mark.req("S3-33", "S3-36")
def test_what_came_of_a_change_is_tied_to_it_after_it_was_closed() -> None:
    story = reviewing()
    story.ask(OWEN, "close")
    story.ask(ANN, "link", kind=LinkKind.INCIDENT, reference="INC-7")
    assert story.state.status is Status.CLOSED


def test_a_tie_that_says_what_goes_out_voids_the_votes() -> None:
    story = scheduled()
    other = opened_merge_request().state
    story.learn(other)
    story.ask(ENG, "link", kind=LinkKind.MERGE_REQUEST, reference=other.id)
    assert (story.state.status, story.state.revision) == (Status.DRAFT, 2)
    assert story.state.votes == ()
    assert ENG in story.state.contributors
    assert digest_of(story.state) == story.state.digest
    story.ask(ENG, "link", kind=LinkKind.REQUEST, reference="REQ-1")
    assert digest_of(story.state) == story.state.digest
    story.ask(ENG, "unlink", kind=LinkKind.MERGE_REQUEST, reference=other.id)
    assert story.state.revision == 3
    assert digest_of(story.state) == story.state.digest


@pytest.mark.req("S3-02", "X-01")
def test_a_commit_that_goes_out_is_approved_with_the_change() -> None:
    story = scheduled()
    for wrong in ("main", "a" * 39, "A" * 40):
        with refused("not_a_commit"):
            story.ask(ENG, "link", kind=LinkKind.COMMIT, reference=wrong)
    story.ask(ENG, "link", kind=LinkKind.COMMIT, reference="a" * 40)
    assert (story.state.status, story.state.revision) == (Status.DRAFT, 2)
    assert digest_of(story.state) == story.state.digest


def test_what_goes_out_is_settled_once_work_begins() -> None:
    story = drafted()
    other = opened_merge_request().state
    story.learn(other)
    tie = {"kind": LinkKind.MERGE_REQUEST, "reference": other.id}
    story.ask(ANN, "link", **tie)
    for status in (Status.IMPLEMENTING, Status.ON_HOLD, Status.CLOSED):
        story.state = replace(story.state, status=status)
        for verb, reference in (("unlink", other.id), ("link", "0" * 32)):
            with refused("not_editable"):
                story.ask(ENG, verb, **(tie | {"reference": reference}))


def test_a_cancelled_change_is_tied_to_nothing_more() -> None:
    story = drafted()
    story.ask(ANN, "link", kind=LinkKind.PROBLEM, reference="PRB-1")
    story.ask(ANN, "cancel", reason="Not now.")
    for verb, reference in (("link", "PRB-2"), ("unlink", "PRB-1")):
        with refused("ended"):
            story.ask(ANN, verb, kind=LinkKind.PROBLEM, reference=reference)


def test_a_reference_is_one_line() -> None:
    with refused("name_unusable"):
        drafted().ask(ANN, "link", kind=LinkKind.PROBLEM, reference="a\nb")


def test_an_embargoed_merge_request_is_as_unknown_as_an_absent_one() -> None:
    hidden = replace(opened_merge_request().state, embargoed=True)
    answers = []
    for reference in (hidden.id, "0" * 32):
        story = drafted()
        story.learn(hidden)
        with pytest.raises(Refusal) as caught:
            story.ask(ANN, "link", kind=LinkKind.MERGE_REQUEST, reference=reference)
        answers.append(caught.value.problems)
    assert answers[0] == answers[1]
    assert isinstance(hidden, MergeRequest)


@pytest.mark.req("X-05", "S1-12")
def test_a_tie_to_what_is_hidden_since_is_none_to_who_may_not_know_of_it() -> None:
    shown = opened_merge_request().state
    tie = {"kind": LinkKind.MERGE_REQUEST, "reference": shown.id}
    story = drafted()
    story.learn(shown)
    story.ask(ANN, "link", **tie)
    assert story.ask(ANN, "link", **tie) == []
    story.learn(replace(shown, embargoed=True))
    for verb, code in (("link", "unknown_merge_request"), ("unlink", "not_linked")):
        with refused(code):
            story.ask(ANN, verb, **tie)
    story.learn(shown)
    story.ask(ANN, "unlink", **tie)
    assert story.state.links == ()


def test_only_what_is_tied_can_be_cut_loose() -> None:
    with refused("not_linked"):
        drafted().ask(ANN, "unlink", kind=LinkKind.PROBLEM, reference="PRB-1")


# Order among changes.


def second(story: Story) -> Story:
    """Another change in the same world."""
    other = drafted()
    other.subject = "6" * 32
    other.state = replace(other.state, id=other.subject)
    other.learn(story.state)
    return other


@pytest.mark.req("S3-35")
def test_a_change_begins_only_after_what_must_come_first_was_successful() -> None:
    from domain.change.gates import verdict
    from tests.domain.given import authority, known

    first, story = reviewing(), scheduled()
    earlier = replace(first.state, id="6" * 32)
    for status, code in ((replace(earlier, outcome=None), {"predecessor_open"}), (earlier, set())):
        telling = scheduled()
        link = {"kind": LinkKind.PREDECESSOR, "reference": earlier.id}
        telling.learn(status)
        telling.ask(ANN, "link", **link)
        told = verdict(
            telling.state,
            "implement",
            at=WINDOW.since,
            authority=authority(*telling.world),
            records=known(*telling.world),
        )
        assert {each.code for each in told.blocking} & {"predecessor_open"} == code
    assert story.state.status is Status.SCHEDULED


@pytest.mark.req("S3-35")
def test_changes_do_not_wait_for_one_another_in_a_circle() -> None:
    one = drafted()
    other = second(one)
    other.ask(ANN, "link", kind=LinkKind.PREDECESSOR, reference=one.subject)
    one.learn(other.state)
    for reference in (other.subject, one.subject):
        with refused("waits_in_a_circle"):
            one.ask(ANN, "link", kind=LinkKind.PREDECESSOR, reference=reference)
    with refused("unknown_change"):
        one.ask(ANN, "link", kind=LinkKind.PREDECESSOR, reference="7" * 32)


def test_a_suspended_person_answers_for_nothing() -> None:
    story = drafted()
    story.learn(person(MAX, suspended=True))
    with refused("unknown_person"):
        story.ask(ANN, "assign", owner=MAX)
