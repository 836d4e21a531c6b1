"""Where logs are measured: SQLite files and databases on a PostgreSQL that flushes to disk."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection, text

from api.machine.founding import adopt_shipped, found_log
from api.machine.installation import Desk, Installation
from api.settings import Settings
from tests import postgres

NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Place:
    """One database, the secrets of its installation, and a folder for sockets and files."""

    kind: str  # "sqlite" or "postgresql"
    settings: Settings
    folder: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """What processes of this installation find in their environment."""
        kept = {name: value for name, value in os.environ.items() if "CHANGEGATE" not in name}
        return kept | {
            "CHANGEGATE_DATABASE": self.settings.database,
            "CHANGEGATE_SIGNING_KEY": str(self.settings.signing_key),
            "CHANGEGATE_TOKEN_PEPPER": str(self.settings.token_pepper),
            "CHANGEGATE_LOG_LEVEL": "warning",
        }


def sqlite(folder: Path) -> Place:
    """A fresh file, which is flushed to disk with every commit."""
    return _place("sqlite", folder, str(folder / f"{next(NUMBERS)}.sqlite"))


def postgresql(folder: Path, server: str) -> Place:
    """A fresh database on a server."""
    name = f"bench_{os.getpid()}_{next(NUMBERS)}"
    postgres.create_database(server, name)
    return _place("postgresql", folder, postgres.url(server, name))


def both(folder: Path, server: str) -> tuple[Place, Place]:
    """A fresh database of each kind."""
    return postgresql(folder, server), sqlite(folder)


def each(server: str) -> Iterator[Place]:
    """A fresh database of each kind, one after the other, in a folder that is gone afterwards."""
    with scratch() as folder:
        yield from both(folder, server)


def analyze(place: Place, connection: Connection) -> None:
    """Let the planner know what there is, as its own daemon would do; nobody does so on SQLite."""
    if place.kind == "postgresql":
        connection.execute(text("analyze"))


def _place(kind: str, folder: Path, database: str) -> Place:
    key = folder / f"{next(NUMBERS)}.key"
    pepper = secrets.token_hex(32)
    settings = Settings(database=database, signing_key=key, token_pepper=pepper, port=0)
    return Place(kind, settings, folder)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder on the disk, with a path short enough for sockets."""
    with TemporaryDirectory(prefix="cgb-", dir="/tmp") as folder:
        yield Path(folder)


@contextmanager
def flushing_server() -> Iterator[str]:
    """A PostgreSQL with default settings but for the number of connections: fsync is on."""
    with scratch() as folder, postgres.shared_server(folder, ()) as server:
        yield server


def host_of(server: str) -> str:
    """The folder of a server's socket."""
    return str(conninfo_to_dict(server)["host"])


@contextmanager
def founded(place: Place) -> Iterator[Desk]:
    """A log with the shipped policy and playbooks, and the operator's desk in it."""
    found_log(place.settings, origin=f"bench.invalid/{next(NUMBERS)}")
    installation = Installation.open(place.settings)
    writer = installation.writer()
    try:
        desk = Desk(writer)
        adopt_shipped(desk)
        yield desk
    finally:
        writer.close()
        installation.close()
