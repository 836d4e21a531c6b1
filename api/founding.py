"""Making an installation: migrated tables, the log's head, event 0, the first policy."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from policies.files import shipped

from sqlalchemy import inspect

from api.deployment import TABLES
from api.installation import Desk, Installation
from api.keys import make_pepper, make_signing_key
from api.settings import Settings
from ledger.databases import admin_engine, parse
from ledger.founding import found, is_founded

LOG: Final = "log"


def is_new(settings: Settings) -> bool:
    """Whether the database holds no log yet; an embedded one need not exist."""
    parsed = parse(settings.url)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        return True
    engine = admin_engine(settings.url)
    try:
        with engine.connect() as connection:
            known = inspect(connection).has_table(TABLES.head.name)
            return not known or not is_founded(connection, TABLES)
    finally:
        engine.dispose()


def upgraded(url: str) -> None:
    """Bring a database to the code's revision; alembic is imported only when it is needed."""
    from api.migrating import upgrade  # noqa: PLC0415  (alembic stays out of the server)

    upgrade(url)


def found_log(settings: Settings, *, origin: str | None = None, demo: bool = False) -> None:
    """Migrate, write the head and record event 0; raises AlreadyFounded for a log that is there.

    Whether a log is a demo stands in event 0 and is part of a demo's origin; neither can change.
    """

    named = origin or f"changegate.invalid/{secrets.token_hex(4)}"
    origin = f"demo.{named}" if demo else named
    parsed = parse(settings.url)
    if parsed.get_backend_name() == "sqlite":
        Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
    upgraded(settings.url)
    make_signing_key(settings, origin)
    make_pepper(settings)
    engine = admin_engine(settings.url)
    try:
        with engine.begin() as connection:
            found(connection, TABLES, origin=origin, demo=demo)
    finally:
        engine.dispose()
    installation = Installation.open(settings)
    writer = installation.writer()
    try:
        key = str(installation.key.verifier)
        Desk(writer).ask("log.open", LOG, origin=origin, demo=demo, key=key)
    finally:
        writer.close()
        installation.close()


def adopt_shipped(desk: Desk) -> None:
    """Adopt the policy and the playbooks that come with the code, by the operator's act."""
    files = shipped()
    reason = "What comes with this version."
    first = {"based_on": None, "reason": reason}
    proposed = desk.ask("policy.propose", model=files.model, rules=files.rules, **first)
    desk.ask("policy.adopt", proposed.subject)
    for _, body in files.playbooks:
        proposed = desk.ask("playbook.propose", body=body, **first)
        desk.ask("playbook.adopt", proposed.subject)
