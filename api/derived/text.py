"""Strings from outside: put in normal form, and refused when they could deceive or break."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from domain.kernel import Problem

LINE_LIMIT: Final = 1_000
"""Characters in a name, a title, a reference: anything written in one line."""
TEXT_LIMIT: Final = 64 * 1024
"""Bytes of UTF-8 in a free text."""

_BREAKING = (
    "\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
)
_REORDERING = "\u202a-\u202e\u2066-\u2069"
_IN_TEXT = re.compile(f"[{_BREAKING}{_REORDERING}]")
_IN_LINE = re.compile(f"[{_BREAKING}{_REORDERING}\t\n\r\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What a scalar reads to when its spelling is wrong, so that all problems come at once."""

    code: str
    message: str


def read_line(given: str) -> str | Problem:
    """One line in Unicode normal form C, of at most 1,000 characters."""
    line = normal(given)
    if len(line) > LINE_LIMIT:
        return Problem("too_long", f"At most {LINE_LIMIT:,} characters, not {len(line):,}.")
    return _refused(_IN_LINE, line) or line


def cleaned(given: str) -> str:
    """One line that can be kept, whatever is given: what is forbidden is replaced, the rest cut."""
    line = " ".join(normal(given).split())[:LINE_LIMIT]
    return normal(_IN_LINE.sub("\ufffd", line))


def read_text(given: str) -> str | Problem:
    """A free text in Unicode normal form C with plain newlines, of at most 64 KiB in UTF-8."""
    text = normal(given).replace("\r\n", "\n").replace("\r", "\n")
    if refused := _refused(_IN_TEXT, text):
        return refused
    size = len(text) if text.isascii() else len(text.encode())
    if size > TEXT_LIMIT:
        return Problem("too_long", f"At most {TEXT_LIMIT // 1024} KiB, not {size:,} bytes.")
    return text


def normal(given: str) -> str:
    """Unicode normal form C, so that what looks the same is the same and hashes the same."""
    return given if given.isascii() else unicodedata.normalize("NFC", given)


def _refused(forbidden: re.Pattern[str], text: str) -> Problem | None:
    found = forbidden.search(text)
    if found is None:
        return None
    where = f"U+{ord(found.group()):04X} at character {found.start() + 1}"
    return Problem("forbidden_character", f"The text holds {where}, which is not allowed here.")
