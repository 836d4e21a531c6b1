"""What a token says beyond its fields: whether it ended with the ownership of its program."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField

from api.derived.fields import batched
from api.hiding.visibility import Sight
from domain.credential import Credential

GIVEN_AWAY: Final = (
    "When the program that it speaks for was given to another owner: then it ended, too. Null for "
    "what was not."
)


def _given_away(
    _connection: Connection, sight: Sight, found: Sequence[Credential]
) -> list[datetime | None]:
    return [each.given_away(sight.held.authority) for each in found]


FIELDS: Final[dict[str, StrawberryField]] = {
    "given_away_at": batched(
        "given_away_at", StrawberryOptional(datetime), GIVEN_AWAY, _given_away
    ),
}
