"""What may become true of an accord; stored for ever, so fields are only ever added."""

from __future__ import annotations

from dataclasses import dataclass

from domain.accord.state import Terms
from domain.approval.approval import OpenRule
from domain.kernel import Text
from domain.process.accord import Subject


@dataclass(frozen=True, slots=True)
class Proposed:
    """Somebody put terms before the parties."""

    kind: str
    playbook: str
    about: Subject
    subject: str
    service: str | None
    project: str | None
    terms: Terms
    digest: str
    rules: tuple[OpenRule, ...]
    excluded: tuple[str, ...] = ()
    embargoed: bool = False


@dataclass(frozen=True, slots=True)
class Revised:
    """The terms became others: nobody has agreed to them yet."""

    terms: Terms
    rules: tuple[OpenRule, ...]
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """A party agreed to the terms as they are, by right of a grant (X-04)."""

    rule: str
    revision: int
    digest: str
    grant: str
    role: str
    comment: Text | None = None
    role_grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Objected:
    """A party does not agree to the terms as they are."""

    rule: str
    revision: int
    digest: str
    grant: str
    role: str
    reason: Text
    role_grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The terms are off the table."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Superseded:
    """The parties agreed on another date, and these terms are off the table."""

    successor: str


@dataclass(frozen=True, slots=True)
class Concealed:
    """What it is about was hidden, and so it is from now on."""


@dataclass(frozen=True, slots=True)
class Revealed:
    """What it is about is hidden no more, and nor is it."""
