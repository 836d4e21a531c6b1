"""A small ledger around the shelf's noun: real writer, real guard, on SQLite or PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import strawberry
from strawberry.types import ExecutionResult

from api.context import Access, Asker, new_id
from api.derived.cursors import Cursors
from domain import policy
from domain.kernel import OPERATOR, Problem
from domain.principal import aggregate as principal
from ledger.databases import admin_engine, read_engine, write_database
from ledger.founding import found
from ledger.registry import Registry
from ledger.request import Answer, Request, Status
from ledger.store import Reader
from ledger.tables import make_tables
from ledger.writer import Writer
from policies.guard import Guard
from tests.api.shelf import BOOK

MODEL = Path("policies/model.conf").read_text()
POLICY = """\
p, role:everyone, book.add, none, allow
p, role:everyone, book.edit, none, allow
p, role:everyone, book.praise, none, allow
"""


class Rules:
    """Compiles adopted policies with the real guard."""

    def compile(self, adopted: Any) -> Any:
        """The guard of an adopted policy."""
        return Guard.compile(adopted.model, adopted.rules)

    def check(self, action: str, arguments: bytes) -> tuple[Problem, ...]:
        """Nothing beyond the domain."""
        return ()


class Library:
    """A founded log with a policy, a person, and the schema of the noun."""

    def __init__(self, url: str, schema: strawberry.Schema) -> None:
        """Found the log and let one person in."""
        registry = Registry((BOOK, principal.AGGREGATE, policy.AGGREGATE))
        tables = make_tables(registry)
        engine = admin_engine(url)
        with engine.begin() as connection:
            tables.metadata.create_all(connection)
            found(connection, tables, origin="test.example/log", demo=False)
        engine.dispose()
        self.writer = Writer(registry, write_database(url, registry, tables), Rules())
        self.reader = Reader(read_engine(url), registry, tables, Rules())
        self.schema = schema
        self.access = Access(self.reader, self.submit, Cursors(b"k" * 32))
        self.requests: list[Request] = []
        self._begin()

    async def submit(self, request: Request) -> Answer:
        """Ask the writer in place."""
        self.requests.append(request)
        return self.writer.submit(request)

    def _begin(self) -> None:
        text = {"model": MODEL, "rules": POLICY, "based_on": None, "reason": "A first policy."}
        adopted = self.operate("policy.propose", new_id(), **text)
        self.operate("policy.adopt", adopted)
        self.ann = self.person("ann")

    def operate(self, action: str, subject: str, **arguments: Any) -> str:
        """Do something as the operator at the machine; the subject."""
        request = Request(new_id(), action, subject, msgspec.json.encode(arguments), OPERATOR)
        answer = self.writer.submit(request)
        assert answer.status is Status.DONE, answer
        return subject

    def person(self, handle: str) -> str:
        """Register somebody."""
        told = {"kind": "human", "handle": handle, "name": handle.title(), "mail": None}
        return self.operate("principal.register", f"user:{new_id()}", **told)

    async def ask(self, document: str, by: str = "", **variables: Any) -> ExecutionResult:
        """Execute a document as ann, or as somebody else."""
        context = self.access.context(Asker(by or self.ann), new_id())
        result = await self.schema.execute(
            document, variable_values=variables, context_value=context
        )
        assert isinstance(result, ExecutionResult)
        return result

    async def data(self, document: str, by: str = "", **variables: Any) -> Any:
        """The data of an answer without errors."""
        result = await self.ask(document, by, **variables)
        assert result.errors is None, result.errors
        return result.data

    async def add(self, title: str, **more: Any) -> str:
        """Add a book; its global id."""
        given = {"title": title, "shelf": "A", **more}
        document = (
            "mutation($i: AddBookInput!) { addBook(input: $i) { book { id } problems { code } } }"
        )
        answer = (await self.data(document, i=given))["addBook"]
        assert answer["problems"] == []
        id: str = answer["book"]["id"]
        return id

    def close(self) -> None:
        """Let the database go."""
        self.writer.close()
        self.reader.engine.dispose()
