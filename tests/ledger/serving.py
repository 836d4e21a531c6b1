"""The writer's server in a thread, callers that speak to it in frames, and a way to hold it up."""

from __future__ import annotations

import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import text

from ledger.databases import admin_engine
from ledger.request import Answer, Request
from ledger.server import WriterServer
from ledger.wire import LENGTH, Asked, frame, read_answer
from ledger.writer import Writer
from tests.ledger.ground import request

PATIENCE_S = 60.0
"""How long a test waits for what must come; only a failing test waits so long."""


@contextmanager
def socket_folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's name."""
    folder = Path(tempfile.mkdtemp(prefix="cg-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder)


@contextmanager
def serving(writer: Writer, path: Path, **options: Any) -> Iterator[WriterServer]:
    """A server in a thread; it is stopped, and has ended, when the block is left."""
    server = WriterServer(writer, path, **options)
    ended: list[BaseException] = []
    thread = threading.Thread(target=_serve, args=(server, ended))
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(PATIENCE_S)
    assert not thread.is_alive(), "the server did not end"
    assert not ended, ended


def _serve(server: WriterServer, ended: list[BaseException]) -> None:
    try:
        server.serve()
    except BaseException as fault:  # noqa: BLE001  (told to the test by its thread)
        ended.append(fault)


def spelled(*requests: Request, deadline: float | None = None, again: bool = False) -> bytes:
    """The frames of requests."""
    until = monotonic() + PATIENCE_S if deadline is None else deadline
    return b"".join(frame(Asked(each, until, again)) for each in requests)


class Caller:
    """A blocking connection to the server: sends whatever it is told to, reads answers."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(str(path))

    def send(self, *requests: Request, deadline: float | None = None, again: bool = False) -> None:
        """Send the requests in one go."""
        self.socket.sendall(spelled(*requests, deadline=deadline, again=again))

    def answer(self) -> Answer:
        (length,) = LENGTH.unpack(self._exactly(LENGTH.size))
        return read_answer(self._exactly(length))

    def answers(self, count: int) -> dict[str, Answer]:
        """So many answers, by request id."""
        return {answer.request: answer for answer in (self.answer() for _ in range(count))}

    def ask(self, request: Request, **options: Any) -> Answer:
        self.send(request, **options)
        return self.answer()

    def is_let_go(self) -> bool:
        """Whether the server has closed this connection."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self.socket.close()

    def _exactly(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            more = self.socket.recv(count - len(got))
            if not more:
                raise EOFError("the server closed the connection")
            got += more
        return got


@contextmanager
def holding_the_head(url: str) -> Iterator[None]:
    """Hold what every batch begins with, so that no batch gets further until the block is left."""
    engine = admin_engine(url)
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("select 1 from head for update"))
            yield
    finally:
        engine.dispose()


def notes(book: str, count: int) -> list[Request]:
    """Requests to write numbered notes into a book."""
    return [request("book.note", book, text=f"note {number}") for number in range(count)]


def eventually(true: Callable[[], bool]) -> None:
    """Wait for what must become true."""
    end = monotonic() + PATIENCE_S
    while not true():
        assert monotonic() < end, "what was waited for did not happen"
        time.sleep(0.005)
