"""The command line as an operator has it: settings, arguments, and what was answered."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Connection, text

from api import cli
from api.environment import load
from api.ids import new_id
from api.machine.first import Founder, appoint, issue_token
from api.machine.founding import adopt_shipped, found_log
from api.machine.installation import Desk, Installation
from api.machine.keys import pepper
from api.settings import Settings
from domain.authority import Authority
from domain.kernel import OPERATOR
from domain.log import SUBJECT, Log
from ledger.databases import admin_engine
from ledger.request import Answer, Request, Status

ORIGIN = "gate.example/log"
REGISTER = "principal.register"
BESIDE = ("", ".key", ".pepper", ".checkpoint", ".tokens")


class Ran(NamedTuple):
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it said to a program."""
        return json.loads(self.out)


class Machine:
    """A machine with one installation, and nothing else of ours in its environment."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Have an embedded database in a folder, until something else is set."""
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.set(CHANGEGATE_DATABASE=str(folder / "gate.sqlite"))

    def set(self, **settings: str) -> Machine:
        """Set variables of the environment; an empty one counts as not set."""
        for name, value in settings.items():
            self._monkeypatch.setenv(name, value)
        return self

    def use(self, database: str) -> Machine:
        """Use another database, with key, pepper and checkpoint in the folder."""
        return self.set(
            CHANGEGATE_DATABASE=database,
            CHANGEGATE_SIGNING_KEY=str(self.folder / "log.key"),
            CHANGEGATE_TOKEN_PEPPER="p" * 32,
        )

    def run(self, *arguments: str | Path) -> Ran:
        """Run a command in this process."""
        self._monkeypatch.setattr(sys, "argv", ["changegate", *map(str, arguments)])
        self._capsys.readouterr()
        try:
            cli.main()
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 0
        else:
            status = 0
        return Ran(status, *self._capsys.readouterr())

    def done(self, *arguments: str | Path) -> str:
        """Run a command that has to do what it is for; what it said."""
        ran = self.run(*arguments)
        assert ran.status == 0, ran
        return ran.out

    def found(self, *admins: str) -> dict[str, str]:
        """Found the log; the administrators' tokens by handle."""
        named = [part for each in admins or ("ada", "ben") for part in ("--admin", each)]
        told = self.run("init", *named, "--origin", ORIGIN, "--json")
        assert told.status == 0, told
        tokens: dict[str, str] = told.json["tokens"]
        return tokens

    @property
    def settings(self) -> Settings:
        """What the environment says."""
        return load()

    @property
    def database(self) -> Path:
        """The file of the embedded database."""
        return Path(self.settings.database)

    def beside(self, ending: str) -> Path:
        """A file that belongs to the embedded database."""
        return self.database.with_name(self.database.name + ending)

    @contextmanager
    def opened(self) -> Iterator[Installation]:
        """The installation as the service has it."""
        opened = Installation.open(self.settings)
        try:
            yield opened
        finally:
            opened.close()

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """A desk beside whatever else is writing."""
        with self.opened() as opened:
            writer = opened.writer()
            try:
                yield Desk(writer)
            finally:
                writer.close()

    def ask(self, action: str, subject: str | None = None, /, **given: Any) -> Answer:
        """Ask for one thing as the operator."""
        with self.desk() as desk:
            return desk.ask(action, subject, by=given.pop("by", OPERATOR), **given)

    def crowd(self, number: int) -> None:
        """Register many people at once."""
        told = ({"kind": "human", "handle": f"p{each}", "name": "Née Ü"} for each in range(number))
        with self.desk() as desk:
            asked = [
                Request(new_id(), REGISTER, f"user:{new_id()}", json.dumps(each).encode(), OPERATOR)
                for each in told
            ]
            assert {each.status for each in desk.writer.run(asked)} == {Status.DONE}

    def person(self, handle: str) -> str:
        """The id of somebody."""
        with self.opened() as opened, opened.reader.connection() as connection:
            return opened.reader.standing(connection).authority.named(handle) or ""

    def log(self) -> Log:
        """What the log says of itself."""
        with self.opened() as opened, opened.reader.connection() as connection:
            found = opened.reader.get(connection, Log, SUBJECT)
        assert found is not None
        return found

    def size(self) -> int:
        """How many events there are."""
        with self.rows() as connection:
            return int(connection.execute(text("select count(*) from events")).scalar_one())

    def envelopes(self) -> list[bytes]:
        """The bytes that were hashed, in their order."""
        with self.rows() as connection:
            found = connection.execute(text("select envelope from events order by position"))
            return [bytes(row[0]) for row in found]

    @contextmanager
    def rows(self) -> Iterator[Connection]:
        """The tables themselves, as whoever holds the database can change them."""
        engine = admin_engine(self.settings.url)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()

    def copy_to(self, folder: Path) -> None:
        """Copy the embedded database and what is beside it, while nobody uses it."""
        for ending in BESIDE:
            if (one := self.beside(ending)).exists():
                shutil.copy(one, folder / one.name)


def lay_foundations(folder: Path) -> None:
    """Found the log that the environment names; ada and ben administer it and own the policy."""
    settings = load()
    found_log(settings, origin=ORIGIN)
    opened = Installation.open(settings)
    writer = opened.writer()
    try:
        desk = Desk(writer)
        adopt_shipped(desk)
        founders = (Founder("ada", "Ada"), Founder("ben", "Ben"))
        people = appoint(desk, Authority(), founders)
        for handle, person in people.items():
            desk.ask("grant.give", person=person, role="role:policy_owner", reason="First.")
            lasts = timedelta(days=1)
            token = issue_token(desk, pepper(settings), person, name="First", lasts=lasts)
            (folder / f"{handle}.token").write_text(token)
    finally:
        writer.close()
        opened.close()
