"""Decided events into rows: facts and parts, envelope, leaf, and the changed columns of states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from itertools import compress
from operator import is_not
from typing import Any, NamedTuple

from domain.belonging import in_the_open
from domain.digest import instant
from domain.kernel import Erases, Rows
from ledger import codec, facts
from ledger.envelope import Envelope, Part, commit, encode_envelope, salted, seal
from ledger.merkle import leaf_hash
from ledger.request import Request
from ledger.scene import Pending
from ledger.writes import EventRow, PartRow, Replaced, Writes

FACTS = "facts"


def record(
    request: Request, events: list[Pending], writes: Writes, policy: str | None
) -> tuple[str, ...]:
    """Append a request's events to what the batch writes; answers their ids."""
    return tuple([_record(pending, request, writes, policy) for pending in events])


def _record(pending: Pending, request: Request, writes: Writes, policy: str | None) -> str:
    position = writes.head.size + len(writes.events)
    told, contents = facts.encode_event(pending.event)
    kept, *apart = salted({FACTS: told, **contents})
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
        kind=_kind(pending.aggregate, pending.event.__class__),
        outcome=outcome(request),
        policy=policy,
        request=request.id,
        subject=recorded.subject,
        version=recorded.version,
    )


@cache
def _kind(aggregate: Any, event: Any) -> str:
    """The stored kind of an event."""
    kind: str = aggregate.kind(event)
    return kind


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
    if before is None:
        columns = codec.columns(aggregate)
        values = [value_of(aggregate, column, after) for column in columns]
        writes.inserts.setdefault(aggregate.name, []).append((*values, aggregate.fold))
        return {rows.table: _painted(rows, None, after, writes, ()) for rows in aggregate.rows}
    moved = _moved(aggregate, before, after)
    if moved:
        changed = _changes(aggregate, moved, before, after)
        row = (after.id, *[value for _, value in changed])
        writes.updates.setdefault((aggregate.name, tuple([n for n, _ in changed])), []).append(row)
    names = moved.keys()
    fresh = {
        rows.table: _painted(rows, before, after, writes, known.get(rows.table))
        for rows in aggregate.rows
        if not (rows.needs and names.isdisjoint(rows.needs))
    }
    return {**known, **fresh}


def _painted(
    rows: Rows[Any], before: Any, after: Any, writes: Writes, known: Derived | None
) -> Derived:
    """The rows beside a state; they are added from the first that differs from those before."""
    fresh = tuple(rows.of(after))
    stood = tuple(rows.of(before)) if known is None else known
    since = _alike(stood, fresh)
    if not since == len(stood) == len(fresh):
        plain = [row_values(rows.row, row) for row in fresh[since:]]
        replaced = Replaced(after.id, since, len(stood) > since, plain)
        writes.rows.setdefault(rows.table, []).append(replaced)
    return fresh


def _alike(stood: Derived, fresh: Derived) -> int:
    """How many of the first rows are the same."""
    for at, (was, row) in enumerate(zip(stood, fresh, strict=False)):
        if was != row:
            return at
    return min(len(stood), len(fresh))


def _moved(aggregate: Any, before: Any, after: Any) -> dict[str, Any]:
    """The values of the fields that differ, by name; what a fold left alone is the same object."""
    fields, read = _fields(aggregate)
    old, new = read(before), read(after)
    other = compress(zip(fields, old, new, strict=True), map(is_not, old, new))
    return {name: value for name, was, value in other if value != was}


def _changes(
    aggregate: Any, moved: Mapping[str, Any], before: Any, after: Any
) -> list[tuple[str, Any]]:
    """The columns that differ with their values, as a driver takes them: fields, then derived."""
    columns = _columns(aggregate)
    changed = [(name, codec.plain_value(columns.own[name], v)) for name, v in moved.items()]
    touched = [each for name in moved if name in columns.by for each in columns.by[name]]
    for column in dict.fromkeys((*columns.always, *touched)):
        value, was = (value_of(aggregate, column, each) for each in (after, before))
        if value != was:
            changed.append((column.name, value))
    return changed


@cache
def _fields(aggregate: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """The names of a state's fields, and what reads them all at once."""
    names = tuple(codec.hints(aggregate.state))
    return names, codec.values_of(names)


class _Columns(NamedTuple):
    """A state's own columns by name, and the derived ones: `by` a field they need, or `always`."""

    own: Mapping[str, codec.Column]
    by: Mapping[str, list[codec.Column]]
    always: tuple[codec.Column, ...]


@cache
def _columns(aggregate: Any) -> _Columns:
    needed = aggregate.column_needs
    own = {each.name: each for each in codec.columns(aggregate) if not each.derived}
    derived = [each for each in codec.columns(aggregate) if each.derived]
    by: dict[str, list[codec.Column]] = {}
    for each in derived:
        for name in needed.get(each.name, ()):
            by.setdefault(name, []).append(each)
    return _Columns(own, by, tuple(each for each in derived if each.name not in needed))


def value_of(aggregate: Any, column: codec.Column, state: Any) -> Any:
    """A column's value, as a driver takes it."""
    if column.derived:
        return codec.plain_value(column, aggregate.columns[column.name][1](state))
    return codec.plain_value(column, getattr(state, column.name))


def row_values(kind: type, row: Any) -> tuple[Any, ...]:
    """A derived row's values, as a driver takes them; most are so already."""
    read, unlike = _row_shape(kind)
    values: tuple[Any, ...] = read(row)
    if not unlike:
        return values
    plain = list(values)
    for at, column in unlike:
        plain[at] = codec.plain_value(column, plain[at])
    return tuple(plain)


@cache
def _row_shape(
    kind: type,
) -> tuple[Callable[[Any], tuple[Any, ...]], tuple[tuple[int, codec.Column], ...]]:
    """What reads a derived row, and the columns whose values no driver takes, by their places."""
    hints = codec.hints(kind)
    columns = [codec.Column(name, codec.column_kind(hint), hint) for name, hint in hints.items()]
    unlike = [(at, each) for at, each in enumerate(columns) if not codec.taken_as_it_is(each)]
    return codec.values_of(tuple(hints)), tuple(unlike)
