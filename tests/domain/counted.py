"""How often something is really called: work is counted, for time says little in company."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


class Counted:
    """A function that does what it did, and counts."""

    def __init__(self, patch: pytest.MonkeyPatch, place: Any, name: str) -> None:
        """Count the calls of `place.name` from now on."""
        self.calls = 0
        self.real: Callable[..., Any] = getattr(place, name)
        patch.setattr(place, name, self)

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.calls += 1
        return self.real(*given, **named)
