"""A right is lent by who holds it, for a while, to somebody else, and goes no further."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.delegation.aggregate import AGGREGATE, Delegation, annul, give, revoke
from domain.delegation.state import Annulled, Given, Revoked
from domain.grant.aggregate import Scope
from domain.kernel import Context
from tests.domain.authority_examples import board, delegation, grant, person, seat
from tests.domain.given import (
    ADA,
    BEN,
    CAT,
    DAN,
    DAY,
    NOON,
    ROBOT,
    asked_by,
    authority,
    given,
    refused,
)

MANAGER = "role:release_manager"
PEOPLE = (person(ADA), person(BEN), person(CAT), person(DAN), person(ROBOT, owner=DAN))
CAB = board(seat("board.1", ADA), seat("board.2", DAN, stands_for=ADA))
LENT = Given(
    delegate=BEN,
    board="board",
    role=None,
    scope=None,
    value=None,
    max_risk=None,
    since=NOON,
    until=NOON + DAY,
    reason="holiday",
)


def asking(who: str, *states: Any, **more: Any) -> Context:
    return asked_by(who, *PEOPLE, CAB, *states, **more)


def lending(who: str = ADA, *states: Any, **changed: Any) -> list[Any]:
    more = changed.pop("more", {})
    fine: dict[str, Any] = {"delegate": BEN, "until": NOON + DAY, "reason": "holiday"}
    right = {} if "role" in changed else {"board": "board"}
    return give(None, asking(who, *states, **more), **(fine | right | changed))


def lent(**more: Any) -> Delegation:
    return replace(delegation(board="board"), **more)


# Lending.


@pytest.mark.req("X-04")
def test_a_member_lends_a_seat_for_a_holiday() -> None:
    assert lending() == [LENT]
    found = given(AGGREGATE, LENT, by=ADA)
    assert (found.delegator, found.delegate) == (ADA, BEN)
    used = authority(CAB, found).delegated(BEN, ADA, "board.1", {}, NOON)
    assert used == found


def test_a_role_is_lent_as_far_as_it_is_held() -> None:
    held = grant(scope=Scope.SERVICE, value="api")
    narrowed = {"scope": Scope.SERVICE, "value": "api", "max_risk": "medium"}
    [event] = lending(ADA, held, role=MANAGER, **narrowed)
    assert (event.role, event.value, event.max_risk) == (MANAGER, "api", "medium")


def test_a_role_held_for_every_service_is_lent_for_one() -> None:
    held = grant(scope=Scope.SERVICE, value="any")
    assert lending(ADA, held, role=MANAGER, scope=Scope.SERVICE, value="api")


@pytest.mark.parametrize(
    "wanted",
    [
        {"role": "role:other"},
        {"role": MANAGER, "scope": Scope.SERVICE, "value": "web"},
        {"role": MANAGER, "scope": Scope.SERVICE, "value": "any"},
        {"role": MANAGER, "scope": Scope.PROJECT, "value": "api"},
        {"board": "nowhere"},
    ],
)
def test_what_is_not_held_is_not_lent(wanted: dict[str, Any]) -> None:
    with refused("not_held"):
        lending(ADA, grant(scope=Scope.SERVICE, value="api"), **wanted)


def test_a_role_is_lent_for_one_board_by_its_id_and_used_where_rules_name_its_kind() -> None:
    held = grant(scope=Scope.BOARD, value="any")
    right = {"role": MANAGER, "scope": Scope.BOARD}
    with refused("unknown_board"):
        lending(ADA, held, value="nonsense", **right)
    for value in ("board", CAB.kind, "any"):
        [event] = lending(ADA, held, value=value, **right)
        known = authority(CAB, held, given(AGGREGATE, event, by=ADA))
        for name in ("board", CAB.kind):
            used = known.delegated(BEN, ADA, held.id, {"board": frozenset((name,))}, NOON)
            assert (used is not None) is (value in {name, "board", "any"})
        elsewhere = {"board": frozenset(("other",))}
        assert (known.delegated(BEN, ADA, held.id, elsewhere, NOON) is None) is (value != "any")
    service = delegation(role=MANAGER, scope=Scope.SERVICE, value="board")
    assert not service.lends(replace(held, person=ADA), {"service": frozenset(("cab",))}, "cab")


@pytest.mark.parametrize("who", [CAT, DAN])
def test_only_members_lend_a_seat_and_alternates_do_not(who: str) -> None:
    with refused("not_held"):
        lending(who)


def test_a_grant_that_ran_out_is_not_lent() -> None:
    with refused("not_held"):
        lending(ADA, grant(until=NOON), role=MANAGER)


def test_a_seat_that_was_taken_away_is_not_lent() -> None:
    with refused("not_held"):
        lending(ADA, board(seat("board.1", ADA, ended=NOON)))
    with refused("not_held"):
        lending(ADA, board(seat("board.1", ADA), dissolved_at=NOON))


def test_what_was_lent_is_not_lent_on() -> None:
    with refused("not_held"):
        lending(BEN, lent(), delegate=CAT)


# To whom.


def test_nobody_delegates_to_oneself() -> None:
    with refused("own_delegation", "loop"):
        lending(delegate=ADA)


def test_nobody_delegates_to_another_account_of_theirs() -> None:
    with refused("own_delegation", "loop"):
        lending(ADA, person(BEN, linked=(ADA,)))


def test_a_program_neither_lends_nor_borrows() -> None:
    with refused("machine"):
        lending(delegate=ROBOT)
    with refused("machine", "not_held"):
        lending(ROBOT, delegate=BEN)


def test_nobody_lends_for_somebody_else() -> None:
    with refused("not_in_person"):
        lending(ADA, more={"behalf": CAT})


def test_a_claim_about_a_delegation_elsewhere_gives_no_right() -> None:
    with refused("mere_claim"):
        lending(ADA, more={"claimed": True})


@pytest.mark.parametrize("who,code", [("user:nobody", "unknown_person"), (BEN, "suspended_person")])
def test_the_delegate_is_known_and_not_suspended(who: str, code: str) -> None:
    with refused(code):
        lending(ADA, person(BEN, suspended=True), delegate=who)


def test_a_right_is_lent_to_a_person_once_at_a_time() -> None:
    with refused("given_already"):
        lending(ADA, lent())
    assert lending(ADA, lent(), since=NOON + DAY, until=NOON + 2 * DAY)
    assert lending(ADA, lent(), delegate=CAT)
    assert lending(ADA, lent(revoked_at=NOON))


def test_a_delegation_never_leads_back() -> None:
    back = lent(id="back", delegator=BEN, delegate=ADA)
    with refused("loop"):
        lending(ADA, back)


def test_a_delegation_never_leads_back_through_others_or_to_another_account() -> None:
    on = lent(id="on", delegator=BEN, delegate=CAT)
    back = lent(id="back", delegator=CAT, delegate=DAN)
    with refused("loop"):
        lending(ADA, on, back, person(DAN, linked=(ADA,)))
    assert lending(ADA, on, back)


def test_a_delegation_at_another_time_is_no_loop() -> None:
    back = lent(id="back", delegator=BEN, delegate=ADA, until=NOON)
    assert lending(ADA, back)


# What and for how long.


def test_everything_wrong_with_a_delegation_is_said_at_once() -> None:
    wrong = {"role": MANAGER, "scope": Scope.SERVICE, "delegate": "user:nobody"}
    with refused("text_missing", "one_right", "scope_and_value", "unknown_person"):
        lending(ADA, **wrong, board="board", reason="")


@pytest.mark.parametrize(
    "wrong,code",
    [
        ({"board": None}, "one_right"),
        ({"scope": Scope.SERVICE, "value": "api"}, "scope_of_board"),
        ({"max_risk": ""}, "name_unusable"),
        ({"until": NOON}, "until_passed"),
        ({"until": NOON + 367 * DAY}, "until_too_far"),
        ({"since": NOON - DAY}, "since_passed"),
        ({"since": NOON + DAY}, "ends_before_it_begins"),
    ],
)
def test_a_delegation_is_of_one_right_and_dated(wrong: dict[str, Any], code: str) -> None:
    with refused(code):
        lending(**wrong)


# Ending.


@pytest.mark.parametrize("who", [ADA, BEN])
def test_either_of_the_two_takes_it_back(who: str) -> None:
    state = given(AGGREGATE, LENT, by=ADA)
    assert revoke(state, asking(who), reason="back early") == [Revoked("back early")]


def test_nobody_else_takes_it_back_but_may_annul_it() -> None:
    state = given(AGGREGATE, LENT, by=ADA)
    with refused("not_own_delegation"):
        revoke(state, asking(CAT), reason="odd")
    assert annul(state, asking(CAT), reason="odd") == [Annulled("odd")]


@pytest.mark.parametrize("ending", [Revoked("back"), Annulled("odd")])
def test_a_delegation_that_ended_lends_nothing(ending: Any) -> None:
    state = given(AGGREGATE, LENT, ending, by=ADA)
    assert not state.lasts(NOON)
    assert (state.revoked_by, state.revoked_reason) == (ADA, ending.reason)


@pytest.mark.parametrize("command", [revoke, annul])
def test_a_delegation_ends_once_and_not_without_a_reason(command: Any) -> None:
    state = given(AGGREGATE, LENT, Revoked("back"), by=ADA)
    with refused("revoked_already", "text_missing"):
        command(state, asking(ADA), reason=" ")


# The whole.


def test_a_delegation_acts_where_the_right_is_held() -> None:
    role = replace(LENT, board=None, role=MANAGER)
    scoped = replace(role, scope=Scope.SERVICE, value="api")
    found = [AGGREGATE.scopes(given(AGGREGATE, one), "revoke", {}) for one in (LENT, role, scoped)]
    assert found == [{"board": {"board"}}, {}, {"service": {"api"}}]


def test_a_history_begins_with_lending_and_holds_nothing_foreign() -> None:
    with pytest.raises(TypeError, match="does not begin"):
        given(AGGREGATE, Revoked("back"))
    with pytest.raises(TypeError, match="no event of a delegation"):
        given(AGGREGATE, LENT, "something else")
