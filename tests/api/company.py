"""The demo's people behind the real application, asked by the operations front ends are given."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from api.app import create_app
from api.context import Submit
from api.demo.cast import Role
from api.demo.stage import Stage
from api.derived.identity import PERSON, read_id
from api.machine.first import issue_token
from api.machine.founding import adopt_shipped, found_log
from api.machine.installation import Desk, Installation
from api.settings import Settings
from ledger.request import Answer, Request
from tests import migrated, postgres
from tests.api.doorway import Doorway
from tests.api.legible import unreadable

OPERATIONS = Path("frontend-schema/operations")
PEPPER = "p" * 32


@cache
def operation(name: str) -> str:
    """The text of an operation."""
    return (OPERATIONS / f"{name}.graphql").read_text()


class Company:
    """People and their tokens, and a way to ask in their name."""

    def __init__(self, client: Any, tokens: dict[str, str]) -> None:
        """Ask through this HTTP client."""
        self.client = client
        self.tokens = tokens
        self.ids: dict[str, str] = {}

    def post(self, who: str, document: str, variables: Any = None) -> Any:
        """The response to a document."""
        return self.client.post(
            "/graphql",
            json={"query": document, "variables": variables or {}},
            headers={"authorization": f"Bearer {self.tokens[who]}"},
        )

    def data(self, who: str, name: str, /, **variables: Any) -> Any:
        """The data of an operation that has no errors."""
        response = self.post(who, operation(name), variables)
        answer = response.json()
        assert response.status_code == 200, answer
        assert "errors" not in answer, (name, answer["errors"])
        assert not list(unreadable(answer)), "people are told names, and no ids of records"
        return answer["data"]

    def ask(self, who: str, name: str, /, **variables: Any) -> Any:
        """The one field of an operation's data."""
        (found,) = self.data(who, name, **variables).values()
        return found

    def do(self, who: str, name: str, /, **given: Any) -> Any:
        """What a mutation's payload holds, when it was done."""
        payload = self.ask(who, name, input=given)
        assert payload["problems"] == [], (name, payload["problems"])
        return next(iter(payload.values()))

    def refused(self, who: str, name: str, /, **given: Any) -> list[str]:
        """The codes a mutation was refused with."""
        payload = self.ask(who, name, input=given)
        assert payload["problems"], (name, payload)
        return [problem["code"] for problem in payload["problems"]]

    def id(self, handle: str) -> str:
        """The global id of somebody."""
        if handle not in self.ids:
            self.ids[handle] = self.ask("wanda", "Person", handle=handle)["id"]
        return self.ids[handle]


class Headquarters(Company):
    """The company in this process: a founded log, its in-place writer, the whole application."""

    def __init__(
        self, client: TestClient, stage: Stage, installation: Installation, submit: Submit
    ) -> None:
        """Give everybody a token."""
        super().__init__(client, stage.tokens(PEPPER.encode()))
        self.desk = stage.desk
        self.installation = installation
        self.submit = submit

    def app(self) -> ASGIApp:
        """The application once more, for a server of its own."""
        return create_app(self.installation, self.submit)

    @property
    def engine(self) -> Engine:
        """What the application reads through."""
        return self.installation.reader.engine

    def hire(self, handle: str, team: str | None, *roles: Role, owner: str | None = None) -> str:
        """Let a person in, or a program that an owner answers for; the global id."""
        kind = "BOT" if owner else "HUMAN"
        more = {"team": team} if team else {}
        more |= {"owner": self.id(owner)} if owner else {}
        told = {"kind": kind, "handle": handle, "name": handle.title(), **more}
        account: str = self.do("ada", "RegisterPrincipal", **told)["id"]
        for role in roles:
            self.give(account, role)
        person, self.ids[handle] = read_id(account, PERSON) or "", account
        lasts = timedelta(days=1)
        self.tokens[handle] = issue_token(self.desk, PEPPER.encode(), person, name="x", lasts=lasts)
        return account

    def give(self, account: str, role: Role) -> str:
        """Give a role, as ada would and ben confirms; the grant's global id."""
        scope = {"scope": role.scope.upper(), "value": role.value} if role.scope else {}
        if role.name in ("role:cleared", "role:cleared_bot"):
            scope["until"] = (datetime.now(UTC) + timedelta(days=90)).isoformat()
        reason = "Needed here."
        grant = self.do("ada", "GiveGrant", person=account, role=role.name, reason=reason, **scope)
        if grant["status"] == "PROPOSED":
            self.do("ben", "ConfirmGrant", id=grant["id"])
        return str(grant["id"])

    def size(self) -> int:
        """How many events the log holds."""
        reader = self.installation.reader
        with reader.connection() as connection:
            return reader.head(connection).size


@contextmanager
def headquarters(database: str, folder: Path) -> Iterator[Headquarters]:
    """Found the company in a database that holds nothing yet and open its doors."""
    with founded(database, folder) as stage:
        installation, writer = Installation.open(_settings(database, folder)), stage.desk.writer

        async def submit(request: Request) -> Answer:
            return await anyio.to_thread.run_sync(writer.submit, request)

        try:
            with Doorway(create_app(installation, submit)) as client:
                yield Headquarters(client, stage, installation, submit)
        finally:
            installation.close()


@contextmanager
def founded(database: str, folder: Path) -> Iterator[Stage]:
    """A log with the company's people, roles and boards, and the writer that made them."""
    settings = _settings(database, folder)
    found_log(settings, origin="company.example/log")
    installation = Installation.open(settings)
    writer = installation.writer()
    try:
        stage = Stage(Desk(writer))
        adopt_shipped(stage.desk)
        stage.build()
        yield stage
    finally:
        writer.close()
        installation.close()


def _settings(database: str, folder: Path) -> Settings:
    return Settings(
        database=database,
        signing_key=folder / "log.key",
        token_pepper=PEPPER,
        hosts=("testserver", "127.0.0.1"),
    )


@contextmanager
def fresh_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """A migrated database of this process, of the kind that the fixture's parameter names."""
    if request.param == "sqlite":
        migrated.copy_to(folder / "company.sqlite")
        yield str(folder / "company.sqlite")
        return
    server, name = request.getfixturevalue("pg_server"), f"{folder.name}_{os.getpid()}"
    postgres.create_database(server, name, request.getfixturevalue("pg_template"))
    try:
        yield postgres.url(server, name)
    finally:
        postgres.drop_database(server, name)


def window(hours: float = -1, lasts: float = 6) -> dict[str, str]:
    """A window that begins so many hours from now, as a client writes it."""
    since = datetime.now(UTC) + timedelta(hours=hours)
    until = since + timedelta(hours=lasts)
    spelled = "%Y-%m-%dT%H:%M"
    return {"since": since.strftime(spelled), "until": until.strftime(spelled), "zone": "UTC"}


def content(title: str, service: str = "billing", **more: Any) -> dict[str, Any]:
    """What a normal change of low risk says, in a window that is open now."""
    return {
        "title": title,
        "service": service,
        "description": "What is to be done.",
        "reason": "Customers could not pay.",
        "configurationItems": ["billing-db"],
        "environments": ["production"],
        "implementationPlan": "Drain, apply, watch.",
        "testPlan": "The smoke tests.",
        "backoutPlan": "Put the old one back.",
        "communicationPlan": "A note before and after.",
        "impact": "low",
        "probability": "unlikely",
        "window": window(),
        **more,
    }


MODERATE = {"impact": "medium", "probability": "possible"}
HIGH = {"impact": "high", "probability": "likely"}


def named(document: str) -> str:
    """The name of the one operation in a document."""
    (found,) = re.findall(r"^(?:query|mutation) (\w+)", document, re.MULTILINE)
    return str(found)
