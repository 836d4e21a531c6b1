"""What an installation needs to be used: checked before it starts, and again by `/readyz`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection

from api import revision
from api.health import Check
from api.installation import Installation
from domain.policy import Policy
from ledger.checkpoint import open_checkpoint
from ledger.note import BadNote
from ledger.rebuilding import stale
from ledger.tables import WRITER_VERSION
from ledger.writer import CLOCK_TOLERANCE

Look = Callable[[Installation, Connection], str | None]


def checks(installation: Installation) -> dict[str, Check]:
    """Named looks at an installation, each in a transaction of its own."""
    return {name: partial(_look, installation, look) for name, look in LOOKS.items()}


def faults(installation: Installation) -> Iterator[tuple[str, str]]:
    """Everything that keeps the service from starting, by name of the check."""
    for name, check in checks(installation).items():
        if reason := check():
            yield name, reason
    with installation.reader.connection() as connection:
        old = stale(installation.reader, connection)
    if old:
        told = ", ".join(f"{count} of {name}" for name, count in old.items())
        yield "snapshots", f"snapshots are stale ({told}): run `changegate rebuild`"


def _look(installation: Installation, look: Look) -> str | None:
    with installation.reader.connection() as connection:
        return look(installation, connection)


def _migration(_installation: Installation, connection: Connection) -> str | None:
    return revision.fault(connection)


def _log(installation: Installation, connection: Connection) -> str | None:
    head = installation.reader.head(connection)
    if head.least_writer > WRITER_VERSION:
        return "a newer version writes this log: update this one"
    return None


def _key(installation: Installation, connection: Connection) -> str | None:
    head = installation.reader.head(connection)
    if head.checkpoint is None:
        return None
    try:
        open_checkpoint(head.checkpoint, head.origin, [installation.key.verifier])
    except BadNote:
        return "the signing key is not the one that signed this log"
    return None


def _clock(installation: Installation, connection: Connection) -> str | None:
    head = installation.reader.head(connection)
    behind = head.at - datetime.now(UTC)
    if behind > CLOCK_TOLERANCE:
        return f"the clock is {int(behind.total_seconds())} s behind the log"
    return None


def _policy(installation: Installation, connection: Connection) -> str | None:
    head = installation.reader.head(connection)
    if head.policy is None:
        return "no policy has been adopted"
    if installation.reader.get(connection, Policy, head.policy) is None:
        return "the adopted policy cannot be read"
    installation.reader.standing(connection)
    return None


LOOKS: dict[str, Look] = {
    "migration": _migration,
    "log": _log,
    "key": _key,
    "clock": _clock,
    "policy": _policy,
}
