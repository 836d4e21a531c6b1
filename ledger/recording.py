"""Decided events into rows: facts and parts, envelope, leaf, and the changed columns of states."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import takewhile
from operator import is_not
from typing import Any

from domain.belonging import in_the_open
from domain.digest import instant
from domain.kernel import Erases, Rows
from ledger import codec
from ledger.envelope import Envelope, Part, commit, encode_envelope, salted, seal
from ledger.merkle import leaf_hash
from ledger.request import Request
from ledger.scene import Pending
from ledger.writes import EventRow, PartRow, Replaced, Writes

FACTS = "facts"
PLAIN = frozenset((str, int, bool, type(None)))
"""What a driver takes as it is."""


def record(
    request: Request, events: list[Pending], writes: Writes, policy: str | None
) -> tuple[str, ...]:
    """Append a request's events to what the batch writes; answers their ids."""
    return tuple([_record(pending, request, writes, policy) for pending in events])


def _record(pending: Pending, request: Request, writes: Writes, policy: str | None) -> str:
    position = writes.head.size + len(writes.events)
    facts, contents = codec.encode_event(pending.event)
    kept, *apart = salted({FACTS: facts, **contents})
    commitments = {part.name: part.commitment for part in (kept, *apart)}
    true = outer = _envelope(pending, request, policy, commit(commitments))
    sealed = pending.hushed or not in_the_open(pending.after)
    if sealed:
        outer, hidden = seal(true)
        writes.parts.append(_part(position, hidden, hidden.commitment))
    row = _row(pending, request, policy, true.kind)
    line = encode_envelope(outer)
    stored = (sealed, line, leaf_hash(line), kept.content, kept.salt)
    writes.events.append(EventRow._make((position, true.id, *row, *stored)))
    writes.parts.extend([_part(position, part, commitments[part.name]) for part in apart])
    if isinstance(pending.event, Erases):
        writes.erasures.append(pending.event)
    return true.id


def _row(pending: Pending, request: Request, policy: str | None, kind: str) -> tuple[Any, ...]:
    """What an event's row says in columns, from `at` to `outcome`."""
    recorded = pending.recorded
    about = (kind, pending.aggregate.name, recorded.subject, recorded.version)
    asked = (recorded.by, recorded.behalf, request.credential, request.id)
    return (recorded.at, recorded.happened, *about, *asked, policy, outcome(request))


def _part(position: int, part: Part, commitment: bytes) -> PartRow:
    return PartRow(position, part.name, commitment, part.salt, part.content)


def _envelope(pending: Pending, request: Request, policy: str | None, committed: str) -> Envelope:
    recorded = pending.recorded
    happened = recorded.happened
    return Envelope(
        actor=recorded.by,
        aggregate=pending.aggregate.name,
        at=codec.spelled(recorded.at),
        commit=committed,
        credential=request.credential,
        behalf=recorded.behalf,
        happened=instant(happened) if happened else None,
        id=recorded.id,
        kind=pending.aggregate.kind(type(pending.event)),
        outcome=outcome(request),
        policy=policy,
        request=request.id,
        subject=recorded.subject,
        version=recorded.version,
    )


def outcome(request: Request) -> str:
    """What an envelope says of its event: recorded here, or claimed to have been elsewhere."""
    return "claimed" if request.claimed else "recorded"


# Snapshots.

Derived = tuple[Any, ...]
"""The rows of one table that are derived from a state."""
Beside = Mapping[str, Derived]
"""The rows beside a state by table; a table that nobody asked about is left out."""


def paint(aggregate: Any, before: Any, after: Any, writes: Writes, known: Beside) -> Beside:
    """Add the columns of a state that changed, and its derived rows if they did.

    `known` are the rows beside the state before, as far as they are remembered; answered are those
    beside the state after, for the next time.
    """
    columns = codec.columns(aggregate)
    if before is None:
        values = [value_of(aggregate, column, after) for column in columns]
        writes.inserts.setdefault(aggregate.name, []).append((*values, aggregate.fold))
    else:
        changed = list(_changes(aggregate, columns, before, after))
        if changed:
            key = (aggregate.name, tuple([name for name, _ in changed]))
            row = (after.id, *[value for _, value in changed])
            writes.updates.setdefault(key, []).append(row)
    return {
        rows.table: _painted(rows, before, after, writes, known.get(rows.table))
        for rows in aggregate.rows
        if rows.table in known or before is None or _touched(rows, before, after)
    }


def _painted(
    rows: Rows[Any], before: Any, after: Any, writes: Writes, known: Derived | None
) -> Derived:
    """The rows beside a state; they are added from the first that differs from those before."""
    if known is not None and not _touched(rows, before, after):
        return known
    fresh = tuple(rows.of(after))
    stood = known if known is not None else () if before is None else tuple(rows.of(before))
    if fresh != stood:
        since = sum(1 for _ in takewhile(_same, zip(stood, fresh, strict=False)))
        plain = [row_values(rows.row, row) for row in fresh[since:]]
        replaced = Replaced(after.id, since, len(stood) > since, plain)
        writes.rows.setdefault(rows.table, []).append(replaced)
    return fresh


def _touched(rows: Rows[Any], before: Any, after: Any) -> bool:
    """Whether derived rows may differ; what a fold left alone is the same object."""
    needs = rows.needs
    if not needs:
        return True
    read = codec.values_of(needs)
    return any(map(is_not, read(before), read(after)))


def _same(pair: tuple[Any, Any]) -> bool:
    return bool(pair[0] == pair[1])


def _changes(
    aggregate: Any, columns: tuple[codec.Column, ...], before: Any, after: Any
) -> Iterator[tuple[str, Any]]:
    """The columns whose values differ; what a fold left alone is the same object."""
    names, read = _fields(aggregate)
    moved = set()
    for column, old, value in zip(columns, read(before), read(after), strict=False):
        if value is not old and value != old:
            moved.add(column.name)
            yield column.name, codec.plain_value(column, value)
    for column in columns[len(names) :]:
        needs = aggregate.column_needs.get(column.name)
        if needs is None or not moved.isdisjoint(needs):
            value, old = (value_of(aggregate, column, each) for each in (after, before))
            if value != old:
                yield column.name, value


@cache
def _fields(aggregate: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """The names of a state's own columns, which come first, and what reads them all at once."""
    names = tuple(column.name for column in codec.columns(aggregate) if not column.derived)
    return names, codec.values_of(names)


def value_of(aggregate: Any, column: codec.Column, state: Any) -> Any:
    """A column's value, as a driver takes it."""
    if column.derived:
        return codec.plain_value(column, aggregate.columns[column.name][1](state))
    return codec.plain_value(column, getattr(state, column.name))


def row_values(kind: type, row: Any) -> tuple[Any, ...]:
    """A derived row's values, as a driver takes them."""
    names, columns = _row_columns(kind)
    return tuple(
        [
            value
            if type(value) in PLAIN and column.kind != "json"
            else codec.plain_value(column, value)
            for column, value in zip(columns, codec.values_of(names)(row), strict=True)
        ]
    )


@cache
def _row_columns(kind: type) -> tuple[tuple[str, ...], tuple[codec.Column, ...]]:
    hints = codec.hints(kind)
    return tuple(hints), tuple(
        codec.Column(name, codec.column_kind(hint), hint) for name, hint in hints.items()
    )
