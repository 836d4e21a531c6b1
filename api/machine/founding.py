"""Making an installation: migrated tables, the log's head, event 0, the first policy."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Connection, inspect, select

from api.deployment import TABLES
from api.machine.installation import Desk, Installation, Unready, database_file
from api.machine.keys import checkpoint_file, make_pepper, make_signing_key
from api.settings import Settings
from domain.log import SUBJECT
from ledger.databases import admin_engine, read_engine
from ledger.founding import AlreadyFounded, found
from policies.files import shipped

DEMO: Final = "demo."
"""How the origin of a demo begins, and of no other log."""
UNOWNED: Final = "changegate.invalid"
NAME: Final = re.compile(r"[!-*,-~]{1,200}")
"""Visible ASCII but the plus sign, which parts the name from the key in a verifier key."""


def found_log(settings: Settings, *, origin: str | None = None, demo: bool = False) -> None:
    """Migrate, write the head and record event 0, or go on where that was interrupted.

    Whether a log is a demo stands in event 0 and is part of a demo's origin; neither can change.
    Raises AlreadyFounded for a log that has begun, Unready when something is in the way.
    """
    wanted = _origin(origin, demo=demo)
    make_private(settings)
    upgraded(settings.url)
    named = _write_head(settings, wanted, demo=demo)
    if origin and named != wanted:
        raise Unready(f"a log named {named} was begun here: leave --origin out to finish it")
    key = make_signing_key(settings, named)
    make_pepper(settings)
    installation = Installation.open(settings, unfit=True)
    try:
        writer = installation.writer()
        try:
            Desk(writer).ask("log.open", SUBJECT, origin=named, demo=demo, key=str(key.verifier))
        finally:
            writer.close()
    finally:
        installation.close()


def has_begun(settings: Settings) -> bool:
    """Whether the database holds a log with an event 0; an embedded one need not exist."""
    path = database_file(settings)
    if path is not None and not (path.is_file() and path.stat().st_size):
        return False
    engine = read_engine(settings.url)
    try:
        with engine.connect() as connection:
            return (_size(connection) or 0) > 0
    finally:
        engine.dispose()


def upgraded(url: str) -> None:
    """Bring a database to the code's revision; alembic is imported only when it is needed."""
    from api.machine.migrating import upgrade  # noqa: PLC0415  (alembic stays out of the server)

    upgrade(url)


def adopt_shipped(desk: Desk, *, adopted: Collection[tuple[str, str]] = ()) -> None:
    """Adopt the policy and the playbooks that come with the code, by the operator's act.

    `adopted` is what is in force already, each as its noun and name.
    """
    files = shipped()
    texts: list[tuple[str, str, dict[str, Any]]] = [
        ("policy", "policy", {"model": files.model, "rules": files.rules}),
        *[("playbook", name, {"body": body}) for name, body in files.playbooks],
    ]
    for noun, name, text in texts:
        if (noun, name) not in adopted:
            text |= {"based_on": None, "reason": "What comes with this version."}
            proposed = desk.ask(f"{noun}.propose", **text)
            desk.ask(f"{noun}.adopt", proposed.subject)


def _origin(origin: str | None, *, demo: bool) -> str:
    """The name of the log; raises Unready for one that no checkpoint can bear."""
    named = origin or f"{UNOWNED}/{secrets.token_hex(4)}"
    if not NAME.fullmatch(named):
        raise Unready(
            f"{named!r} cannot be the name of a log: write one like gate.example.org/log, without "
            "spaces and +"
        )
    if named.startswith(DEMO):
        raise Unready(f"the name of a log begins with {DEMO} for a demo alone")
    return f"{DEMO}{named}" if demo else named


def make_private(settings: Settings) -> None:
    """Make the file of an embedded database its owner's; what stands beside it inherits that."""
    path = database_file(settings)
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _size(connection: Connection) -> int | None:
    """How many events the log has, None without a head."""
    if not inspect(connection).has_table(TABLES.head.name):
        return None
    found: int | None = connection.execute(select(TABLES.head.c.size)).scalar_one_or_none()
    return found


def _write_head(settings: Settings, origin: str, *, demo: bool) -> str:
    """Write the head of an empty log unless one is there; answers the origin it has."""
    engine = admin_engine(settings.url)
    try:
        with engine.begin() as connection:
            size = _size(connection)
            if size:
                raise AlreadyFounded("this database holds a log already")
            if size is None:
                _check_nothing_remembered(settings)
                found(connection, TABLES, origin=origin, demo=demo)
                return origin
            begun = connection.execute(select(TABLES.head.c.origin, TABLES.head.c.demo)).one()
    finally:
        engine.dispose()
    if begun.demo != demo:
        raise Unready("another kind of log was begun in this database: use an empty one")
    return str(begun.origin)


def _check_nothing_remembered(settings: Settings) -> None:
    """Raise Unready when another log was signed here, which a new one would look like a loss of."""
    kept = checkpoint_file(settings)
    if kept is not None and kept.exists():
        raise Unready(
            f"{kept} remembers a log that was here before: restore that one, or move the file "
            "aside to begin another"
        )
