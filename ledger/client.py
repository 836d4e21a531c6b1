"""The edge's line to the writer process: many requests at once over one Unix socket."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from time import monotonic

from domain.kernel import Problem
from ledger.request import Answer, Request, Status
from ledger.wire import LENGTH, MAX_FRAME, Asked, BrokenFrame, frame, read_answer

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
        self._pending: dict[str, asyncio.Future[Answer]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._connecting = asyncio.Lock()

    async def submit(self, request: Request) -> Answer:
        """The writer's answer; FAILED with code `writer_unavailable` when none came in time."""
        deadline = monotonic() + self._timeout
        again = False
        while (left := deadline - monotonic()) > 0:
            answer = await self._try(request, deadline, left, again=again)
            if answer is not None:
                return answer
            again = True
            await asyncio.sleep(min(RETRY_S, left))
        problem = Problem("writer_unavailable", "The writer did not answer in time.")
        return Answer(request.id, Status.FAILED, request.subject, problems=(problem,))

    async def _try(
        self, request: Request, deadline: float, left: float, *, again: bool
    ) -> Answer | None:
        """One sending: the answer, or None when the connection was lost or time ran out."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._pending[request.id] = future
        try:
            connection = await self._connected()
            connection.write(frame(Asked(request, deadline, again)))
            return await asyncio.wait_for(future, left)
        except (OSError, TimeoutError, BrokenFrame):
            return None
        finally:
            self._pending.pop(request.id, None)

    async def _connected(self) -> asyncio.StreamWriter:
        async with self._connecting:
            if self._writer is None or self._writer.is_closing():
                reader, self._writer = await asyncio.open_unix_connection(str(self._path))
                self._reading = asyncio.create_task(self._read(reader, self._writer))
            return self._writer

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
                if length > MAX_FRAME:
                    raise BrokenFrame("the writer sent too long a frame")
                self._resolve(read_answer(await reader.readexactly(length)))
        except (OSError, asyncio.IncompleteReadError, BrokenFrame):
            lost = ConnectionResetError("the writer went away")
            for future in self._pending.values():
                if not future.done():
                    future.set_exception(lost)
        finally:
            writer.close()
            if self._writer is writer:
                self._writer = None

    def _resolve(self, answer: Answer) -> None:
        future = self._pending.get(answer.request)
        if future is not None and not future.done():
            future.set_result(answer)

    async def close(self) -> None:
        """Let the connection go."""
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
