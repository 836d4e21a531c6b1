"""A playbook takes effect when somebody else than its author adopts it."""

from dataclasses import replace
from typing import Any

import pytest

from domain.adoption import MAX_BODY, Status
from domain.kernel import OPERATOR, Refusal, Then
from domain.playbook import unfilled
from domain.playbook.aggregate import (
    AGGREGATE,
    Adopted,
    Playbook,
    Proposed,
    adopt,
    adopted,
    decline,
    propose,
    supersede,
)
from tests.domain.deployment_stories import PRODUCTION, STAGING, environment
from tests.domain.given import (
    ADA,
    BEN,
    CAT,
    NOON,
    ROBOT,
    SUBJECT,
    Told,
    asked_by,
    authority,
    given,
    known,
    refused,
    then,
)
from tests.domain.organisation import PLAYBOOKS, person
from tests.domain.playbook_examples import CHANGES, MERGE_REQUESTS, varied

NEWER = varied(CHANGES, "number = 50", "number = 60")
OLD = "6" * 32


def proposed(body: str = CHANGES, based_on: str | None = None, **more: Any) -> Playbook:
    context = asked_by(ADA, *more.pop("records", ()))
    (event,) = propose(None, context, body=body, based_on=based_on, reason="Because.")
    return given(AGGREGATE, Told(event, **more))


def in_force(body: str = CHANGES) -> Playbook:
    (event,) = propose(None, asked_by(ADA), body=body, based_on=None, reason="To begin.")
    number = event.number
    first = Adopted(event.name, number, event.digest)
    return given(AGGREGATE, event, Told(first, BEN), subject=OLD)


def test_a_proposal_keeps_its_text_and_changes_nothing_yet() -> None:
    one = proposed()
    assert (one.name, one.number, one.status) == ("small", 1, Status.PROPOSED)
    assert one.body == CHANGES
    assert one.digest.startswith("sha256:")
    assert adopted(known(one), "small") is None


@pytest.mark.req("X-04")
def test_a_second_person_puts_it_into_force() -> None:
    one = proposed()
    context = asked_by(BEN, one)
    after = then(AGGREGATE, one, context, adopt(one, context))
    assert (after.status, after.adopted_by, after.adopted_at) == (Status.ADOPTED, BEN, NOON)
    assert adopted(known(after), "small") == after


def test_nobody_adopts_what_they_proposed() -> None:
    one = proposed()
    with refused("own_proposal"):
        adopt(one, asked_by(ADA, one))
    with refused("own_proposal", "not_in_person"):
        adopt(one, asked_by(BEN, one, behalf=ADA))


def test_no_linked_account_adopts_it_either() -> None:
    one = proposed()
    with refused("own_proposal"):
        adopt(one, asked_by(BEN, one, person(BEN, linked=(ADA,))))
    by_robot = proposed(by=ROBOT)
    with refused("own_proposal"):
        adopt(by_robot, asked_by(ADA, by_robot, person(ROBOT, owner=ADA)))


def test_whom_it_was_proposed_for_does_not_adopt_it() -> None:
    one = proposed(by=ADA, behalf=CAT)
    with refused("own_proposal"):
        adopt(one, asked_by(CAT, one))
    assert adopt(one, asked_by(BEN, one))


def test_the_operator_adopts_only_the_first_version() -> None:
    first = proposed(by=OPERATOR)
    assert adopt(first, asked_by(OPERATOR, first))
    old = in_force()
    second = proposed(NEWER, OLD, by=OPERATOR, records=(old,))
    with refused("needs_second_person"):
        adopt(second, asked_by(OPERATOR, second, old))
    assert adopt(second, asked_by(BEN, second, old))


def test_the_version_before_gives_way_in_the_same_act() -> None:
    old = in_force()
    new = proposed(NEWER, OLD, records=(old,))
    assert (new.number, new.based_on) == (2, OLD)
    event, consequence = adopt(new, asked_by(BEN, new, old))
    assert event == Adopted("small", 2, new.digest)
    assert consequence == Then("playbook.supersede", OLD, {"successor": SUBJECT})
    context = asked_by(BEN, subject=OLD)
    after = then(AGGREGATE, old, context, supersede(old, context, **consequence.arguments))
    assert (after.status, after.superseded_by) == (Status.SUPERSEDED, SUBJECT)


def test_playbooks_of_other_names_stand_beside_it() -> None:
    old = in_force()
    other = proposed(MERGE_REQUESTS.replace('"small"', '"other"'), records=(old,))
    assert other.number == 1
    assert len(adopt(other, asked_by(BEN, other, old))) == 1


def test_a_proposal_names_the_version_it_was_derived_from() -> None:
    old = in_force()
    for based_on in (None, "7" * 32):
        with refused("moved_on"):
            propose(None, asked_by(ADA, old), body=NEWER, based_on=based_on, reason="Because.")
    with refused("moved_on"):
        propose(None, asked_by(ADA), body=NEWER, based_on=OLD, reason="Because.")


def test_a_proposal_that_was_overtaken_is_not_adopted() -> None:
    overtaken = proposed(NEWER)
    with refused("moved_on"):
        adopt(overtaken, asked_by(BEN, overtaken, in_force()))


def test_what_is_in_force_is_not_proposed_again() -> None:
    with refused("unchanged"):
        propose(None, asked_by(ADA, in_force()), body=CHANGES, based_on=OLD, reason="Again.")


def test_a_number_is_never_given_twice() -> None:
    turned_down = proposed()
    context = asked_by(BEN, turned_down)
    turned_down = then(
        AGGREGATE, turned_down, context, decline(turned_down, context, objection="No.")
    )
    (event,) = propose(
        None, asked_by(ADA, turned_down), body=CHANGES, based_on=None, reason="Again."
    )
    assert isinstance(event, Proposed)
    assert event.number == 2


def test_a_proposal_is_settled_once() -> None:
    one = proposed()
    context = asked_by(ADA, one)
    after = then(AGGREGATE, one, context, decline(one, context, objection="A slip."))
    assert (after.status, after.declined_by, after.objection) == (Status.DECLINED, ADA, "A slip.")
    with refused("already_settled"):
        decline(after, context, objection="Again.")
    with refused("already_settled"):
        adopt(after, asked_by(BEN, after))


def test_a_text_with_faults_is_refused_whole_with_every_line() -> None:
    bad = varied(varied(CHANGES, 'path = "normal"', 'path = "odd"'), "number = 50", "number = 0")
    with pytest.raises(Refusal) as caught:
        propose(None, asked_by(ADA), body=bad, based_on=None, reason="Because.")
    problems = caught.value.problems
    assert [problem.code for problem in problems] == ["faulty_playbook"] * 2
    assert [problem.message.split(":")[0] for problem in problems] == ["Line 16", "Line 30"]


def test_a_proposal_says_why_in_text_that_can_be_kept() -> None:
    with refused("text_missing", "text_missing"):
        propose(None, asked_by(ADA), body=" ", based_on=None, reason=" ")
    with refused("text_unreadable"):
        propose(None, asked_by(ADA), body=CHANGES + "# \x00", based_on=None, reason="Because.")
    with refused("text_too_long"):
        propose(None, asked_by(ADA), body="#" * (MAX_BODY + 1), based_on=None, reason="Because.")
    with refused("text_missing"):
        decline(proposed(), asked_by(BEN), objection="")


def test_a_claim_puts_nothing_into_force() -> None:
    one = proposed()
    with refused("mere_claim"):
        adopt(one, asked_by(BEN, one, claimed=True, happened=NOON))
    with refused("mere_claim"):
        propose(None, asked_by(ADA, claimed=True), body=CHANGES, based_on=None, reason="Because.")


@pytest.mark.req("X-01")
def test_what_is_kept_as_production_is_called_nothing_less() -> None:
    body = (PLAYBOOKS / "mozilla.toml").read_text()
    less = varied(body, 'kind = "production"', 'kind = "test"')
    line = less[: less.index('name = "production"')].count("\n") + 3
    kept = environment(PRODUCTION)
    (event,) = propose(None, asked_by(ADA), body=less, based_on=None, reason="Because.")
    before = given(AGGREGATE, event)
    with pytest.raises(Refusal) as refusal:
        propose(None, asked_by(ADA, kept), body=less, based_on=None, reason="Because.")
    (problem,) = refusal.value.problems
    assert (problem.code, problem.path) == ("faulty_playbook", ("body",))
    said = "production is kept here as production, and is declared as test"
    assert problem.message == f"Line {line}: {said}."
    with refused("faulty_playbook"):
        adopt(before, asked_by(BEN, before, kept))
    for others in ((environment(STAGING),), (replace(kept, retired=True),)):
        assert adopt(before, asked_by(BEN, before, *others))
    assert propose(None, asked_by(ADA, kept), body=body, based_on=None, reason="Because.")


def test_what_waits_for_a_role_that_the_policy_does_not_know_is_told_by_its_line() -> None:
    gone = "role:peer"
    known_roles = frozenset((gone, "role:other"))
    line = next(n for n, each in enumerate(CHANGES.splitlines(), 1) if gone in each)
    for roles, told in ((known_roles, []), (known_roles - {gone}, [line]), (frozenset(), [])):
        assert [each.line for each in unfilled.faults(CHANGES, roles)][:1] == told
    less = authority(roles=known_roles - {gone})
    with pytest.raises(Refusal, match="faulty_playbook") as caught:
        propose(None, asked_by(ADA, under=less), body=CHANGES, based_on=None, reason="Because.")
    said = f"Line {line}: the policy in force has no {gone}: nobody could do it, unless a policy"
    assert said in str(caught.value.problems)
    one = proposed()
    with refused("faulty_playbook"):
        adopt(one, asked_by(BEN, one, under=less))
    assert adopt(one, asked_by(BEN, one, under=authority(roles=known_roles)))
    beside = 'rule = [{role = "role:gone", board = "cab"}, {role = "role:gone", people = []}]'
    assert list(unfilled.faults(beside, known_roles)) == []
    reported = beside + '\n[x]\nreporter = "role:gone"'
    assert [each.line for each in unfilled.faults(reported, known_roles)] == [3]
