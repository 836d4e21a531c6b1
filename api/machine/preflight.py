"""What an installation needs to be used: checked before it starts, and again by `/readyz`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, func, select

from api.machine import revision
from api.machine.installation import Installation, Unready
from domain.adoption import Status
from domain.log import SUBJECT, Log
from domain.playbook.aggregate import Playbook, process
from domain.playbook.format import PlaybookFault
from domain.policy import Policy
from ledger.checkpoint import open_checkpoint
from ledger.note import BadNote
from ledger.rebuilding import stale
from ledger.tables import WRITER_VERSION
from ledger.writer import CLOCK_TOLERANCE
from ledger.writes import Head
from policies.files import differences, shipped

if TYPE_CHECKING:  # it answers HTTP, which a writer does not
    from api.http.health import Check

Look = Callable[[Installation, Connection], str | None]
UNSIGNED_FOR: Final = timedelta(seconds=60)
"""How long the newest events may go without a signature before somebody should look."""


def checks(installation: Installation) -> dict[str, Check]:
    """Named looks at an installation, each in a transaction of its own."""
    return {name: partial(_look, installation, look) for name, look in LOOKS.items()}


def notes(installation: Installation) -> dict[str, Check]:
    """Looks at what an operator should know of and what keeps nothing from being ready."""
    return {"files": partial(_look, installation, _files)}


def faults(installation: Installation) -> Iterator[tuple[str, str]]:
    """Everything that keeps the service from starting, by name of the check."""
    for name, look in checks(installation).items():
        if reason := look():
            yield name, reason
    with installation.reader.connection() as connection:
        old = stale(installation.reader, connection)
    if old:
        told = ", ".join(f"{count} of {name}" for name, count in old.items())
        yield "snapshots", f"snapshots are stale ({told}): run `changegate rebuild --stale`"


def check(installation: Installation) -> None:
    """Raise Unready, naming everything that keeps the service from starting."""
    if found := [f"{name}: {reason}" for name, reason in faults(installation)]:
        raise Unready("; ".join(found))


def now(connection: Connection) -> datetime:
    """The database's clock, which is this machine's for an embedded one."""
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    found: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return found


def behind(connection: Connection, head: Head) -> timedelta | None:
    """By how much the clock stands behind the log, None unless it is too much to write."""
    by = head.at - now(connection)
    return by if by > CLOCK_TOLERANCE else None


def _look(installation: Installation, look: Look) -> str | None:
    with installation.reader.connection() as connection:
        return look(installation, connection)


def _migration(_installation: Installation, connection: Connection) -> str | None:
    return revision.fault(connection)


def _log(installation: Installation, connection: Connection) -> str | None:
    head = installation.reader.head(connection)
    if head.least_writer > WRITER_VERSION:
        return "a newer version writes this log: update this one"
    if head.signed_size < head.size and now(connection) - head.at > UNSIGNED_FOR:
        return "the newest events have not been signed"
    return None


def _key(installation: Installation, connection: Connection) -> str | None:
    head = installation.reader.head(connection)
    log = installation.reader.get(connection, Log, SUBJECT)
    if log is not None and log.key not in (None, str(installation.key.verifier)):
        return "another key signs this log now: name it and start again"
    if head.checkpoint is None:
        return None
    try:
        open_checkpoint(head.checkpoint, head.origin, [installation.key.verifier])
    except BadNote:
        return "the signing key is not the one that signed the newest checkpoint"
    return None


def _clock(installation: Installation, connection: Connection) -> str | None:
    by = behind(connection, installation.reader.head(connection))
    if by is None:
        return None
    return (
        f"the clock is {int(by.total_seconds())} s behind the log, so nothing is written: set it "
        "right, or run `changegate clock accept`"
    )


def _policy(installation: Installation, connection: Connection) -> str | None:
    head = installation.reader.head(connection)
    if head.policy is None:
        return "no policy has been adopted"
    if installation.reader.get(connection, Policy, head.policy) is None:
        return "the adopted policy cannot be read"
    try:
        installation.reader.standing(connection)
    except ValueError:
        return "the adopted policy is not one that this version understands"
    return None


def _playbooks(installation: Installation, connection: Connection) -> str | None:
    for playbook in _adopted(installation, connection):
        try:
            process(playbook.body)
        except PlaybookFault:
            return f"the adopted playbook {playbook.name} is not one that this version understands"
    return None


def _files(installation: Installation, connection: Connection) -> str | None:
    head = installation.reader.head(connection)
    policy = installation.reader.get(connection, Policy, head.policy) if head.policy else None
    found = differences(shipped(), policy, _adopted(installation, connection))
    return f"not as adopted: {', '.join(found)}" if found else None


def adopted(installation: Installation, connection: Connection) -> frozenset[tuple[str, str]]:
    """What is in force, each as its noun and name."""
    head = installation.reader.head(connection)
    found = frozenset(("playbook", each.name) for each in _adopted(installation, connection))
    return found | {("policy", "policy")} if head.policy else found


def _adopted(installation: Installation, connection: Connection) -> list[Playbook]:
    reader = installation.reader
    table = reader.snapshot(Playbook)
    rows = connection.execute(
        select(*reader.columns(Playbook)).where(table.c.status == Status.ADOPTED.value)
    )
    return [reader.state_of(Playbook, row) for row in rows]


LOOKS: dict[str, Look] = {
    "migration": _migration,
    "log": _log,
    "key": _key,
    "clock": _clock,
    "policy": _policy,
    "playbooks": _playbooks,
}
