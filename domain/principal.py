"""Principals: the people and programs that act, who they are elsewhere, and whether they may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.kernel import Personal, Text


class Kind(StrEnum):
    """Whether a principal is a person or a program."""

    HUMAN = "human"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a principal is at an issuer of identities; it maps to the principal once verified."""

    issuer: str
    subject: Personal
    linked_by: str
    verified_by: str | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which a person is away, so that an alternate may stand in."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Principal:
    """A person or a program. `owner` is the person responsible for a program.

    `linked` names other accounts of the same person; what one may not do, the others may not.
    """

    id: str
    version: int
    kind: Kind
    handle: Personal
    name: Personal
    mail: Personal | None
    team: str | None
    owner: str | None
    registered_by: str
    registered_at: datetime
    identities: tuple[Identity, ...] = ()
    linked: tuple[str, ...] = ()
    absences: tuple[Absence, ...] = ()
    suspended: bool = False
    suspended_since: datetime | None = None
    suspended_by: str | None = None
    suspended_reason: Text | None = None

    def away(self, at: datetime) -> bool:
        """Whether the person said to be away at this moment."""
        return any(each.since <= at < each.until for each in self.absences)
