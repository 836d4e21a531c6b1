"""A bare Starlette server to compare with: `python -m benchmarks.bare URL`; no rules, no log.

It prints where it answers. `POST /insert` commits one row.
"""

from __future__ import annotations

import socket
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import anyio.to_thread
import msgspec
import uvicorn
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks import by_hand
from ledger.databases import libpq, parse


class Store(Protocol):
    """A database reached in the plainest way."""

    async def insert(self, subject: str, body: str) -> None:
        """Commit one row."""


class Postgres:
    """Eight connections shared by all requests."""

    def __init__(self, dsn: str) -> None:
        """Connect later, within the loop."""
        self.pool = AsyncConnectionPool(dsn, min_size=8, max_size=8, open=False)

    async def insert(self, subject: str, body: str) -> None:
        """Commit one row."""
        async with self.pool.connection() as connection:
            await connection.execute(by_hand.INSERT_POSTGRESQL, (subject, body))


class Sqlite:
    """A connection for each thread."""

    def __init__(self, path: str) -> None:
        """Connect later, in the threads."""
        self._path = path
        self._own = threading.local()

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, which flushes with every commit."""
        if not hasattr(self._own, "connection"):
            self._own.connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
            self._own.connection.execute("pragma journal_mode=WAL")
            self._own.connection.execute("pragma synchronous=FULL")
        found: sqlite3.Connection = self._own.connection
        return found

    async def insert(self, subject: str, body: str) -> None:
        """Commit one row."""

        def insert() -> None:
            self.connection.execute(by_hand.INSERT_SQLITE, (subject, body))

        await anyio.to_thread.run_sync(insert)


def application(url: str) -> Starlette:
    """The route over a database."""
    parsed = parse(url)
    embedded = parsed.get_backend_name() == "sqlite"
    store: Store = Sqlite(str(parsed.database)) if embedded else Postgres(libpq(parsed))

    async def insert(request: Request) -> Response:
        given = msgspec.json.decode(await request.body())
        await store.insert(given["id"], given["rule"])
        return _json({"id": given["id"], "problems": []})

    @asynccontextmanager
    async def living(_app: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = 16
        if isinstance(store, Postgres):
            await store.pool.open(wait=True)
        yield
        if isinstance(store, Postgres):
            await store.pool.close()

    return Starlette(routes=[Route("/insert", insert, methods=["POST"])], lifespan=living)


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


def main() -> int:
    """Answer on a free port until told to stop, with the settings of an edge process."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        application(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        proxy_headers=False,
        access_log=False,
        log_config=None,
        server_header=False,
    )
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(config).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
