"""What everybody could read of a merge request before it was hidden, wherever it stood."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import strawberry
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    cast,
    literal,
    null,
    or_,
    select,
    union_all,
)
from strawberry.types.base import StrawberryList
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info
from typing_extensions import override

from api.derived.fields import Attribute, attribute, batched
from api.derived.identity import global_id
from api.derived.nouns import TYPES
from api.hiding.hushed import FIRST, ITEM
from api.hiding.visibility import Sight
from api.subjects import NOUNS
from domain.belonging import BELONGING
from domain.exposure import Shown
from domain.merge_request.state import MergeRequest
from domain.release.state import Release

MERGE_REQUEST: Final = "merge_request"
TIES: Final = ("change.linked", "change.unlinked")
BEFORE: Final = (
    "What everybody could read of it before it was hidden: its history, and of what else was about "
    "it or its commits: comments, reports, accords, ties of changes, places in releases, packages, "
    "records from elsewhere. Only what the reader may see; empty if it always was hidden."
)
ABOUT: Final[Mapping[str, tuple[str, ...]]] = {
    MERGE_REQUEST: ("id",),
    "accord": ("subject",),
    "erasure": ("subject",),
    **{
        name: tuple(column for column, kinds in owners.items() if MERGE_REQUEST in kinds)
        for name, owners in BELONGING.items()
    },
}
"""What is about a merge request, and in which columns that is named."""
OF_COMMITS: Final[Mapping[str, tuple[str, ...]]] = {
    "inclusion": ("reference",),
    "evidence": ("subject",),
    "package": ("commit",),
    "commit_record": ("sha",),
}
"""What is about a commit, and in which columns that is named."""


class Told(NamedTuple):
    """An event that everybody could read, and what of a merge request it is about."""

    key: str
    kind: str
    at: datetime
    actor: str
    aggregate: str
    subject: str
    request: str
    position: int
    sealed: bool
    """Whether it was hidden as it was recorded."""
    shown_at: datetime | None = None
    """When the release that hid it as well was shown, if there was one."""

    def read(self, request: MergeRequest) -> bool:
        """Whether everybody could read it before the merge request was hidden for the last time.

        What was recorded while that was hidden earlier could be read once it was shown.
        """
        until = request.hidden_since
        if not self.sealed:
            return self.at <= until
        shown = max((each.until for each in request.embargoes), default=None)
        by_then = self.shown_at is None or self.shown_at <= until
        return shown is not None and self.at <= shown and by_then


class RecordField(Attribute):
    """The record that an event is of, as a client names it."""

    @override
    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Any) -> Any:
        return global_id(NOUNS[source.noun], source.subject)


def shown(
    connection: Connection, sight: Sight, found: Sequence[MergeRequest]
) -> list[tuple[Shown, ...]]:
    """What had been shown of each, oldest first."""
    partly = sight.partial(found)
    hidden = [each for each in found if each.concealed_at and each.id not in partly]
    if not hidden:
        return [() for _ in found]
    told = [*_told(connection, sight, hidden), *_ties(connection, sight, hidden)]
    told += _contents(connection, sight, told)
    of = {each.id: _of(each, told) for each in hidden}
    return [of.get(each.id, ()) for each in found]


def _of(request: MergeRequest, told: Collection[Told]) -> tuple[Shown, ...]:
    own = _keys(request)
    events = {e.position: e for e in told if e.key in own and e.read(request)}
    ordered = (events[position] for position in sorted(events))
    return tuple(Shown(e.kind, e.at, e.actor, e.aggregate, e.subject) for e in ordered)


def _keys(request: MergeRequest) -> frozenset[str]:
    """What it is named by: its id, its commits, and its number in its project."""
    return frozenset((request.id, f"{request.project} {request.number}", *request.commits))


def _told(connection: Connection, sight: Sight, hidden: Sequence[MergeRequest]) -> Iterator[Told]:
    """The events of what is about these or their commits, but what a hidden release hides."""
    events, releases = sight.reader.tables.events, sight.reader.snapshot(Release)
    about = union_all(*_named(sight, hidden)).subquery()
    its = and_(events.c.aggregate == about.c.aggregate, events.c.subject == about.c.id)
    asked = (
        select(about.c.key, *_columns(events.c), releases.c.revealed_at)
        .join_from(about, events, its)
        .outerjoin(releases, releases.c.id == about.c.release)
        .where(or_(events.c.sealed.is_(False), releases.c.embargoed.is_not(True)))
    )
    for row in connection.execute(asked):
        yield Told._make(row)


def _columns(of: Any) -> tuple[ColumnElement[Any], ...]:
    told = (of.kind, of.at, of.actor, of.aggregate, of.subject)
    return (*told, of.request, of.position, of.sealed)


def _named(sight: Sight, hidden: Sequence[MergeRequest]) -> Iterator[Select[Any]]:
    """The records that name these, by what they name them, as far as the reader sees them."""
    ids = frozenset(each.id for each in hidden)
    commits = frozenset(commit for each in hidden for commit in each.commits)
    for columns, values in ((ABOUT, ids), (OF_COMMITS, commits)):
        for name, names in columns.items():
            for column in names:
                yield _naming(sight, name, column, values)
    numbers = frozenset(f"{each.project} {each.number}" for each in hidden)
    yield _numbered(sight, hidden, numbers)


def _naming(sight: Sight, name: str, column: str, values: Collection[str]) -> Select[Any]:
    aggregate = sight.reader.registry.by_name[name]
    table = sight.reader.tables.snapshot(aggregate)
    key = table.c[column].label("key")
    release = table.c.release if "release" in BELONGING.get(name, ()) else null()
    found = select(literal(name).label("aggregate"), table.c.id, key, release.label("release"))
    return found.where(table.c[column].in_(values), sight.shown(aggregate.state))


def _numbered(
    sight: Sight, hidden: Sequence[MergeRequest], numbers: Collection[str]
) -> Select[Any]:
    """What is told of these from elsewhere: it has their number in their project."""
    name = "merge_record"
    aggregate = sight.reader.registry.by_name[name]
    table = sight.reader.tables.snapshot(aggregate)
    key = table.c.project + " " + cast(table.c.number, Text)
    near = table.c.number.in_({each.number for each in hidden})
    told = (key.label("key"), null().label("release"))
    found = select(literal(name).label("aggregate"), table.c.id, *told)
    return found.where(near, key.in_(numbers), sight.shown(aggregate.state))


def _ties(connection: Connection, sight: Sight, hidden: Sequence[MergeRequest]) -> Iterator[Told]:
    """That changes were tied to these or to their commits, and such ties cut."""
    events = sight.reader.tables.events
    keys = frozenset().union(*map(_keys, hidden))
    until = max(each.hidden_since for each in hidden)
    asked = select(events.c.facts, *_columns(events.c)).where(
        events.c.kind.in_(TIES), events.c.sealed.is_(False), events.c.at <= until
    )
    for facts, *rest in connection.execute(asked):
        reference = json.loads(facts)["link"]["reference"]
        if reference in keys:
            yield Told(reference, *rest)


def _contents(connection: Connection, sight: Sight, told: Collection[Told]) -> list[Told]:
    """That releases took in what was about these, or let it go: what moved items at once."""
    events = sight.reader.tables.events
    moved: dict[str, dict[str, datetime | None]] = {}
    for each in told:
        if each.aggregate == ITEM:
            moved.setdefault(f"{each.request}{FIRST}", {})[each.key] = each.shown_at
    asked = select(*_columns(events.c), events.c.id).where(
        events.c.id.in_(moved), events.c.aggregate == "release"
    )
    seen = connection.execute(asked).all() if moved else []
    return [Told._make((key, *rest, at)) for *rest, id in seen for key, at in moved[id].items()]


RECORD: Final = attribute(
    "record", strawberry.ID, "The global id of the record that it is an event of.", RecordField
)
FIELDS: Final[dict[str, StrawberryField]] = {
    "shown_before": batched(
        "shown_before", StrawberryList(TYPES.object(Shown, {"record": RECORD})), BEFORE, shown
    ),
}
