"""One installation seen from the machine itself: its database, key, reader and in-place writer."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from api.deployment import REGISTRY, TABLES
from api.ids import new_id
from api.machine.keys import checkpoint_file, signing_key
from api.machine.revision import fault
from api.rules import PolicyRules
from api.settings import Misconfigured, Settings
from domain.kernel import OPERATOR
from domain.log import SUBJECT, Log
from ledger.databases import parse, read_engine, write_database
from ledger.founding import is_founded
from ledger.heads import HeadSigner
from ledger.note import VerifierKey
from ledger.request import Answer, Request, Status
from ledger.signing import SigningKey
from ledger.store import Reader
from ledger.writer import LIMIT, Writer
from ledger.writes import Head

SMALLEST: Final = 512
"""No database of SQLite has fewer bytes, but an empty one."""
AT_THE_MACHINE: Final = "operator"
"""The credential of whoever needs none, because they are at the machine itself."""


class Unready(RuntimeError):
    """The installation cannot be used as it is; the message says what to do."""


class Altered(Unready):
    """The head of the log cannot be read: somebody changed it behind the writer's back."""


class Failed(RuntimeError):
    """A command asked for at the machine was not done; `problems` say why."""

    def __init__(self, action: str, answer: Answer) -> None:
        """Tell which action, and its problems."""
        told = "; ".join(f"{each.message} ({each.code})" for each in answer.problems)
        super().__init__(f"{action}: {told or answer.status.value}")
        self.problems = answer.problems


@dataclass(slots=True)
class Installation:
    """A founded, migrated log with its key. Close it after use."""

    settings: Settings
    reader: Reader
    origin: str
    demo: bool
    key: SigningKey

    @classmethod
    def open(cls, settings: Settings, *, unfit: bool = False) -> Installation:
        """Open what is there; raises Unready, Misconfigured or UnusableKey when it is unfit.

        `unfit` opens a log that has no event 0 yet, that was altered, or that its key does not
        sign.
        """
        reader = reader_of(settings)
        try:
            with reader.connection() as connection:
                head = _head(reader, connection)
                log = reader.get(connection, Log, SUBJECT)
            key = signing_key(settings, head.origin)
            if not unfit:
                _check(head, log, key)
        except BaseException:
            reader.engine.dispose()
            raise
        return cls(settings, reader, head.origin, head.demo, key)

    def log(self) -> Log | None:
        """What the log says of itself; None before its event 0."""
        with self.reader.connection() as connection:
            return self.reader.get(connection, Log, SUBJECT)

    def signer(self, *others: SigningKey) -> HeadSigner:
        """Signs this log's heads, with other keys too while one replaces another.

        Raises RolledBack if the log is not what was signed before, Misconfigured if the newest
        checkpoint could not be kept.
        """
        kept = checkpoint_file(self.settings)
        if kept is not None and not kept.parent.is_dir():
            raise Misconfigured(
                f"CHANGEGATE_CHECKPOINT_FILE: there is no folder {kept.parent} to keep the newest "
                "checkpoint in"
            )
        signer = HeadSigner(self.origin, [self.key, *others], kept)
        before = signer.remembered()  # first, since others may be writing
        with self.reader.connection() as connection:
            head = self.reader.head(connection)
            signer.compare(self.reader.tree(connection, head.size), before)
        return signer

    def verifiers(self) -> tuple[VerifierKey, ...]:
        """Every key that signs this log or has signed it, the oldest first, as the log tells.

        To check a log that may be forged, only a key known from elsewhere is of use.
        """
        with self.reader.connection() as connection:
            history = self.reader.history(connection, "log", SUBJECT)
        keys = (getattr(each.event, "key", None) for each in history)
        known = [VerifierKey.parse(key) for key in keys if key is not None]
        own = self.key.verifier
        return tuple(known) if own in known else (*known, own)

    def writer(
        self,
        *,
        limit: int = LIMIT,
        durable: bool = True,
        signer: HeadSigner | None = None,
    ) -> Writer:
        """A writer in this process; another process may be writing at the same time.

        `limit` is the most requests in a batch. Only what can be made again is written without
        being flushed to disk, not `durable`.
        """
        options = {} if durable else {"synchronous": "OFF"}
        chosen = signer or self.signer()
        database = write_database(self.settings.url, REGISTRY, TABLES, **options)
        return Writer(REGISTRY, database, PolicyRules(), chosen, limit=limit)

    def close(self) -> None:
        """Let the database go."""
        self.reader.engine.dispose()


def database_file(settings: Settings) -> Path | None:
    """The file of an embedded database, None for a server; raises Unready for a file of others.

    SQLite itself would write over a file that is too short to be one of its own.
    """
    parsed = parse(settings.url)
    if parsed.get_backend_name() != "sqlite":
        return None
    path = Path(str(parsed.database))
    if path.is_file() and not _is_database(path):
        raise Unready(f"{path}: this file is not a database")
    return path


def _is_database(path: Path) -> bool:
    """Whether SQLite takes a file for a database; it is asked, and the file never opened here.

    To close a file lets go of all locks that this process holds on it. Another process that ends
    would then believe to be the last one, and remove the log that this one still commits to
    (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    """
    if (size := path.stat().st_size) < SMALLEST:
        return size == 0
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as asked:
            asked.execute("pragma schema_version").fetchone()
    except sqlite3.OperationalError:
        return True  # it cannot be read now, which whoever opens it is told
    except sqlite3.DatabaseError:
        return False
    return True


def reader_of(settings: Settings) -> Reader:
    """A reader of the database, whether or not it holds a log; raises Unready without a file."""
    path = database_file(settings)
    if path is not None and not path.is_file():
        raise Unready(f"there is no database {path}: run `changegate init`")
    return Reader(read_engine(settings.url), REGISTRY, TABLES, PolicyRules())


def _head(reader: Reader, connection: Connection) -> Head:
    if wrong := fault(connection):
        raise Unready(wrong)
    if not is_founded(connection, TABLES):
        raise Unready("the database holds no log yet: run `changegate init`")
    try:
        return reader.head(connection)
    except (ValueError, TypeError) as unreadable:
        raise Altered(f"the head of the log was altered: {unreadable}") from unreadable


def check_key(log: Log, key: SigningKey) -> None:
    """Raise Unready unless this key signs the log."""
    if log.key is not None and log.key != str(key.verifier):
        raise Unready(
            "the signing key is not the one that signs this log, which is "
            f"{log.key}: set CHANGEGATE_SIGNING_KEY"
        )


def _check(head: Head, log: Log | None, key: SigningKey) -> None:
    """Raise Unready unless event 0 says what the head says, and the key is the log's."""
    if log is None:
        raise Unready("the log was not begun to the end: run `changegate init` again")
    if (log.origin, log.demo) != (head.origin, head.demo):
        raise Altered("the head was altered: event 0 has another origin; run `changegate verify`")
    check_key(log, key)


@dataclass(slots=True)
class Desk:
    """Asks for commands in place, as the operator or in a person's name."""

    writer: Writer

    def ask(
        self,
        action: str,
        subject: str | None = None,
        /,
        *,
        by: str = OPERATOR,
        credential: str | None = AT_THE_MACHINE,
        seen: int | None = None,
        limits: tuple[str, ...] | None = None,
        **arguments: Any,
    ) -> Answer:
        """The answer to a request that was done; raises Failed for any other.

        Its checkpoint is kept when the writer closes, or with the next request.
        """
        request = Request(
            id=new_id(),
            action=action,
            subject=subject or new_id(),
            arguments=msgspec.json.encode(arguments),
            by=by,
            credential=credential,
            seen=seen,
            limits=limits,
        )
        [answer] = self.writer.run([request])
        if answer.status is not Status.DONE:
            raise Failed(action, answer)
        return answer
