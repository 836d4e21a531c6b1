"""What the versions of a kind of release look like."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
_PIECE: Final = re.compile(r"YYYY|hhmm|YY|MM|DD|N|.")


@cache
def version_pattern(form: str) -> re.Pattern[str]:
    """What versions of a form must match: `N.N.0` has two numbers and a zero.

    Raises ValueError for what is no form.
    """
    if not FORM.fullmatch(form):
        raise ValueError(f"{form!r} is no version form")
    pieces = _PIECE.findall(form)
    return re.compile("".join(PARTS.get(each, re.escape(each)) for each in pieces))
