"""The GraphQL types of pages: connections, edges, page info and counts."""

from __future__ import annotations

from typing import Any

from strawberry.types.base import StrawberryList, StrawberryOptional

from api.derived.fields import attribute, build, resolved
from api.derived.meanings import one, several, spaced
from api.derived.paging import Page, TotalCount, count
from api.derived.types import Types

PAGE_INFO = build(
    "PageInfo",
    "Whether there is more, and where this page begins and ends.",
    {
        "has_next_page": attribute("has_next_page", bool, "Whether more follows this page."),
        "has_previous_page": attribute("has_previous_page", bool, "Whether more precedes it."),
        "start_cursor": attribute(
            "start_cursor", StrawberryOptional(str), "The cursor of the first edge, if any."
        ),
        "end_cursor": attribute(
            "end_cursor", StrawberryOptional(str), "The cursor of the last edge, if any."
        ),
    },
)
TOTAL_COUNT = build(
    "TotalCount",
    "How many there are. Counting stops at 1,000.",
    {
        "count": attribute("count", int, "The number, at most 1,000."),
        "capped": attribute("capped", bool, "Whether there are more than were counted."),
    },
)


def connection_type(types: Types, noun: str) -> type:
    """The connection of nodes published as `noun`; also publishes its edge."""
    things = several(noun)
    edge = build(
        f"{noun}Edge",
        f"{one(noun).capitalize()} and its place in a list.",
        {
            "cursor": attribute("cursor", str, "Where it stands; opaque, bound to this list."),
            "node": attribute("node", types.later(noun), f"The {spaced(noun)}."),
        },
    )
    types.publish(f"{noun}Edge", edge)
    made = build(
        f"{noun}Connection",
        f"A page of {things}.",
        {
            "edges": attribute("edges", StrawberryList(edge), "The page, in the list's order."),
            "page_info": attribute("page_info", PAGE_INFO, "What lies around this page."),
            "total_count": resolved(
                "total_count",
                types.later("TotalCount"),
                "How many there are on all pages; costs a statement of its own.",
                _total,
            ),
        },
    )
    types.namespace.setdefault("TotalCount", TOTAL_COUNT)
    published: type = types.publish(f"{noun}Connection", made)
    return published


async def _total(root: Page, context: Any) -> TotalCount:
    found: TotalCount = await context.look(
        lambda connection, sight: count(connection, root.make(sight))
    )
    return found
