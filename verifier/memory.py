"""What earlier runs saw: the newest checkpoint of each log and the keys it was trusted by."""

from __future__ import annotations

import fcntl
import json
import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from verifier.bundle import Unreadable
from verifier.files import told
from verifier.note import Checkpoint, Key, hash_of, parse_key
from verifier.tree import LIMIT, Refused


class Seen(NamedTuple):
    """The newest checkpoint seen of a log, if any, and the keys trusted for it."""

    head: Checkpoint | None
    keys: list[Key]


@contextmanager
def held(path: Path) -> Iterator[Memory]:
    """The memory in this file, held against other runs until done.

    Looking and storing are one step: two runs at once could otherwise each accept half a fork.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as fault:
        raise Unreadable(told(path, fault)) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Memory(path)
    finally:
        os.close(lock)


class Memory:
    """The file that outlives a run; raises Unreadable when it exists and cannot be understood."""

    def __init__(self, path: Path) -> None:
        """Read the file; a missing one is an empty memory."""
        self.path = path
        self._logs: dict[str, Any] = {}
        try:
            stored = json.loads(path.read_bytes())
            if stored["v"] != 1:
                raise Unreadable(f"{path} is of a version this verifier does not know")
            self._logs = dict(stored["logs"])
        except FileNotFoundError:
            return
        except OSError as fault:
            raise Unreadable(told(path, fault)) from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Unreadable(f"{path} is no memory of this verifier") from None

    def seen(self, origin: str) -> Seen:
        """What was seen of a log."""
        if origin not in self._logs:
            return Seen(None, [])
        try:
            log = self._logs[origin]
            size, keys = log["size"], [parse_key(each) for each in log["keys"]]
            if type(size) is not int or not 0 <= size <= LIMIT:
                raise Refused("the size is no number")
            return Seen(Checkpoint(origin, size, hash_of(log["root"])), keys)
        except (KeyError, TypeError, AttributeError, Refused):
            raise Unreadable(f"{self.path} holds no checkpoint of {origin}") from None

    def remember(self, head: Checkpoint, keys: list[Key]) -> None:
        """Store the newest checkpoint of a log and the keys that speak for it, durably, at once."""
        lines = sorted({key.line() for key in keys if key.name == head.origin})
        root = b64encode(head.root).decode()
        self._logs[head.origin] = {"size": head.size, "root": root, "keys": lines}
        text = json.dumps({"v": 1, "logs": self._logs}, indent=1, sort_keys=True) + "\n"
        fresh = self.path.with_name(self.path.name + ".new")
        try:
            with fresh.open("w") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            fresh.replace(self.path)
        except OSError as fault:
            raise Unreadable(told(self.path, fault)) from None
