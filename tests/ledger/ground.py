"""A founded log over the tests' own aggregate, with a writer, a reader and people."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text

from domain import policy
from domain.authority import Authority
from domain.kernel import OPERATOR, Problem, Scopes
from domain.principal import aggregate as principal
from ledger.databases import admin_engine, read_engine, write_database
from ledger.founding import found
from ledger.heads import HeadSigner
from ledger.registry import Registry
from ledger.request import Answer, Request, Status
from ledger.signing import SigningKey
from ledger.store import Reader
from ledger.tables import make_tables
from ledger.writer import Writer
from migrations.append_only import statements
from tests.ledger.shelf import BOOK

ORIGIN = "log.example/books"
KEY = SigningKey.from_seed(ORIGIN, bytes(range(32)))
ANNA, BEN, MUTE = (f"user:{number:032x}" for number in (1, 2, 3))
REGISTRY = Registry((BOOK, principal.AGGREGATE, policy.AGGREGATE))
TABLES = make_tables(REGISTRY)


@dataclass(frozen=True, slots=True)
class Ruling:
    allowed: bool
    line: str | None
    grant: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Librarian:
    """Lets everybody but the mute do anything, and only Anna know of what is embargoed."""

    roles: frozenset[str] = frozenset({"role:reader"})
    approving: frozenset[str] = frozenset()

    def decide(
        self, by: str, action: str, scopes: Scopes, authority: Authority, at: datetime
    ) -> Ruling:
        allowed = by != MUTE and (by == ANNA or not action.endswith(".read_embargoed"))
        return Ruling(allowed, "p, role:reader", "grant-of-" + by, "The mute may not ask.")

    def grants(
        self, by: str, action: str, scopes: Scopes, authority: Authority, at: datetime
    ) -> tuple[str, ...]:
        found = self.decide(by, action, scopes, authority, at)
        return (found.grant,) if found.allowed and found.grant else ()


class LibraryRules:
    """Compiles any text but a broken one."""

    def compile(self, state: Any) -> Librarian:
        return Librarian()

    def check(self, action: str, arguments: bytes) -> tuple[Problem, ...]:
        if action == "policy.propose" and b"broken" in arguments:
            return (Problem("policy_broken", "The text is broken.", ("rules",)),)
        return ()


@dataclass
class Ground:
    """One database with its log; `submit` asks in Anna's name unless told otherwise."""

    url: str
    clock: Callable[[], datetime] | None = None
    writer: Writer = field(init=False)
    reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        self.writer = self.another_writer()
        self.reader = Reader(read_engine(self.url), REGISTRY, TABLES, LibraryRules())

    def another_writer(self, **options: Any) -> Writer:
        return Writer(
            REGISTRY,
            write_database(self.url, REGISTRY, TABLES),
            LibraryRules(),
            HeadSigner(ORIGIN, [KEY]),
            clock=self.clock,
            **options,
        )

    def submit(self, action: str, subject: str | None = None, **rest: Any) -> Answer:
        return self.writer.submit(request(action, subject, **rest))

    def book(self, **arguments: Any) -> str:
        """A fresh book's id."""
        answer = self.submit("book.shelve", title="Of Logs", **arguments)
        assert answer.status is Status.DONE, answer
        return answer.subject

    def get(self, state: type[Any], id: str) -> Any:
        with self.reader.connection() as connection:
            return self.reader.get(connection, state, id)

    def size(self) -> int:
        with self.reader.connection() as connection:
            return self.reader.head(connection).size

    def execute(self, *statements: str) -> None:
        """Write behind the log's back."""
        engine = admin_engine(self.url)
        try:
            with engine.begin() as connection:
                for statement in statements:
                    connection.execute(text(statement))
        finally:
            engine.dispose()

    def close(self) -> None:
        self.writer.close()
        self.reader.engine.dispose()


def request(
    action: str,
    subject: str | None = None,
    *,
    by: str = ANNA,
    id: str | None = None,
    seen: int | None = None,
    key: str | None = None,
    limits: tuple[str, ...] | None = None,
    **arguments: Any,
) -> Request:
    """A request as the edge makes it."""
    return Request(
        id=id or uuid.uuid4().hex,
        action=action,
        subject=subject or uuid.uuid4().hex,
        arguments=msgspec.json.encode(arguments),
        by=by,
        seen=seen,
        key=key,
        limits=limits,
    )


def lay(url: str) -> None:
    """Make tables and triggers, found the log, register the people, adopt a policy."""
    engine = admin_engine(url)
    with engine.begin() as connection:
        TABLES.metadata.create_all(connection)
        for statement in statements(engine.dialect.name):
            connection.execute(text(statement))
        found(connection, TABLES, origin=ORIGIN, demo=False)
    engine.dispose()
    ground = Ground(url)
    for person, name in ((ANNA, "anna"), (BEN, "ben"), (MUTE, "mute")):
        arguments = {"kind": "human", "handle": name, "name": name.title()}
        done(ground.submit("principal.register", person, by=OPERATOR, **arguments))
    proposed = ground.submit(
        "policy.propose", by=OPERATOR, model="m", rules="r", based_on=None, reason="To begin."
    )
    done(proposed)
    done(ground.submit("policy.adopt", proposed.subject, by=OPERATOR))
    ground.close()


def done(answer: Answer) -> Answer:
    assert answer.status is Status.DONE, answer
    return answer


def codes(answer: Answer) -> list[str]:
    return [problem.code for problem in answer.problems]
