"""A role for one board counts where rules name that board, or boards of its kind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.authority import Authority
from domain.board.state import Board
from domain.grant.state import Scope, Status
from tests.domain.given import NOON, authority
from tests.domain.organisation import CAB_ONE, board, grant

CAB = board("cab", CAB_ONE)
HELD = grant(CAB_ONE, "role:cab_member", Scope.BOARD, CAB.id)


def covering(known: Authority, value: str) -> str | None:
    return known.covering(CAB_ONE, "role:cab_member", "board", frozenset((value,)), NOON)


@pytest.mark.parametrize("order", [(CAB, HELD), (HELD, CAB)])
def test_it_counts_for_the_board_and_for_its_kind(order: tuple[object, ...]) -> None:
    known = authority(*order)
    assert [covering(known, value) for value in ("cab", CAB.id)] == [HELD.id, HELD.id]
    assert covering(known, "ecab") is None
    assert [each.grant for each in known.holdings(CAB_ONE)] == [HELD.id]
    known.learn(replace(HELD, status=Status.REVOKED, revoked_at=NOON))
    assert [covering(known, value) for value in ("cab", CAB.id)] == [None, None]


def test_it_counts_for_no_kind_of_a_board_nobody_knows() -> None:
    known = authority(CAB, HELD)
    branch = known.branch()
    branch.forget(Board, CAB.id)
    assert (covering(branch, "cab"), covering(branch, CAB.id)) == (None, HELD.id)
    assert covering(known, "cab") == HELD.id
