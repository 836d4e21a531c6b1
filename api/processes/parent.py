"""Keeps one writer and some edges running: starts them, restarts the dead, ends them in order."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType

from api.logs import log
from api.processes.settings import child_arguments
from api.processes.writer import UNFIT
from api.settings import Settings

TICK_S = 0.1
BACKOFF_S = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)
STEADY_S = 30.0
"""A child that lived so long starts again at once when it dies."""
EDGES_END_S = 12.0
WRITER_ENDS_S = 15.0
READY_S = 30.0


class CannotServe(RuntimeError):
    """The service did not come up, or cannot go on; the message says why."""


@dataclass(slots=True)
class Child:
    """One process and how often it has died in a row."""

    name: str
    command: list[str]
    handed: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    due: float = 0.0

    def start(self) -> None:
        """Start the process in a session of its own, so that Ctrl-C reaches only the parent."""
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            pass_fds=self.handed,
            start_new_session=True,
        )
        self.started = time.monotonic()

    def look_after(self) -> None:
        """Restart the process if it has died, later and later if it keeps dying."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start()
            return
        status = self.process.poll()
        if status is None:
            return
        if status == UNFIT:
            raise CannotServe(f"the {self.name} cannot start; see above")
        self.deaths = 0 if now - self.started > STEADY_S else self.deaths + 1
        wait = BACKOFF_S[min(self.deaths, len(BACKOFF_S) - 1)]
        log.error("process_died", name=self.name, status=status, restart_in_s=wait)
        self.process, self.due = None, now + wait

    def end(self, within: float) -> None:
        """Ask the process to end, and kill it if it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired:
            log.error("process_killed", name=self.name)
            self.process.kill()
            self.process.wait()


@dataclass(slots=True)
class Service:
    """The whole service: `run` returns when it was told to stop."""

    settings: Settings
    listener: socket.socket
    stopping: bool = False
    children: list[Child] = field(default_factory=list)

    def run(self, ready: Callable[[], None] | None = None) -> None:
        """Keep everything running until SIGTERM or SIGINT; `ready` is called once it answers."""
        with _signals(self.stop):
            try:
                writer, edges = self._children()
                self.children = [writer, *edges]
                writer.start()
                self._wait_for(self._writer_listens)
                for edge in edges:
                    edge.start()
                self._wait_for(self._answers)
                if ready is not None and not self.stopping:
                    ready()
                while not self.stopping:
                    for child in self.children:
                        child.look_after()
                    time.sleep(TICK_S)
            finally:
                self._end()

    def stop(self) -> None:
        """End soon."""
        self.stopping = True

    def _children(self) -> tuple[Child, list[Child]]:
        arguments = child_arguments(self.settings)
        python = [sys.executable, "-m"]
        writer = Child("writer", [*python, "api.processes.writer", *arguments])
        handed = self.listener.fileno()
        command = [*python, "api.processes.edge", *arguments, "--listener", str(handed)]
        edges = [
            Child(f"edge {number}", command, (handed,))
            for number in range(1, self.settings.edges + 1)
        ]
        return writer, edges

    def _wait_for(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds while the children that were started live."""
        until = time.monotonic() + READY_S
        while not self.stopping and not holds():
            for child in self.children:
                if child.process is not None and child.process.poll() is not None:
                    raise CannotServe(f"the {child.name} ended at once; see above")
            if time.monotonic() > until:
                raise CannotServe(f"the service did not come up within {READY_S:.0f} s")
            time.sleep(0.02)

    def _writer_listens(self) -> bool:
        path = self.settings.writer_socket
        return path is not None and path.exists()

    def _answers(self) -> bool:
        host, port = self.listener.getsockname()[:2]
        try:
            with socket.create_connection((host, port), timeout=2) as probe:
                probe.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
                return b" 200 " in probe.recv(64)
        except OSError:
            return False

    def _end(self) -> None:
        """First those who ask, then the writer, which answers what it has taken in."""
        writer, edges = self.children[:1], self.children[1:]
        for edge in edges:
            if edge.process is not None and edge.process.poll() is None:
                edge.process.terminate()
        for edge in edges:
            edge.end(EDGES_END_S)
        for child in writer:
            child.end(WRITER_ENDS_S)


@contextmanager
def service(settings: Settings) -> Iterator[Service]:
    """A service with its listener bound and a folder for the writer's socket."""
    try:
        listener = _bound(settings)
    except OSError as fault:
        raise CannotServe(f"{settings.host}:{settings.port}: {fault.strerror}") from fault
    with listener, tempfile.TemporaryDirectory(prefix="changegate-") as folder:
        path = settings.writer_socket or Path(folder) / "writer"
        yield Service(replace(settings, writer_socket=path), listener)


def _bound(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((settings.host, settings.port))
    listener.listen(1024)
    listener.set_inheritable(True)
    return listener


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    def told(_signal: int, _frame: FrameType | None) -> None:
        stop()

    before = {each: signal.signal(each, told) for each in (signal.SIGTERM, signal.SIGINT)}
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

