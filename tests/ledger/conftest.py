"""What the ledger's tests share: a log of books on both databases."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.ledger.ground import Ground, done, lay
from tests.ledger.serving import socket_folder
from tests.ledger.wiretap import Wiretap
from tests.ledger.writer_process import Nursery


@pytest.fixture(scope="session")
def laid_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A founded log in an SQLite file, to copy."""
    path = tmp_path_factory.mktemp("laid") / "laid.sqlite"
    lay(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def laid_name(pg_server: str) -> Iterator[str]:
    """The name of a PostgreSQL database with a founded log, to copy."""
    name = f"laid_{os.getpid()}"
    postgres.create_database(pg_server, name)
    lay(postgres.url(pg_server, name))
    yield name
    postgres.drop_database(pg_server, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def ground(request: pytest.FixtureRequest) -> Ground:
    """A founded log, on SQLite and on PostgreSQL."""
    found: Ground = request.getfixturevalue(f"{request.param}_ground")
    return found


@pytest.fixture
def sqlite_ground(laid_file: Path, tmp_path: Path) -> Iterator[Ground]:
    """A founded log on SQLite, for what does not depend on the database."""
    path = tmp_path / "ground.sqlite"
    shutil.copy(laid_file, path)
    ground = Ground(f"sqlite:///{path}")
    yield ground
    ground.close()


@pytest.fixture
def postgresql_ground(pg_server: str, laid_name: str) -> Iterator[Ground]:
    """A founded log on PostgreSQL, for what is only there."""
    for url in postgres.borrowed(pg_server, laid_name):
        ground = Ground(url)
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
