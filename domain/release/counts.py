"""What stood somewhere already and came to count for a release, whatever it tried there since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Counted:
    """A deployment by which a release counted as being somewhere, since when it stood there.

    `at` is when it last counted for what the release carried.
    """

    deployment: str
    environment: str
    since: datetime
    at: datetime
