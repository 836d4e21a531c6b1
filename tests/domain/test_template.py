"""Standard changes: approved in advance as a version of a template, and only as it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.change import AGGREGATE as CHANGE
from domain.change import Status as ChangeStatus
from domain.change.state import LinkKind
from domain.content import Content
from domain.kernel import Refusal
from domain.template import AGGREGATE, Status
from tests.domain.change_stories import drafted
from tests.domain.merge_stories import opened as opened_merge_request
from tests.domain.organisation import (
    ANN,
    CONTENT,
    ENG,
    LONG_AGO,
    LOW,
    MAX,
    OWEN,
    PLAYBOOKS,
    ROBOT,
    WINDOW,
    WORLD,
    Story,
    adopted,
    kinds,
    person,
    refused,
)

PLAN = replace(LOW, window=None)


def proposed(content: Content = PLAN) -> Story:
    story = Story(AGGREGATE, WORLD, subject="7" * 32)
    story.ask(ANN, "propose", playbook="itsm", kind="standard", content=content)
    return story


def active() -> Story:
    story = proposed()
    story.ask(MAX, "approve", comment="Routine.")
    return story


def standard(content: Content = LOW, story: Story | None = None) -> Story:
    """A draft of a standard change opened from a template that is in force."""
    template = (story or active()).state
    change = Story(CHANGE, (*WORLD, template))
    change.ask(ENG, "open", playbook="itsm", kind="standard", content=content, template=template.id)
    return change


# The template.


def test_a_second_person_puts_a_template_into_force() -> None:
    story = active()
    state = story.state
    assert (state.status, state.number, state.approved, state.proposal) == (
        Status.ACTIVE,
        1,
        PLAN,
        None,
    )
    assert (state.approved_by, state.risk) == (MAX, "low")


@pytest.mark.parametrize("by", [ANN, ENG, ROBOT])
def test_nobody_who_wrote_on_it_approves_it(by: str) -> None:
    story = proposed()
    story.ask(ENG, "revise", content=replace(PLAN, test_plan="Book twice."))
    with pytest.raises(Refusal) as caught:
        story.ask(by, "approve")
    assert caught.value.problems[0].code in ("own_template", "not_a_person")


def test_a_second_account_is_no_second_person() -> None:
    story = proposed()
    story.learn(person(MAX, linked=(ANN,)))
    with refused("own_template"):
        story.ask(MAX, "approve")


def test_what_is_in_force_stays_until_the_next_version_is_approved() -> None:
    story = active()
    later = replace(PLAN, test_plan="Book twice.")
    story.ask(OWEN, "revise", content=later)
    assert (story.state.approved, story.state.proposal, story.state.revision) == (PLAN, later, 2)
    assert story.state.status is Status.ACTIVE
    story.ask(MAX, "approve")
    assert (story.state.approved, story.state.number) == (later, 2)


def test_a_proposal_is_declined_and_what_is_in_force_stays() -> None:
    story = proposed()
    story.ask(MAX, "decline", reason="Too risky.")
    assert story.state.status is Status.DECLINED
    story = active()
    story.ask(OWEN, "revise", content=replace(PLAN, test_plan="None."))
    story.ask(MAX, "decline", reason="Too risky.")
    assert (story.state.status, story.state.approved) == (Status.ACTIVE, PLAN)
    for verb, more in (("approve", {}), ("decline", {"reason": "Again."})):
        with refused("nothing_proposed"):
            story.ask(MAX, verb, **more)


def test_a_retired_template_stays_retired() -> None:
    story = active()
    story.ask(OWEN, "retire", reason="The disks are gone.")
    assert story.state.status is Status.RETIRED
    for verb, more in (("revise", {"content": PLAN}), ("retire", {"reason": "Again."})):
        with refused("template_retired"):
            story.ask(OWEN, verb, **more)


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"playbook": "none"}, "unknown_playbook"),
        ({"kind": "none"}, "unknown_kind"),
        ({"kind": "normal"}, "unknown_kind"),
        ({"content": replace(PLAN, title="")}, "text_missing"),
        ({"content": replace(PLAN, impact="gigantic")}, "unknown_impact"),
    ],
)
def test_a_template_is_proposed_for_what_the_playbook_knows(
    changes: dict[str, Any], code: str
) -> None:
    asked: dict[str, Any] = {"playbook": "itsm", "kind": "standard", "content": PLAN} | changes
    with refused(code):
        Story(AGGREGATE, WORLD).ask(ANN, "propose", **asked)


def test_a_claim_approves_no_template() -> None:
    with refused("mere_claim"):
        proposed().ask(MAX, "approve", claimed=True, happened=LONG_AGO)


def test_it_acts_on_the_services_of_both_sides() -> None:
    other = replace(PLAN, service="payments")
    story = active()
    assert AGGREGATE.scopes(story.state, "revise", {"content": other}) == {
        "service": {"ledger", "payments"}
    }
    story.ask(OWEN, "revise", content=other)
    assert AGGREGATE.scopes(story.state, "approve", {}) == {"service": {"ledger", "payments"}}
    assert AGGREGATE.scopes(None, "propose", {"content": other}) == {"service": {"payments"}}


# Changes opened from it.


@pytest.mark.req("S3-14")
def test_a_standard_change_is_scheduled_at_once() -> None:
    story = standard()
    assert kinds(story.ask(ENG, "submit")) == ["Preapproved"]
    assert story.state.status is ChangeStatus.SCHEDULED
    story.at = WINDOW.since
    events = story.ask(ENG, "implement")
    evidence = {each.requirement: each.evidence for each in events[0].evidence}
    assert evidence["template"] == ("7" * 32,)


@pytest.mark.req("S3-14")
def test_title_environments_and_window_may_be_its_own() -> None:
    story = standard(replace(LOW, title="Disk seven", environments=("staging",)))
    story.ask(ENG, "submit")


@pytest.mark.req("S3-14")
@pytest.mark.parametrize(
    "changes,codes",
    [
        ({"implementation_plan": "Quickly."}, {"template_departed_from"}),
        ({"service": "payments"}, {"template_departed_from"}),
        ({"configuration_items": ()}, {"template_departed_from"}),
        ({"impact": "high"}, {"template_departed_from", "condition_unmet"}),
    ],
)
def test_what_departs_from_the_template_is_not_approved_in_advance(
    changes: dict[str, Any], codes: Any
) -> None:
    story = standard(replace(LOW, **changes))
    with pytest.raises(Refusal) as caught:
        story.ask(ENG, "submit")
    assert {each.code for each in caught.value.problems} == codes
    assert story.state.status is ChangeStatus.DRAFT


@pytest.mark.req("S3-14")
def test_a_condition_of_risk_holds_for_the_risk_of_the_change() -> None:
    high = replace(PLAN, impact="high", probability="likely")
    story = proposed(high)
    story.ask(MAX, "approve")
    change = standard(replace(high, window=WINDOW), story)
    with refused("condition_unmet"):
        change.ask(ENG, "submit")


def test_a_standard_change_from_no_template_goes_nowhere() -> None:
    with refused("template_missing"):
        drafted(LOW, "standard").ask(ANN, "submit")


@pytest.mark.parametrize("verb,more", [("retire", {"reason": "Gone."}), ("revise", {})])
def test_only_the_version_in_force_counts_also_when_work_begins(verb: str, more: Any) -> None:
    story, template = standard(), active()
    story.ask(ENG, "submit")
    if verb == "revise":
        more = {"content": replace(PLAN, test_plan="Book twice.")}
    template.ask(OWEN, verb, **more)
    if verb == "revise":
        template.ask(MAX, "approve")
    story.learn(template.state)
    story.at = WINDOW.since
    with refused("template_not_in_force"):
        story.ask(ENG, "implement")


def test_a_template_serves_its_own_kind_also_when_work_begins() -> None:
    story = standard()
    story.learn(replace(active().state, kind="other"))
    with refused("template_not_in_force"):
        story.ask(ENG, "submit")
    story = standard()
    story.world = tuple(each for each in story.world if getattr(each, "id", "") != "7" * 32)
    with refused("template_missing"):
        story.ask(ENG, "submit")


def test_a_tie_that_says_what_goes_out_departs_from_the_template() -> None:
    story = standard()
    other = opened_merge_request().state
    story.learn(other)
    story.ask(ENG, "link", kind=LinkKind.MERGE_REQUEST, reference=other.id)
    with refused("template_departed_from"):
        story.ask(ENG, "submit")


def test_an_edit_of_a_scheduled_standard_change_returns_it_to_draft() -> None:
    story = standard()
    story.ask(ENG, "submit")
    story.ask(ENG, "edit", content=replace(LOW, title="Disk seven"))
    assert story.state.status is ChangeStatus.DRAFT


def test_a_template_is_used_for_its_own_kind_while_in_force() -> None:
    for template, kind, code in (
        (proposed(), "standard", "unknown_template"),
        (active(), "normal", "template_of_other_kind"),
    ):
        change = Story(CHANGE, (*WORLD, template.state))
        with refused(code):
            change.ask(ENG, "open", playbook="itsm", kind=kind, content=LOW, template="7" * 32)


@pytest.mark.req("S3-14")
@pytest.mark.parametrize(
    "about,values,holds",
    [
        ("service", '["ledger"]', True),
        ("service", '["payments"]', False),
        ("environment", '["production", "staging"]', True),
        ("environment", '["staging"]', False),
        ("impact", '["low"]', True),
        ("impact", '["high"]', False),
        ("probability", '["unlikely"]', True),
        ("probability", '["likely"]', False),
    ],
)
def test_every_condition_is_one_of_a_closed_set(about: str, values: str, holds: bool) -> None:
    text = (PLAYBOOKS / "itsm.toml").read_text()
    condition = f'[[change.condition]]\nabout = "{about}"\nvalues = {values}\n'
    before = '[[change.condition]]\nabout = "risk"\nvalues = ["low"]\n'
    assert text.count(before) == 1
    story = standard()
    story.learn(adopted("itsm", text.replace(before, condition)))
    if holds:
        story.ask(ENG, "submit")
    else:
        with refused("condition_unmet"):
            story.ask(ENG, "submit")


def test_a_standard_change_without_an_environment_meets_no_condition_about_it() -> None:
    text = (PLAYBOOKS / "itsm.toml").read_text()
    condition = 'about = "environment"\nvalues = ["production"]'
    text = text.replace('about = "risk"\nvalues = ["low"]', condition)
    story = standard(replace(LOW, environments=()))
    story.learn(adopted("itsm", text))
    with refused("condition_unmet"):
        story.ask(ENG, "submit")


def test_content_is_the_same_value_in_template_and_change() -> None:
    assert standard().state.content == replace(PLAN, window=WINDOW) == LOW
    assert CONTENT != LOW
