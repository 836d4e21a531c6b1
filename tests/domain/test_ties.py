"""Nobody's ties are undone by one person, or for the sake of one vote."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.authority import Authority
from domain.merge_request.standing import involved as had_a_hand
from domain.principal.accounts import LASTING
from domain.principal.aggregate import (
    AGGREGATE,
    Principal,
    confirm_unlinking,
    edit,
    link_account,
    unlink_account,
)
from domain.principal.checks import MOST_FORMER
from domain.principal.events import AccountLinked, AccountUnlinked, OwnerChanged, UnlinkingProposed
from domain.principal.state import Former, Unlinking
from tests.domain.given import ADA, BEN, CAT, DAN, ROBOT, asked_by, authority, given, refused
from tests.domain.merge_stories import opened
from tests.domain.organisation import DUTY, ENG, OWEN, person
from tests.domain.test_principal import HUMAN, PROGRAM

WORK = opened().state
BEFORE, SINCE = WORK.opened_at - timedelta(days=30), WORK.opened_at + timedelta(days=1)
LONG_BEFORE = WORK.opened_at - LASTING - timedelta(days=1)


def tied(*events: Any, by: str = CAT) -> Principal:
    return given(AGGREGATE, HUMAN, AccountLinked(BEN), *events, subject=ADA, by=by)


def asking(who: str, *states: Any, **more: Any) -> Any:
    people = (person(BEN), person(CAT), person(DAN))
    return asked_by(who, *people, *states, subject=ADA, **more)


# Accounts of one person.


@pytest.mark.req("S2-01", "S2-02")
def test_two_accounts_are_one_person_until_a_second_person_says_otherwise() -> None:
    waiting = tied(UnlinkingProposed(BEN))
    assert waiting.unlinking == (Unlinking(BEN, CAT),)
    assert authority(waiting).linked(BEN) == {ADA, BEN}
    agreed = confirm_unlinking(waiting, asking(DAN, waiting), account=BEN)
    assert agreed == [AccountUnlinked(BEN)]
    apart = tied(UnlinkingProposed(BEN), *agreed)
    assert (apart.linked, apart.unlinking) == ((), ())
    assert authority(apart).linked(BEN) == {BEN}


@pytest.mark.parametrize("who", [CAT, ROBOT])
def test_who_asked_does_not_confirm_by_whatever_account(who: str) -> None:
    waiting = tied(UnlinkingProposed(BEN))
    program = person(ROBOT, owner=CAT)
    with refused("own_proposal"):
        confirm_unlinking(waiting, asking(who, waiting, program), account=BEN)


@pytest.mark.parametrize("who", [ADA, BEN])
def test_nobody_confirms_for_accounts_of_their_own(who: str) -> None:
    waiting = tied(UnlinkingProposed(BEN))
    with refused("own_account"):
        confirm_unlinking(waiting, asking(who, waiting), account=BEN)


def test_what_nobody_asked_for_is_not_confirmed() -> None:
    with refused("not_awaited"):
        confirm_unlinking(tied(), asking(DAN, tied()), account=BEN)


def test_a_wish_is_told_once_and_turned_down_by_linking_again() -> None:
    waiting = tied(UnlinkingProposed(BEN))
    with refused("proposed_already"):
        unlink_account(waiting, asking(DAN, waiting), account=BEN)
    again = link_account(waiting, asking(DAN, waiting), account=BEN)
    kept = tied(UnlinkingProposed(BEN), *again)
    assert (kept.linked, kept.unlinking) == ((BEN,), ())


# Programs that change hands.


def handed_over(until: Any) -> Authority:
    """ENG's program became OWEN's."""
    left = (Former(until, owner=ENG),)
    return authority(person(ROBOT, owner=OWEN, former=left), person(ENG, linked=(DUTY,)))


@pytest.mark.req("S2-01", "S2-02")
@pytest.mark.parametrize("until", [BEFORE, SINCE])
def test_who_handed_a_program_over_does_not_sign_off_what_it_wrote(until: Any) -> None:
    own = had_a_hand(replace(WORK, author=ROBOT, contributors=()), handed_over(until))
    assert own == {ROBOT, OWEN, ENG, DUTY}


@pytest.mark.req("S2-02")
@pytest.mark.parametrize("until", [BEFORE, SINCE])
def test_a_program_does_not_merge_what_its_former_owner_wrote(until: Any) -> None:
    own = had_a_hand(replace(WORK, author=DUTY, contributors=()), handed_over(until))
    assert own == {DUTY, ENG, ROBOT}


def test_a_year_after_it_was_handed_over_a_program_is_the_new_owners_alone() -> None:
    own = had_a_hand(replace(WORK, author=ROBOT, contributors=()), handed_over(LONG_BEFORE))
    assert own == {ROBOT, OWEN}


def test_two_owners_of_one_program_are_not_one_person() -> None:
    now = handed_over(SINCE)
    assert now.first_account(ENG) != now.first_account(OWEN)
    assert OWEN not in now.behind(ENG, WORK.opened_at)


def test_every_owner_and_team_a_principal_had_is_remembered_once() -> None:
    program = given(AGGREGATE, PROGRAM, OwnerChanged(CAT), OwnerChanged(BEN), subject=ROBOT)
    assert [each.owner for each in program.former] == [BEN, CAT]
    program = given(
        AGGREGATE, PROGRAM, OwnerChanged(CAT), OwnerChanged(BEN), OwnerChanged(CAT), subject=ROBOT
    )
    assert [each.owner for each in program.former] == [CAT, BEN]


def test_nobody_is_forgotten_by_handing_a_program_round() -> None:
    full = tuple(Former(BEFORE, owner=f"user:{number:032x}") for number in range(MOST_FORMER))
    program = replace(given(AGGREGATE, PROGRAM, subject=ROBOT), former=full)
    context = asked_by(DAN, person(CAT), person(DAN), program, subject=ROBOT)
    with refused("too_many"):
        edit(program, context, owner=CAT)
    assert edit(replace(program, former=full[1:]), context, owner=CAT) == [OwnerChanged(CAT)]
