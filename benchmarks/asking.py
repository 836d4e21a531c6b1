"""HTTP as plain bytes over kept connections, so that who asks costs little beside who answers.

`python -m benchmarks.asking URL FILE` asks the one request in a file again and again, over sixteen
connections, until it is told to stop.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

import uvloop

from benchmarks.traffic import Measured

CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Ask:
    """One request as bytes, and what its answer must hold."""

    message: bytes
    expected: bytes = b""


def ask(url: str, path: str, body: bytes, token: str = "", expected: bytes = b"") -> Ask:
    """A POST of JSON."""
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {urlsplit(url).netloc}",
        "Content-Type: application/json",
        "Accept: application/graphql-response+json, application/json",
        f"Content-Length: {len(body)}",
    ]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    head = "\r\n".join(lines).encode()
    return Ask(head + b"\r\n\r\n" + body, expected)


def crowd(url: str, work: Sequence[Ask], seconds: float) -> Measured:
    """Ask for this by sixteen connections, each as soon as it is answered."""
    return uvloop.run(_crowd(url, work, seconds))


async def _crowd(url: str, work: Sequence[Ask], seconds: float) -> Measured:
    waiting = iter(work)
    finished: list[tuple[float, float, int]] = []
    begun = perf_counter()
    await asyncio.gather(
        *[_connection(url, waiting, begun + seconds, finished) for _ in range(CONNECTIONS)]
    )
    return Measured.of(finished, begun, 1)


async def _connection(
    url: str, waiting: Iterator[Ask], ends: float, finished: list[tuple[float, float, int]]
) -> None:
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    for each in waiting:
        started = perf_counter()
        writer.write(each.message)
        answer = await _answer(reader)
        now = perf_counter()
        if each.expected not in answer:
            raise RuntimeError(f"an unexpected answer: {answer.decode(errors='replace')[:2000]}")
        finished.append((now, (now - started) * 1000, 0))
        if now > ends:
            break
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """The body of an answer; raises RuntimeError unless it is a success of a stated length."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    _, found, rest = head.partition(b"content-length:")
    body = await reader.readexactly(int(rest.split(b"\r\n", 1)[0])) if found else b""
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(f"{head.decode()}{body.decode(errors='replace')[:2000]}")
    return body


async def _saturate(url: str, one: Ask) -> None:
    endless = repeat(one)
    finished: list[tuple[float, float, int]] = []
    await asyncio.gather(
        *[_connection(url, endless, float("inf"), finished) for _ in range(CONNECTIONS)]
    )


def main() -> int:
    """Keep a server busy."""
    url, file = sys.argv[1:]
    uvloop.run(_saturate(url, Ask(Path(file).read_bytes())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
