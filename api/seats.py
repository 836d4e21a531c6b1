"""By which seat on which board somebody decided, where it was not by a grant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField

from api.fields import batched
from api.visibility import Sight
from domain.board_state import Board, Seat
from domain.voting import Vote

TABLE: Final = "board_seats"


def boards(connection: Connection, sight: Sight, votes: Sequence[Vote]) -> list[Board | None]:
    """The board of each vote's seat, None where a grant was used."""
    rows = sight.reader.tables.rows[TABLE]
    used = {vote.grant for vote in votes}
    found = connection.execute(select(rows.c.seat, rows.c.owner).where(rows.c.seat.in_(used)))
    owners = {row.seat: row.owner for row in found}
    known = sight.find(Board, sorted(set(owners.values())))
    return [known.get(owners.get(vote.grant, "")) for vote in votes]


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
