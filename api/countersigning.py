"""Overrides that wait for a second person: who may sign, and what awaits whoever asks."""

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
from domain.deployment.aggregate import AGGREGATE
from domain.deployment.owing import awaited, signers
from domain.deployment.state import Deployment
from domain.explanation import SHOWN, Slot

ACTION: Final = "deployment.countersign"
SAID: Final = "Countersign what was overridden."


def countersignatures(
    _connection: Connection, sight: Sight, found: Sequence[Deployment]
) -> list[Slot | None]:
    """Whose signature each override waits for; None where it waits for none."""
    moment = moment_of(sight)
    return [_countersignature(each, moment) for each in found]


def _countersignature(state: Deployment, moment: Moment) -> Slot | None:
    if not awaited(state):
        return None
    asking = moment.who(ACTION, AGGREGATE.scopes(state, "countersign", {}))
    people = signers(state, asking, moment.standing.authority, moment.at)
    return Slot(ACTION, 1, people[:SHOWN], len(people), SAID)


FIELDS: Final[dict[str, StrawberryField]] = {
    "countersignature": batched(
        "countersignature",
        StrawberryOptional(TYPES.object(Slot)),
        "Who may countersign its override, while that waits for a second person; else null.",
        countersignatures,
    ),
}


# What awaits whoever asks.


def awaiting(sight: Sight) -> Listing:
    """The deployments whose override the asker may countersign now."""
    table = sight.reader.snapshot(Deployment)
    where, by = [table.c.overridden.is_(True), table.c.closed_at.is_(None)], (table.c.requested_at,)
    name = "deploymentsAwaitingMe"
    found = listing(sight, Deployment, name, by=by, where=where, descending=False)
    authority = sight.standing.authority

    def mine(state: Deployment) -> bool:
        scopes = AGGREGATE.scopes(state, "countersign", {})
        signs = signers(state, (sight.principal,), authority, sight.at)
        return bool(signs) and permits(sight, ACTION, scopes)

    return Listing(found.name, found.statement, found.order, found.node, keep=mine)


ABOUT: Final = (
    "The deployments whose override awaits your countersignature, those requested first before "
    "others. Of one that is owed, `override.due` says since when."
)
QUERIES: Final[dict[str, StrawberryField]] = queue_field(
    "deployments_awaiting_me", "DeploymentConnection", ABOUT, awaiting
)
