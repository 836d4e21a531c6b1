"""What a release contains, item by item: a release may have any number of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from domain.kernel import Aggregate, Command, Context, Internal, Recorded, moved

MOST_STAYS: Final = 50
"""How many former spans in a release are kept of an item."""


class ItemKind(StrEnum):
    """What may go out with a release. A COMMIT is of a project outside; the others are records."""

    CHANGE = "change"
    MERGE_REQUEST = "merge_request"
    COMMIT = "commit"


@dataclass(frozen=True, slots=True)
class Stay:
    """A span in which an item was in its release before it was put in again."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Inclusion:
    """An item of a release; one that was taken out stays known, and is not `included`.

    `covered_by` is the change or merge request of ours that a commit belongs to, which stands for
    its authorisation.
    """

    id: str
    version: int
    release: str
    kind: ItemKind
    reference: str
    covered_by: str | None
    included: bool
    put_by: str
    put_at: datetime
    taken_by: str | None = None
    taken_at: datetime | None = None
    embargoed: Internal[bool] = False
    stays: Internal[tuple[Stay, ...]] = ()
    taken_grant: Internal[str | None] = None
    taken_grants: Internal[tuple[str, ...]] = ()  # by what else it might have been

    def was_in(self, at: datetime) -> bool:
        """Whether it was in the release at a moment."""
        now = self.put_at <= at and (self.taken_at is None or self.taken_at > at)
        return now or any(each.since <= at < each.until for each in self.stays)


# Events.


@dataclass(frozen=True, slots=True)
class Added:
    """The item was put into the release."""

    release: str
    kind: ItemKind
    reference: str
    covered_by: str | None = None
    embargoed: bool = False


@dataclass(frozen=True, slots=True)
class Removed:
    """The item was taken out of the release; `grant` says by what right, of one that hides."""

    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AddedAgain:
    """The item was put into the release again."""

    covered_by: str | None = None


def evolve(state: Inclusion | None, recorded: Recorded) -> Inclusion:
    """Fold one event; TypeError for one that is no event of an item, or not its first."""
    event, by, at = recorded.event, recorded.by, recorded.at
    if isinstance(event, Added):
        told = (event.release, event.kind, event.reference, event.covered_by)
        id, version = recorded.subject, recorded.version
        hidden = event.embargoed
        return Inclusion(id, version, *told, included=True, put_by=by, put_at=at, embargoed=hidden)
    if state is not None and isinstance(event, Removed):
        taken = {"taken_by": by, "taken_at": at}
        taken |= {"taken_grant": event.grant, "taken_grants": event.other_grants}
        return moved(state, recorded, included=False, **taken)
    if state is not None and isinstance(event, AddedAgain):
        again: dict[str, Any] = {"put_by": by, "put_at": at, "taken_by": None, "taken_at": None}
        again |= {"taken_grant": None, "taken_grants": ()}
        again["stays"] = _stays(state)
        return moved(state, recorded, included=True, covered_by=event.covered_by, **again)
    raise TypeError(f"{type(event).__name__} does not belong here")


def _stays(state: Inclusion) -> tuple[Stay, ...]:
    """The spans in which it was in there; of too many the oldest count as one."""
    last = (Stay(state.put_at, state.taken_at),) if state.taken_at else ()
    stays = (*state.stays, *last)
    if len(stays) <= MOST_STAYS:
        return stays
    return (Stay(stays[0].since, stays[1].until), *stays[2:])


# Commands, which only a release's own commands ask for.


def add(
    _state: None,
    context: Context,
    *,
    release: str,
    kind: ItemKind,
    reference: str,
    covered_by: str | None = None,
    embargoed: bool = False,
) -> list[Any]:
    """Put an item into a release; it is known to who may know of the release."""
    return [Added(release, kind, reference, covered_by, embargoed)]


def add_again(state: Inclusion, context: Context, *, covered_by: str | None = None) -> list[Any]:
    """Put an item in again that was taken out."""
    return [AddedAgain(covered_by)]


def remove(
    state: Inclusion,
    context: Context,
    *,
    grant: str | None = None,
    other_grants: tuple[str, ...] = (),
) -> list[Any]:
    """Take an item out of its release."""
    return [Removed(grant, other_grants)]


def item_id(release: str, kind: ItemKind, reference: str) -> str:
    """The id of this item in this release, so that it is there once."""
    return sha256(f"{release}\n{kind.value}\n{reference}".encode()).hexdigest()[:32]


AGGREGATE: Final = Aggregate(
    "inclusion",
    Inclusion,
    events=(Added, Removed, AddedAgain),
    evolve=evolve,
    commands=(
        Command(add, internal=True),
        Command(add_again, internal=True),
        Command(remove, internal=True),
    ),
    indexed=("release", "reference", "covered_by", "included"),
    fold=5,
)
