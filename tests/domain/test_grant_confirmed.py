"""Roles that decide are confirmed by a second person; every role is revoked with a reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.grant.aggregate import (
    AGGREGATE,
    Status,
    confirm,
    revoke,
)
from domain.grant.events import Confirmed, Revoked
from tests.domain.authority_examples import person
from tests.domain.given import (
    ADA,
    CAT,
    DAN,
    DAY,
    NOON,
    ROBOT,
    authority,
    given,
    refused,
    then,
)
from tests.domain.grant_examples import (
    DECIDES,
    DECIDES_ON,
    MANAGER,
    READS,
    asking,
)


@pytest.mark.req("X-04")
def test_a_second_person_makes_a_grant_effective() -> None:
    grant, context = given(AGGREGATE, DECIDES_ON, by=CAT), asking(DAN)
    events = confirm(grant, context)
    after = then(AGGREGATE, grant, context, events)
    assert events == [Confirmed()]
    assert (after.status, after.confirmed_by, after.confirmed_at) == (Status.ACTIVE, DAN, NOON)
    assert authority(after, approving=DECIDES).valid_grant(after.id, NOON)


def test_who_gave_it_may_not_confirm_it() -> None:
    with refused("own_proposal"):
        confirm(given(AGGREGATE, DECIDES_ON, by=CAT), asking(CAT))


def test_who_gets_it_may_not_confirm_it() -> None:
    with refused("own_grant"):
        confirm(given(AGGREGATE, DECIDES_ON, by=CAT), asking(ADA))


def test_another_account_of_either_may_not_confirm_it() -> None:
    with refused("own_proposal", "own_grant"):
        twins = (person(DAN, linked=(ADA, CAT)),)
        confirm(given(AGGREGATE, DECIDES_ON, by=CAT), asking(DAN, *twins))


def test_what_a_program_gave_its_owner_may_not_confirm() -> None:
    with refused("own_proposal"):
        confirm(given(AGGREGATE, DECIDES_ON, by=ROBOT), asking(DAN))


@pytest.mark.parametrize(
    "history", [(READS,), (DECIDES_ON, Confirmed()), (DECIDES_ON, Revoked(""))]
)
def test_what_waits_for_nobody_is_not_confirmed(history: tuple[Any, ...]) -> None:
    with refused("not_awaited"):
        confirm(given(AGGREGATE, *history, by=CAT), asking(DAN))


def test_a_role_that_came_to_decide_is_confirmed_then() -> None:
    plain = replace(READS, role=MANAGER)
    assert confirm(given(AGGREGATE, plain, by=CAT), asking(DAN)) == [Confirmed()]


def test_what_ran_out_is_not_confirmed() -> None:
    with refused("run_out"):
        confirm(given(AGGREGATE, DECIDES_ON, by=CAT), asking(DAN, at=NOON + DAY))


def test_a_grant_of_the_suspended_is_not_confirmed() -> None:
    with refused("suspended_person"):
        gone = person(ADA, suspended=True)
        confirm(given(AGGREGATE, DECIDES_ON, by=CAT), asking(DAN, gone))


# Revoking.


def test_a_role_is_taken_away_with_a_reason() -> None:
    grant, context = given(AGGREGATE, READS, by=CAT), asking(DAN)
    after = then(AGGREGATE, grant, context, revoke(grant, context, reason="left"))
    assert (after.status, after.revoked_by, after.revoked_reason) == (Status.REVOKED, DAN, "left")
    assert authority(after).revoked(after.id)


def test_a_proposal_is_turned_down_by_revoking_it() -> None:
    assert revoke(given(AGGREGATE, DECIDES_ON, by=CAT), asking(DAN), reason="no") == [Revoked("no")]


def test_a_role_is_taken_away_once_and_not_without_a_reason() -> None:
    with refused("revoked_already", "text_missing"):
        revoke(given(AGGREGATE, READS, Revoked("left"), by=CAT), asking(DAN), reason="")
