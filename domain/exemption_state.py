"""An exemption as it stands, and whether it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.authority import Authority
from domain.authorship import accounts
from domain.kernel import Internal, Text
from domain.lock.state import Lock


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


def exempt(
    lock: Lock, found: Iterable[Exemption], authority: Authority, matter: Callable[[Exemption], str]
) -> Exemption | None:
    """The exemption from the lock that counts now, if one does.

    As many different people as the lock demands, each named by it today, not suspended, and none
    of them with a hand in the wish, have approved what goes on as it is now, which `matter` tells.
    """
    for each in found:
        if each.lock == lock.id and each.status is Status.OPEN:
            barred, now = accounts(each.contributors, authority, each.requested_at), matter(each)
            people = {
                authority.first_account(approval.by)
                for approval in each.approvals
                if approval.matter in (None, now)
                and approval.by in lock.terms.exempters
                and approval.by not in barred
                and not authority.suspended(approval.by)
            }
            if len(people) >= lock.terms.exempting:
                return each
    return None
