"""The lineage of a number, page by page: every record that it was worked out from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any, Final

import strawberry
from strawberry.types.base import StrawberryList
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.derived.connections import PAGE_INFO
from api.derived.cursors import Cursors
from api.derived.fields import attribute, build
from api.derived.nouns import TYPES
from api.derived.paging import After, Asked, Before, Edge, First, Last, PageInfo, asked
from domain.metrics.metrics import Metric

EDGE: Final = build(
    "MetricSourceEdge",
    "What a number was worked out from, and its place among the others.",
    {
        "cursor": attribute("cursor", str, "Where it stands; opaque, bound to this definition."),
        "node": attribute("node", str, "The id of a record, or of two events with `..` between."),
    },
)
CONNECTION: Final = build(
    "MetricSourceConnection",
    "A page of what a number was worked out from.",
    {
        "edges": attribute("edges", StrawberryList(EDGE), "The page, in order of the ids."),
        "page_info": attribute("page_info", PAGE_INFO, "What lies around this page."),
    },
)


@dataclass(frozen=True, slots=True)
class Sources:
    """One page of what a number was worked out from."""

    edges: list[Edge]
    page_info: PageInfo


def sources(metric: Metric, part: Asked, cursors: Cursors) -> Sources:
    """The part that is asked for of everything the number comes from; also when more came since."""
    definition = metric.definition
    bound = sha256(f"metric\n{definition.id}\n{definition.version}".encode()).digest()
    keyed = _between(_keyed(metric.every_source), part, cursors, bound)
    start = max(0, len(keyed) - part.size) if part.backwards else 0
    chosen = keyed[start : start + part.size]

    def seal(key: Any) -> str:
        return cursors.seal(key, bound)

    edges = [Edge(key[0], key, seal) for key in chosen]
    more = len(keyed) > len(chosen)
    before, after = part.before is not None, part.after is not None
    about = PageInfo(
        has_next_page=before if part.backwards else more,
        has_previous_page=more if part.backwards else after,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Sources(edges, about)


def _between(
    keyed: list[tuple[Any, ...]], part: Asked, cursors: Cursors, bound: bytes
) -> list[tuple[Any, ...]]:
    """What lies after and before the cursors; raises Refusal `bad_cursor` for those of others."""
    if part.after:
        low = cursors.open(part.after, bound, (str, int), "after")
        keyed = [each for each in keyed if each > low]
    if part.before:
        high = cursors.open(part.before, bound, (str, int), "before")
        keyed = [each for each in keyed if each < high]
    return keyed


def _keyed(ids: Sequence[str]) -> list[tuple[Any, ...]]:
    """The sorted ids, each with how many of the same stand before it."""
    found: list[tuple[Any, ...]] = []
    for id in ids:
        again = found[-1][1] + 1 if found and found[-1][0] == id else 0
        found.append((id, again))
    return found


def _field() -> StrawberryField:
    async def resolver(  # noqa: PLR0917  (Strawberry passes them by name)
        root: Any,
        info: Info,
        first: First = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        after: After = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        part = asked(first, last, after, before)
        return sources(root, part, info.context.access.cursors)

    resolver.__annotations__ |= {"root": Any, "info": Info, "return": Any}
    about = "Everything the number comes from, page by page; `sources` are the first of them."
    field = strawberry.field(resolver=resolver, description=about)
    field.python_name = "lineage"
    field.type_annotation = TYPES.later("MetricSourceConnection")
    return field  # type: ignore[no-any-return]


@cache
def publish() -> None:
    """The type of numbers with this field, before any type that holds one."""
    TYPES.publish("MetricSourceEdge", EDGE)
    TYPES.publish("MetricSourceConnection", CONNECTION)
    TYPES.object(Metric, {"lineage": _field()})
