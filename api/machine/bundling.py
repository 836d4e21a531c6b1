"""A bundle of the whole log: what an auditor takes away and checks without the server."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from api.machine.files import written
from api.machine.installation import Installation, Unready
from ledger.bundle import Hidden, checkpoint_line, entry_line, header_line
from ledger.checkpoint import open_checkpoint
from ledger.envelope import FACTS, Part
from ledger.faults import Progress

CHUNK: Final = 500


def bundle(
    installation: Installation, file: Path, progress: Progress, *, contents: bool = False
) -> int:
    """Write the newest checkpoint and every entry below it; answers how many.

    `contents` tells what the entries say, personal data too, and not only that nothing of it was
    altered. Raises Unwritable where the file cannot be made, as where there is one, and Unready for
    a log without checkpoint.
    """
    with installation.reader.connection() as connection:
        note = installation.reader.head(connection).checkpoint
        if note is None:
            raise Unready("the log has no signed checkpoint yet")
        size = open_checkpoint(note, installation.origin, [installation.key.verifier]).size
        with written(file) as out:
            out.write(header_line(installation.origin, installation.verifiers()))
            out.write(checkpoint_line(note))
            for done, line in enumerate(_entries(connection, installation, size, contents), 1):
                out.write(line)
                if done % CHUNK == 0:
                    progress(done)
    return size


def _entries(
    connection: Connection, installation: Installation, size: int, contents: bool
) -> Iterator[bytes]:
    tables = installation.reader.tables
    events, parts = tables.events, tables.parts
    fields = [events.c.position, events.c.envelope]
    below = events.c.position < size
    if not contents:
        rows = connection.execution_options(yield_per=CHUNK).execute(
            select(*fields).where(below).order_by(events.c.position)
        )
        for row in rows:
            yield entry_line(row.position, _raw(row.envelope), None, None)
        return
    statement = (
        select(*fields, events.c.salt, events.c.facts)
        .add_columns(parts.c.name, parts.c.commitment)
        .add_columns(parts.c.salt.label("part_salt"), parts.c.content)
        .select_from(events.outerjoin(parts, parts.c.position == events.c.position))
        .where(below)
        .order_by(events.c.position, parts.c.name)
    )
    rows = connection.execution_options(yield_per=CHUNK).execute(statement)
    for _, group in groupby(rows, key=lambda row: row.position):
        yield _entry(list(group))


def _entry(rows: list[Any]) -> bytes:
    """An entry with all its parts; what was erased is named as such."""
    first = rows[0]
    parts: list[Part | Hidden] = [Part(FACTS, _raw(first.salt), _raw(first.facts))]
    for row in rows:
        if row.name is None:
            continue
        if row.content is None:
            parts.append(Hidden(row.name, _raw(row.commitment), "erased"))
        else:
            parts.append(Part(row.name, _raw(row.part_salt), _raw(row.content)))
    return entry_line(first.position, _raw(first.envelope), parts, None)


def _raw(stored: bytes | memoryview | str) -> bytes:
    """What is stored, also where somebody altered it into a text: the verifier finds that."""
    return stored.encode() if isinstance(stored, str) else bytes(stored)
