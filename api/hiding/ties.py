"""Ties of changes to commits of what was hidden since: these hide with it, wherever they stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from api.hiding.visibility import Sight
from api.records import StoredRecords
from domain.change.events import Linked, Unlinked
from domain.change.links import withheld
from domain.change.state import Link, LinkKind, Since
from domain.merge_request.state import MergeRequest
from ledger.codec import decode_event

if TYPE_CHECKING:
    from api.history.history import LoggedEvent

LINKED: Final = "change.linked"
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


def untold(sight: Sight, ties: Collection[Since]) -> frozenset[Since]:
    """Those of these that the reader is not told of: what is hidden is read for all at once."""
    if not ties:
        return frozenset()
    table = sight.reader.snapshot(MergeRequest)
    read = select(*sight.reader.columns(MergeRequest))
    rows = sight.connection.execute(read.where(table.c.id.in_(sight.unseen("merge_request"))))
    hidden = [sight.reader.state_of(MergeRequest, row) for row in rows]
    return withheld(ties, hidden, StoredRecords(sight.reader, sight.connection))


def untold_in(sight: Sight, told: Iterable[tuple[LoggedEvent, Any]]) -> Mapping[int, str]:
    """The commits that events tell of, and not to the reader, by the place of the event.

    A tie that was cut is told no more than while it was there.
    """
    of = {
        each.place: (each, event.link)
        for each, event in told
        if isinstance(event, Linked | Unlinked) and event.link.kind is LinkKind.COMMIT
    }
    ever = {place: Since(link.reference, LONG_AGO) for place, (_, link) in of.items()}
    hides = untold(sight, ever.values())
    made = {
        place: Since(link.reference, _made(sight, each, link))
        for place, (each, link) in of.items()
        if ever[place] in hides
    }
    secret = untold(sight, made.values())
    return {place: each.commit for place, each in made.items() if each in secret}


def _made(sight: Sight, event: LoggedEvent, link: Link) -> datetime:
    """When the tie was made that an event tells of: by that one, or by the last one before it."""
    if event.kind == LINKED:
        return event.at
    events = sight.reader.tables.events
    of_it = (events.c.aggregate == event.aggregate, events.c.subject == event.subject)
    before = (events.c.kind == LINKED, events.c.position < event.place)
    asked = select(events.c.at, events.c.facts).where(*of_it, *before)
    rows = sight.connection.execute(asked.order_by(events.c.position.desc()))
    made = (at for at, facts in rows if decode_event(Linked, bytes(facts), {}).link == link)
    return next(made, event.at)
