"""A tap on the line to PostgreSQL: counts what goes over it, and cuts it where a test wants."""

from __future__ import annotations

import select
import socket
import threading
from collections import Counter
from enum import Enum
from pathlib import Path

from sqlalchemy import make_url

NAME = ".s.PGSQL.5432"
TRIPS = b"SQ"  # Sync and Query: after either the client waits for the server
STATEMENTS = b"EQ"  # Execute and Query


class Cut(Enum):
    """When the line is cut: around the last thing that is sent over it."""

    BEFORE = "before it is sent"
    MEANWHILE = "while the server works on it"
    AFTER = "when the server has answered, and before the answer arrives"


class Wiretap:
    """Listens in `folder` for clients of the server at `url`; `url` is where they find it."""

    def __init__(self, url: str, folder: Path) -> None:
        parsed = make_url(url)
        self._server = Path(str(parsed.query["host"])) / NAME
        self.url = parsed.update_query_dict({"host": str(folder)}).render_as_string(
            hide_password=False
        )
        self.seen: Counter[int] = Counter()
        self._cut: Cut | None = None
        self._until_cut = 0
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / NAME))
        self._listener.listen()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def trips(self) -> int:
        """How often a client has waited for the server."""
        return sum(self.seen[kind] for kind in TRIPS)

    @property
    def statements(self) -> int:
        """How many statements were run."""
        return sum(self.seen[kind] for kind in STATEMENTS)

    def cut(self, when: Cut, *, trips: int) -> None:
        """Cut the line around the so-manieth round trip from now on, once."""
        self._cut, self._until_cut = when, trips

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._relay, args=(client,))
            self._threads.append(thread)
            thread.start()

    def _relay(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(str(self._server))
            Line(self, client, server).relay()
        except OSError:
            return  # either end has closed
        finally:
            client.close()
            server.close()

    def due(self, kinds: bytes) -> Cut | None:
        """Whether these messages are those around which the line is to be cut."""
        self.seen.update(kinds)
        trips = sum(kinds.count(kind) for kind in TRIPS)
        if self._cut is None or trips == 0:
            return None
        self._until_cut -= trips
        if self._until_cut > 0:
            return None
        due, self._cut = self._cut, None
        return due


class Line:
    """One client's connection."""

    def __init__(self, tap: Wiretap, client: socket.socket, server: socket.socket) -> None:
        self._tap = tap
        self._client = client
        self._server = server
        self._unread = b""
        self._started = False

    def relay(self) -> None:
        """Pass everything on until either end closes, or the tap cuts."""
        swallowing = False
        while True:
            for ready in select.select([self._client, self._server], [], [])[0]:
                got = ready.recv(1 << 16)
                if not got:
                    return
                if ready is self._server:
                    if swallowing:
                        return
                    self._client.sendall(got)
                    continue
                due = self._tap.due(self._kinds(got))
                if due is Cut.BEFORE:
                    return
                self._server.sendall(got)
                if due is Cut.MEANWHILE:
                    return
                swallowing = due is Cut.AFTER

    def _kinds(self, got: bytes) -> bytes:
        """The kinds of the messages that end in what the client has sent."""
        self._unread += got
        kinds = bytearray()
        while len(self._unread) >= 5:
            offset = 1 if self._started else 0  # the very first message bears no kind
            size = offset + int.from_bytes(self._unread[offset : offset + 4])
            if len(self._unread) < size:
                break
            if self._started:
                kinds.append(self._unread[0])
            self._started = True
            self._unread = self._unread[size:]
        return bytes(kinds)
