"""A waiver as it stands: what it lifts, for what exactly, by whom, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.authority import Authority
from domain.authorship import accounts, lost, stands
from domain.kernel import Internal, Text
from domain.release.state import ENDED, Release

WARNED: Final = timedelta(hours=24)
"""How long before its end a waiver is warned of."""


class Status(StrEnum):
    """Where a waiver stands."""

    REQUESTED = "requested"
    GRANTED = "granted"
    DECLINED = "declined"
    REVOKED = "revoked"


def granted_by_second(
    who: str, grants: tuple[str | None, ...], wished: tuple[str, datetime], authority: Authority
) -> bool:
    """Whether the word of who granted it counts, as that of a second person to who asked for it."""
    asked, since = wished
    first, *others = grants
    able = stands(who, first, authority, others=tuple(filter(None, others)))
    return able and who not in accounts((asked,), authority, since)


@dataclass(frozen=True, slots=True)
class Waiver:
    """A requirement of a release at one gate, lifted for exactly what the release was.

    `digest` is that of the release's revision: another revision needs another waiver. `role` is the
    one by whose right it was granted.
    """

    id: str
    version: int
    status: Status
    release: str
    service: str
    requirement: str
    gate: str
    digest: str
    reason: Text
    expires_at: datetime
    requested_by: str
    requested_at: datetime
    role: str | None = None
    grant: str | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    objection: Text | None = None
    declined_by: str | None = None
    declined_at: datetime | None = None
    revoked_because: Text | None = None
    revoked_by: str | None = None
    revoked_at: datetime | None = None
    other_grants: Internal[tuple[str, ...]] = ()  # by which else it might have been granted
    requested_grant: Internal[str | None] = None  # by what right it was asked for
    requested_grants: Internal[tuple[str, ...]] = ()  # by which else it might have been

    def holds(self, at: datetime, authority: Authority) -> bool:
        """Whether it lifts its requirement at the moment, by who granted it still.

        They may do so no more, or turn out to be who had asked for it, by another account.
        """
        if self.status is not Status.GRANTED or at >= self.expires_at or self.approved_by is None:
            return False
        return granted_by_second(self.approved_by, self.grants, self.wished, authority)

    @property
    def grants(self) -> tuple[str | None, ...]:
        """The grant by whose right it was granted, and every other by which it might have been."""
        return (self.grant, *self.other_grants)

    @property
    def wished(self) -> tuple[str, datetime]:
        """Who asked for it, and when."""
        return self.requested_by, self.requested_at

    def waits(self, at: datetime, authority: Authority) -> bool:
        """Whether it may still be granted: it waits for that, and who asked for it may still."""
        if self.status is not Status.REQUESTED or at >= self.expires_at:
            return False
        asked, right = (self.requested_by,), self.requested_grant
        return not lost(asked, right, authority, others=self.requested_grants)

    def of(self, release: Release) -> bool:
        """Whether it is about the release as that is now, and it goes on."""
        return release.digest == self.digest and release.status not in ENDED

    def warns(self, at: datetime, authority: Authority) -> bool:
        """Whether it still holds and will run out soon."""
        return self.holds(at, authority) and at >= self.expires_at - WARNED
