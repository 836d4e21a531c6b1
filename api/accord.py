"""What an accord says beyond its fields: how its parties stand, and whether it holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Connection
from strawberry.types.base import StrawberryList
from strawberry.types.field import StrawberryField

from api.derived.fields import batched
from api.derived.nouns import TYPES
from api.gates import together
from api.hands import read_finders
from api.hiding.visibility import Sight
from domain.accord import standing
from domain.accord.state import Accord
from domain.approval.voting import Standing

T = TypeVar("T")


def parties(
    _connection: Connection, sight: Sight, found: Sequence[Accord]
) -> list[tuple[Standing, ...]]:
    """How each party stands to the terms at hand."""
    return _judged(sight, found, lambda *known: standing.standings(*known).rules)


def agreed(_connection: Connection, sight: Sight, found: Sequence[Accord]) -> list[bool]:
    """Whether every party agrees now."""
    return _judged(sight, found, standing.agreed)


def _judged(sight: Sight, found: Sequence[Accord], answer: Callable[..., T]) -> list[T]:
    """An answer about each accord, by what is read at once for all."""
    told: dict[str, T] = {}
    for moment, some in together(sight, found):
        read_finders(moment.records, some)
        now: Any = (moment.standing.authority, moment.at, moment.records)
        told |= {each.id: answer(each, *now) for each in some}
    return [told[each.id] for each in found]


FIELDS: Final[dict[str, StrawberryField]] = {
    "parties": batched(
        "parties",
        StrawberryList(TYPES.object(Standing)),
        "How each party stands to the terms as they are.",
        parties,
    ),
    "agreed": batched("agreed", bool, "Whether every party agrees to the terms now.", agreed),
}
