"""What the versions of a kind of release look like."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

PARTS: Final[Mapping[str, str]] = {
    "N": r"(?:0|[1-9]\d{0,8})",
    "YYYY": r"(?:19|20|21)\d\d",
    "YY": r"\d\d",
    "MM": r"(?:0[1-9]|1[0-2])",
    "DD": r"(?:0[1-9]|[12]\d|3[01])",
    "hhmm": r"(?:[01]\d|2[0-3])[0-5]\d",
}
"""What the parts of a version form stand for; everything else stands for itself."""
FORM: Final = re.compile(r"[A-Za-z0-9]+(?:[.+-][A-Za-z0-9]+)*")
_OF_A_DAY: Final = frozenset(("YYYY", "YY", "MM", "DD"))
_PIECE: Final = re.compile(r"YYYY|hhmm|YY|MM|DD|N|.")


@dataclass(frozen=True, slots=True)
class VersionPattern:
    """What versions of a form must match; a day that a form names is one that its month has."""

    pattern: re.Pattern[str]

    def fullmatch(self, version: str) -> re.Match[str] | None:
        """The match of a version that is of the form, else None."""
        found = self.pattern.fullmatch(version)
        return found if found and _is_day(found.groupdict()) else None


def _is_day(parts: Mapping[str, str]) -> bool:
    """Whether there is such a day; in a leap year where no year is named."""
    if "MM" not in parts or "DD" not in parts:
        return True
    year = int(parts.get("YYYY") or 2000 + int(parts.get("YY", "0")))
    return int(parts["DD"]) <= monthrange(year, int(parts["MM"]))[1]


@cache
def version_pattern(form: str) -> VersionPattern:
    """What versions of a form must match: `N.N.0` has two numbers and a zero.

    Of what a form names twice, the first counts towards the day.

    Raises ValueError for what is no form.
    """
    if not FORM.fullmatch(form):
        raise ValueError(f"{form!r} is no version form")
    pieces = _PIECE.findall(form)
    seen: set[str] = set()
    return VersionPattern(re.compile("".join(_part(each, seen) for each in pieces)))


def _part(piece: str, seen: set[str]) -> str:
    if piece not in _OF_A_DAY or piece in seen:
        return PARTS.get(piece, re.escape(piece))
    seen.add(piece)
    return f"(?P<{piece}>{PARTS[piece]})"
