"""Templates of standard changes: a second person puts a version into force."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.kernel import Refusal
from domain.template.aggregate import AGGREGATE
from domain.template.evolve import Approved
from domain.template.standing import in_force
from domain.template.state import Status
from tests.domain.given import NOON, authority
from tests.domain.organisation import (
    ANN,
    ENG,
    LONG_AGO,
    MANAGER,
    MAX,
    OWEN,
    ROBOT,
    WORLD,
    Story,
    person,
    refused,
)
from tests.domain.template_stories import PLAN, active, proposed


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


def test_it_is_listed_by_what_is_in_force_until_another_service_is_approved() -> None:
    other = replace(PLAN, service="payments", impact="high", probability="likely")
    story = active()
    for verb, told in (("decline", {"reason": "No."}), ("approve", {})):
        story.ask(OWEN, "revise", content=other)
        assert (story.state.service, story.state.risk) == ("ledger", "high")
        assert AGGREGATE.scopes(story.state, verb, {}) == {"service": {"ledger", "payments"}}
        story.ask(MAX, verb, **told)
        approved = verb == "approve"
        found = (story.state.service, story.state.risk)
        assert found == (("payments", "high") if approved else ("ledger", "low"))
    first = proposed()
    first.ask(ENG, "revise", content=other)
    assert first.state.service == "payments", "nothing is in force"


def test_what_is_in_force_is_retired_where_that_is_whatever_is_proposed() -> None:
    story = active()
    story.ask(ANN, "revise", content=replace(PLAN, service="elsewhere"))
    there, both = frozenset((PLAN.service,)), frozenset((PLAN.service, "elsewhere"))
    assert AGGREGATE.scopes(story.state, "retire", {})["service"] == there
    assert AGGREGATE.scopes(story.state, "approve", {})["service"] == both
    assert AGGREGATE.scopes(proposed().state, "retire", {})["service"] == there


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


GRANT = replace(MANAGER, id="9" * 32)
LOST: dict[str, tuple[Any, ...]] = {
    "suspended": (person(MAX, suspended=True),),
    "revoked": (replace(GRANT, revoked_at=NOON),),
    "the writer's": (person(MAX, linked=(ANN,)), person(ANN, linked=(MAX,))),
}


@pytest.mark.req("S3-14", "X-04")
@pytest.mark.parametrize("why", LOST)
def test_it_is_in_force_while_who_approved_it_counts(why: str) -> None:
    story = proposed()
    story._fold(Approved(1, 1, story.state.digest, GRANT.id), MAX, {})
    for by in (OWEN, MAX):
        with refused("nothing_proposed"):
            story.ask(by, "approve")
    story.learn(GRANT, *LOST[why])
    assert not in_force(story.state, authority(*story.world))
    with refused("own_template"):
        story.ask(ANN, "approve")
    story.ask(OWEN, "approve")
    assert in_force(story.state, authority(*story.world))
    assert (story.state.number, story.state.approved, story.state.approved_by) == (1, PLAN, OWEN)


@pytest.mark.req("S3-14", "X-04")
def test_who_approved_a_version_may_write_the_next() -> None:
    story = active()
    story.ask(MAX, "revise", content=replace(PLAN, test_plan="Book twice."))
    assert in_force(story.state, authority(*story.world)), "they wrote nothing of that one"
    story.ask(OWEN, "approve")
    story.learn(person(MAX, linked=(OWEN,)), person(OWEN, linked=(MAX,)))
    assert not in_force(story.state, authority(*story.world))


@pytest.mark.req("X-04")
@pytest.mark.parametrize("lost", [person(ANN, suspended=True), replace(GRANT, revoked_at=NOON)])
def test_one_alone_approves_nothing_of_who_lost_the_right_to_propose(lost: Any) -> None:
    story = proposed()
    story.state = replace(story.state, proposed_grant=GRANT.id)
    story.learn(GRANT, lost)
    with refused("proposer_lost"):
        story.ask(MAX, "approve")
    story.ask(OWEN, "revise", content=replace(PLAN, test_plan="Book twice."))
    story.ask(MAX, "approve")
    assert in_force(story.state, authority(*story.world))
