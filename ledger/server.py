"""The writer process: one thread that gathers what waits on its socket and commits it in groups."""

from __future__ import annotations

import logging
import os
import selectors
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from domain.kernel import OPERATOR, Problem
from ledger.request import Answer, Request, Status
from ledger.wire import Asked, BrokenFrame, bodies, frame, read_asked
from ledger.writer import Writer

LOG = logging.getLogger("changegate.writer")
QUEUE = 4096
IDLE_S = 0.02
"""After so long without a request the newest checkpoint is kept in the database."""
RECEIVE = 1 << 18


@dataclass(slots=True)
class Peer:
    """One edge process's connection."""

    socket: socket.socket
    incoming: bytearray = field(default_factory=bytearray)
    outgoing: bytearray = field(default_factory=bytearray)


class WriterServer:
    """Serves a writer on a Unix socket until told to stop; then drains what it has taken in."""

    def __init__(self, writer: Writer, path: Path, *, queue: int = QUEUE) -> None:
        """Listen on `path`, readable by this user alone; `queue` bounds what may wait."""
        self._writer = writer
        self._path = path
        self._most = queue
        self._waiting: deque[tuple[Peer, Asked]] = deque()
        self._selector = selectors.DefaultSelector()
        self._stopping = False
        self._wake, self._woken = socket.socketpair()
        self._listener = _listen(path)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._woken, selectors.EVENT_READ, self._stop_waiting)

    def stop(self) -> None:
        """Stop soon: callable from a signal or another thread."""
        self._stopping = True
        self._wake.send(b"\0")

    def serve(self, *, watch: Callable[[], bool] | None = None) -> None:
        """Serve until stopped, or until `watch` (asked when idle) says that nobody needs us."""
        try:
            while not self._stopping:
                if self._gather(0 if self._waiting else IDLE_S):
                    self._commit()
                    continue
                self._writer.rest()
                if watch is not None and not watch():
                    break
                self._gather(1.0)
                self._commit()
            while self._waiting:
                self._commit()
            self._flush_all()
        finally:
            self._close()

    def _gather(self, timeout: float) -> bool:
        """Read what has arrived; whether anything waits."""
        for key, mask in self._selector.select(timeout):
            key.data(key.fileobj, mask)
        return bool(self._waiting)

    def _commit(self) -> None:
        """Answer one batch of what waits."""
        batch: list[tuple[Peer, Request]] = []
        while self._waiting and len(batch) < self._writer.limit:
            peer, asked = self._waiting.popleft()
            if asked.deadline < monotonic():
                self._answer(peer, _refused(asked.request, "deadline_passed", "Nobody waits."))
            elif asked.again and (done := self._writer.look(asked.request)):
                self._answer(peer, done)
            else:
                batch.append((peer, asked.request))
        answers = self._writer.run([request for _, request in batch])
        for (peer, _), answer in zip(batch, answers, strict=True):
            self._answer(peer, answer)

    def _answer(self, peer: Peer, answer: Answer) -> None:
        peer.outgoing += frame(answer)
        self._flush(peer)

    def _flush(self, peer: Peer) -> None:
        try:
            sent = peer.socket.send(peer.outgoing)
            del peer.outgoing[:sent]
        except BlockingIOError:
            pass  # the peer reads slowly; the selector tells when it can take more
        except OSError:
            self._drop(peer)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if peer.outgoing else 0)
        if peer.socket.fileno() >= 0:
            self._selector.modify(peer.socket, events, self._handler(peer))

    def _flush_all(self) -> None:
        for key in list(self._selector.get_map().values()):
            peer = getattr(key.data, "peer", None)
            if peer is not None and peer.outgoing:
                peer.socket.settimeout(1.0)
                self._flush(peer)

    def _accept(self, listener: socket.socket, _mask: int) -> None:
        connection, _ = listener.accept()
        connection.settimeout(0)
        peer = Peer(connection)
        self._selector.register(connection, selectors.EVENT_READ, self._handler(peer))

    def _handler(self, peer: Peer) -> _Handler:
        return _Handler(self, peer)

    def ready(self, peer: Peer, mask: int) -> None:
        """A peer has sent something, or can take more."""
        if mask & selectors.EVENT_WRITE and peer.outgoing:
            self._flush(peer)
        if mask & selectors.EVENT_READ:
            self._receive(peer)

    def _receive(self, peer: Peer) -> None:
        try:
            got = peer.socket.recv(RECEIVE)
        except BlockingIOError:
            return
        except OSError:
            got = b""
        if not got:
            self._drop(peer)
            return
        peer.incoming += got
        try:
            for body in bodies(peer.incoming):
                self._take(peer, read_asked(body))
        except BrokenFrame:
            LOG.warning("a peer sent a broken frame")
            self._drop(peer)

    def _take(self, peer: Peer, asked: Asked) -> None:
        request = asked.request
        if request.by == OPERATOR or request.by.startswith(f"{OPERATOR}:"):
            self._answer(peer, _refused(request, "forbidden", "The operator acts in place."))
        elif len(self._waiting) >= self._most:
            self._answer(peer, _refused(request, "busy", "Too much waits; try again."))
        else:
            self._waiting.append((peer, asked))

    def _drop(self, peer: Peer) -> None:
        if peer.socket.fileno() >= 0:
            self._selector.unregister(peer.socket)
            peer.socket.close()

    def _stop_waiting(self, woken: socket.socket, _mask: int) -> None:
        woken.recv(16)

    def _close(self) -> None:
        self._writer.close()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()
        self._wake.close()
        self._path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Handler:
    """What the selector calls for one peer."""

    server: WriterServer
    peer: Peer

    def __call__(self, _socket: socket.socket, mask: int) -> None:
        self.server.ready(self.peer, mask)


def _listen(path: Path) -> socket.socket:
    """A listening socket that only this user can connect to."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(64)
    listener.settimeout(0)
    return listener


def _refused(request: Request, code: str, message: str) -> Answer:
    return Answer(request.id, Status.FAILED, request.subject, problems=(Problem(code, message),))
