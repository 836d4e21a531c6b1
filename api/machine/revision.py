"""Which revision the code needs, told without importing what migrates."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

FOLDER: Final = Path(__file__).parents[2] / "migrations" / "versions"


class NewerDatabase(RuntimeError):
    """The database has a revision that this code does not know."""


def needed() -> str:
    """The newest revision in the folder; revisions are numbered files."""
    return max(path.name[:4] for path in FOLDER.glob("[0-9]*.py"))


def current(connection: Connection) -> str | None:
    """The revision a database is at, None when it has never been migrated."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(
        text("select version_num from alembic_version")
    ).scalar_one_or_none()
    return found


def fault(connection: Connection) -> str | None:
    """What is wrong with the revision of a database, None when it is the code's."""
    found, wanted = current(connection), needed()
    if found == wanted:
        return None
    if found is None:
        return "the database is empty: run `changegate init`"
    if found > wanted:
        return f"the database is at revision {found}, newer than this version knows ({wanted})"
    return f"the database is at revision {found}: run `changegate migrate` to reach {wanted}"
