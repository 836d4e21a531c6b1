"""A line between a parent process and a child: news goes up, the parent's death is felt below."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

READY = b"+"
UNFIT = b"-"
LONGEST = 4096


class ParentEnd:
    """The parent's end, held as long as the child is looked after."""

    def __init__(self) -> None:
        """Make a line; its other end is to be handed to a child."""
        self._own, self._handed = socket.socketpair()
        self._own.setblocking(False)  # noqa: FBT003  (the standard library's own signature)
        self._heard = b""

    @property
    def handed(self) -> int:
        """The descriptor that the child takes over."""
        return self._handed.fileno()

    def taken(self) -> None:
        """The child has its end: let go of it here."""
        self._handed.close()

    @property
    def ready(self) -> bool:
        """Whether the child has said that it serves."""
        return self._listen().startswith(READY)

    @property
    def unfit(self) -> str | None:
        """Why the child cannot start, however often it is tried; None if it did not say so."""
        told = self._listen()
        return told[1:].decode() if told.startswith(UNFIT) else None

    def close(self) -> None:
        """Let the line go, which ends the child if it still lives."""
        self._own.close()
        self._handed.close()

    def _listen(self) -> bytes:
        with suppress(BlockingIOError, ConnectionResetError):
            self._heard += self._own.recv(LONGEST)
        return self._heard


class ChildEnd:
    """The child's end."""

    def __init__(self, descriptor: int) -> None:
        """Take over what the parent handed down."""
        self._line = socket.socket(fileno=descriptor)

    def ready(self) -> None:
        """Say that this process serves."""
        self._tell(READY)

    def unfit(self, reason: str) -> None:
        """Say why this process cannot start; starting it again would not help."""
        self._tell(UNFIT + reason.encode()[: LONGEST - 1].decode(errors="ignore").encode())

    def watch(self, orphaned: Callable[[], None]) -> None:
        """Call this, from a thread, as soon as the parent is gone, however it went."""

        def wait() -> None:
            with suppress(OSError):
                self._line.recv(1)
            orphaned()

        threading.Thread(target=wait, daemon=True).start()

    def close(self) -> None:
        """Let the line go."""
        self._line.close()

    def _tell(self, news: bytes) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # `watch` tells when nobody listens
            self._line.sendall(news)
