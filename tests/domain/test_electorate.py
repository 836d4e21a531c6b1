"""Who may decide under a rule, by what right, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.approval.approval import Choice, OpenRule, Rule, Standing, Standpoint, Void, Vote
from domain.approval.asking import let
from domain.approval.electorate import NAMED, Electorate
from domain.board.aggregate import Seat, SeatKind
from domain.delegation.aggregate import Delegation
from domain.grant.aggregate import Scope
from domain.kernel import Problems
from domain.principal.aggregate import Absence
from tests.domain.given import DAY, NOON, authority
from tests.domain.organisation import (
    ANN,
    ASA,
    CAB,
    CAB_ONE,
    CAB_TWO,
    DUTY,
    LONG_AGO,
    MAX,
    OWEN,
    ROBOT,
    WORLD,
    board,
    grant,
    person,
)
from tests.domain.organisation import CHAIR as PRESIDES
from tests.domain.organisation import revoked as taken_away

BY_NAME = Rule("named", "Two people by name", people=(ASA, MAX, ROBOT, "user:" + "f" * 32))
BY_BOARD = Rule("board", "The board", board="cab", mandatory=("chair",))
BY_ROLE = Rule("role", "An assessor", role="role:assessor", scope="service")
SEATED = Delegation(
    id="delegation",
    version=1,
    delegator=CAB_ONE,
    delegate=DUTY,
    board=CAB.id,
    role=None,
    scope=None,
    value=None,
    max_risk=None,
    since=LONG_AGO,
    until=NOON + DAY,
    reason="On leave.",
    given_at=LONG_AGO,
)


def people(*states: Any, excluded: frozenset[str] = frozenset()) -> Electorate:
    known = {(type(each), each.id): each for each in (*WORLD, *states)}
    scopes = {"service": frozenset(("ledger",)), "environment": frozenset[str]()}
    return Electorate(authority(*known.values()), NOON, scopes, excluded)


def vote(who: str, rule: Rule, grant: str, behalf: str | None = None) -> Vote:
    at = NOON - DAY
    return Vote(who, rule.name, 1, "digest", Choice.APPROVE, grant, at, behalf, id="vote")


def standing(voters: Electorate, rule: Rule, *votes: Vote) -> Standing:
    opened = (OpenRule(rule, 1, 3),)
    return voters.standings(opened, votes, revision=1, digest="digest").of(rule.name)


def refusals(voters: Electorate, by: str, rule: Rule, behalf: str | None = None) -> list[str]:
    problems = Problems()
    voters.right(problems, by, rule, behalf)
    return [each.code for each in problems]


# Who is entitled.


def test_people_named_by_a_playbook_are_those_who_are_there() -> None:
    assert people().grants(BY_NAME) == {ASA: NAMED, MAX: NAMED}
    assert people(person(ASA, suspended=True)).grants(BY_NAME) == {MAX: NAMED}


def test_a_rule_for_a_scope_that_is_not_touched_takes_a_grant_for_any() -> None:
    rule = replace(BY_ROLE, scope="environment")
    assert people().grants(rule) == {}
    assert people().grants(BY_ROLE) == {ASA: f"grant role:assessor {ASA}"}


def test_a_board_for_other_services_does_not_decide() -> None:
    other = replace(CAB, services=("payments",))
    assert people(other).grants(BY_BOARD) == {}
    opened = people(other).opened((BY_BOARD,))
    assert opened[0].rule.mandatory == ("chair",)
    assert standing(people(other), opened[0].rule).status is Standpoint.IMPOSSIBLE


def test_an_alternate_counts_while_the_member_is_away_or_excluded() -> None:
    seat = Seat("seat alt", DUTY, SeatKind.ALTERNATE, LONG_AGO, None, CAB_ONE, OWEN, LONG_AGO)
    with_alternate = replace(CAB, seats=(*CAB.seats, seat))
    away = person(CAB_ONE, absences=(Absence(1, NOON - DAY, NOON + DAY, CAB_ONE),))
    assert DUTY not in people(with_alternate).grants(BY_BOARD)
    assert DUTY in people(with_alternate, away).grants(BY_BOARD)
    assert DUTY in people(with_alternate, excluded=frozenset((CAB_ONE,))).grants(BY_BOARD)


AWAY = person(CAB_ONE, absences=(Absence(1, NOON - DAY, NOON + DAY, CAB_ONE),))
STANDING_IN = Seat("seat alt", DUTY, SeatKind.ALTERNATE, LONG_AGO, None, CAB_ONE, OWEN, LONG_AGO)


@pytest.mark.parametrize(
    "able,taker",
    [({CAB_ONE, DUTY}, DUTY), ({DUTY}, DUTY), ({CAB_ONE}, CAB_ONE), ({CAB_TWO}, None)],
)
@pytest.mark.req("S1-16", "X-06")
def test_a_place_is_taken_by_whoever_of_its_member_and_alternate_the_policy_lets_ask(
    able: set[str], taker: str | None
) -> None:
    voters = people(replace(CAB, seats=(*CAB.seats, STANDING_IN)), AWAY)
    told = let(standing(voters, replace(BY_BOARD, mandatory=())), frozenset(able))
    assert (CAB_ONE in told.entitled) is (taker is not None)
    if taker:
        assert told.accounts.get(CAB_ONE, CAB_ONE) == taker
    lacking = (DUTY, CAB_ONE) if taker is None else None
    assert told.unasked.get(CAB_ONE) == lacking, "both are told who lack the role"
    assert let(told, frozenset(able)) == told


def test_the_chair_is_that_of_a_board_that_decides_here() -> None:
    first = replace(board("cab", chair=MAX), id="a", services=("payments",))
    opened = people(first).opened((BY_BOARD,))[0]
    assert (opened.rule.mandatory, opened.members) == ((PRESIDES,), 4)


def test_a_suspended_chair_gives_way_to_that_of_another_board_that_decides_here() -> None:
    second = replace(board("cab", chair=MAX), id="z")
    told = people(second, person(PRESIDES, suspended=True))
    assert told.opened((BY_BOARD,))[0].rule.mandatory == (MAX,)
    alone = people(person(PRESIDES, suspended=True))
    assert alone.opened((BY_BOARD,))[0].rule.mandatory == (PRESIDES,)


# By what right.


@pytest.mark.parametrize(
    "by,behalf,codes",
    [
        (CAB_ONE, None, []),
        (DUTY, CAB_ONE, []),
        (DUTY, None, ["not_entitled"]),
        (DUTY, CAB_TWO, ["not_entitled"]),
        (ROBOT, None, ["not_a_person", "not_entitled"]),
        (ROBOT, CAB_ONE, ["not_a_person", "not_entitled"]),
        (CAB_ONE, ROBOT, ["not_a_person", "not_entitled"]),
    ],
)
def test_a_seat_is_exercised_by_its_holder_or_a_delegate(
    by: str, behalf: str | None, codes: list[str]
) -> None:
    assert refusals(people(SEATED), by, BY_BOARD, behalf) == codes


def test_a_suspended_delegate_exercises_nothing() -> None:
    suspended = person(DUTY, suspended=True)
    assert refusals(people(SEATED, suspended), DUTY, BY_BOARD, CAB_ONE) == ["not_entitled"]


@pytest.mark.parametrize("barred", [DUTY, CAB_ONE])
def test_neither_side_of_a_delegation_may_have_a_hand_in_it(barred: str) -> None:
    voters = people(SEATED, excluded=frozenset((barred,)))
    assert "own_change" in refusals(voters, DUTY, BY_BOARD, CAB_ONE)


@pytest.mark.parametrize(
    "rule,by,role",
    [
        (BY_ROLE, ASA, "role:assessor"),
        (BY_BOARD, CAB_ONE, "board:cab"),
        (BY_NAME, ASA, "playbook"),
        (replace(BY_NAME, board="cab"), ASA, "playbook"),
    ],
)
@pytest.mark.req("X-04")
def test_a_right_names_the_role_exercised(rule: Rule, by: str, role: str) -> None:
    problems = Problems()
    right = people().right(problems, by, rule)
    assert (right.role, list(problems)) == (role, [])


OFFICE = grant(CAB_ONE, "role:cab_member", Scope.BOARD, "any", id="office")
MANAGING = grant(CAB_ONE, "role:change_manager", Scope.SERVICE, "any", id="managing")


@pytest.mark.req("X-04")
def test_a_seat_keeps_all_by_which_the_policy_lets_its_holder_ask_its_office_first() -> None:
    voters = people(OFFICE, MANAGING)
    right = voters.right(Problems(), CAB_ONE, BY_BOARD, asked_by=lambda: ("managing", "office"))
    assert (right.role_grant, right.other_grants) == ("office", ("managing",))
    held = voters.right(Problems(), ASA, BY_ROLE, asked_by=lambda: ("managing", "office"))
    assert (held.role_grant, held.other_grants) == (None, ())


# What becomes of a vote.


def reason(voters: Electorate, rule: Rule, cast: Vote) -> str | None:
    void = standing(voters, rule, cast).void
    return void[0].reason if void else None


@pytest.mark.parametrize(
    "revoked,told",
    [
        ((), None),
        (("office",), None),
        (("managing",), None),
        (("office", "managing"), Void.GRANT_REVOKED),
    ],
)
@pytest.mark.req("X-04")
def test_a_vote_by_a_seat_stands_as_long_as_one_of_the_grants_beside_it_does(
    revoked: tuple[str, ...], told: str | None
) -> None:
    seat = f"seat cab {CAB_ONE}"
    cast = replace(vote(CAB_ONE, BY_BOARD, seat), role_grant="office", other_grants=("managing",))
    known = [taken_away(each) if each.id in revoked else each for each in (OFFICE, MANAGING)]
    assert reason(people(*known), BY_BOARD, cast) == told


@pytest.mark.req("X-04")
@pytest.mark.parametrize("scope", ["service", None])
def test_a_vote_by_a_role_stands_as_long_as_one_of_its_grants_does(scope: str | None) -> None:
    rule = replace(BY_ROLE, scope=scope)
    one = grant(MAX, "role:assessor", Scope.SERVICE, "any", id="a one")
    other = grant(MAX, "role:assessor", Scope.SERVICE, "ledger", id="b other")
    right = people(one, other, MANAGING).right(Problems(), MAX, rule)
    assert (right.grant, right.role_grant, right.other_grants) == ("a one", None, ("b other",))
    cast = replace(vote(MAX, rule, right.grant), other_grants=right.other_grants)
    for gone in ((), (one,), (other,), (one, other)):
        known = [taken_away(each) if each in gone else each for each in (one, other)]
        told = Void.GRANT_REVOKED if len(gone) == len(known) else None
        assert reason(people(*known), rule, cast) == told


def test_a_vote_by_somebody_the_playbook_names_no_longer_is_void() -> None:
    mine = vote(ANN, BY_NAME, NAMED)
    assert reason(people(), BY_NAME, mine) == Void.NOT_ENTITLED
    assert reason(people(), BY_NAME, vote(ASA, BY_NAME, NAMED)) is None


@pytest.mark.parametrize("who", [DUTY, CAB_ONE])
def test_a_delegated_vote_is_void_once_either_is_suspended(who: str) -> None:
    cast = vote(DUTY, BY_BOARD, f"seat cab {CAB_ONE}", CAB_ONE)
    assert reason(people(SEATED), BY_BOARD, cast) is None
    assert reason(people(SEATED, person(who, suspended=True)), BY_BOARD, cast) == Void.SUSPENDED


@pytest.mark.parametrize(
    "changes",
    [
        {"revoked_at": NOON},
        {"delegate": MAX},
        {"delegator": CAB_TWO},
        {"since": NOON},
        {"until": NOON - 2 * DAY},
    ],
)
def test_a_delegated_vote_stands_on_a_delegation_in_force_when_it_was_cast(
    changes: dict[str, Any],
) -> None:
    cast = vote(DUTY, BY_BOARD, f"seat cab {CAB_ONE}", CAB_ONE)
    lent = replace(SEATED, **changes)
    assert reason(people(lent), BY_BOARD, cast) == "delegation_revoked"


def test_a_seat_that_ran_out_leaves_the_vote_and_one_taken_away_does_not() -> None:
    cast = vote(CAB_ONE, BY_BOARD, f"seat cab {CAB_ONE}")
    seat = next(each for each in CAB.seats if each.person == CAB_ONE)
    others = tuple(each for each in CAB.seats if each is not seat)
    for changed, told in (
        (replace(seat, until=NOON), None),
        (replace(seat, ended=NOON), Void.GRANT_REVOKED),
    ):
        voters = people(replace(CAB, seats=(*others, changed)))
        assert CAB_ONE not in voters.grants(BY_BOARD)
        assert reason(voters, BY_BOARD, cast) == told
