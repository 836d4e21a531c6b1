"""A policy takes effect when somebody else than its author adopts it."""

from dataclasses import replace
from typing import Any

import pytest

from domain.adoption import Status, text_digest
from domain.kernel import OPERATOR, Then
from domain.policy import AGGREGATE, Adopted, Policy, adopt, adopted, decline, propose, supersede
from tests.domain.given import (
    ADA,
    BEN,
    CAT,
    NOON,
    SUBJECT,
    Told,
    asked_by,
    given,
    known,
    refused,
    then,
)
from tests.domain.organisation import OWNER, person

MODEL = "[request_definition]\n"
RULES = "p, role:owner, change.edit, service, allow\n"
NEWER = RULES + "p, role:owner, change.open, service, allow\n"
OLD = "6" * 32


def proposed(rules: str = RULES, based_on: str | None = None, *records: Any, **by: Any) -> Policy:
    context = asked_by(ADA, *records)
    (event,) = propose(None, context, model=MODEL, rules=rules, based_on=based_on, reason="So.")
    return given(AGGREGATE, Told(event, **by))


def in_force() -> Policy:
    (event,) = propose(
        None, asked_by(ADA), model=MODEL, rules=RULES, based_on=None, reason="To begin."
    )
    return given(AGGREGATE, event, Told(Adopted(1, event.digest), BEN), subject=OLD)


def test_a_proposal_keeps_both_texts_and_their_digests() -> None:
    one = proposed()
    assert (one.model, one.rules) == (MODEL, RULES)
    assert (one.model_digest, one.rules_digest) == (text_digest(MODEL), text_digest(RULES))
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert text_digest("") == f"sha256:{empty}"
    assert adopted(known(one)) is None


def test_the_digest_covers_both_texts() -> None:
    other = propose(
        None, asked_by(ADA), model=MODEL + "\n", rules=RULES, based_on=None, reason="So."
    )
    assert len({proposed().digest, proposed(NEWER).digest, other[0].digest}) == 3


def test_a_second_person_puts_it_into_force() -> None:
    one = proposed()
    context = asked_by(BEN, one)
    after = then(AGGREGATE, one, context, adopt(one, context))
    assert (after.status, after.adopted_by, after.adopted_at) == (Status.ADOPTED, BEN, NOON)
    assert adopted(known(after)) == after


def test_nobody_adopts_what_they_proposed() -> None:
    one = proposed()
    for context in (
        asked_by(ADA, one),
        asked_by(BEN, one, person(ADA, linked=(BEN,))),
    ):
        with refused("own_proposal"):
            adopt(one, context)
    with refused("own_proposal", "not_in_person"):
        adopt(one, asked_by(BEN, one, behalf=ADA))


@pytest.mark.parametrize("lost", [person(ADA, suspended=True), replace(OWNER, revoked_at=NOON)])
def test_one_alone_adopts_nothing_of_who_lost_the_right_to_propose(lost: Any) -> None:
    (event,) = propose(
        None, asked_by(ADA, grant=OWNER.id), model=MODEL, rules=RULES, based_on=None, reason="So."
    )
    one = given(AGGREGATE, event)
    assert adopt(one, asked_by(BEN, one, person(ADA), OWNER))
    with refused("proposer_lost"):
        adopt(one, asked_by(BEN, one, person(ADA), lost))
    anew = proposed(by=CAT)
    assert adopt(anew, asked_by(BEN, anew, one, lost)), "another proposed the same"


def test_the_operator_adopts_only_the_first_version() -> None:
    first = proposed(by=OPERATOR)
    assert adopt(first, asked_by(OPERATOR, first))
    old = in_force()
    second = proposed(NEWER, OLD, old, by=OPERATOR)
    with refused("needs_second_person"):
        adopt(second, asked_by(OPERATOR, second, old))


def test_the_version_before_gives_way_in_the_same_act() -> None:
    old = in_force()
    new = proposed(NEWER, OLD, old)
    assert new.number == 2
    event, consequence = adopt(new, asked_by(BEN, new, old))
    assert event == Adopted(2, new.digest)
    assert consequence == Then("policy.supersede", OLD, {"successor": SUBJECT})
    context = asked_by(BEN, subject=OLD)
    after = then(AGGREGATE, old, context, supersede(old, context, **consequence.arguments))
    assert (after.status, after.superseded_by) == (Status.SUPERSEDED, SUBJECT)


def test_a_proposal_that_was_overtaken_is_not_adopted() -> None:
    overtaken = proposed(NEWER)
    with refused("moved_on"):
        adopt(overtaken, asked_by(BEN, overtaken, in_force()))
    with refused("moved_on"):
        proposed(NEWER, None, in_force())


def test_what_is_in_force_is_not_proposed_again() -> None:
    with refused("unchanged"):
        proposed(RULES, OLD, in_force())


def test_a_proposal_is_settled_once() -> None:
    one = proposed()
    context = asked_by(ADA, one)
    after = then(AGGREGATE, one, context, decline(one, context, objection="A slip."))
    assert (after.status, after.objection) == (Status.DECLINED, "A slip.")
    with refused("already_settled"):
        adopt(after, asked_by(BEN, after))


def test_texts_are_there_and_can_be_kept() -> None:
    with refused("text_missing", "text_missing", "text_missing"):
        propose(None, asked_by(ADA), model="", rules="\n", based_on=None, reason="")
    with refused("text_unreadable"):
        propose(None, asked_by(ADA), model=MODEL, rules="\ud800", based_on=None, reason="So.")


@pytest.mark.parametrize("command", AGGREGATE.commands, ids=lambda command: command.name)
def test_only_adopting_decides_and_only_superseding_is_a_consequence(command: Any) -> None:
    assert command.deciding == (command.name == "adopt")
    assert command.internal == (command.name == "supersede")
    assert command.operator == (command.name in ("propose", "adopt"))
