"""Writer processes over the tests' log, which can be killed, or told to die at a named point.

Run as a program it is a nursery: it has imported everything once and makes a process in no time.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ledger.databases import libpq, parse
from ledger.heads import HeadSigner
from ledger.postgres import PostgresDatabase
from ledger.postgres_pipe import Statement
from ledger.server import WriterServer
from ledger.sqlite import SqliteDatabase
from ledger.writer import Writer
from ledger.writes import Database, Writes
from tests.ledger.ground import KEY, ORIGIN, REGISTRY, TABLES, LibraryRules

LOG = logging.getLogger("tests")
ROOT = Path(__file__).parents[2]
POINTS = (
    "before the write",
    "between write and commit",
    "after the commit",
    "after the signature",
    "while the checkpoint is kept",
)
"""Where a writer process can be told to die; what is done is in the log from the third on."""


@dataclass
class Fate:
    """Dies at a point, the so-manieth time it is reached."""

    point: str = ""
    times: int = 1

    def reach(self, point: str) -> None:
        if point == self.point:
            self.times -= 1
            if self.times == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class _Doomed:
    """The points of a driver at which its process can die."""

    fate: Fate

    def write(self, writes: Writes) -> None:
        self.fate.reach("before the write")
        super().write(writes)  # type: ignore[misc]
        self.fate.reach("after the commit")

    def sign(self, size: int, checkpoint: str) -> None:
        self.fate.reach("while the checkpoint is kept")
        super().sign(size, checkpoint)  # type: ignore[misc]


class DoomedPostgres(_Doomed, PostgresDatabase):
    def _commit(self, statements: list[Statement]) -> None:
        if self.fate.point == "between write and commit":
            self._pipe.run(statements)
            statements = []
        self.fate.reach("between write and commit")
        PostgresDatabase._commit(self, statements)


class DoomedSqlite(_Doomed, SqliteDatabase):
    def _commit(self, connection: sqlite3.Connection) -> None:
        self.fate.reach("between write and commit")
        SqliteDatabase._commit(self, connection)


@dataclass(slots=True)
class DoomedSigner(HeadSigner):
    """Signs as ever, and may die before anybody gets to know."""

    fate: Fate = field(default_factory=Fate)

    def sign(self, size: int, root: bytes) -> str:
        note = HeadSigner.sign(self, size, root)
        self.fate.reach("after the signature")
        return note


def doomed_writer(url: str, fate: Fate) -> Writer:
    """A writer that dies by its fate."""
    parsed = parse(url)
    database: Database
    if parsed.get_backend_name() == "sqlite":
        database = DoomedSqlite(str(parsed.database), REGISTRY, TABLES)
        database.fate = fate
    else:
        database = DoomedPostgres(libpq(parsed), REGISTRY, TABLES)
        database.fate = fate
    return Writer(REGISTRY, database, LibraryRules(), DoomedSigner(ORIGIN, [KEY], fate=fate))


def serve(url: str, path: str, point: str, times: int, ready: int) -> None:
    """Be a writer process until told to stop, or until the nursery is gone."""
    parent = os.getppid()
    server = WriterServer(doomed_writer(url, Fate(point, times)), Path(path))
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    os.write(ready, b".")
    os.close(ready)
    server.serve(watch=lambda: os.getppid() == parent)


def make(url: str, path: str, point: str, times: int) -> int:
    """Make a writer process; it listens when this returns its number."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            serve(url, path, point, times, writing)
            status = 0
        except Exception:
            LOG.exception("a writer process failed")
        finally:
            os._exit(status)
    os.close(writing)
    listens = os.read(reading, 1) == b"."
    os.close(reading)
    return child if listens else 0


def await_end(child: int) -> int:
    """The exit status of a writer process that has ended; negative when by a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    """Do as told, line by line, until nobody tells any more."""
    for line in sys.stdin:
        act, *arguments = json.loads(line)
        answer = make(*arguments) if act == "make" else await_end(*arguments)
        print(json.dumps(answer), flush=True)  # noqa: T201  (to whoever told)


class Nursery:
    """Where the tests get writer processes from."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.ledger.writer_process"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, url: str, path: Path, point: str = "", times: int = 1) -> int:
        """Start a writer process; it listens when this returns its number."""
        child = self._tell("make", url, str(path), point, times)
        assert child, "the writer process did not start"
        return child

    def end(self, child: int, how: signal.Signals) -> int:
        """Send a signal and wait for the process's end; answers its exit status."""
        os.kill(child, how)
        return self._tell("await", child)

    @contextmanager
    def writer(self, url: str, path: Path) -> Iterator[int]:
        """A writer process while the block runs; it must end well when told to."""
        child = self.start(url, path)
        try:
            yield child
        finally:
            status = self.end(child, signal.SIGTERM)
        assert status == 0, "the writer process did not end well"

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _tell(self, *act: object) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(act) + "\n")
        self._process.stdin.flush()
        answer: int = json.loads(self._process.stdout.readline())
        return answer


if __name__ == "__main__":
    main()
