"""An exemption as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.kernel import Internal, Text


class Status(StrEnum):
    """Whether an exemption may still count; whether it does follows from who approved it."""

    OPEN = "open"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody whom the lock names approved it, by right of a grant, as it was then.

    `matter` is the digest of that, None in logs that did not say so.
    """

    by: str
    at: datetime
    grant: str | None
    matter: Internal[str | None] = None
    other_grants: Internal[tuple[str, ...]] = ()  # by which else it might have been


@dataclass(frozen=True, slots=True)
class Exemption:
    """A wish that one thing go on in spite of a lock, and who approved it so far.

    It hides with what is to go on. Once asked for while that was hidden, or acted on then, it is
    `embargoed`: the log tells nothing of it but to who may see it.
    """

    id: str
    version: int
    status: Status
    lock: str
    subject: Internal[str]
    requested_by: str
    requested_at: datetime
    reason: Text
    change: str | None = None
    merge_request: str | None = None
    deployment: str | None = None
    release: str | None = None
    contributors: tuple[str, ...] = ()
    approvals: tuple[Approval, ...] = ()
    ended_by: str | None = None
    ended_at: datetime | None = None
    ended_because: Text | None = None
    embargoed: Internal[bool] = False
    requested_grant: Internal[str | None] = None  # by what right it was wished for
    requested_grants: Internal[tuple[str, ...]] = ()  # by which else it might have been
