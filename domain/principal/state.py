"""A principal as it stands: a person or a program, its identities, ties and absences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from domain.kernel import Internal, Personal, Text


class Kind(StrEnum):
    """Whether a principal is a person or a program."""

    HUMAN = "human"
    BOT = "bot"

    @property
    def prefix(self) -> str:
        """What the ids of this kind begin with."""
        return "user:" if self is Kind.HUMAN else "bot:"


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """Who somebody is at an issuer of identities, such as the subject of its tokens."""

    issuer: str
    subject: Personal


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a principal is at an issuer; it maps to the principal only once it is verified.

    `number` tells it apart from the principal's other identities, past ones too.
    """

    number: int
    issuer: str
    subject: Personal
    linked_by: str
    verified_by: str | None = None
    grant: Annotated[Internal[str | None], "By what right it was linked."] = None
    other_grants: Annotated[Internal[tuple[str, ...]], "By what else it might have been."] = ()


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which a person is away, so that an alternate may stand in."""

    number: int
    since: datetime
    until: datetime
    noted_by: str


@dataclass(frozen=True, slots=True)
class Unlinking:
    """A wish to untie an account, which stays tied until a second person agrees."""

    account: str
    proposed_by: str
    proposed_behalf: str | None = None
    grant: Annotated[Internal[str | None], "By what right that was asked for."] = None
    other_grants: Annotated[Internal[tuple[str, ...]], "By what else it might have been."] = ()


@dataclass(frozen=True, slots=True)
class Former:
    """An owner or a team that the principal had until a moment."""

    until: datetime
    owner: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Suspension:
    """A time in which the principal was suspended."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Untied:
    """An account that was tied to the principal's until a moment."""

    account: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Principal:
    """A person or a program. `owner` is the person responsible for a program.

    `linked` names other accounts of the same person; what one may not do, the others may not.
    `former` owners and teams still count for a year: nobody leaves them for the sake of a vote.
    `suspensions` are those that are over, and `untied` the accounts that were linked once.
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
    unlinking: tuple[Unlinking, ...] = ()
    former: tuple[Former, ...] = ()
    suspensions: Internal[tuple[Suspension, ...]] = ()
    untied: Internal[tuple[Untied, ...]] = ()

    def away(self, at: datetime) -> bool:
        """Whether the person is said to be away at this moment."""
        return any(each.since <= at < each.until for each in self.absences)

    def identity(self, number: int) -> Identity | None:
        """The identity with this number."""
        return next((each for each in self.identities if each.number == number), None)
