"""What verifying a log can find, and how it tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was recorded: a stable code, where, and a sentence."""

    code: str
    message: str
    position: int | None = None
    subject: str | None = None
