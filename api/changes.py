"""The list of changes: by state, service, risk, window, person and text, in the order asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from sqlalchemy import ColumnElement, exists
from strawberry.types.field import StrawberryField

from api import unreachable
from api.derived.lists import undated_last
from api.derived.nouns import INPUTS
from api.derived.paging import Listing, listing
from api.filtered import Filter, Order, filtered_field
from api.gates import moment_of
from api.hiding.visibility import Sight
from domain.change.beyond import beyond_reach
from domain.change.question import Question
from domain.change.standing import scopes_of
from domain.change.state import DECIDABLE, UNDER_WAY, Change, Outcome, Status


class ChangeOrder(StrEnum):
    """In which order changes are listed."""

    NEWEST = "newest"
    PLANNED = "planned"
    DUE = "due"


_ORDERS: Final = {
    "NEWEST": "The newest first.",
    "PLANNED": "The earliest window first, and last those that have none.",
    "DUE": "What is owed soonest first, and last those that owe nothing.",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes: those for which everything given holds."""

    statuses: Annotated[tuple[Status, ...], "In one of these states."] = ()
    kind: Annotated[str | None, "Of this kind, in the playbook's words."] = None
    service: Annotated[str | None, "To this service."] = None
    risks: Annotated[tuple[str, ...], "With one of these risks."] = ()
    outcome: Annotated[Outcome | None, "That went like this."] = None
    person: Annotated[str | None, "In which this person has a part, whichever."] = None
    requester: Annotated[str | None, "That this person wants."] = None
    owner: Annotated[str | None, "That this person answers for."] = None
    environment: Annotated[str | None, "Carried out in this environment."] = None
    configuration_item: Annotated[str | None, "That touch this configuration item."] = None
    text: Annotated[str | None, "With these words in title, service, items or description."] = None
    planned_until: Annotated[datetime | None, "Whose window begins before this time."] = None
    planned_since: Annotated[datetime | None, "Whose window ends after this time."] = None
    due_until: Annotated[datetime | None, "That owe something before this time."] = None
    bypassed: Annotated[bool | None, "For which the glass was broken, or was not."] = None


ARGUMENTS: Final = (*INPUTS.of_fields(Wanted), *unreachable.ARGUMENTS)


def changes_field() -> dict[str, StrawberryField]:
    """The query `changes`."""
    which, ordered = "Which changes; all if left out.", "In which order; newest first if left out."
    narrowed, order = (
        Filter("ChangeFilter", "Change", which, ARGUMENTS),
        Order(ChangeOrder, ordered, _ORDERS),
    )
    about = "The changes to be seen."
    return filtered_field("changes", "ChangeConnection", about, narrowed, listed, order=order)


def listed(sight: Sight, wanted: Mapping[str, Any], way: ChangeOrder) -> Listing:
    """The changes that are wanted, in the order asked for."""
    table, moment = sight.reader.snapshot(Change), moment_of(sight)

    def beyond(change: Change) -> bool:
        own, authority = scopes_of(change), sight.held.authority
        known = (change, sight.moment, authority, moment.records, lambda act: moment.who(act, own))
        return beyond_reach(Question(*known, there=moment.who))

    by: dict[ChangeOrder, Sequence[ColumnElement[Any]]] = {
        ChangeOrder.NEWEST: (),
        ChangeOrder.PLANNED: (undated_last(table.c.window_since),),
        ChangeOrder.DUE: (undated_last(table.c.due),),
    }
    return listing(
        sight,
        Change,
        f"changes {way.value}",
        by=by[way],
        where=tests(sight, wanted),
        filter=wanted,
        descending=way is ChangeOrder.NEWEST,
        kept=unreachable.kept(sight, wanted, beyond),
    )


def tests(sight: Sight, wanted: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """What a filter asks of the table of changes and of the rows beside it."""
    table, rows = sight.reader.snapshot(Change), sight.reader.tables.rows
    people, related = rows["change_people"], rows["change_relations"]
    found: list[ColumnElement[bool]] = []
    for name, value in wanted.items():
        match name:
            case unreachable.NAME:
                waiting = [each.value for each in (*DECIDABLE, *UNDER_WAY, Status.ON_HOLD)]
                found += [table.c.status.in_(sorted(waiting))] if value else []
            case "statuses" | "risks":
                column = table.c.status if name == "statuses" else table.c.risk
                found.append(column.in_([str(each) for each in value]))
            case "person":
                mine = exists().where(people.c.owner == table.c.id, people.c.person == value)
                found.append(mine)
            case "environment" | "configuration_item":
                tied = (related.c.kind == name, related.c.reference == value)
                found.append(exists().where(related.c.owner == table.c.id, *tied))
            case "text":
                found += [table.c.search.contains(word, autoescape=True) for word in _words(value)]
            case _:
                found.append(_column(table, name, value))
    return found


def _words(text: str) -> list[str]:
    """The words of a search, as the column spells them; at most ten."""
    return text.casefold().split()[:10]


def _column(table: Any, name: str, value: Any) -> ColumnElement[bool]:
    bounds: dict[str, Callable[[], ColumnElement[bool]]] = {
        "planned_until": lambda: table.c.window_since < value,
        "planned_since": lambda: table.c.window_until > value,
        "due_until": lambda: table.c.due < value,
    }
    if name in bounds:
        return bounds[name]()
    equal: ColumnElement[bool] = table.c[name] == getattr(value, "value", value)
    return equal
