"""Keeps one writer and some edges running: starts them, restarts the dead, ends them in order."""

from __future__ import annotations

import errno
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from api.processes import handing
from api.processes.kept import CannotServe, Kept, NotNow
from api.settings import LOOPBACK, Settings

TICK_S = 0.1
EDGES_END_S = 12.0
WRITER_ENDS_S = 15.0
READY_S = 60.0
HOPELESS = 4
"""A child that died so often before it served is not started again."""
PASSING = (errno.EADDRINUSE, errno.EADDRNOTAVAIL)
"""An address that is taken, or not there yet, may be had in a while."""
ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(slots=True)
class Service:
    """The whole service: `run` returns when it was told to stop."""

    settings: Settings
    listener: socket.socket
    writer_socket: Path
    stopping: bool = False
    writer: Kept = field(init=False)
    edges: list[Kept] = field(init=False)

    def __post_init__(self) -> None:
        """Say what is to be run."""
        python = [sys.executable, "-m"]
        arguments = handing.arguments(self.settings, self.writer_socket)
        environment = handing.environment(self.settings)
        self.writer = Kept("writer", [*python, "api.processes.writer", *arguments], environment)
        handed = self.listener.fileno()
        edge = [*python, "api.processes.edge", *arguments, "--listener", str(handed)]
        self.edges = [
            Kept(f"edge {number}", edge, environment, (handed,))
            for number in range(1, self.settings.edges + 1)
        ]

    def run(self, ready: Callable[[], None] | None = None) -> None:
        """Keep everything running until SIGTERM or SIGINT; `ready` is called once it answers.

        Raises CannotServe when it does not come up or cannot go on, NotNow if it may later.
        """
        with _signals(self.stop):
            try:
                self._start()
                if ready is not None and not self.stopping:
                    ready()
                while not self.stopping:
                    for each in (self.writer, *self.edges):
                        each.look_after()
                    time.sleep(TICK_S)
            finally:
                self._end()

    def stop(self) -> None:
        """End soon: callable from a signal or another thread."""
        self.stopping = True

    def _start(self) -> None:
        """Start everything at once; wait until all serve."""
        everyone = (self.writer, *self.edges)
        for each in everyone:
            each.start()
        until = time.monotonic() + READY_S
        while not self.stopping and not all(each.serves for each in everyone):
            for each in everyone:
                each.look_after()
                if each.deaths >= HOPELESS:
                    raise NotNow(f"the {each.name} keeps ending; the lines above say why")
            if time.monotonic() > until:
                late = ", ".join(each.name for each in everyone if not each.serves)
                raise NotNow(f"not up within {READY_S:.0f} s: {late}")
            time.sleep(TICK_S / 5)

    def _end(self) -> None:
        """First those who ask, then the writer, which answers what it has taken in."""
        self.listener.close()
        for edge in self.edges:
            edge.tell_to_end()
        for edge in self.edges:
            edge.end(EDGES_END_S)
        self.writer.end(WRITER_ENDS_S)


@contextmanager
def service(settings: Settings) -> Iterator[Service]:
    """A service with its listener bound and a folder for the writer's socket.

    Raises CannotServe when the address cannot be had, NotNow if it may be later.
    """
    if settings.demo and settings.host not in (*LOOPBACK, "::1"):
        raise CannotServe("a demo listens on loopback only")
    with (
        _bound(settings) as listener,
        tempfile.TemporaryDirectory(prefix="changegate-") as folder,
    ):
        path = settings.writer_socket or Path(folder) / "writer"
        yield Service(settings, listener, path)


def _bound(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(1024)
    except OSError as fault:
        listener.close()
        advice = "; set CHANGEGATE_PORT to another" if fault.errno == errno.EADDRINUSE else ""
        where = f"{settings.host}:{settings.port}"
        kind = NotNow if fault.errno in PASSING else CannotServe
        raise kind(f"{where} cannot be listened on: {fault.strerror}{advice}") from fault
    return listener


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    def told(_signal: int, _frame: FrameType | None) -> None:
        stop()

    heard = [each for each in ENDINGS if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, told) for each in heard}
    try:
        yield
    finally:
        for each, old in before.items():
            signal.signal(each, old)


def answers_at(listener: socket.socket) -> str:
    """The URL of a service, as a person types it."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/graphql"
