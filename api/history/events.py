"""The queries for history: of one object for all who see it, of the whole log for auditors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Final

import strawberry
from sqlalchemy import ColumnElement, Row, Select, Table, false, not_, select
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.context import READ_LOG
from api.derived.identity import read_global_id
from api.derived.nouns import INPUTS, TYPES
from api.derived.paging import After, Before, First, Last, Listing, asked, page
from api.filtered import Filter, filtered_field
from api.hiding.hushed import FIRST, ITEM, cleared, hushed, of_what_is_told
from api.hiding.telling import alias
from api.hiding.veil import VEILS, rows
from api.hiding.visibility import Sight
from api.history.history import COLUMNS, LoggedEvent, carried, told_columns

CONNECTION: Final = "LoggedEventConnection"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events."""

    actor: Annotated[str | None, "Who asked for them."] = None
    aggregate: Annotated[str | None, "About what kind of object, such as change."] = None
    kind: Annotated[str | None, "Of which kind, such as change.approved."] = None
    request: Annotated[str | None, "Of which request."] = None
    since: Annotated[datetime | None, "Recorded at this time or later."] = None
    until: Annotated[datetime | None, "Recorded before this time."] = None


ARGUMENTS: Final = INPUTS.of_fields(Wanted)


def history_fields() -> dict[str, StrawberryField]:
    """The two queries."""
    return {"history": _history(), **_events()}


def _history() -> StrawberryField:
    states = {TYPES.name(state): name for name, state in TYPES.states.items()}

    async def resolver(  # noqa: PLR0917  (Strawberry passes them by name)
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Whose history.")],
        first: First = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        after: After = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        part = asked(first, last, after, before)
        found = read_global_id(id, states)
        name, subject = (states[found[0]], found[1]) if found else ("", "")
        return await page(info.context, lambda sight: of_subject(sight, name, subject), part)

    about = "What happened to an object, newest first; nothing if there is none to be seen."
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = TYPES.later(CONNECTION)
    return field  # type: ignore[no-any-return]


def _events() -> dict[str, StrawberryField]:
    narrowed = Filter("EventFilter", "LoggedEvent", "Which events; all if left out.", ARGUMENTS)
    about = "The events of the log, newest first; for holders of `log.read`."
    return filtered_field("events", CONNECTION, about, narrowed, of_log)


def of_subject(sight: Sight, name: str, subject: str) -> Listing:
    """The events of one object, if it may be seen."""
    events = sight.reader.tables.events
    where: list[ColumnElement[bool]] = [false()]
    if name:
        state = sight.reader.registry.by_name[name].state
        table = sight.reader.snapshot(state)
        seen = select(table.c.id).where(table.c.id == subject, sight.shown(state))
        where = [events.c.aggregate == name, events.c.subject.in_(seen), carried(sight, name)]
    columns = told_columns(sight, name, _columns(events, hushed(sight.veil)))
    read = rows(columns, of_what_is_told(sight.veil))
    return _listing(sight, "history", read, where, {"of": f"{name}:{subject}"})


def of_log(sight: Sight, wanted: Mapping[str, Any]) -> Listing:
    """The events of the whole log, without those about what the reader is not cleared for.

    Whoever may not read the log as it is read is refused as `forbidden`.
    """
    sight.require(READ_LOG)
    events = sight.reader.tables.events
    equal = [events.c[name] == wanted[name] for name in EQUAL.keys() & wanted.keys()]
    veil, given = sight.gathered
    if wanted.keys() & WHO:
        equal.append(not_(hushed(veil)))
    narrowed = [*equal, *between(sight, wanted)]
    read = rows(_columns(events, hushed(veil)), cleared(veil))
    return replace(_listing(sight, "events", read, narrowed, dict(wanted)), given=given)


EQUAL: Final = dict.fromkeys(("actor", "aggregate", "kind", "request"))
"""What a filter compares as it is."""
WHO: Final = frozenset(("actor", "request"))
"""What is not told of an event that follows from something hidden: nothing is found by it."""


LATER: Final = frozenset(("security_fix.reviewed", "security_fix.linked"))
"""What may come after something untold in one request, beside items."""


def between(sight: Sight, wanted: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Bounds in time as bounds of positions, which rise with time."""
    position, reader = sight.reader.tables.events.c.position, sight.reader
    bounds = []
    if "since" in wanted:
        bounds.append(position >= reader.position_at(sight.connection, wanted["since"]))
    if "until" in wanted:
        bounds.append(position < reader.position_at(sight.connection, wanted["until"]))
    return bounds


def nameless(event: LoggedEvent, leaf: bytes) -> LoggedEvent:
    """An event that follows from something hidden, without what would tell from what."""
    return replace(unnumbered(event, leaf), actor=None, behalf=None)


def unnumbered(event: LoggedEvent, leaf: bytes) -> LoggedEvent:
    """An event without its number in its request, which tells how much else there was."""
    request = alias(leaf, event.at)
    return replace(event, request=request, id=request + FIRST)


def _listing(
    sight: Sight,
    name: str,
    read: Select[Any],
    narrowed: Sequence[ColumnElement[bool]],
    told: Mapping[str, Any],
) -> Listing:
    statement = read.where(*narrowed) if narrowed else read
    auditor = sight.may(READ_LOG)

    def node(row: Row[Any]) -> LoggedEvent:
        place, *rest = row[: len(COLUMNS)]
        shown = place if auditor else None
        told = LoggedEvent(*(shown, *rest, place))
        if row.hushed:
            return nameless(told, bytes(row.leaf))
        later = told.aggregate == ITEM or told.kind in LATER
        numbered = row.sealed and later and not auditor  # they know its position
        return unnumbered(told, bytes(row.leaf)) if numbered else told

    order = (sight.reader.tables.events.c.position,)
    return Listing(name, statement, order, node, told, descending=True, lasting=not narrowed)


@lru_cache(maxsize=VEILS)
def _columns(events: Table, follows: ColumnElement[bool]) -> tuple[ColumnElement[Any], ...]:
    beside = (follows.label("hushed"), events.c.leaf, events.c.sealed)
    return (*(events.c[each] for each in COLUMNS), *beside)
