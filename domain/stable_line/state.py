"""A stable line as it stands: whose it is, what it is called, and since when it is out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.kernel import Text
from domain.process.support import Line


@dataclass(frozen=True, slots=True)
class FormerDate:
    """When the line was said to have come out, until it was corrected."""

    released_at: Annotated[datetime, "When its first version was said to be released."]
    until: Annotated[datetime, "When that was corrected."]


@dataclass(frozen=True, slots=True)
class StableLine:
    """A version of a product that people use, such as 17.3, since it was released.

    Which of them are supported follows from the support policy of a playbook (S1-01, S1-02).
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

    def told(self, then: datetime) -> Line | None:
        """The line as it was known at a moment; None while nobody had recorded it."""
        if self.recorded_at > then or (self.withdrawn_at and self.withdrawn_at <= then):
            return None
        before = next((each for each in self.formerly if each.until > then), self)
        return Line(self.line, before.released_at)


def lines(found: Iterable[StableLine]) -> tuple[Line, ...]:
    """What a support policy is asked with; a withdrawn line never came out."""
    return tuple(Line(each.line, each.released_at) for each in found if not each.withdrawn_at)


def lines_then(found: Iterable[StableLine], then: datetime) -> tuple[Line, ...]:
    """What it was asked with at a moment: as the lines were known, whatever was said since (X-02).

    Where none was known by then, all that are known now count: there was nothing to go by.
    """
    every = tuple(found)
    told = [each.told(then) for each in every]
    noted = any(each.recorded_at <= then for each in every)
    return tuple(each for each in told if each is not None) if noted else lines(every)
