"""By which seat on which board somebody decided, where it was not by a grant."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField

from api.derived.fields import batched
from api.hiding.visibility import Sight
from domain.approval.voting import Vote
from domain.board.state import Board, Seat


def boards(_connection: Connection, sight: Sight, votes: Sequence[Vote]) -> list[Board | None]:
    """The board of each vote's seat, None where a grant was used."""
    owners = [sight.held.authority.seat_board(vote.grant) for vote in votes]
    known = sight.find(Board, {board.id for board in owners if board})
    return [known.get(board.id) if board else None for board in owners]


def seats(connection: Connection, sight: Sight, votes: Sequence[Vote]) -> list[Seat | None]:
    """The seat by which each vote was cast, None where a grant was used."""
    found = zip(votes, boards(connection, sight, votes), strict=True)
    return [board.seat(vote.grant) if board else None for vote, board in found]


def fields(board: StrawberryAnnotation, seat: StrawberryAnnotation) -> dict[str, StrawberryField]:
    """The two fields of a vote."""
    return {
        "board": batched(
            "board", board, "The board whose seat was used; null for a grant.", boards
        ),
        "seat": batched("seat", seat, "The seat that was used; null for a grant.", seats),
    }
