"""Verifying a log against itself: hashes, tree and head; then contents, columns and snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import count
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
from ledger.merkle import TILE_WIDTH, CompactRange, complete_root, leaf_hashes
from ledger.note import BadNote, VerifierKey
from ledger.store import Reader
from ledger.stretches import Stretch, stretches
from ledger.subjects import subjects
from ledger.verifying_beside import check_denials, check_replies
from ledger.verifying_snapshots import check_snapshot, check_strays


def verify_tree(
    reader: Reader, keys: Iterable[VerifierKey], progress: Progress | None = None
) -> Iterator[Fault]:
    """Pass 1: every stored envelope hashes to its leaf, the leaves to the head, the head is signed.

    Memory stays flat; `progress` is told how many events have been read.
    """
    with reader.connection() as connection:
        head = reader.head(connection)
        grown = tiled = CompactRange()  # of the leaves, and of the roots of whole tiles
        signed_root: bytes | None = None
        for stretch, tiles in stretches(connection, partial(_lowest_tiles, reader, connection)):
            start, leaves = grown.size, stretch.leaves
            yield from _check_leaves(start, stretch)
            roots = _tile_roots(leaves)
            yield from _check_lowest_tiles(tiles, start // TILE_WIDTH, leaves, roots)
            before, tiled = grown, tiled.extend(roots)
            rest = CompactRange().extend(leaves[len(roots) * TILE_WIDTH :])
            grown = CompactRange(start + len(leaves), tiled.hashes + rest.hashes)
            if start < head.signed_size <= grown.size:
                some = leaves[: head.signed_size - start]
                signed = grown if head.signed_size == grown.size else before.extend(some)
                signed_root = signed.root()
            if progress:
                progress(grown.size)
        yield from _check_head(head, grown)
        yield from _check_checkpoint(head, signed_root, list(keys))
        yield from _check_tiles(reader, connection, grown.size)


def _check_leaves(start: int, stretch: Stretch) -> Iterator[Fault]:
    positions, envelopes, leaves = stretch
    true = leaf_hashes(envelopes)
    if true == [*leaves] and [*positions] == [*range(start, start + len(leaves))]:
        return
    for expected, position, hashed, leaf in zip(
        count(start), positions, true, leaves, strict=False
    ):
        if position != expected:
            yield Fault("gap", f"position {expected} is missing", expected)
        if hashed != leaf:
            yield Fault("envelope_altered", "the envelope is not the one that was hashed", expected)


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


def _tile_roots(leaves: Sequence[bytes]) -> list[bytes]:
    ends = range(TILE_WIDTH, len(leaves) + 1, TILE_WIDTH)
    return [complete_root(leaves[end - TILE_WIDTH : end]) for end in ends]


def _lowest_tiles(
    reader: Reader, connection: Connection, start: int, number: int
) -> dict[int, tuple[bytes, bytes]]:
    """Hashes and root of each stored tile over so many events from `start` on."""
    tiles = reader.tables.tiles
    statement = select(tiles.c.number, tiles.c.hashes, tiles.c.root).where(
        tiles.c.level == 0,
        tiles.c.number >= start // TILE_WIDTH,
        tiles.c.number < (start + number) // TILE_WIDTH,
    )
    return {row[0]: (bytes(row[1]), bytes(row[2])) for row in connection.execute(statement)}


def _check_lowest_tiles(
    stored: dict[int, tuple[bytes, bytes]], first: int, leaves: Sequence[bytes], roots: list[bytes]
) -> Iterator[Fault]:
    """Compare the tiles from `first` on with these leaves; the last ones may not fill a tile."""
    for nth, root in enumerate(roots):
        here = b"".join(leaves[nth * TILE_WIDTH : (nth + 1) * TILE_WIDTH])
        if stored.get(first + nth) != (here, root):
            yield _tile_altered(0, first + nth)


def _tile_altered(level: int, number: int) -> Fault:
    return Fault("tile_altered", f"tile {number} of level {level} is not as it was")


def _check_tiles(reader: Reader, connection: Connection, size: int) -> Iterator[Fault]:
    """Compare the tiles above the lowest with the roots below them."""
    tree = reader.tree(connection, size)
    level, width = 1, size // TILE_WIDTH // TILE_WIDTH
    while width:
        for number in range(width):
            hashes = tree.read_tile(level, number)
            first = number * TILE_WIDTH
            leaves = tree.read_edge(level, first, first + TILE_WIDTH)
            roots = tree.read_edge(level + 1, number, number + 1)
            if hashes != b"".join(leaves) or list(roots) != [complete_root(leaves)]:
                yield _tile_altered(level, number)
        level, width = level + 1, width // TILE_WIDTH


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
        yield from check_replies(reader, connection)
        yield from check_denials(reader, connection)


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
    if true is envelope and any(part.name == SEALED for part in event.parts):
        yield Fault("part_forged", "something sealed of an event that is not", position)
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
        if part.name == SEALED and part.content is not None:
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
