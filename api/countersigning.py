"""Overrides that wait for a second person: who may sign, and what awaits whoever asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from sqlalchemy import Connection
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.field import StrawberryField

from api.derived.fields import batched
from api.derived.nouns import TYPES
from api.derived.paging import Listing, listing
from api.gates import Moment, moment_of
from api.hiding.visibility import Sight
from api.permission import permits
from api.queues import queue_field
from api.release import question
from domain.deployment.aggregate import AGGREGATE
from domain.deployment.owing import awaited, signers
from domain.deployment.state import Deployment
from domain.explanation import SHOWN, Slot
from domain.kernel import Records
from domain.release.aggregate import AGGREGATE as RELEASE
from domain.release.commands.overriding import publication_signable, signable
from domain.release.state import ENDED, PlaceOverride, Release
from domain.release.whereabouts.by_override import publishing, told_of

ACTION: Final = "deployment.countersign"
RELEASED: Final = "release.countersign"
PUBLISHED: Final = "release.countersign_publication"
SAID: Final = "Countersign what was overridden."


@dataclass(frozen=True, slots=True)
class AwaitedSignature:
    """An override of what a release brings somewhere by hand that waits for a second person."""

    number: Annotated[int, "Which of the release's overrides it is."]
    environment: Annotated[str, "The environment, in the playbook's words."]
    signers: Annotated[Slot, "Who may countersign it."]


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
    return _slot(ACTION, state, asking, moment)


def _slot(action: str, told: Deployment, asking: frozenset[str], moment: Moment) -> Slot:
    people = signers(told, asking, moment.standing.authority)
    return Slot(action, 1, people[:SHOWN], len(people), SAID)


def signatures(
    _connection: Connection, sight: Sight, found: Sequence[Release]
) -> list[tuple[AwaitedSignature, ...]]:
    """Whose signature each override of what goes by hand waits for."""
    moment = moment_of(sight)
    return [tuple(_signatures(each, moment)) for each in found]


def _signatures(state: Release, moment: Moment) -> Iterator[AwaitedSignature]:
    for each in _waiting(state, moment.records):
        asking = question(state, moment, each.environment).who(RELEASED)
        slot = _slot(RELEASED, told_of(state, each), asking, moment)
        yield AwaitedSignature(each.number, each.environment, slot)


def _waiting(state: Release, records: Records) -> Iterator[PlaceOverride]:
    """The overrides of a release that a second person owes, or that do not count before."""
    for each in state.overrides:
        if awaited(told_of(state, each)) and signable(state, each, records):
            yield each


def publications(
    _connection: Connection, sight: Sight, found: Sequence[Release]
) -> list[Slot | None]:
    """Whose signature the override of each publication waits for; None where it waits for none."""
    moment = moment_of(sight)
    return [_publication(each, moment) for each in found]


def _publication(state: Release, moment: Moment) -> Slot | None:
    if not _publication_waits(state):
        return None
    asking = question(state, moment).who(PUBLISHED)
    return _slot(PUBLISHED, publishing(state), asking, moment)


def _publication_waits(state: Release) -> bool:
    """Whether a second person owes it, or it does not count before."""
    return awaited(publishing(state)) and publication_signable(state)


FIELDS: Final[dict[str, StrawberryField]] = {
    "countersignature": batched(
        "countersignature",
        StrawberryOptional(TYPES.object(Slot)),
        "Who may countersign its override, while that waits for a second person; else null.",
        countersignatures,
    ),
}
RELEASE_FIELDS: Final[dict[str, StrawberryField]] = {
    "awaited_signatures": batched(
        "awaited_signatures",
        StrawberryList(TYPES.object(AwaitedSignature)),
        "Which of its overrides wait for a second person, and who may countersign them.",
        signatures,
    ),
    "publication_signature": batched(
        "publication_signature",
        StrawberryOptional(TYPES.object(Slot)),
        "Who may countersign the override of its publication, while that waits for a second "
        "person; else null.",
        publications,
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
        signs = signers(state, (sight.principal,), authority)
        return bool(signs) and permits(sight, ACTION, scopes)

    return Listing(found.name, found.statement, found.order, found.node, keep=mine)


def releases_awaiting(sight: Sight) -> Listing:
    """The releases of whose overrides the asker may countersign one now."""
    table = sight.reader.snapshot(Release)
    goes_on = table.c.status.not_in([each.value for each in ENDED])
    where, by = [table.c.overridden.is_(True), goes_on], (table.c.opened_at,)
    name = "releaseOverridesAwaitingMe"
    found = listing(sight, Release, name, by=by, where=where, descending=False)

    def signs(state: Release, each: PlaceOverride) -> bool:
        scopes = RELEASE.scopes(state, "countersign", {"number": each.number})
        me, authority = (sight.principal,), sight.standing.authority
        able = signers(told_of(state, each), me, authority)
        return bool(able) and permits(sight, RELEASED, scopes)

    def publishes(state: Release) -> bool:
        scopes = RELEASE.scopes(state, "countersign_publication", {})
        me, authority = (sight.principal,), sight.standing.authority
        able = signers(publishing(state), me, authority)
        return bool(able) and permits(sight, PUBLISHED, scopes)

    def mine(state: Release) -> bool:
        placed = any(signs(state, each) for each in _waiting(state, sight.records))
        return placed or (_publication_waits(state) and publishes(state))

    return Listing(found.name, found.statement, found.order, found.node, keep=mine)


ABOUT: Final = (
    "The deployments whose override awaits your countersignature, those requested first before "
    "others. Of one that is owed, `override.due` says since when."
)
OF_RELEASES: Final = (
    "The releases that went, or are to go, somewhere by hand, or are published, by an override "
    "that awaits your countersignature, the oldest first. `awaitedSignatures` says which, and "
    "`publicationSignature` whether that of its publication does."
)
QUERIES: Final[dict[str, StrawberryField]] = {
    **queue_field("deployments_awaiting_me", "DeploymentConnection", ABOUT, awaiting),
    **queue_field(
        "release_overrides_awaiting_me", "ReleaseConnection", OF_RELEASES, releases_awaiting
    ),
}
