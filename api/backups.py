"""Backups: everything that stands in the tables, as lines of JSON, and its recorded restore.

A backup reads on either database, so it also moves a log from SQLite to PostgreSQL. Keys and the
pepper are not in it.
"""

from __future__ import annotations

import base64
import gzip
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, LargeBinary, Table, func, insert, inspect, select

from api.deployment import TABLES
from api.founding import upgraded
from api.installation import Desk, Installation
from api.keys import checkpoint_file
from api.revision import needed
from api.settings import Settings
from ledger.databases import admin_engine
from ledger.merkle import leaf_hash
from ledger.tables import Instant

FORMAT: Final = 1
CHUNK: Final = 500
Progress = Callable[[int], None]


class Unrestorable(RuntimeError):
    """The file is no backup this version can restore, or the database is not empty."""


def save(installation: Installation, file: Path, progress: Progress) -> int:
    """Write everything as of one moment; answers the log's size."""
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "wb") as raw, gzip.open(raw, "wb") as out:
        with installation.reader.connection() as connection:
            head = installation.reader.head(connection)
            about = {"format": FORMAT, "revision": needed(), "origin": head.origin}
            _line(out, about | {"size": head.size})
            for done, (table, row) in enumerate(_rows(connection), 1):
                _line(out, {"table": table, "row": row})
                if done % CHUNK == 0:
                    progress(done)
        _line(out, {"end": True})
    return head.size


def _line(out: Any, value: dict[str, Any]) -> None:
    out.write(msgspec.json.encode(value) + b"\n")


def _rows(connection: Connection) -> Iterator[tuple[str, dict[str, Any]]]:
    for table in TABLES.metadata.sorted_tables:
        result = connection.execution_options(yield_per=CHUNK).execute(select(table))
        for row in result.mappings():
            yield table.name, {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    return value.isoformat() if isinstance(value, datetime) else value


def load(settings: Settings, file: Path, reason: str, progress: Progress) -> int:
    """Put a backup into an empty database and record the restore; answers the size restored.

    Raises Unrestorable, leaving the database as it was, when the file is broken or cut short, or
    when the database holds a log already.
    """
    lines = _read(file)
    about = next(lines, None)
    if about is None or about.get("format") != FORMAT or about.get("revision") != needed():
        raise Unrestorable(f"{file} is no backup made by this version")
    upgraded(settings.url)
    engine = admin_engine(settings.url)
    try:
        with engine.begin() as connection:
            _check_empty(connection)
            _insert(connection, lines, progress)
            _check_leaves(connection, about)
    finally:
        engine.dispose()
    return _record(settings, reason)


def _read(file: Path) -> Iterator[dict[str, Any]]:
    ended = False
    try:
        with gzip.open(file, "rb") as lines:
            for line in lines:
                read = msgspec.json.decode(line)
                ended = bool(read.get("end"))
                if not ended:
                    yield read
    except (OSError, EOFError, msgspec.DecodeError) as fault:
        raise Unrestorable(f"{file} cannot be read: {fault}") from fault
    if not ended:
        raise Unrestorable(f"{file} was cut short")


def _check_empty(connection: Connection) -> None:
    if inspect(connection).has_table(TABLES.head.name):
        if connection.execute(select(func.count()).select_from(TABLES.head)).scalar_one():
            raise Unrestorable("the database holds a log: restore into an empty one")


def _insert(connection: Connection, lines: Iterator[dict[str, Any]], progress: Progress) -> None:
    waiting: list[dict[str, Any]] = []
    name = ""
    for done, line in enumerate(lines, 1):
        if waiting and (line["table"] != name or len(waiting) >= CHUNK):
            connection.execute(insert(TABLES.metadata.tables[name]), waiting)
            waiting = []
            progress(done)
        name = line["table"]
        waiting.append(_values(TABLES.metadata.tables[name], line["row"]))
    if waiting:
        connection.execute(insert(TABLES.metadata.tables[name]), waiting)


def _values(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(table.c[name].type, value) for name, value in row.items()}


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    return datetime.fromisoformat(value) if isinstance(kind, Instant) else value


def _check_leaves(connection: Connection, about: dict[str, Any]) -> None:
    """Every restored envelope hashes to its leaf, and there are as many as the file said."""
    events = TABLES.events
    count = 0
    result = connection.execution_options(yield_per=CHUNK).execute(
        select(events.c.envelope, events.c.leaf).order_by(events.c.position)
    )
    for row in result:
        count += 1
        if leaf_hash(bytes(row.envelope)) != bytes(row.leaf):
            raise Unrestorable(f"the backup's event {count - 1} is not the one that was hashed")
    if count != about["size"]:
        raise Unrestorable(f"the backup should hold {about['size']} events, it holds {count}")


def _record(settings: Settings, reason: str) -> int:
    """Let the restore be the next event; what was signed beyond it is explained by it."""
    kept = checkpoint_file(settings)
    if kept is not None and kept.exists():
        kept.replace(kept.with_name(f"{kept.name}.before-restore"))
    installation = Installation.open(settings)
    with installation.reader.connection() as connection:
        head = installation.reader.head(connection)
    writer = installation.writer()
    try:
        root = head.range.root().hex()
        Desk(writer).ask("log.restore", "log", size=head.size, root=root, reason=reason)
    finally:
        writer.close()
        installation.close()
    return head.size

