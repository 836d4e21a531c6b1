"""One installation seen from the machine itself: its database, key, reader and in-place writer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from api.ids import new_id
from api.deployment import REGISTRY, TABLES
from api.keys import checkpoint_file, signing_key
from api.revision import fault
from api.rules import PolicyRules
from api.settings import Settings
from domain.kernel import OPERATOR
from ledger.databases import read_engine, write_database
from ledger.founding import is_founded
from ledger.heads import HeadSigner
from ledger.request import Answer, Request, Status
from ledger.signing import SigningKey
from ledger.store import Reader
from ledger.writer import Writer


class Unready(RuntimeError):
    """The installation cannot be used as it is; the message says what to do."""


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
    def open(cls, settings: Settings) -> Installation:
        """Open what is there; raises Unready, Misconfigured or UnusableKey when it is unfit."""
        reader = Reader(read_engine(settings.url), REGISTRY, TABLES, PolicyRules())
        try:
            with reader.connection() as connection:
                if wrong := fault(connection):
                    raise Unready(wrong)
                if not is_founded(connection, TABLES):
                    raise Unready("the database holds no log yet: run `changegate init`")
                head = reader.head(connection)
            key = signing_key(settings, head.origin)
        except BaseException:
            reader.engine.dispose()
            raise
        return cls(settings, reader, head.origin, head.demo, key)

    def signer(self) -> HeadSigner:
        """Signs this log's heads; raises RolledBack if the log is not what was signed before."""
        signer = HeadSigner(self.origin, [self.key], checkpoint_file(self.settings))
        with self.reader.connection() as connection:
            head = self.reader.head(connection)
            signer.check(self.reader.tree(connection, head.size))
        return signer

    def writer(self, *, limit: int | None = None) -> Writer:
        """A writer in this process; another process may be writing at the same time."""
        database = write_database(self.settings.url, REGISTRY, TABLES)
        writer = Writer(REGISTRY, database, PolicyRules(), self.signer())
        if limit is not None:
            writer.limit = limit
        return writer

    def close(self) -> None:
        """Let the database go."""
        self.reader.engine.dispose()


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
        seen: int | None = None,
        **arguments: Any,
    ) -> Answer:
        """The answer to a request that was done; raises Failed for any other."""
        request = Request(
            id=new_id(),
            action=action,
            subject=subject or new_id(),
            arguments=msgspec.json.encode(arguments),
            by=by,
            credential="operator" if by == OPERATOR else None,
            seen=seen,
        )
        answer = self.writer.submit(request)
        if answer.status is not Status.DONE:
            raise Failed(action, answer)
        return answer
