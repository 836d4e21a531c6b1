"""What a waiver says beyond its fields: whether it lifts its requirement now, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from api.derived.fields import batched
from api.hiding.visibility import Sight
from domain.waiver.state import Waiver


def holding(_connection: Connection, sight: Sight, found: Sequence[Waiver]) -> list[bool]:
    """Whether each lifts its requirement now."""
    return [each.holds(sight.moment, sight.held.authority) for each in found]


def ending(_connection: Connection, sight: Sight, found: Sequence[Waiver]) -> list[bool]:
    """Whether each will run out within a day."""
    return [each.warns(sight.moment, sight.held.authority) for each in found]


FIELDS: Final = {
    "holds": batched("holds", bool, "Whether it lifts its requirement now.", holding),
    "ends_soon": batched(
        "ends_soon", bool, "Whether it holds and will run out within 24 hours.", ending
    ),
}
