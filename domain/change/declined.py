"""What becomes true of a change when somebody says that another named them wrongly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestDeclined:
    """Whom another had named did not ask for the change: who drafted it did."""

    requester: str
