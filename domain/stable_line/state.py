"""A stable line as it stands: whose it is, what it is called, and since when it is out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.kernel import Text
from domain.support import Line


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


def lines(found: Iterable[StableLine]) -> tuple[Line, ...]:
    """What a support policy is asked with; a withdrawn line never came out."""
    return tuple(Line(each.line, each.released_at) for each in found if not each.withdrawn_at)
