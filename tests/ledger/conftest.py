"""What the ledger's tests share: a log of books on both databases."""

from collections.abc import Iterator

import pytest

from tests.ledger.ground import Ground, lay


@pytest.fixture
def ground(empty_database: str) -> Iterator[Ground]:
    """A founded log, on SQLite and on PostgreSQL."""
    lay(empty_database)
    ground = Ground(empty_database)
    yield ground
    ground.close()
