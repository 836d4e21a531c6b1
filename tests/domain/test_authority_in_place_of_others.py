"""Who sits on a board, who stands in for whom, and what a delegate may use."""

from __future__ import annotations

import pytest

from domain.board.aggregate import SeatKind
from domain.grant.aggregate import Scope
from domain.principal.aggregate import Absence
from tests.domain.authority_examples import NOWHERE, board, delegation, grant, person, seat
from tests.domain.given import ADA, BEN, CAT, DAY, NOON, authority


@pytest.mark.req("S3-20")
def test_members_sit_on_a_board_by_its_id_or_its_kind() -> None:
    found = authority(board(seat("board.1", ADA), seat("board.2", BEN, until=NOON)))
    assert found.seats("board", NOON) == found.seats("cab", NOON) == {ADA: "board.1"}
    assert found.seats("ecab", NOON) == {}


@pytest.mark.parametrize("why", ["away", "suspended", "excluded"])
def test_an_alternate_counts_only_while_the_member_cannot(why: str) -> None:
    away = (Absence(1, NOON, NOON + DAY, ADA),) if why == "away" else ()
    member = person(ADA, absences=away, suspended=why == "suspended")
    found = authority(member, board(seat("board.1", ADA), seat("board.2", BEN, stands_for=ADA)))
    excluded = frozenset((ADA,)) if why == "excluded" else NOWHERE
    assert BEN in found.seats("cab", NOON, excluded=excluded)
    found.learn(person(ADA))
    assert BEN not in found.seats("cab", NOON)


def test_an_alternate_of_nobody_does_not_count() -> None:
    gone = seat("board.1", ADA, ended=NOON)
    found = authority(
        person(ADA, suspended=True), board(gone, seat("board.2", BEN, stands_for=ADA))
    )
    assert found.seats("cab", NOON) == {}


def test_a_board_decides_for_its_services() -> None:
    found = authority(board(seat("board.1", ADA), services=("api", "web")))
    assert found.seats("cab", NOON, services=frozenset(("api",))) == {ADA: "board.1"}
    assert found.seats("cab", NOON, services=frozenset(("api", "db"))) == {}


def test_a_seat_taken_away_is_revoked_and_one_that_ran_out_is_not() -> None:
    ran_out, taken = seat("board.1", ADA, until=NOON), seat("board.2", BEN, ended=NOON)
    found = authority(board(ran_out, taken))
    assert [found.revoked(each) for each in ("board.1", "board.2")] == [False, True]
    assert not found.valid_grant("board.1", NOON)
    assert found.valid_grant("board.1", NOON - DAY)


def test_the_seats_of_a_dissolved_board_are_revoked() -> None:
    found = authority(board(seat("board.1", ADA), dissolved_at=NOON))
    assert found.revoked("board.1")
    assert found.seats("cab", NOON) == {}
    assert not found.valid_grant("board.1", NOON)


def test_a_seat_its_board_no_longer_remembers_is_revoked() -> None:
    found = authority(board(seat("board.7", ADA)))
    assert found.revoked("board.1")
    assert not found.revoked("playbook")


def test_who_is_suspended_chairs_until_the_seat_is_taken_away() -> None:
    found = authority(board(seat("board.1", ADA, kind=SeatKind.CHAIR)))
    assert found.chair("cab", NOON) == ADA
    found.learn(person(ADA, suspended=True))
    assert found.chair("cab", NOON) == ADA
    found.learn(board(seat("board.1", ADA, kind=SeatKind.CHAIR, ended=NOON)))
    assert found.chair("cab", NOON) is None


# Delegations.


def test_a_delegate_acts_for_others_only_while_it_lasts() -> None:
    found = authority(delegation(role="role:release_manager"))
    moments = [NOON - 2 * DAY, NOON, NOON + DAY]
    assert [bool(found.delegators(BEN, at)) for at in moments] == [False, True, False]
    found.learn(delegation(role="role:release_manager", revoked_at=NOON))
    assert found.delegators(BEN, NOON) == ()


def test_a_lent_role_reaches_the_grants_of_that_role() -> None:
    lent = delegation(role="role:release_manager")
    found = authority(lent, grant("g1"), grant("g2", role="role:other"), grant("g3", CAT))
    used = [found.delegated(BEN, ADA, each, {}, NOON) for each in ("g1", "g2", "g3", "g4")]
    assert used == [lent, None, None, None]


def test_a_role_lent_for_one_service_is_not_lent_for_another() -> None:
    lent = delegation(role="role:release_manager", scope=Scope.SERVICE, value="api")
    found = authority(lent, grant(scope=Scope.SERVICE, value="any"))
    asked: list[frozenset[str]] = [frozenset(each) for each in (["api"], ["web"], ["api", "web"])]
    used = [found.delegated(BEN, ADA, "g1", {"service": each}, NOON) for each in asked]
    assert used == [lent, None, None]


def test_a_role_lent_for_any_service_is_lent_for_grants_of_services() -> None:
    lent = delegation(role="role:release_manager", scope=Scope.SERVICE, value="any")
    found = authority(lent, grant(scope=Scope.SERVICE, value="api"), grant("g2"))
    used = [found.delegated(BEN, ADA, each, {}, NOON) for each in ("g1", "g2")]
    assert used == [lent, None]


def test_a_lent_seat_is_that_of_one_board() -> None:
    lent = delegation(board="board")
    other = board(seat("other.1", ADA), id="other")
    found = authority(lent, board(seat("board.1", ADA), seat("board.2", CAT)), other)
    used = [found.delegated(BEN, ADA, each, {}, NOON) for each in ("board.1", "board.2", "other.1")]
    assert used == [lent, None, None]


def test_a_delegate_decides_up_to_the_highest_risk_lent() -> None:
    lent = delegation(role="role:release_manager", max_risk="medium")
    found, scale = authority(lent, grant()), ("low", "medium", "high")

    def may(risk: str | None) -> bool:
        used = found.delegated(BEN, ADA, "g1", {}, NOON, risk=risk, ascending=scale)
        return used is not None

    assert [may(risk) for risk in (*scale, "odd", None)] == [True, True, False, False, False]


def test_who_is_suspended_lends_nothing() -> None:
    found = authority(delegation(role="role:release_manager"), person(ADA, suspended=True))
    assert found.delegators(BEN, NOON) == ()
