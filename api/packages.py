"""Packages of which somebody asks to take back that they are bad: who may agree, and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField

from api.derived.fields import batched
from api.derived.nouns import TYPES
from api.derived.paging import Listing, listing
from api.gates import Moment, moment_of
from api.hiding.visibility import Sight
from api.permission import permits
from api.queues import queue_field
from domain.explanation import SHOWN, Slot
from domain.package import AGGREGATE, Package
from domain.reinstating import ACTION, AGREE, asks, reinstaters


def confirmations(
    _connection: Connection, sight: Sight, found: Sequence[Package]
) -> list[Slot | None]:
    """Whose word the reinstatement of each takes; None where nobody asks for it."""
    moment = moment_of(sight)
    return [_confirmation(each, moment) for each in found]


def _confirmation(state: Package, moment: Moment) -> Slot | None:
    authority = moment.standing.authority
    if not asks(state, authority):
        return None
    asking = moment.who(ACTION, AGGREGATE.scopes(state, "reinstate", {}))
    people = reinstaters(state, asking, authority, moment.records)
    return Slot(ACTION, 1, people[:SHOWN], len(people), AGREE)


FIELDS: Final[dict[str, StrawberryField]] = {
    "confirmation": batched(
        "confirmation",
        StrawberryOptional(TYPES.object(Slot)),
        "Who may agree that it is not bad, as a second person; null while nobody asks for that.",
        confirmations,
    ),
}


# What awaits whoever asks.


def awaiting(sight: Sight) -> Listing:
    """The packages whose reinstatement the asker may agree to now."""
    waits = sight.reader.snapshot(Package).c.waiting.is_(True)
    found = listing(sight, Package, "packagesAwaitingMe", where=[waits], descending=False)
    known = (sight.standing.authority, sight.records)

    def mine(state: Package) -> bool:
        able = reinstaters(state, (sight.principal,), *known)
        return bool(able) and permits(sight, ACTION, AGGREGATE.scopes(state, "reinstate", {}))

    return Listing(found.name, found.statement, found.order, found.node, keep=mine)


ABOUT: Final = (
    "The condemned packages that somebody asks to reinstate, and that you may agree to, oldest "
    "first. `reinstatement` says who asks, and why."
)
QUERIES: Final[dict[str, StrawberryField]] = queue_field(
    "packages_awaiting_me", "PackageConnection", ABOUT, awaiting
)
