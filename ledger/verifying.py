"""Verifying a log against itself: hashes, tree and head; then contents, columns and snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from domain.digest import NotCanonical, instant
from ledger import replay
from ledger.checkpoint import open_checkpoint
from ledger.envelope import (
    FACTS,
    SALT_BYTES,
    SEALED,
    Envelope,
    Part,
    commit,
    decode_envelope,
    part_commitment,
    unseal,
)
from ledger.faults import Fault, Progress
from ledger.merkle import TILE_WIDTH, CompactRange, complete_root
from ledger.note import BadNote, VerifierKey
from ledger.store import Reader
from ledger.subjects import subjects
from ledger.verifying_snapshots import check_snapshot, check_strays

CHUNK = 4096


def verify_tree(
    reader: Reader, keys: Iterable[VerifierKey], progress: Progress | None = None
) -> Iterator[Fault]:
    """Pass 1: every stored envelope hashes to its leaf, the leaves to the head, the head is signed.

    Memory stays flat; `progress` is told how many events have been read.
    """
    with reader.connection() as connection:
        head = reader.head(connection)
        grown = CompactRange()
        signed_root: bytes | None = None
        for start, rows in _chunks(reader, connection):
            yield from _check_leaves(start, rows)
            leaves = [bytes(row.leaf) for row in rows]
            if start < head.signed_size <= start + len(rows):
                signed_root = grown.extend(leaves[: head.signed_size - start]).root()
            grown = grown.extend(leaves)
            if progress:
                progress(grown.size)
        yield from _check_head(head, grown)
        yield from _check_checkpoint(head, signed_root, list(keys))
        yield from _check_tiles(reader, connection, grown.size)


def _chunks(reader: Reader, connection: Connection) -> Iterator[tuple[int, list[Any]]]:
    events = reader.tables.events
    statement = select(events.c.position, events.c.envelope, events.c.leaf)
    result = connection.execution_options(yield_per=CHUNK).execute(
        statement.order_by(events.c.position)
    )
    start = 0
    for rows in result.partitions():
        yield start, list(rows)
        start += len(rows)


def _check_leaves(start: int, rows: list[Any]) -> Iterator[Fault]:
    for position, row in enumerate(rows, start):
        if row.position != position:
            yield Fault("gap", f"position {position} is missing", position)
        if sha256(b"\x00" + row.envelope).digest() != bytes(row.leaf):
            yield Fault("envelope_altered", "the envelope is not the one that was hashed", position)


def _check_head(head: Any, grown: CompactRange) -> Iterator[Fault]:
    if head.size != grown.size:
        yield Fault("head_size", f"the head says {head.size} events, there are {grown.size}")
    elif head.range != grown:
        yield Fault("head_altered", "the events do not make the tree that the head holds")


def _check_checkpoint(head: Any, root: bytes | None, keys: list[VerifierKey]) -> Iterator[Fault]:
    if head.checkpoint is None:
        if head.size:
            yield Fault("unsigned", "no checkpoint has been signed over this log")
        return
    try:
        checkpoint = open_checkpoint(head.checkpoint, head.origin, keys)
    except BadNote as bad:
        yield Fault("checkpoint_unverified", str(bad))
        return
    if checkpoint.size != head.signed_size or (root is not None and checkpoint.root != root):
        yield Fault("checkpoint_altered", "the signed checkpoint is over another tree")


def _check_tiles(reader: Reader, connection: Connection, size: int) -> Iterator[Fault]:
    tree = reader.tree(connection, size)
    level, count = 0, size // TILE_WIDTH
    while count:
        for number in range(count):
            hashes = tree.read_tile(level, number)
            first = number * TILE_WIDTH
            leaves = tree.read_edge(level, first, first + TILE_WIDTH)
            roots = tree.read_edge(level + 1, number, number + 1)
            if hashes != b"".join(leaves) or list(roots) != [complete_root(leaves)]:
                yield Fault("tile_altered", f"tile {number} of level {level} is not as it was")
        level, count = level + 1, count // TILE_WIDTH


# Pass 2.


def verify_contents(reader: Reader, progress: Progress | None = None) -> Iterator[Fault]:
    """Pass 2: parts match their commitments, columns their envelopes, snapshots their fold.

    An emptied part is no fault when a later erasure names it; any other emptied part is.
    """
    with reader.connection() as connection:
        erased = _erasures(reader, connection)
        seen = 0
        for subject in subjects(reader, connection):
            last = erased.get((subject.aggregate, subject.id), {})
            for event in subject.events:
                yield from _check_event(event, last)
            yield from check_snapshot(reader, connection, subject)
            seen += len(subject.events)
            if progress:
                progress(seen)
        yield from check_strays(reader, connection, reader.head(connection).size)


def _erasures(reader: Reader, connection: Connection) -> dict[tuple[str, str], dict[str, int]]:
    """Up to which position which parts of which subjects were erased by a recorded act."""
    named: dict[tuple[str, str], dict[str, int]] = {}
    if "erasure" not in reader.registry.by_name:
        return named
    for subject in subjects(reader, connection, aggregate="erasure"):
        acts = replay.recorded_events(reader.registry, subject.rows)
        for stored, recorded in zip(subject.events, acts, strict=True):
            act = recorded.event
            last = named.setdefault((act.aggregate, act.subject), {})
            for part in act.parts:
                last[part] = max(last.get(part, 0), stored.row.position)
    return named


def _check_event(event: Any, erased: dict[str, int]) -> Iterator[Fault]:
    position = event.row.position
    try:
        envelope = decode_envelope(bytes(event.row.envelope))
        true = _true_envelope(event, envelope)
    except (NotCanonical, ValueError) as fault:
        yield Fault("envelope_unreadable", str(fault), position)
        return
    for part in event.parts:
        yield from _check_part(part, erased)
    commitments = {part.name: bytes(part.commitment) for part in event.parts if part.name != SEALED}
    commitments[FACTS] = _commitment(event.row.salt, event.row.facts)
    if commit(commitments) != true.commit:
        yield Fault("parts_altered", "the parts are not those committed to", position)
    for column, value in _columns(true, sealed=true is not envelope):
        if _plain(getattr(event.row, column)) != value:
            yield Fault("column_altered", f"{column} is not the envelope's", position)


def _check_part(part: Any, erased: dict[str, int]) -> Iterator[Fault]:
    if part.name == SEALED:
        return
    if part.content is None:
        if part.position >= erased.get(part.name, 0):
            yield Fault("part_emptied", f"{part.name} was emptied by no act", part.position)
    elif _commitment(part.salt, part.content) != bytes(part.commitment):
        yield Fault("part_altered", f"{part.name} is not as committed", part.position)


def _commitment(salt: Any, content: Any) -> bytes:
    """What a part commits to; thirty-two zero bytes when its salt is no salt."""
    if len(salt) != SALT_BYTES:
        return bytes(32)
    return part_commitment(bytes(salt), bytes(content))


def _true_envelope(event: Any, envelope: Envelope) -> Envelope:
    if envelope.kind != SEALED:
        return envelope
    for part in event.parts:
        if part.name == SEALED:
            return unseal(envelope, Part(part.name, bytes(part.salt), bytes(part.content)))
    raise ValueError("a sealed event has lost what it sealed")


def _columns(true: Envelope, *, sealed: bool) -> list[tuple[str, Any]]:
    names = "id at happened kind aggregate subject version actor behalf credential request policy"
    return [
        *[(name, getattr(true, name)) for name in names.split()],
        ("outcome", true.outcome),
        ("sealed", sealed),
    ]


def _plain(value: Any) -> Any:
    return instant(value) if hasattr(value, "tzinfo") else value
