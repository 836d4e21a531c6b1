"""What a process keeps of what it has gathered by a mark that moves with it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeVar

T = TypeVar("T")
MOST: Final = 256
"""How many are kept; those that were asked for longest ago go first."""


class Kept:
    """Values by what they are of, each of one mark; safe to share between threads.

    Whoever asks names the mark of their own transaction, and is given what was gathered under that
    very mark, or gathers it anew.
    """

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()

    def get(self, of: Hashable, mark: Hashable, gather: Callable[[], T]) -> T:
        """What was gathered under this mark; nobody waits while another one gathers."""
        with self._lock:
            if (found := self._kept.get(of)) is not None and found[0] == mark:
                self._kept.move_to_end(of)
                return found[1]  # type: ignore[no-any-return]
        fresh = gather()
        with self._lock:
            self._kept[of] = (mark, fresh)
            self._kept.move_to_end(of)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return fresh
