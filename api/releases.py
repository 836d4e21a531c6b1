"""The list of releases, in an order of one's choice, and the waivers that end soon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Final

import strawberry
from sqlalchemy import ColumnElement, exists, or_
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api import unreachable
from api.derived.lists import equal, filter_arguments, undated_last
from api.derived.nouns import INPUTS, TYPES
from api.derived.paging import After, Before, First, Kept, Last, Listing, asked, listing, page
from api.filtered import Filter, Order, filtered_field
from api.gates import moment_of
from api.hands import read_hands
from api.hiding.visibility import Sight
from api.waivers import lifting
from domain.release.aggregate import AGGREGATE
from domain.release.checks.beyond import beyond_reach
from domain.release.gate.question import Question
from domain.release.standing import scopes_of
from domain.release.state import ENDED, Release
from domain.waiver.state import WARNED, Status, Waiver


@dataclass(frozen=True, slots=True)
class Ending:
    """What narrows the list by whether a release goes on."""

    ended: Annotated[
        bool | None, "That were closed or given up; or the others, which go on still."
    ] = None


ENDING: Final = INPUTS.of_fields(Ending)
ARGUMENTS: Final = (*filter_arguments(INPUTS, AGGREGATE), *unreachable.ARGUMENTS, *ENDING)


class ReleaseOrder(StrEnum):
    """In which order releases are listed (S0-05, S1-50)."""

    PRIORITY = "priority"
    NEWEST = "newest"
    SCHEDULED = "scheduled"


_ORDERS: Final = {
    "PRIORITY": "Those for availability first, then those for security; of each the newest first.",
    "NEWEST": "The newest first, whatever they are for.",
    "SCHEDULED": "The earliest date first, and last those that have none.",
}


def releases_field() -> dict[str, StrawberryField]:
    """The query `releases`."""
    narrowed = Filter("ReleaseFilter", "Release", "What narrows the list.", ARGUMENTS)
    ordered = "In which order: by priority, with availability and security first, if left out."
    about, order = (
        "The releases to be seen, in an order of your choice.",
        Order(ReleaseOrder, ordered, _ORDERS),
    )
    return filtered_field("releases", "ReleaseConnection", about, narrowed, listed, order=order)


def listed(sight: Sight, wanted: Mapping[str, Any], order: ReleaseOrder) -> Listing:
    """The releases that are wanted; descending, so that the lowest rank comes first negated."""
    table = sight.reader.snapshot(Release)
    plain = {key: value for key, value in wanted.items() if key not in (unreachable.NAME, "ended")}
    where = equal(sight, Release, plain)
    over, ended = table.c.status.in_(sorted(each.value for each in ENDED)), wanted.get("ended")
    if wanted.get(unreachable.NAME):
        where.append(~over)
    if ended is not None:
        where.append(over if ended else ~over)
    by: dict[ReleaseOrder, Sequence[ColumnElement[Any]]] = {
        ReleaseOrder.PRIORITY: (-table.c.rank,),
        ReleaseOrder.NEWEST: (),
        ReleaseOrder.SCHEDULED: (undated_last(table.c.scheduled),),
    }
    return listing(
        sight,
        Release,
        f"releases {order.value}",
        by=by[order],
        where=where,
        filter=wanted,
        descending=order is not ReleaseOrder.SCHEDULED,
        kept=_kept(sight, wanted),
    )


def _kept(sight: Sight, wanted: Mapping[str, Any]) -> Kept:
    moment = moment_of(sight)

    def beyond(state: Release) -> bool:
        known, scopes = (moment.standing.authority, moment.records), scopes_of(state)

        def who(action: str) -> frozenset[str]:
            return moment.who(action, scopes)

        return beyond_reach(Question(state, moment.at, *known, who, there=moment.who))

    return unreachable.kept(sight, wanted, beyond, partial(read_hands, moment.records))


# Waivers.


def waivers_field() -> dict[str, StrawberryField]:
    """The query `waiversEndingSoon`."""

    async def resolver(  # noqa: PLR0917  (Strawberry passes them by name)
        info: Info,
        everybody: bool = False,
        first: First = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        after: After = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        part = asked(first, last, after, before)
        return await page(info.context, lambda sight: ending(sight, everybody=everybody), part)

    whose = strawberry.argument(description="Not only those that concern you.")
    resolver.__annotations__ |= {"info": Info, "everybody": Annotated[bool, whose]}
    about = (
        "The waivers that lift something now and run out within 24 hours, the first to end first: "
        "those you asked for or granted, and those of releases you opened or have a duty in."
    )
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = TYPES.later("WaiverConnection")
    return {"waivers_ending_soon": field}


def ending(sight: Sight, *, everybody: bool) -> Listing:
    """The waivers that lift something now and will run out soon."""
    table = sight.reader.snapshot(Waiver)
    where = [
        table.c.status == Status.GRANTED.value,
        table.c.expires_at > sight.at,
        table.c.expires_at <= sight.at + WARNED,
        lifting(sight),
    ]
    if not everybody:
        where.append(_concerns(sight, table))
    by, told = (table.c.expires_at,), {"everybody": everybody}
    name = "waivers_ending_soon"
    return listing(sight, Waiver, name, by=by, where=where, filter=told, descending=False)


def _concerns(sight: Sight, table: Any) -> ColumnElement[bool]:
    releases = sight.reader.snapshot(Release)
    duties = sight.reader.tables.rows["release_duties"]
    me = sight.principal
    return or_(
        table.c.requested_by == me,
        table.c.approved_by == me,
        exists().where(releases.c.id == table.c.release, releases.c.author == me),
        exists().where(duties.c.owner == table.c.release, duties.c.person == me),
    )


QUERIES: Final[dict[str, StrawberryField]] = {**releases_field(), **waivers_field()}
