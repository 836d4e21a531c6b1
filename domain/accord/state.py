"""An accord as it stands: its terms, who has to agree to them, and who did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from domain.approval.approval import OpenRule, Vote
from domain.digest import content_digest
from domain.kernel import Internal, Text
from domain.process.accord import Subject


class Status(StrEnum):
    """Whether an accord is still on the table; whether it is agreed is worked out when asked."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the parties agree on, as one."""

    wording: Annotated[Text, "What is to be done, and why."]
    due: Annotated[
        datetime | None,
        "By when; about a release that a date is asked of, the day on which it is out.",
    ] = None
    path: Annotated[str | None, "Which of the ways that the process offers."] = None
    versions: Annotated[
        tuple[str, ...],
        "The versions it is about, each whole (18.3.7, not 18.3), if it is about some.",
    ] = ()


@dataclass(frozen=True, slots=True)
class Accord:
    """What several parties agree on about a release or a merge request (S1-03, S1-41, S1-54).

    `revision` rises with every change of the terms, and `digest` covers them: nobody's agreement
    outlives the words it was given to. While what it is about is hidden, so is the accord.
    """

    id: str
    version: int
    status: Status
    kind: Annotated[str, "What kind of accord, in the playbook's words."]
    playbook: str
    about: Subject
    subject: str
    service: str | None
    project: str | None
    terms: Terms
    revision: int
    digest: str
    requested_by: str
    opened_at: datetime
    excluded: Internal[tuple[str, ...]] = ()
    rules: Internal[tuple[OpenRule, ...]] = ()
    votes: Internal[tuple[Vote, ...]] = ()
    voided: int = 0
    withdrawn_because: Text | None = None
    embargoed: bool = False
    revealed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Covered:
    """What the digest covers."""

    kind: str
    playbook: str
    subject: str
    terms: Terms
    revision: int


def digest_of(kind: str, playbook: str, subject: str, terms: Terms, revision: int) -> str:
    """The digest that agreements are bound to."""
    return content_digest(Covered(kind, playbook, subject, terms, revision))
