"""A running `changegate` under a test's eyes: what it says, its processes, how it ends."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

from tests.api.served import ROOT, environment

PROGRAM = (sys.executable, "-m", "api.cli")
ANSWERS = re.compile(r"answers at (http://\S+)/graphql")
SECONDS = 120
PROC = Path("/proc")


@dataclass
class Running:
    """A service in processes of its own, and what it has said."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Keep everything it says, in a thread."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)

    @property
    def text(self) -> str:
        """Everything said so far."""
        return "".join(self.said)

    @property
    def url(self) -> str:
        """Where it answers; waits until it does."""
        wait_for(lambda: ANSWERS.search(self.text) or self.process.poll() is not None)
        found = ANSWERS.search(self.text)
        assert found, self.text
        return found[1]

    def children(self) -> dict[int, str]:
        """The processes it keeps, with the last part of the module each runs."""
        return {
            pid: arguments.split("api.processes.")[1].split()[0]
            for pid, parent, arguments in processes()
            if parent == self.process.pid and "api.processes." in arguments
        }

    def child(self, kind: str) -> int:
        """The process of this kind."""
        wait_for(lambda: kind in self.children().values())
        return next(pid for pid, each in self.children().items() if each == kind)

    def ended(self) -> int:
        """How it ended."""
        return self.process.wait(SECONDS)


def processes() -> Iterator[tuple[int, int, str]]:
    """Every process of this machine: its id, its parent's, its arguments."""
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            arguments = (folder / "cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ")
            yield int(folder.name), int(_status(folder)[1]), arguments.decode(errors="replace")


def alive(pid: int) -> bool:
    """Whether a process is there and no mere remnant."""
    with suppress(OSError):
        return _status(PROC / str(pid))[0] != "Z"
    return False


def _status(folder: Path) -> list[str]:
    """The state of a process and what follows it; its name may hold anything, also brackets."""
    return (folder / "stat").read_text(errors="replace").rpartition(") ")[2].split()


def wait_for(holds: Callable[[], Any]) -> None:
    """Wait until something holds, which it must within a time no machine needs."""
    until = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.05)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let what is started hear Ctrl-C, also where a shell runs the tests in the background."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def started(*arguments: str | Path, **settings: str) -> Iterator[Running]:
    """A program that is killed when the block ends, if it still runs."""
    with interruptible():
        process = subprocess.Popen(
            [*PROGRAM, *map(str, arguments)],
            cwd=ROOT,
            env=environment(**{"CHANGEGATE_PORT": "0", **settings}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    running = Running(process)
    listening = Thread(target=running.listen, daemon=True)
    listening.start()
    try:
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS)
        process.kill()
        listening.join()
        assert process.stdout is not None
        process.stdout.close()
