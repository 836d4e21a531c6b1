"""A lock as it stands: what it keeps from happening where and when, and who may exempt from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from domain.kernel import Internal, Text
from domain.lock.recurrence import Recurrence


class Kind(StrEnum):
    """What a lock keeps from happening.

    HARD: every deployment and change. SOFT: the same, but for the activities it spares. MERGE:
    merging.
    """

    SOFT = "soft"
    HARD = "hard"
    MERGE = "merge"


class Running(StrEnum):
    """What a lock does to a deployment that runs already.

    GOES_ON: it may take its further stages. HALTS: it stays at the stage it has reached.
    """

    GOES_ON = "goes_on"
    HALTS = "halts"


class Countersign(StrEnum):
    """When a second person signs an override: before it counts, or afterwards within a day."""

    BEFORE = "before"
    AFTERWARDS = "afterwards"


class Status(StrEnum):
    """Where a lock stands; only one that is ACTIVE locks. PROPOSED waits for a second person."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    DECLINED = "declined"
    LIFTED = "lifted"
    OVER = "over"


class Doubt(StrEnum):
    """Why what a lock is to say takes a second person: it looks like a slip, or takes away.

    TAKES_AWAY: it would let something happen that the lock in force keeps from happening.
    """

    WITHOUT_END = "without_end"
    IN_THE_PAST = "in_the_past"
    FAR_LONGER = "far_longer"
    TAKES_AWAY = "takes_away"


class Waiting(StrEnum):
    """What of a lock waits for a second person.

    DECLARATION: the lock, which is not on before. AMENDMENT: what it is to say, its `proposal`.
    LIFTING: its end before its time. Until then a lock that is in force stays so as it is.
    """

    DECLARATION = "declaration"
    AMENDMENT = "amendment"
    LIFTING = "lifting"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a lock says: declared, amended and confirmed as a whole.

    It is on from `since` up to, not including, `until`; one that comes again is on in the spans
    of its recurrence between the two.
    """

    title: Annotated[Text, "One line that says why."]
    kind: Annotated[Kind, "What it keeps from happening."]
    since: Annotated[datetime | None, "When it begins; left out, now."] = None
    until: Annotated[datetime | None, "When it ends, itself not included."] = None
    recurrence: Annotated[Recurrence | None, "When it comes again."] = None
    environments: Annotated[tuple[str, ...], "Only in these environments; left out, in all."] = ()
    services: Annotated[tuple[str, ...], "Only for these services; left out, for all."] = ()
    projects: Annotated[tuple[str, ...], "A merge lock: only in these projects; else in all."] = ()
    spares: Annotated[tuple[str, ...], "A soft lock: the activities that may go on."] = ()
    buffer_hours: Annotated[int, "It locks so many hours before it begins."] = 0
    warning_hours: Annotated[int, "It is announced so many hours before it begins."] = 0
    running: Annotated[Running, "What it does to a deployment that runs already."] = Running.GOES_ON
    countersign: Annotated[Countersign, "When an override of it is countersigned."] = (
        Countersign.AFTERWARDS
    )
    exempters: Annotated[tuple[str, ...], "The people who may exempt from it."] = ()
    exempting: Annotated[int, "How many of them it takes."] = 1


@dataclass(frozen=True, slots=True)
class Lifting:
    """Somebody asks to end a lock before its time; it takes another person's word."""

    by: str
    at: datetime
    reason: Text
    behalf: str | None = None
    grant: Annotated[Internal[str | None], "By what right that was asked for."] = None
    other_grants: Annotated[Internal[tuple[str, ...]], "By what else it might have been."] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """Who wrote what a lock says, or is to say once another confirms it: the first of two."""

    by: str
    behalf: str | None = None
    grant: Annotated[Internal[str | None], "By what right that was written."] = None
    other_grants: Annotated[Internal[tuple[str, ...]], "By what else it might have been."] = ()


@dataclass(frozen=True, slots=True)
class Lock:
    """A time in which something must not happen.

    `doubts` say why it takes a second person. While an amendment waits for one, `proposal` holds
    it, and `terms` stay in force; so they do while `lifting` waits for one. `contributors` wrote on
    it, and so may not confirm what it says.
    """

    id: str
    version: int
    status: Status
    kind: Kind
    terms: Terms
    revision: int
    declared_by: str
    declared_at: datetime
    contributors: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    proposal: Terms | None = None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None
    ended_because: Text | None = None
    lifting: Lifting | None = None
    as_of: Internal[int] = 0  # the version since which it says what it says
    word: Internal[Word | None] = None  # whose words are the newest, in force or not

    @property
    def waiting(self) -> Waiting | None:
        """What of it waits for a second person, if anything does."""
        if self.status is Status.PROPOSED:
            return Waiting.DECLARATION
        if self.status is not Status.ACTIVE:
            return None
        if self.lifting is not None:
            return Waiting.LIFTING
        return Waiting.AMENDMENT if self.proposal is not None else None
