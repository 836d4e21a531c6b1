"""The writer's socket as a file: private, taken by one process at a time, never stolen."""

from __future__ import annotations

import fcntl
import os
import socket
import stat
import sys
from pathlib import Path

LONGEST = 107 if sys.platform == "linux" else 103
"""Bytes of a path that the system can bind a socket to."""
BACKLOG = 64


class SocketUnusable(ValueError):
    """A path that no socket can be made at; the message says why."""


class SocketTaken(RuntimeError):
    """Another process serves on this path, and is alive."""


class SocketFile:
    """Claims a path and listens on it; what a dead process left there is cleared away.

    The claim is a lock on a file beside the socket, which the system lets go of when its holder
    dies. The lock file stays, lest two processes lock two files of one name.
    """

    def __init__(self, path: Path) -> None:
        """Claim the path; raises SocketTaken or SocketUnusable."""
        _check(path)
        self._path = path
        self._lock = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise SocketTaken(f"another process is serving on {path}") from None
        path.unlink(missing_ok=True)
        self.listener = _listen(path)

    def close(self) -> None:
        """Stop listening and give the path up."""
        self.listener.close()
        self._path.unlink(missing_ok=True)
        os.close(self._lock)


def _check(path: Path) -> None:
    size = len(os.fsencode(path))
    if size > LONGEST:
        raise SocketUnusable(
            f"the path of a socket has at most {LONGEST} bytes, {path} has {size}: choose another"
        )
    if not path.parent.is_dir():
        raise SocketUnusable(f"there is no folder {path.parent} to make a socket in")
    if path.exists() and not stat.S_ISSOCK(path.stat().st_mode):
        raise SocketUnusable(f"{path} is there already and is no socket")


def _listen(path: Path) -> socket.socket:
    """A listening socket that only this user can connect to."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(BACKLOG)
    listener.setblocking(False)  # noqa: FBT003  (the standard library's own signature)
    return listener
