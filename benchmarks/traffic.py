"""Closed loops of submitters: each asks again as soon as it is answered."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import uvloop

from benchmarks.figures import quantile
from benchmarks.organisation import check
from ledger.client import WriterClient
from ledger.request import Request

TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Measured:
    """How many a second were answered, how long each took (in ms), and by which of the writers.

    `asked` counts all that were answered, the warm-up too.
    """

    rate: float
    latencies: Sequence[float]
    shares: tuple[int, ...]
    asked: int

    @classmethod
    def of(cls, finished: list[tuple[float, float, int]], begun: float, writers: int) -> Measured:
        """What became of requests, from when each ended, how long it took, and by which writer.

        The first tenth of the time warms up and is not counted.
        """
        times = [each[0] for each in finished]
        last = max(times)
        since = begun + (last - begun) / 10
        counted = [each for each in finished if each[0] >= since]
        rate = len(counted) / (last - since)
        shares = tuple([sum(each[2] == one for each in counted) for one in range(writers)])
        return cls(rate, [each[1] for each in counted], shares, len(times))

    @property
    def p50(self) -> float:
        """Half were answered within so many ms."""
        return quantile(self.latencies, 0.50)

    @property
    def p99(self) -> float:
        """All but one in a hundred were answered within so many ms."""
        return quantile(self.latencies, 0.99)


def drive(
    sockets: Sequence[Path], work: Sequence[Request], submitters: int, seconds: float
) -> Measured:
    """Submit `work` by so many submitters, shared out over the writers behind these sockets.

    Ends after `seconds`, or sooner when the work is done.
    """
    return uvloop.run(_drive(sockets, work, submitters, seconds))


def lone(socket: Path, work: Sequence[Request], think: float) -> Measured:
    """Submit one request at a time, each after `think` seconds."""
    return uvloop.run(_lone(socket, work, think))


async def _drive(
    sockets: Sequence[Path], work: Sequence[Request], submitters: int, seconds: float
) -> Measured:
    clients = [WriterClient(path, timeout=TIMEOUT_S) for path in sockets]
    waiting = iter(work)
    ends = 0.0
    finished: list[tuple[float, float, int]] = []

    async def submit(client: WriterClient, number: int) -> None:
        for request in waiting:
            started = perf_counter()
            check(await client.submit(request))
            now = perf_counter()
            finished.append((now, (now - started) * 1000, number))
            if now > ends:
                return

    gc.collect()
    begun = perf_counter()
    ends = begun + seconds
    loops = [submit(clients[at % len(clients)], at % len(clients)) for at in range(submitters)]
    await asyncio.gather(*loops)
    for client in clients:
        await client.close()
    return Measured.of(finished, begun, len(clients))


async def _lone(socket: Path, work: Sequence[Request], think: float) -> Measured:
    client = WriterClient(socket, timeout=TIMEOUT_S)
    latencies = []
    begun = perf_counter()
    for request in work:
        await asyncio.sleep(think)
        started = perf_counter()
        check(await client.submit(request))
        latencies.append((perf_counter() - started) * 1000)
    rate = len(latencies) / (perf_counter() - begun)
    await client.close()
    asked = len(latencies)
    return Measured(rate, latencies[asked // 10 :], (asked,), asked)
