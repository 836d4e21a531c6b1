"""Roles are given by somebody else, for a thing and a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.board.aggregate import Board
from domain.grant.aggregate import (
    AGGREGATE,
    Grant,
    Scope,
    Status,
    give,
)
from domain.grant.events import Confirmed
from domain.kernel import OPERATOR
from tests.domain import authority_examples as examples
from tests.domain.authority_examples import person
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
from tests.domain.grant_examples import (
    DECIDES,
    MANAGER,
    MAPPED,
    PEOPLE,
    READER,
    READS,
    asking,
)

# Giving.


@pytest.mark.req("S1-55", "S4-27", "S2-22")
def test_a_role_is_given_for_a_thing_and_a_time() -> None:
    wanted: dict[str, Any] = {"scope": Scope.SERVICE, "value": "api", "until": NOON + DAY}
    events = give(None, asking(CAT), person=ADA, role=READER, reason="joins", **wanted)
    assert events == [replace(READS, until=NOON + DAY)]


@pytest.mark.req("S0-19", "S1-55", "S2-22", "S3-18", "S3-19", "S4-27")
@pytest.mark.parametrize(
    "name",
    [
        "release_manager",
        "maintainer",
        "engineer",
        "appsec_engineer",
        "test_engineer",
        "component_developer",
        "system_admin",
        "operations",
        "product_owner",
        "qa",
        "engineering_manager",
    ],
)
def test_every_role_of_the_processes_is_held_for_its_part(name: str) -> None:
    role = f"role:{name}"
    under = authority(*PEOPLE, roles=frozenset((role,)))
    what: dict[str, Any] = {"scope": Scope.PROJECT, "value": "gitaly", "reason": "joins"}
    [event] = give(None, asked_by(CAT, under=under), person=ADA, role=role, **what)
    found = authority(given(AGGREGATE, event, by=CAT))
    assert set(found.holders(role, "project", frozenset(("gitaly",)), NOON)) == {ADA}
    assert found.holders(role, "project", frozenset(("gitlab",)), NOON) == {}


def test_a_role_that_decides_nothing_is_effective_at_once() -> None:
    grant = given(AGGREGATE, READS, by=CAT)
    assert (grant.status, grant.granted_by, grant.confirmed_by) == (Status.ACTIVE, CAT, None)
    assert authority(grant, approving=DECIDES).valid_grant(grant.id, NOON)


@pytest.mark.req("S3-17", "X-04")
def test_a_role_that_decides_waits_for_a_second_person() -> None:
    [event] = give(None, asking(CAT), person=ADA, role=MANAGER, reason="joins")
    grant = given(AGGREGATE, event, by=CAT)
    assert (event.approving, event.founding, grant.status) == (True, False, Status.PROPOSED)
    assert authority(grant).holdings(ADA) == ()


def test_nobody_gives_a_role_to_oneself() -> None:
    with refused("own_grant"):
        give(None, asking(ADA), person=ADA, role=READER, reason="me")


def test_nobody_gives_a_role_to_a_linked_account() -> None:
    twin = person(ADA, linked=(CAT,))
    with refused("own_grant"):
        give(None, asking(CAT, twin), person=ADA, role=READER, reason="me again")


def test_nobody_gives_a_role_to_a_program_of_ones_own() -> None:
    with refused("own_grant"):
        give(None, asking(DAN), person=ROBOT, role=READER, reason="mine")


def test_nobody_is_given_a_role_by_whom_they_act_for() -> None:
    with refused("own_grant"):
        give(None, asking(ROBOT, behalf=ADA), person=ADA, role=READER, reason="for them")


def test_nobody_gives_a_role_in_another_persons_place() -> None:
    with refused("not_in_person"):
        give(None, asking(CAT, behalf=BEN), person=ADA, role=READER, reason="for them")


def test_a_program_holds_no_role_that_decides() -> None:
    with refused("machine"):
        give(None, asking(CAT), person=ROBOT, role=MANAGER, reason="fast")


def test_a_claim_about_a_grant_elsewhere_gives_no_right() -> None:
    with refused("mere_claim"):
        give(None, asking(CAT, claimed=True), person=ADA, role=READER, reason="imported")


def test_everything_wrong_with_a_grant_is_said_at_once() -> None:
    wrong: dict[str, Any] = {
        "person": "user:nobody",
        "role": "reader",
        "scope": Scope.SERVICE,
        "since": NOON - DAY,
        "until": NOON - 2 * DAY,
        "reason": " ",
    }
    codes = ("since_passed", "until_passed", "unknown_person", "text_missing", "value_missing")
    with refused("role_unusable", "unknown_role", *codes):
        give(None, asking(CAT), **wrong)


@pytest.mark.parametrize(
    "wrong,code",
    [
        ({"role": "Role:reader"}, "role_unusable"),
        ({"role": "role:reader\n"}, "role_unusable"),
        ({"role": "role:*"}, "role_unusable"),
        ({"value": "api"}, "value_without_scope"),
        ({"scope": Scope.SERVICE, "value": "a\x00pi"}, "name_unusable"),
        ({"scope": Scope.SERVICE, "value": ""}, "name_unusable"),
        ({"scope": Scope.BOARD, "value": "nowhere"}, "unknown_board"),
        ({"since": NOON + DAY, "until": NOON + DAY}, "ends_before_it_begins"),
        ({"until": NOON}, "until_passed"),
        ({"reason": "\ud800"}, "text_unreadable"),
    ],
)
def test_what_is_misspelt_is_refused(wrong: dict[str, Any], code: str) -> None:
    under = authority(*PEOPLE)
    fine: dict[str, Any] = {"person": ADA, "role": READER, "reason": "joins"}
    with refused(code):
        give(None, asked_by(CAT, under=under), **(fine | wrong))


def test_a_role_the_policy_does_not_know_is_refused() -> None:
    with refused("unknown_role"):
        give(None, asking(CAT), person=ADA, role="role:wizard", reason="magic")


def test_the_suspended_are_given_nothing() -> None:
    with refused("suspended_person"):
        gone = person(ADA, suspended=True)
        give(None, asking(CAT, gone), person=ADA, role=READER, reason="joins")


def test_a_role_is_given_for_a_board_that_exists() -> None:
    cab: Board = examples.board()
    [event] = give(
        None,
        asking(CAT, cab),
        person=ADA,
        role=READER,
        scope=Scope.BOARD,
        value="board",
        reason="x",
    )
    assert (event.scope, event.value) == (Scope.BOARD, "board")


def test_the_same_role_is_not_given_twice_at_the_same_time() -> None:
    held = given(AGGREGATE, READS, by=CAT)
    with refused("held_already"):
        what: dict[str, Any] = {"scope": Scope.SERVICE, "value": "api", "reason": "again"}
        give(None, asking(CAT, held), person=ADA, role=READER, **what)


def test_the_same_role_is_given_again_after_it_ran_out_or_for_something_else() -> None:
    held = given(AGGREGATE, replace(READS, until=NOON + DAY), by=CAT)
    what: dict[str, Any] = {"person": ADA, "role": READER, "scope": Scope.SERVICE, "reason": "x"}
    assert give(None, asking(CAT, held), **what, value="api", since=NOON + DAY)
    assert give(None, asking(CAT, held), **what, value="web")


# The operator at the machine.


def test_the_operator_appoints_the_first_two_and_they_need_nobody_else() -> None:
    [event] = give(None, asking(OPERATOR), person=ADA, role=MANAGER, reason="first")
    first = given(AGGREGATE, event, by=OPERATOR, subject="1" * 32)
    assert (first.status, first.confirmed_by) == (Status.ACTIVE, OPERATOR)
    assert give(None, asking(OPERATOR, first), person=BEN, role=MANAGER, reason="second")


def test_the_operator_appoints_no_third() -> None:
    two = [examples.grant(f"g{who}", who, confirmed_at=NOON - DAY) for who in (ADA, BEN)]
    with refused("needs_second_person"):
        give(None, asking(OPERATOR, *two), person=CAT, role=MANAGER, reason="third")


def test_two_accounts_of_one_person_are_one_holder() -> None:
    two = [examples.grant(f"g{who}", who, confirmed_at=NOON - DAY) for who in (ADA, BEN)]
    twin = person(ADA, linked=(BEN,))
    assert give(None, asking(OPERATOR, twin, *two), person=CAT, role=MANAGER, reason="second")


# The whole.


def test_a_grant_acts_where_its_role_would_be_held() -> None:
    def where(state: Grant | None, **arguments: Any) -> Any:
        return AGGREGATE.scopes(state, "give", arguments)

    assert where(None, scope=Scope.SERVICE, value="api") == {"service": {"api"}}
    assert where(given(AGGREGATE, READS)) == {"service": {"api"}}
    assert where(given(AGGREGATE, MAPPED)) == where(None) == {}


def test_a_history_begins_with_giving_and_holds_nothing_foreign() -> None:
    with pytest.raises(TypeError, match="does not begin"):
        given(AGGREGATE, Confirmed())
    with pytest.raises(TypeError, match="no event of a grant"):
        given(AGGREGATE, READS, "something else")
