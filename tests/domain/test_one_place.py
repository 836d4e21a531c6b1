"""Nobody counts twice: not by a second account, an alternate, or a delegation taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.approval.approval import Choice, Rule, Standings, Standpoint, Vote
from domain.approval.electorate import Electorate
from domain.board.aggregate import Seat, SeatKind
from domain.delegation.aggregate import Delegation
from domain.grant.aggregate import Scope
from domain.merge_request.standing import last_approver, standings
from domain.principal.aggregate import Absence
from tests.domain.given import DAY, NOON, authority
from tests.domain.merge_stories import FIRST, SECOND, THIRD, opened, signed
from tests.domain.organisation import (
    ASA,
    CAB,
    CAB_ONE,
    CAB_TWO,
    DUTY,
    LONG_AGO,
    MAX,
    OWEN,
    SERVICE,
    SUE,
    WORLD,
    grant,
    person,
    refused,
)

BOARD = Rule("board", "Two of the board", board="cab", number=2)
ASSESS = Rule("assess", "An assessor", role="role:assessor", scope="service")
OWN = Rule("own", "An owner", role="role:service_owner", scope="service")
ALTERNATE = Seat("seat alt", DUTY, SeatKind.ALTERNATE, LONG_AGO, None, CAB_ONE, OWEN, LONG_AGO)
OTHER = replace(ALTERNATE, id="seat other", person=MAX)
TWO_ALTERNATES = replace(CAB, seats=(*CAB.seats, ALTERNATE, OTHER))
AWAY = person(CAB_ONE, absences=(Absence(1, NOON - DAY, NOON + DAY, CAB_ONE),))
ONE_PERSON = person(ASA, linked=(SUE,))


def people(*states: object, excluded: frozenset[str] = frozenset()) -> Electorate:
    known = {(type(each), each.id): each for each in (*WORLD, *states)}  # type: ignore[attr-defined]
    return Electorate(
        authority(*known.values()), NOON, {"service": frozenset((SERVICE,))}, excluded
    )


def vote(who: str, rule: Rule, grant: str, behalf: str | None = None) -> Vote:
    at = NOON - DAY
    return Vote(who, rule.name, 1, "digest", Choice.APPROVE, grant, at, behalf, id=who + grant)


def counted(voters: Electorate, rules: tuple[Rule, ...], *votes: Vote) -> Standings:
    opened_rules = voters.opened(rules)
    return voters.standings(opened_rules, votes, revision=1, digest="digest")


def seat(who: str) -> str:
    return f"seat cab {who}"


# Accounts.


@pytest.mark.req("S2-01", "S2-02")
def test_two_sign_offs_by_one_person_are_one_even_if_linked_afterwards() -> None:
    story = signed()
    third = grant(THIRD, "role:reviewer", Scope.PROJECT, story.state.project)
    story.learn(person(FIRST, linked=(SECOND,)), third)
    with refused("approvals_missing"):
        story.ask(SECOND, "merge")
    now = standings(story.state, authority(*story.world), story.at).of("reviews")
    assert [each.person for each in now.approvals] == [SECOND]
    assert [(each.vote.person, each.reason) for each in now.void] == [(FIRST, "superseded")]


@pytest.mark.req("S2-01", "S2-02")
def test_a_linked_account_replaces_the_sign_off_and_a_second_person_completes_it() -> None:
    story = opened()
    story.learn(
        person(FIRST, linked=(SECOND,)),
        grant(THIRD, "role:reviewer", Scope.PROJECT, story.state.project),
    )
    for who in (FIRST, THIRD, SECOND):
        story.ask(who, "sign_off", rule="reviews")
    now = standings(story.state, authority(*story.world), story.at)
    assert last_approver(story.state, now) == SECOND
    assert {each.person for each in now.of("reviews").counted} == {THIRD, SECOND}
    story.ask(SECOND, "merge")


@pytest.mark.req("S1-20")
def test_one_person_with_two_accounts_does_not_fill_two_distinct_rules() -> None:
    cast = (
        vote(ASA, ASSESS, f"grant role:assessor {ASA}"),
        vote(SUE, OWN, f"grant role:service_owner {SUE}"),
    )
    assert counted(people(), (ASSESS, OWN), *cast).satisfied
    found = counted(people(ONE_PERSON), (ASSESS, OWN), *cast)
    assert not found.satisfied
    assert found.impossible


def test_two_accounts_of_one_person_are_one_member() -> None:
    every = replace(BOARD, quorum=BOARD.quorum.ALL)
    linked = person(CAB_ONE, linked=(CAB_TWO,))
    assert [each.needed for each in people().opened((every,))] == [4]
    assert [each.needed for each in people(linked).opened((every,))] == [3]


def test_whoever_has_decided_by_one_account_is_not_awaited_by_another() -> None:
    linked = person(CAB_ONE, linked=(CAB_TWO,))
    standing = counted(people(linked), (BOARD,), vote(CAB_TWO, BOARD, seat(CAB_TWO))).of("board")
    assert standing.candidates.isdisjoint((CAB_ONE, CAB_TWO))
    assert (standing.missing, len(standing.candidates)) == (1, 2)


# Alternates.


@pytest.mark.req("S2-01")
def test_a_member_and_the_alternate_are_one_seat_and_the_newest_counts() -> None:
    board = replace(CAB, seats=(*CAB.seats, ALTERNATE))
    cast = (vote(DUTY, BOARD, ALTERNATE.id), vote(CAB_ONE, BOARD, seat(CAB_ONE)))
    for states in ((board,), (board, AWAY)):
        alone = counted(people(*states), (BOARD,), cast[0]).of("board")
        assert [each.person for each in alone.approvals] == [DUTY]
        both = counted(people(*states), (BOARD,), *cast).of("board")
        assert [each.person for each in both.approvals] == [CAB_ONE]
        assert both.status is Standpoint.OPEN
    more = counted(people(board), (BOARD,), *cast, vote(CAB_TWO, BOARD, seat(CAB_TWO)))
    assert more.satisfied


@pytest.mark.req("S2-01")
@pytest.mark.parametrize("excluded", [frozenset[str](), frozenset((CAB_ONE,))])
def test_two_alternates_of_one_member_are_one_seat(excluded: frozenset[str]) -> None:
    cast = (vote(DUTY, BOARD, ALTERNATE.id), vote(MAX, BOARD, OTHER.id))
    found = counted(people(TWO_ALTERNATES, AWAY, excluded=excluded), (BOARD,), *cast).of("board")
    assert [each.person for each in found.approvals] == [MAX]
    every = replace(BOARD, quorum=BOARD.quorum.ALL)
    assert people(TWO_ALTERNATES, AWAY).opened((every,))[0].needed == 4


# Delegations.

LENT = Delegation(
    id="a",
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
TAKEN_BACK = replace(LENT, revoked_at=NOON)


@pytest.mark.req("S2-01")
@pytest.mark.parametrize(
    "other,counts",
    [
        (replace(LENT, id="b", board=None, role="role:service_owner"), False),
        (replace(LENT, id="b", board="another"), False),
        (replace(LENT, id="b", max_risk="low"), False),
        (replace(LENT, id="b"), True),
    ],
)
def test_only_a_delegation_of_the_same_right_keeps_the_vote(
    other: Delegation, counts: bool
) -> None:
    cast = vote(DUTY, BOARD, seat(CAB_ONE), CAB_ONE)
    found = counted(people(TAKEN_BACK, other), (BOARD,), cast).of("board")
    assert [each.vote.person for each in found.void] == ([] if counts else [DUTY])
    assert bool(found.approvals) is counts
