"""A company that is founded once, and of which every walk gets a copy of its own to disturb."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

from strawberry.extensions import ParserCache, ValidationCache

from api.context import Access, Asker
from api.demo.stage import Stage
from api.derived.cursors import Cursors
from api.derived.identity import PERSON, global_id
from api.ids import new_id
from api.machine.founding import adopt_shipped, found_log
from api.machine.installation import Desk, Installation
from api.schema import make_schema
from api.settings import Settings
from ledger.request import Answer, Request
from tests import postgres

FILE: Final = "company.sqlite"
KEY: Final = "log.key"
COPIES: Final = count(1)
SCHEMA: Final = make_schema((ParserCache, ValidationCache))


@dataclass(frozen=True)
class World:
    """A copy of the company: its people by handle, and how they ask."""

    access: Access
    people: dict[str, str]
    loop: asyncio.Runner = field(default_factory=asyncio.Runner)

    def id(self, handle: str) -> str:
        """The global id of somebody."""
        return global_id(PERSON, self.people[handle])

    def answer(self, who: str, document: str, **variables: Any) -> Any:
        """The data of an answer; null for who may not ask at all, and a fault is no answer."""
        context = self.access.context(Asker(self.people[who]), new_id())
        asked = SCHEMA.execute(document, variable_values=variables, context_value=context)
        result = self.loop.run(asked)
        told = {each.message for each in result.errors or ()}
        assert told <= {"forbidden"}, (document, variables, result.errors)
        return result.data


@dataclass(frozen=True)
class Ground:
    """The founded company, with nothing under way: its folder, and its server if it has one."""

    folder: Path
    server: str
    people: dict[str, str]

    @contextmanager
    def world(self) -> Iterator[World]:
        """A copy of it."""
        number = next(COPIES)
        folder = self.folder.with_name(f"{self.folder.name}_{number}")
        shutil.copytree(self.folder, folder)
        database = str(folder / FILE)
        if self.server:
            database = postgres.url(self.server, folder.name)
            postgres.create_database(self.server, folder.name, self.folder.name)
        installation = Installation.open(_settings(database, folder))
        writer = installation.writer()

        async def submit(request: Request) -> Answer:
            return writer.submit(request)

        try:
            world = World(Access(installation.reader, submit, Cursors(b"c" * 32)), self.people)
            with world.loop:
                yield world
        finally:
            writer.close()
            installation.close()
            shutil.rmtree(folder)
            if self.server:
                postgres.drop_database(self.server, folder.name)


@contextmanager
def founded(folder: Path, server: str = "") -> Iterator[Ground]:
    """Found it: in a file of this folder, or in a database of the server called like the folder."""
    database = str(folder / FILE)
    if server:
        postgres.create_database(server, folder.name)
        database = postgres.url(server, folder.name)
    settings = _settings(database, folder)
    found_log(settings, origin="company.example/log")
    installation = Installation.open(settings)
    writer = installation.writer()
    try:
        stage = Stage(Desk(writer))
        adopt_shipped(stage.desk)
        stage.build()
    finally:
        writer.close()
        installation.close()
    yield Ground(folder, server, stage.people)
    if server:
        postgres.drop_database(server, folder.name)


def _settings(database: str, folder: Path) -> Settings:
    return Settings(database=database, signing_key=folder / KEY, token_pepper="p" * 32)
