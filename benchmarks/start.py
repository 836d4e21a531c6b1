"""Starting: how long until the first answer, how much memory at rest, and what is imported."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median

import msgspec

from api.demo.settings import tokens_file
from benchmarks import children, places
from benchmarks.figures import Figure, against, alone
from benchmarks.sizes import Size

LOOPBACK = "127.0.0.1"
PROCESSES = ("edge", "writer")
UNWANTED = ("alembic", "typer", "rich")
"""What serves only commands, and must not take a server's time and memory."""
NAMES = "import sys, {module}; print(*sorted({{each.partition('.')[0] for each in sys.modules}}))"
QUESTION = msgspec.json.encode({"query": "{ changes(first: 1) { edges { node { id } } } }"})
SETTLES_S = 1.0
KIB_IN_MB = 1024


def measure(size: Size, server: str) -> Iterator[Figure]:
    """A demo's service beside a bare server; its database is a file of its own."""
    with places.scratch() as folder:
        file = folder / "demo.sqlite"
        _program("demo", "--database", str(file))
        token = tokens_file(file).read_text(encoding="ascii").split()[1]
        with _demo(file, token), _bare():  # from then on everything imported is compiled
            pass
        ours, bare, memory, plain = [], [], [], []
        for _ in range(size.starts):
            with _demo(file, token) as (took, process):
                ours.append(took)
                memory.append(_rested(lambda: _memory(process)))
            with _bare() as (took, process):
                bare.append(took)
                plain.append(_rested(lambda: {"server": _resident(process.pid)}))
    yield against("start to first answer", "sqlite", ours, "ms", bare, "bare Starlette")
    limit = [each["server"] for each in plain]
    for name in PROCESSES:
        values = [each[name] for each in memory]
        yield against(f"memory at rest, {name}", "sqlite", values, "MB", limit, "bare Starlette")
    yield alone("memory at rest, parent", "sqlite", [each["parent"] for each in memory], "MB")
    yield from _imports()


# Starting.


@contextmanager
def _demo(file: Path, token: str) -> Iterator[tuple[float, subprocess.Popen[bytes]]]:
    """The demo's service, and how long it took to answer, in ms."""
    arguments = ("-m", "api.cli", "demo", "--serve", "--database", str(file))
    with _answering(arguments, token) as found:
        yield found


@contextmanager
def _bare() -> Iterator[tuple[float, subprocess.Popen[bytes]]]:
    """A server with one route, and how long it took to answer, in ms."""
    with _answering(("-m", "benchmarks.start_bare"), "") as found:
        yield found


@contextmanager
def _answering(
    arguments: Sequence[str], token: str
) -> Iterator[tuple[float, subprocess.Popen[bytes]]]:
    port = _free_port()
    environment = _environment() | {"CHANGEGATE_PORT": str(port)}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=children.ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        children.wait_for(lambda: _answers(port, token), process)
        yield (time.perf_counter() - started) * 1000, process
    finally:
        process.terminate()
        process.wait(children.PATIENCE_S)


def _answers(port: int, token: str) -> bool:
    """Whether the question is answered; a refusal is a fault of the benchmark."""
    connection = HTTPConnection(LOOPBACK, port, timeout=children.PATIENCE_S)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    with suppress(OSError, HTTPException):
        try:
            connection.request("POST", "/graphql", QUESTION, headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        assert answer.status == 200, body
        return "errors" not in msgspec.json.decode(body)
    return False


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _environment() -> dict[str, str]:
    """As on anybody's machine, where what is imported is compiled once and kept."""
    unlike = ("CHANGEGATE", "PYTHONDONTWRITEBYTECODE")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not any(each in name for each in unlike)
    }
    return kept | {"CHANGEGATE_LOG_LEVEL": "warning"}


def _program(*arguments: str) -> None:
    command = [sys.executable, "-m", "api.cli", *arguments]
    environment = _environment()
    subprocess.run(
        command, cwd=children.ROOT, env=environment, stdout=subprocess.DEVNULL, check=True
    )


# Memory.


def _rested(look: Callable[[], dict[str, float]]) -> dict[str, float]:
    """What is seen once a process has had nothing to do for a while."""
    time.sleep(SETTLES_S)
    return look()


def _memory(parent: subprocess.Popen[bytes]) -> dict[str, float]:
    """MB of the parent, of its writer, and of one of its edges."""
    found: dict[str, list[float]] = {"parent": [_resident(parent.pid)]}
    listed = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text(encoding="ascii")
    for child in map(int, listed.split()):
        told = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        name = next(each for each in told if each.startswith(b"api.processes.")).decode()
        found.setdefault(name.rpartition(".")[2], []).append(_resident(child))
    return {name: median(values) for name, values in found.items()}


def _resident(process: int) -> float:
    """The resident memory of a process, in MB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    assert found, status
    return int(found[1]) / KIB_IN_MB


# Imports.


def _imports() -> Iterator[Figure]:
    """How many packages of the command line a server process imports."""
    for name in PROCESSES:
        code = NAMES.format(module=f"api.processes.{name}")
        told = subprocess.run(
            [sys.executable, "-c", code],
            cwd=children.ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        loaded = set(told.stdout.split())
        assert "ledger" in loaded, "the process imports nothing of ours"
        unwanted = sorted(loaded.intersection(UNWANTED))
        yield Figure(
            f"imports for commands alone, {name}",
            "",
            len(unwanted),
            "",
            ratio=len(unwanted),
            required=0,
            at_most=True,
            note=", ".join(unwanted),
        )
