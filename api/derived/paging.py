"""Lists in pages: keyset connections, one statement a page, and one more for a count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from typing import Annotated, Any, Final, NamedTuple

import msgspec
import strawberry
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    bindparam,
    func,
    literal,
    select,
    tuple_,
)

from api.derived.cursors import Cursors, Key
from api.hiding.visibility import Sight
from domain.kernel import Problems
from ledger.tables import Instant

DEFAULT: Final = 20
MOST: Final = 100
COUNTED: Final = 1_000
"""Counting stops here, so that no list is walked to its end for a number."""
FIRST_PAGES: Final = 512
"""First pages whose statements are kept: of lists that nothing narrows, for each who reads."""

First = Annotated[int | None, strawberry.argument(description="The first so many, at most 100.")]
Last = Annotated[int | None, strawberry.argument(description="The last so many, at most 100.")]
After = Annotated[str | None, strawberry.argument(description="Only what follows this cursor.")]
Before = Annotated[str | None, strawberry.argument(description="Only what precedes this cursor.")]


# Asking.


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of a list is asked for."""

    size: int
    backwards: bool
    after: str | None
    before: str | None


def asked(first: Any, last: Any, after: Any, before: Any) -> Asked:
    """The part of a list these arguments name; raises Refusal with every problem at once."""
    problems = Problems()
    both = isinstance(first, int) and isinstance(last, int)
    problems.unless(not both, "first_and_last", "Ask for the first or for the last.", "last")
    for name, size in (("first", first), ("last", last)):
        if isinstance(size, int):
            problems.unless(size >= 0, "negative_page", "A page is not negative.", name)
            problems.unless(size <= MOST, "page_too_large", f"At most {MOST} at a time.", name)
    problems.settle()
    backwards = isinstance(last, int)
    size = next((each for each in (first, last) if isinstance(each, int)), DEFAULT)
    return Asked(size, backwards, after or None, before or None)


# Answering.


class Kept(NamedTuple):
    """What of the nodes a list keeps, and what reads at once what tells that of several."""

    keep: Callable[[Any], bool] | None = None
    ahead: Callable[[Sequence[Any]], None] | None = None


ALL: Final = Kept()


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: what is selected, in which order, and how a row becomes a node.

    `order` ends in a column that is unique, and none of its columns is ever null. `filter` says
    in plain values what narrowed it, and binds cursors to that. `keep` leaves out nodes that the
    database cannot tell from others, and `ahead` reads at once what it looks at of several nodes.
    `lasting` says that the statement and the order are the same objects for whoever sees alike, so
    that it pays to keep what is made of them. `given` is what the statement is given as it is run.
    """

    name: str
    statement: Select[Any]
    order: Sequence[ColumnElement[Any]]
    node: Callable[[Row[Any]], Any]
    filter: Mapping[str, Any] = field(default_factory=dict)
    descending: bool = False
    keep: Callable[[Any], bool] | None = None
    ahead: Callable[[Sequence[Any]], None] | None = None
    lasting: bool = False
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def bound(self) -> bytes:
        """What a cursor of this list is bound to."""
        told = [self.name, [str(each) for each in self.order], self.descending, dict(self.filter)]
        return sha256(msgspec.json.encode(told, order="sorted")).digest()

    @property
    def kinds(self) -> tuple[type, ...]:
        """The types of the sort values."""
        return tuple(_kind(each.type) for each in self.order)


def _kind(stored: Any) -> type:
    return datetime if isinstance(stored, Instant) else stored.python_type


def listing(
    sight: Sight,
    state: type,
    name: str,
    *,
    by: Sequence[ColumnElement[Any]] = (),
    where: Sequence[ColumnElement[bool]] = (),
    filter: Mapping[str, Any] | None = None,
    descending: bool = True,
    kept: Kept = ALL,
) -> Listing:
    """A list of the states that may be seen, ordered `by` columns and then by id."""
    order = (*by, sight.reader.snapshot(state).c.id)
    statement, given = sight.listed(state)

    def node(row: Row[Any]) -> Any:
        return sight.read(state, row)

    narrowed = statement.where(*where) if where else statement
    told = (narrowed, order, node, filter or {}, descending)
    return Listing(name, *told, *kept, lasting=not where, given=given)


@dataclass(frozen=True, slots=True)
class Edge:
    """A node and where it stands; the cursor is sealed only when it is asked for."""

    node: Any
    key: Key
    seal: Callable[[Key], str]

    @property
    def cursor(self) -> str:
        """The opaque cursor of this place."""
        return self.seal(self.key)


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Whether there is more, and where the page begins and ends."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class TotalCount:
    """How many there are, counted up to a thousand."""

    count: int
    capped: bool


Make = Callable[[Sight], Listing]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `make` makes the list again, to count it."""

    edges: Sequence[Edge]
    page_info: PageInfo
    make: Make


async def page(context: Any, make: Make, part: Asked) -> Page:
    """The part of a list that is asked for, by the asker's sight, in one statement."""

    def fetch(connection: Connection, sight: Sight) -> Page:
        return read_page(connection, make(sight), part, context.access.cursors, make)

    found: Page = await context.look(fetch)
    return found


def read_page(
    connection: Connection, found: Listing, part: Asked, cursors: Cursors, make: Make
) -> Page:
    """Run the statement of a page: one row more than asked tells whether there is more."""
    bound = found.bound

    def seal(key: Key) -> str:
        return cursors.seal(key, bound)

    falling, size = found.descending is not part.backwards, part.size + 1
    if found.lasting and part.after is None and part.before is None:
        statement = _first_page(found.statement, tuple(found.order), size, falling=falling)
    else:
        statement = _sorted(
            _between(found, part, cursors, bound), found.order, size, falling=falling
        )
    nodes = list(islice(_nodes(connection, found, statement, size, falling=falling), size))
    more = len(nodes) > part.size
    edges = [Edge(node, key, seal) for node, key in nodes[: part.size]]
    if part.backwards:
        edges.reverse()
    before, after = part.before is not None, part.after is not None
    about = PageInfo(
        has_next_page=before if part.backwards else more,
        has_previous_page=more if part.backwards else after,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Page(edges, about, make)


def _between(found: Listing, part: Asked, cursors: Cursors, bound: bytes) -> Select[Any]:
    """What stands between the cursors that were given."""
    statement = found.statement
    for cursor, argument in ((part.after, "after"), (part.before, "before")):
        if cursor is not None:
            key = cursors.open(cursor, bound, found.kinds, argument)
            rising = (argument == "after") is not found.descending
            statement = statement.where(_beyond(found.order, key, rising=rising))
    return statement


def _sorted(
    statement: Select[Any], order: Sequence[ColumnElement[Any]], size: int, *, falling: bool
) -> Select[Any]:
    """The first so many rows, each with its place in the order.

    The number stands in the statement itself: PostgreSQL then plans that once, and not each time,
    since a plan for any number of rows looks dearer to it than one for these few.
    """
    by = [each.desc() if falling else each.asc() for each in order]
    limit = bindparam(None, size, Integer, literal_execute=True)
    return statement.add_columns(*order).order_by(*by).limit(limit)


_first_page = lru_cache(maxsize=FIRST_PAGES)(_sorted)
"""Kept for statements that are kept: to word and to recognise one takes as long as to run it."""


def _nodes(
    connection: Connection, found: Listing, first: Select[Any], size: int, *, falling: bool
) -> Iterator[tuple[Any, Key]]:
    """The nodes with their keys, from so many rows at once; and from more, if some are left out."""
    width, further = len(found.order), first
    while True:
        rows = connection.execute(further, found.given or None).all()
        nodes = [found.node(row) for row in rows]
        if found.ahead is not None:
            found.ahead(nodes)
        for row, node in zip(rows, nodes, strict=True):
            if found.keep is None or found.keep(node):
                yield node, tuple(row[-width:])
        if found.keep is None or len(rows) < size:
            return
        size = max(size, MOST)
        rest = _beyond(found.order, tuple(rows[-1][-width:]), rising=not falling)
        further = first.where(rest).limit(size)


def _beyond(order: Sequence[ColumnElement[Any]], key: Key, *, rising: bool) -> ColumnElement[bool]:
    place = tuple_(*(literal(value, each.type) for each, value in zip(order, key, strict=True)))
    return tuple_(*order) > place if rising else tuple_(*order) < place


def count(connection: Connection, found: Listing) -> TotalCount:
    """How many the list has, up to a thousand; one by one, if it leaves some out."""
    if found.keep is not None:
        rows = _sorted(found.statement, found.order, MOST, falling=False)
        number = sum(
            1 for _ in islice(_nodes(connection, found, rows, MOST, falling=False), COUNTED + 1)
        )
        return TotalCount(min(number, COUNTED), number > COUNTED)
    ones = found.statement.with_only_columns(literal(1), maintain_column_froms=True)
    some = ones.order_by(None).limit(COUNTED + 1)
    counted = select(func.count()).select_from(some.subquery())
    number = connection.execute(counted, found.given or None).scalar_one()
    return TotalCount(min(number, COUNTED), number > COUNTED)
