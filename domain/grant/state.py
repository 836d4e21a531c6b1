"""A grant as it stands, and the kinds of things a role may be limited to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from domain.kernel import Internal, Text


class Scope(StrEnum):
    """The kinds of things a role may be limited to."""

    SERVICE = "service"
    PROJECT = "project"
    ENVIRONMENT = "environment"
    BOARD = "board"


class Status(StrEnum):
    """Where a grant stands; that it ran out is a matter of the time asked about."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, such as `role:release_manager`, held by a principal for a value of a scope kind.

    `value` is `any` for every value, and for a role without scope. `approving` says whether the
    role let its holder decide when it was given; such a grant waits for a second person. `group`
    and `mapping` name the directory group and the mapping that brought it, if any.
    """

    id: str
    version: int
    person: str
    role: str
    scope: Scope | None
    value: str
    since: datetime
    until: datetime | None
    approving: bool
    reason: Text | None
    granted_by: str
    granted_at: datetime
    granted_behalf: str | None = None
    group: str | None = None
    mapping: str | None = None
    status: Status = Status.PROPOSED
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    revoked_by: str | None = None
    revoked_at: datetime | None = None
    revoked_reason: Text | None = None
    granted_grant: Annotated[Internal[str | None], "By what right it was given."] = None
    granted_grants: Annotated[Internal[tuple[str, ...]], "By what else it might have been."] = ()

    def has_run_out(self, at: datetime) -> bool:
        """Whether its time is over at this moment."""
        return self.until is not None and self.until <= at
