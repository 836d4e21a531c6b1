"""Verifying a log and rebuilding from it: against the same hashing in memory, and flat memory."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from time import perf_counter
from typing import Any

from sqlalchemy import select

from api.machine.installation import Desk, Installation
from benchmarks import places
from benchmarks.figures import Figure, against, alone
from benchmarks.organisation import BATCH, Organisation, check
from benchmarks.places import Place
from benchmarks.sizes import Size
from ledger.databases import admin_engine
from ledger.merkle import CompactRange
from ledger.rebuilding import rebuild
from ledger.stretches import LENGTH
from ledger.verifying import verify_contents, verify_tree

AT_ONCE = 300  # changes that are made before the events are counted
PASSES = 3  # of pass 1 and of hashing in each round; the best counts


def measure(size: Size, server: str) -> Iterator[Figure]:
    """Every figure on both databases."""
    for place in places.each(server):
        yield from _on(place, size)


def _on(place: Place, size: Size) -> Iterator[Figure]:
    with _growing(place) as grow:
        grow(size.events // 2)
        half = _peaks(place)
        events = grow(size.events)
        whole = _peaks(place)
    yield from _speeds(place, size, events)
    for name, small, large in zip(("pass 1", "pass 2"), half, whole, strict=True):
        yield against(
            f"verify, {name}, memory with {events} events",
            place.kind,
            [large],
            "MB",
            [small],
            "with half of them",
            required=1.5,
            at_most=True,
        )


@contextmanager
def _growing(place: Place) -> Iterator[Callable[[int], int]]:
    """Lets a log grow to at least so many events, by changes and their approvals."""
    with places.founded(place) as desk:
        organisation = Organisation(desk)
        organisation.build()

        def grow(wanted: int) -> int:
            while (reached := _events(place)) < wanted:
                _approved(desk, organisation, min(AT_ONCE, (wanted - reached) // 6 + 3))
            return reached

        yield grow


def _approved(desk: Desk, organisation: Organisation, number: int) -> None:
    votes = list(organisation.approvals(organisation.changes(number)))
    for start in range(0, len(votes), BATCH):
        for answer in desk.writer.run(votes[start : start + BATCH]):
            check(answer)
    desk.writer.rest()


@contextmanager
def _opened(place: Place) -> Iterator[Installation]:
    installation = Installation.open(place.settings)
    try:
        yield installation
    finally:
        installation.close()


def _events(place: Place) -> int:
    with _opened(place) as opened, opened.reader.connection() as connection:
        return opened.reader.head(connection).size


def _peaks(place: Place) -> tuple[float, float]:
    """The most memory that each pass took, in MB."""
    with _opened(place) as opened:
        _sound(verify_tree(opened.reader, [opened.key.verifier]))  # what is loaded once counts not
        return (
            _peak(lambda: verify_tree(opened.reader, [opened.key.verifier])),
            _peak(lambda: verify_contents(opened.reader)),
        )


def _peak(faults: Callable[[], Iterable[Any]]) -> float:
    gc.collect()
    tracemalloc.start()
    try:
        _sound(faults())
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def _sound(faults: Iterable[Any]) -> None:
    found = list(faults)
    assert not found, found


def _speeds(place: Place, size: Size, events: int) -> Iterator[Figure]:
    took: dict[str, list[float]] = {name: [] for name in ("tree", "hashing", "contents", "rebuild")}
    engine = admin_engine(place.settings.url)
    with _opened(place) as opened:
        reader, keys = opened.reader, [opened.key.verifier]
        envelopes, leaves = _in_memory(opened)
        for _ in range(size.rounds):
            tree, hashing = [], []
            for _ in range(PASSES):
                tree.append(_timed(lambda: _sound(verify_tree(reader, keys))))
                hashing.append(_timed(lambda: _hash(envelopes, leaves)))
            took["tree"].append(events / min(tree))
            took["hashing"].append(events / min(hashing))
        for _ in range(max(1, size.rounds // 3)):
            took["contents"].append(events / _timed(lambda: _sound(verify_contents(reader))))
            again = _timed(lambda: rebuild(reader, engine, everything=True))
            took["rebuild"].append(events / again)
    engine.dispose()
    yield against(
        "verify, pass 1, events",
        place.kind,
        took["tree"],
        "/s",
        took["hashing"],
        "hashing in memory",
        required=0.4,
    )
    yield alone("verify, pass 2, events", place.kind, took["contents"], "/s")
    yield alone("rebuild, events", place.kind, took["rebuild"], "/s")


def _in_memory(opened: Installation) -> tuple[list[bytes], list[bytes]]:
    events = opened.reader.tables.events
    with opened.reader.connection() as connection:
        statement = select(events.c.envelope, events.c.leaf).order_by(events.c.position)
        rows = connection.execute(statement).all()
    return [bytes(row.envelope) for row in rows], [bytes(row.leaf) for row in rows]


def _hash(envelopes: list[bytes], leaves: list[bytes]) -> CompactRange:
    """The hashes of pass 1, and nothing else."""
    grown = CompactRange()
    for start in range(0, len(leaves), LENGTH):
        here = leaves[start : start + LENGTH]
        for envelope, leaf in zip(envelopes[start : start + LENGTH], here, strict=True):
            assert sha256(b"\x00" + envelope).digest() == leaf
        grown = grown.extend(here)
    return grown


def _timed(act: Callable[[], object]) -> float:
    started = perf_counter()
    act()
    return perf_counter() - started
