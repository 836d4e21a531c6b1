"""Many people at once who write notes through a client, for as long as a test wants."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ledger.client import WriterClient
from ledger.request import Answer, Request
from tests.ledger.ground import request
from tests.ledger.serving import PATIENCE_S


@dataclass
class Load:
    """So many people, each of whom asks again as soon as the last answer is there."""

    books: list[str]
    people: int = 16
    keyed: bool = False
    answers: list[Answer] = field(default_factory=list)
    asked: int = 0
    stopping: bool = False
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def next(self) -> Request:
        self.asked += 1
        key = f"key {self.asked}" if self.keyed else None
        book = self.books[self.asked % len(self.books)]
        return request("book.note", book, text=f"note {self.asked}", key=key)

    async def person(self, client: WriterClient) -> None:
        while not self.stopping:
            self.answers.append(await client.submit(self.next()))
            self.moved.set()

    async def reach(self, answers: int) -> None:
        """Wait until there are so many answers."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.answers) < answers:
                self.moved.clear()
                await self.moved.wait()

    async def more(self, chance: random.Random, least: int = 5, most: int = 120) -> None:
        """Wait until there are somewhat more answers, and then a moment, wherever that may end."""
        await self.reach(len(self.answers) + chance.randint(least, most))
        await asyncio.sleep(chance.random() * 0.02)


@asynccontextmanager
async def under(load: Load, path: Path) -> AsyncIterator[Load]:
    """Put the load on a writer process; everybody has their answer when the block is left."""
    client = WriterClient(path, timeout=PATIENCE_S)
    people = [asyncio.create_task(load.person(client)) for _ in range(load.people)]
    try:
        yield load
    finally:
        load.stopping = True
        await asyncio.gather(*people)
        await client.close()
