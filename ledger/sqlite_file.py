"""What is peculiar to a SQLite file: what its faults mean, and where erased words still stand."""

from __future__ import annotations

import logging
import sqlite3

LOG = logging.getLogger("changegate.ledger")
HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
AWAY = (
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
)
"""What a disk that is full, broken or gone answers, whatever the statement."""
WIPES_MS = 500
"""How long to wait for readers before erased words are left for a later try."""


def primary(fault: BaseException | None) -> int:
    """The primary result code of a fault of SQLite; 0 for any other."""
    return getattr(fault, "sqlite_errorcode", 0) & 0xFF


class Remains:
    """Sees to it that what was erased leaves no bytes in the file, nor in the `-wal` beside it."""

    def __init__(self, connection: sqlite3.Connection, wait_ms: int) -> None:
        """Let the connection overwrite what it deletes; it waits so long for others else."""
        self._connection = connection
        self._wait_ms = wait_ms
        self._left = False
        connection.execute("pragma secure_delete=on")

    def leave(self) -> None:
        """Something was erased, and pages with it still stand in the `-wal`."""
        self._left = True
        self.wipe()

    def wipe(self) -> None:
        """Bring the file up to date and empty the `-wal`, if need be.

        What was erased is committed already, so that nothing here may fail it: where somebody who
        reads keeps the pages, it is tried again after the next batch, and at the end.
        """
        if not self._left:
            return
        try:
            self._connection.execute(f"pragma busy_timeout={WIPES_MS}")
            found = self._connection.execute("pragma wal_checkpoint(truncate)").fetchall()
            self._connection.execute(f"pragma busy_timeout={self._wait_ms}")
        except sqlite3.Error:
            LOG.exception("erased words still stand in the file beside the database")
            return
        self._left = bool(found[0][0])
