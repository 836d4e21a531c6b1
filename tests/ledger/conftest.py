"""What the ledger's tests share: a log of books on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger.ground import Ground, done, lay
from tests.ledger.serving import socket_folder
from tests.ledger.wiretap import Wiretap
from tests.ledger.writer_process import Nursery


@pytest.fixture
def ground(empty_database: str) -> Iterator[Ground]:
    """A founded log, on SQLite and on PostgreSQL."""
    lay(empty_database)
    ground = Ground(empty_database)
    yield ground
    ground.close()


@pytest.fixture
def sqlite_ground(empty_sqlite_database: str) -> Iterator[Ground]:
    """A founded log on SQLite, for what does not depend on the database."""
    lay(empty_sqlite_database)
    ground = Ground(empty_sqlite_database)
    yield ground
    ground.close()


@pytest.fixture
def postgresql_ground(empty_postgresql_database: str) -> Iterator[Ground]:
    """A founded log on PostgreSQL, for what is only there."""
    lay(empty_postgresql_database)
    ground = Ground(empty_postgresql_database)
    yield ground
    ground.close()


@pytest.fixture
def socket_path() -> Iterator[Path]:
    """Where a writer process may listen."""
    with socket_folder() as folder:
        yield folder / "writer"


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where writer processes come from."""
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def tap(postgresql_ground: Ground) -> Iterator[Wiretap]:
    """A tap on the line to a founded log."""
    with socket_folder() as folder:
        tap = Wiretap(postgresql_ground.url, folder)
        yield tap
        tap.close()


@pytest.fixture
def tapped(tap: Wiretap, postgresql_ground: Ground) -> Iterator[Ground]:
    """The log as it is reached through the tap; its writer has written once."""
    ground = Ground(tap.url)
    done(ground.submit("book.shelve", title="T"))
    yield ground
    ground.writer.database.close()
    ground.reader.engine.dispose()
