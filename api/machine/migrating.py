"""Bringing a database to the code's revision, and telling how far it is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from api.deployment import TABLES
from api.machine.revision import NewerDatabase
from ledger.databases import admin_engine
from ledger.rebuilding import raise_generation

FOLDER = Path(__file__).parents[2] / "migrations"


def upgrade(url: str) -> None:
    """Run every revision that the database lacks; raises NewerDatabase rather than guess."""
    with connected(url) as connection:
        check_known(connection)
        if pending(connection):
            command.upgrade(config(connection), "head")
            raise_generation(connection, TABLES)  # it may have changed what a process remembers


def downgrade(url: str, steps: int = 1) -> None:
    """Go back some revisions."""
    with connected(url) as connection:
        command.downgrade(config(connection), f"-{steps}")


def check_known(connection: Connection) -> None:
    """Raise NewerDatabase when the database is ahead of the code."""
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and found not in _revisions():
        raise NewerDatabase(
            f"the database is at revision {found}, which this version does not know; "
            "install the version that migrated it"
        )


def pending(connection: Connection) -> list[str]:
    """The revisions that the database lacks, oldest first."""
    found = MigrationContext.configure(connection).get_current_revision()
    revisions = _revisions()
    return revisions[revisions.index(found) + 1 :] if found in revisions else revisions


def drift(url: str) -> list[Any]:
    """How a migrated database differs from the tables the code derives; empty when it does not."""
    with connected(url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, TABLES.metadata))


def write_revision(message: str) -> str:
    """Write the next revision into the folder, from a fresh database; answers its path."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/fresh.sqlite"
        upgrade(url)
        with connected(url) as connection:
            number = f"{len(_revisions()) + 1:04d}"
            made = config(connection)
            command.revision(made, message=message, autogenerate=True, rev_id=number)
        return str(next(FOLDER.glob(f"versions/{number}_*.py")))


@cache
def _revisions() -> list[str]:
    script = ScriptDirectory(str(FOLDER))
    return [each.revision for each in script.walk_revisions()][::-1]


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """One transaction as whoever may change tables."""
    engine = admin_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def config(connection: Connection) -> Config:
    """What Alembic needs to know to run revisions on a connection."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["connection"] = connection
    made.attributes["metadata"] = TABLES.metadata
    return made
