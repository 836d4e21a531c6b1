"""The edge's line to the writer process: many requests at once over one Unix socket."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import monotonic
from typing import Any

from domain.kernel import Problem
from ledger.request import Answer, Request, Status
from ledger.wire import Asked, BrokenFrame, bodies, frame, read_answer

TIMEOUT_S = 10.0
RETRY_S = 0.05


class WriterClient:
    """Submits requests and matches answers by request id; reconnects when the writer restarts.

    A request whose connection broke is sent again as such: the writer then looks into the log
    before it runs it, so nothing is done twice.
    """

    def __init__(self, path: Path, *, timeout: float = TIMEOUT_S) -> None:
        """Connect to the writer's socket on first use; `timeout` in seconds bounds each request."""
        self._path = path
        self._timeout = timeout
        self._line: _Line | None = None
        self._connecting = asyncio.Lock()
        self._closed = False

    async def submit(self, request: Request) -> Answer:
        """The writer's answer, or one that FAILED without it.

        Codes: `writer_unavailable` when none came in time, and then the request may yet have been
        done; `request_unfit` when it is too long to be sent or cannot be spelled.
        """
        deadline = monotonic() + self._timeout
        try:
            async with asyncio.timeout(self._timeout):
                return await self._ask(request, deadline)
        except BrokenFrame as broken:
            return _failed(request, "request_unfit", f"The request cannot be sent: {broken}.")
        except TimeoutError:
            return _failed(request, "writer_unavailable", "The writer did not answer in time.")

    async def _ask(self, request: Request, deadline: float) -> Answer:
        """Send until an answer comes; what was sent once is sent again as such."""
        again = False
        while not self._closed:
            message = frame(Asked(request, deadline, again))
            try:
                line = await self._connected()
                again = True
                return await line.ask(request.id, message)
            except OSError:
                await asyncio.sleep(RETRY_S)
        return _failed(request, "writer_unavailable", "This process is ending.")

    async def _connected(self) -> _Line:
        async with self._connecting:
            if self._line is None or self._line.is_lost:
                loop = asyncio.get_running_loop()
                _, self._line = await loop.create_unix_connection(_Line, str(self._path))
            if self._closed:
                await self._line.abort()
            return self._line

    async def close(self) -> None:
        """Let the connection go; whoever still waits is told so."""
        self._closed = True
        if self._line is not None:
            await self._line.abort()


class _Line(asyncio.Protocol):
    """One connection, with those who wait on it."""

    def __init__(self) -> None:
        self.is_lost = False
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._incoming = bytearray()
        self._outgoing = bytearray()
        self._transport: Any = None
        self._gone = asyncio.Event()

    async def ask(self, id: str, message: bytes) -> Answer:
        """The answer to this message; raises ConnectionResetError when the connection breaks."""
        if self.is_lost:
            raise ConnectionResetError
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting[id] = future
        if not self._outgoing:
            loop.call_soon(self._send)
        self._outgoing += message
        try:
            return await future
        finally:
            self._waiting.pop(id, None)

    def _send(self) -> None:
        """Send in one go what was asked since the loop last went round: it is one batch then."""
        if not self.is_lost:
            self._transport.write(bytes(self._outgoing))
        self._outgoing.clear()

    async def abort(self) -> None:
        """Let the connection go, and wait until it is gone."""
        self._transport.abort()
        await self._gone.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, received: bytes) -> None:
        self._incoming += received
        try:
            for body in bodies(self._incoming):
                answer = read_answer(body)
                future = self._waiting.get(answer.request)
                if future is not None and not future.done():
                    future.set_result(answer)
        except BrokenFrame:
            self._transport.abort()

    def connection_lost(self, _fault: Exception | None) -> None:
        self.is_lost = True
        self._gone.set()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionResetError("the writer went away"))


def _failed(request: Request, code: str, message: str) -> Answer:
    return Answer(request.id, Status.FAILED, request.subject, problems=(Problem(code, message),))
