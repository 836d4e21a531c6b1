"""Restoring: a backup into an empty database, verified whole, and recorded as the next event."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, LargeBinary, Table, insert, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from api.deployment import REGISTRY, TABLES
from api.machine.agreement import head_faults
from api.machine.backups import CHUNK, FORMAT, Progress
from api.machine.files import told
from api.machine.founding import make_private, upgraded
from api.machine.installation import Desk, Installation, Unready
from api.machine.keys import checkpoint_file, signing_key
from api.machine.revision import needed
from api.rules import PolicyRules
from api.settings import Settings
from domain.log import SUBJECT, Log
from ledger.databases import admin_engine
from ledger.note import VerifierKey
from ledger.store import Reader
from ledger.tables import Instant
from ledger.verifying import verify_contents, verify_tree

UNFIT = "what it holds does not fit together"
UNRECORDED = "A restore has not been recorded yet: run `changegate restore --accept`.\n"


class Unrestorable(Unready):
    """The file is no backup this version can restore, or the database is not empty."""


class Within(Reader):
    """Reads within one transaction that is not committed yet."""

    def __init__(self, connection: Connection) -> None:
        """Read through this connection alone."""
        super().__init__(connection.engine, REGISTRY, TABLES, PolicyRules())
        self._connection = connection

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """The transaction."""
        yield self._connection


def load(settings: Settings, file: Path, reason: str, progress: Progress) -> int:
    """Put a backup into an empty database and record the restore; answers the size restored.

    Raises Unrestorable, with nothing kept, when the file is broken, cut short, altered, of another
    version or signed by another key, or when the database holds a log already.
    """
    lines = _read(file)
    about = next(lines, {})
    if (about.get("format"), about.get("revision")) != (FORMAT, needed()):
        raise Unrestorable(f"{file} is no backup made by this version")
    key = signing_key(settings, str(about.get("origin"))).verifier
    make_private(settings)
    upgraded(settings.url)
    engine = admin_engine(settings.url)
    try:
        with engine.begin() as connection:
            _check_empty(connection)
            _insert(connection, lines, file, progress)
            _check(Within(connection), key, file)
            _leave_word(settings)
    except OperationalError:
        raise  # it is the database that cannot be used, not the file
    except (SQLAlchemyError, ValueError, TypeError, LookupError, OverflowError) as broken:
        raise Unrestorable(f"{file} was damaged or altered: {UNFIT}") from broken
    finally:
        engine.dispose()
    return accept(settings, reason)


def accept(settings: Settings, reason: str) -> int:
    """Record that the database as it stands was restored; answers how many events it has.

    The checkpoint that was kept before is put aside: whoever compares it with the log sees that
    they differ, and the new event says why.
    """
    put_aside(settings)
    installation = Installation.open(settings)
    try:
        with installation.reader.connection() as connection:
            head = installation.reader.head(connection)
        root = head.range.root().hex()
        writer = installation.writer()
        try:
            Desk(writer).ask("log.restore", SUBJECT, size=head.size, root=root, reason=reason)
        finally:
            writer.close()
    finally:
        installation.close()
    return head.size


def put_aside(settings: Settings) -> Path | None:
    """Keep the newest checkpoint under a name of its own; answers which."""
    kept = checkpoint_file(settings)
    if kept is None or not kept.exists():
        return None
    if kept.read_bytes() == UNRECORDED.encode():
        kept.unlink()
        return None
    names = (kept.with_name(f"{kept.name}.before-restore-{number}") for number in count(1))
    aside = next(each for each in names if not each.exists())
    return kept.rename(aside)


def _leave_word(settings: Settings) -> None:
    """See to it that a restore that is interrupted before it is recorded is noticed."""
    put_aside(settings)
    kept = checkpoint_file(settings)
    if kept is not None:
        kept.write_text(UNRECORDED, encoding="utf-8")


def _read(file: Path) -> Iterator[dict[str, Any]]:
    """The lines of a backup but the last, which has to say how many rows there were."""
    rows, counted = -1, None
    try:
        with gzip.open(file, "rb") as lines:
            for line in lines:
                read = msgspec.json.decode(line, type=dict[str, Any])
                if "rows" in read:
                    counted = read["rows"]
                else:
                    rows += 1
                    yield read
    except (gzip.BadGzipFile, zlib.error, msgspec.DecodeError) as fault:
        raise Unrestorable(f"{file} is no backup, or was damaged") from fault
    except EOFError as fault:
        raise Unrestorable(f"{file} was cut short") from fault
    except OSError as fault:
        raise Unrestorable(told(file, fault)) from fault
    if counted != rows:
        raise Unrestorable(f"{file} was cut short")


def _check_empty(connection: Connection) -> None:
    if connection.execute(select(TABLES.head.c.id)).first() is not None:
        raise Unrestorable("the database holds a log: restore into an empty one")


def _insert(
    connection: Connection, lines: Iterator[dict[str, Any]], file: Path, progress: Progress
) -> None:
    waiting: list[dict[str, Any]] = []
    table: Table | None = None
    for done, line in enumerate(lines, 1):
        try:
            next_table = TABLES.metadata.tables[line["table"]]
            values = _values(next_table, line["row"])
        except (LookupError, TypeError, ValueError, AttributeError) as fault:
            told = f"{file} was damaged or altered: its line {done + 1} is no row of a table"
            raise Unrestorable(told) from fault
        if table is not None and (next_table is not table or len(waiting) >= CHUNK):
            connection.execute(insert(table), waiting)
            waiting = []
            progress(done)
        table = next_table
        waiting.append(values)
    if table is not None:
        connection.execute(insert(table), waiting)


def _values(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {column.name: _value(column.type, row[column.name]) for column in table.columns}


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    return datetime.fromisoformat(value) if isinstance(kind, Instant) else value


def _check(reader: Reader, key: VerifierKey, file: Path) -> None:
    """Raise Unrestorable unless everything is as it was recorded and signed by this key."""
    with reader.connection() as connection:
        log = reader.get(connection, Log, SUBJECT)
    if log is not None and log.key not in (None, str(key)):
        raise Unrestorable(f"{file} is signed by another key, {log.key}: name it")
    found = (*verify_tree(reader, [key]), *verify_contents(reader), *head_faults(reader))
    for fault in found:
        raise Unrestorable(f"{file} was altered: {fault.message} ({fault.code})")
