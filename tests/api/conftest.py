"""What tests of the edge share: the demo's people behind the real application, on each database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import postgres
from tests.api.company import Headquarters, headquarters


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def hq(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Headquarters]:
    """The company on SQLite and on PostgreSQL; tests that share it act on records of their own."""
    folder = tmp_path_factory.mktemp("company")
    with _database(request, folder) as database, headquarters(database, folder) as company:
        yield company


@contextmanager
def _database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """A database of this process that holds nothing yet."""
    if request.param == "sqlite":
        yield str(folder / "company.sqlite")
        return
    server, name = request.getfixturevalue("pg_server"), f"company_{os.getpid()}"
    postgres.create_database(server, name)
    try:
        yield postgres.url(server, name)
    finally:
        postgres.drop_database(server, name)
