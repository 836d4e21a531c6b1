"""Backups: everything that stands in the tables as of one moment, as lines of JSON.

A backup reads on either database, so it also moves a log from SQLite to PostgreSQL. Keys and the
pepper are not in it.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from api.deployment import TABLES
from api.machine.files import written
from api.machine.installation import Installation
from api.machine.revision import needed

FORMAT: Final = 1
CHUNK: Final = 500
Progress = Callable[[int], None]


def save(installation: Installation, file: Path, progress: Progress) -> int:
    """Write everything as of one moment; answers the log's size.

    Raises Unwritable where it cannot be made, as where there is one. A backup that fails leaves
    no file.
    """
    with written(file) as raw, gzip.open(raw, "wb", compresslevel=6) as out:
        return _write(installation, out, progress)


def _write(installation: Installation, out: gzip.GzipFile, progress: Progress) -> int:
    with installation.reader.connection() as connection:
        head = installation.reader.head(connection)
        about = {"format": FORMAT, "revision": needed(), "origin": head.origin, "size": head.size}
        _line(out, about)
        rows = 0
        for rows, (table, row) in enumerate(_rows(connection), 1):
            _line(out, {"table": table, "row": row})
            if rows % CHUNK == 0:
                progress(rows)
        _line(out, {"rows": rows})
    return head.size


def _line(out: gzip.GzipFile, value: dict[str, Any]) -> None:
    out.write(msgspec.json.encode(value) + b"\n")


def _rows(connection: Connection) -> Iterator[tuple[str, dict[str, Any]]]:
    for table in TABLES.metadata.sorted_tables:
        ordered = select(table).order_by(*table.primary_key.columns)
        result = connection.execution_options(yield_per=CHUNK).execute(ordered)
        for row in result.mappings():
            plain = {str(name): _plain(value) for name, value in row.items()}
            yield str(table.name), plain


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    return value.isoformat() if isinstance(value, datetime) else value
