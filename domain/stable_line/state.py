"""A stable line as it stands: whose it is, what it is called, and since when it is out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from domain.authority import Authority
from domain.authorship import stands
from domain.kernel import Internal, Text
from domain.process.support import Line


@dataclass(frozen=True, slots=True)
class FormerDate:
    """When the line was said to have come out, until it was corrected."""

    released_at: Annotated[datetime, "When its first version was said to be released."]
    until: Annotated[datetime, "When that was corrected."]


@dataclass(frozen=True, slots=True)
class FormerDoubt:
    """When one person said that the line never came out, until it was upheld."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class StableLine:
    """A version of a product that people use, such as 17.3, since it was released.

    Which of them are supported follows from the support policy of a playbook (S1-01, S1-02). One
    that is not `settled` is supported beside those that would be without it, until two agree.
    """

    id: str
    version: int
    service: Annotated[str, "The product."]
    line: Annotated[str, "The numbers the line is known by, such as 17.3."]
    released_at: Annotated[datetime, "When its first version was released."]
    recorded_by: str
    recorded_at: datetime
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    withdrawn_because: Text | None = None
    formerly: Annotated[
        tuple[FormerDate, ...], "When it was said to have come out before, the latest last."
    ] = ()
    agreed_by: Annotated[str | None, "Who agreed, as a second person, that it came out."] = None
    agreed_at: Annotated[datetime | None, "When they agreed to that."] = None
    doubted_by: Annotated[str | None, "Who says that it never came out, until another does."] = None
    doubted_at: Annotated[datetime | None, "Since when that waits for another."] = None
    doubted_because: Annotated[Text | None, "Why it is said to have never come out."] = None
    displaces: Internal[bool] = False
    repeated_by: Internal[str | None] = None
    repeated_at: Internal[datetime | None] = None
    doubts: Internal[tuple[FormerDoubt, ...]] = ()
    recorded_grant: Internal[str | None] = None  # by what right it was said, as below
    doubted_grant: Internal[str | None] = None
    repeated_grant: Internal[str | None] = None
    recorded_grants: Internal[tuple[str, ...]] = ()  # by what else it might have been, as below
    doubted_grants: Internal[tuple[str, ...]] = ()
    repeated_grants: Internal[tuple[str, ...]] = ()

    @property
    def first(self) -> tuple[str, datetime] | None:
        """Whose word waits for a second person, and since when."""
        if self.repeated_by is not None and self.repeated_at is not None:
            return self.repeated_by, self.repeated_at
        if self.doubted_by is not None and self.doubted_at is not None:
            return self.doubted_by, self.doubted_at
        waits = self.displaces and self.agreed_at is None
        return (self.recorded_by, self.recorded_at) if waits else None

    @property
    def first_right(self) -> tuple[str | None, tuple[str, ...]]:
        """By what right that word was said, and by what else; early logs do not tell it."""
        if self.repeated_by is not None:
            return self.repeated_grant, self.repeated_grants
        if self.doubted_by is not None:
            return self.doubted_grant, self.doubted_grants
        return self.recorded_grant, self.recorded_grants

    def waits_for_one(self, authority: Authority) -> bool:
        """Whether who said so may still, so that one more agrees: else it takes two."""
        grant, others = self.first_right
        return self.first is not None and stands(self.first[0], grant, authority, others=others)

    def settled(self, then: datetime | None = None) -> bool:
        """Whether it takes the place of older lines: two agree by now, and nobody had doubted it.

        With a moment, who doubts it since is not asked (X-02).
        """
        agreed = self.agreed_at is not None or not self.displaces
        doubted = self.doubted_at is not None and (then is None or self.doubted_at <= then)
        return agreed and not doubted

    def was_settled(self, then: datetime) -> bool:
        """Whether it took the place of older lines by what was known at a moment alone."""
        agreed = not self.displaces or (self.agreed_at is not None and self.agreed_at <= then)
        before = any(each.since <= then < each.until for each in self.doubts)
        return agreed and self.settled(then) and not before

    def told(self, then: datetime, *, alone: bool = False) -> Line | None:
        """The line as it was known at a moment; None while nobody had recorded it.

        With what two agreed on since, unless by what was known then `alone`.
        """
        if self.recorded_at > then or (self.withdrawn_at and self.withdrawn_at <= then):
            return None
        before = next((each for each in self.formerly if each.until > then), self)
        settled = self.was_settled(then) if alone else self.settled(then)
        return Line(self.line, before.released_at, settled)


def lines(found: Iterable[StableLine]) -> tuple[Line, ...]:
    """What a support policy is asked with; a withdrawn line never came out."""
    known = (each for each in found if not each.withdrawn_at)
    return tuple(Line(each.line, each.released_at, each.settled()) for each in known)


def lines_then(
    found: Iterable[StableLine], then: datetime, *, alone: bool = False
) -> tuple[Line, ...]:
    """What it was asked with at a moment: as the lines were known, whatever was said since (X-02).

    What two agreed on since asks for less; by what was known then `alone` it does not. Where none
    was known by then, all that are known now count, since the first that was said of each: there
    was nothing to go by.
    """
    every = tuple(found)
    told = [each.told(then, alone=alone) for each in every]
    noted = any(each.recorded_at <= then for each in every)
    return tuple(each for each in told if each is not None) if noted else lines(map(_first, every))


def _first(line: StableLine) -> StableLine:
    """The line by the first moment that it was ever said to have come out at."""
    dates = (line.released_at, *(each.released_at for each in line.formerly))
    return replace(line, released_at=min(dates))
