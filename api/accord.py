"""What an accord says beyond its fields: how its parties stand, and whether it holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection
from strawberry.types.base import StrawberryList
from strawberry.types.field import StrawberryField

from api.derived.fields import batched
from api.derived.nouns import TYPES
from api.hands import read_finders
from api.hiding.visibility import Sight
from domain.accord import standing
from domain.accord.state import Accord
from domain.approval.voting import Standing


def parties(
    _connection: Connection, sight: Sight, found: Sequence[Accord]
) -> list[tuple[Standing, ...]]:
    """How each party stands to the terms at hand."""
    read_finders(sight.records, found)
    now = (sight.held.authority, sight.moment, sight.records)
    return [standing.standings(each, *now).rules for each in found]


def agreed(_connection: Connection, sight: Sight, found: Sequence[Accord]) -> list[bool]:
    """Whether every party agrees now."""
    read_finders(sight.records, found)
    now = (sight.held.authority, sight.moment, sight.records)
    return [standing.agreed(each, *now) for each in found]


FIELDS: Final[dict[str, StrawberryField]] = {
    "parties": batched(
        "parties",
        StrawberryList(TYPES.object(Standing)),
        "How each party stands to the terms as they are.",
        parties,
    ),
    "agreed": batched("agreed", bool, "Whether every party agrees to the terms now.", agreed),
}
