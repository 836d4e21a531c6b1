"""What becomes true of a change when somebody says that another named them wrongly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestDeclined:
    """Whom another had named did not ask for the change: who drafted it did."""

    requester: str


@dataclass(frozen=True, slots=True)
class OwnershipDeclined:
    """Whom another had named does not answer for the change; this `owner` does from now on.

    `former_owners` are the accounts as which they were named; none means the one that says so.
    """

    owner: str
    former_owners: tuple[str, ...] = ()
