"""The writer process's connections: frames in, answers out, nobody kept waiting by a slow one."""

from __future__ import annotations

import logging
import selectors
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from ledger.request import Answer
from ledger.socket_file import SocketFile
from ledger.wire import Asked, BrokenFrame, answer_frame, bodies, read_asked

LOG = logging.getLogger("changegate.writer")
RECEIVE = 1 << 18
MOST_UNREAD = 8 << 20
"""Bytes of answers that a peer may leave unread before nothing more is taken from it."""
MOST_PEERS = 256


@dataclass(slots=True, eq=False)
class Peer:
    """One edge process's connection."""

    socket: socket.socket
    incoming: bytearray = field(default_factory=bytearray)
    outgoing: bytearray = field(default_factory=bytearray)
    lost: bool = False

    @property
    def awaited(self) -> int:
        """What to wait for: more requests, unless too much is unread; room for what is unsent."""
        reading = selectors.EVENT_READ if len(self.outgoing) < MOST_UNREAD else 0
        return reading | (selectors.EVENT_WRITE if self.outgoing else 0)


class Peers:
    """Listens on a path, and calls `take` for every request that arrives."""

    def __init__(self, path: Path, take: Callable[[Peer, Asked], None]) -> None:
        """Claim the path; raises SocketTaken or SocketUnusable."""
        self._file = SocketFile(path)
        self._take = take
        self._closed = False
        self._peers: set[Peer] = set()
        self._answered: set[Peer] = set()
        self._selector = selectors.DefaultSelector()
        self._waking, self._woken = socket.socketpair()
        self._selector.register(self._file.listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)

    def wake(self) -> None:
        """End a wait, if any: callable from a signal or another thread, also once closed."""
        try:
            self._waking.send(b"\0")
        except OSError:
            if not self._closed:
                raise

    def wait(self, timeout: float) -> None:
        """Take what arrives within `timeout` seconds, at the most one round of it."""
        for key, mask in self._selector.select(timeout):
            if isinstance(key.data, Peer):
                self._serve(key.data, mask)
            elif key.fileobj is self._woken:
                self._woken.recv(4096)
            else:
                self._accept()

    def answer(self, peer: Peer, answer: Answer) -> None:
        """Put an answer on its way; `send` sends it."""
        if not peer.lost:
            peer.outgoing += answer_frame(answer)
            self._answered.add(peer)

    def send(self) -> None:
        """Send what the peers can take now; the rest goes when they can take more."""
        for peer in self._answered:
            self._flush(peer)
        self._answered.clear()

    def drain(self, seconds: float) -> None:
        """Send until nothing is unsent, for so long at the most."""
        self.send()
        end = monotonic() + seconds
        while any(peer.outgoing for peer in self._peers) and (left := end - monotonic()) > 0:
            for key, mask in self._selector.select(left):
                if isinstance(key.data, Peer) and mask & selectors.EVENT_WRITE:
                    self._flush(key.data)

    def close(self) -> None:
        """Let everybody go and give the path up."""
        self._closed = True
        for peer in list(self._peers):
            self._drop(peer)
        self._selector.close()
        self._waking.close()
        self._woken.close()
        self._file.close()

    def _accept(self) -> None:
        try:
            connection, _ = self._file.listener.accept()
        except OSError as fault:
            LOG.warning("a connection was not accepted: %s", fault)
            return
        if len(self._peers) >= MOST_PEERS:
            LOG.warning("more than %d connections: one is refused", MOST_PEERS)
            connection.close()
            return
        connection.setblocking(False)  # noqa: FBT003  (the standard library's own signature)
        peer = Peer(connection)
        self._peers.add(peer)
        self._selector.register(connection, peer.awaited, peer)

    def _serve(self, peer: Peer, mask: int) -> None:
        if mask & selectors.EVENT_WRITE:
            self._flush(peer)
        if mask & selectors.EVENT_READ and not peer.lost:
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
        except BrokenFrame as broken:
            LOG.warning("a peer sent a broken frame: %s", broken)
            self._drop(peer)

    def _flush(self, peer: Peer) -> None:
        if peer.lost:
            return
        try:
            sent = peer.socket.send(peer.outgoing)
        except BlockingIOError:
            sent = 0  # the peer reads slowly; the selector tells when it can take more
        except OSError:
            self._drop(peer)
            return
        del peer.outgoing[:sent]
        if self._selector.get_key(peer.socket).events != peer.awaited:
            self._selector.modify(peer.socket, peer.awaited, peer)

    def _drop(self, peer: Peer) -> None:
        if not peer.lost:
            peer.lost = True
            self._peers.discard(peer)
            self._selector.unregister(peer.socket)
            peer.socket.close()
