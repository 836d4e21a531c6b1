"""What a project is called, by the address that a clone of it came from."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

_HOSTED: Final = frozenset(("https", "http", "ssh", "git", "git+ssh"))
_SHORT: Final = re.compile(r"(?:[^@/:]+@)?[^@/:]{2,}:(?!//|:)(.+)")
"""HOST:PATH, as ssh takes it; one letter before the colon is a drive."""


def named_by(address: str | None) -> str | None:
    """The path of an address without `.git`, and so the project; None for what is on no host.

    A folder of this machine names no project: others would call theirs the same.
    """
    path = _path(address or "").strip("/").removesuffix(".git")
    return path if path and path.isprintable() and ".." not in path.split("/") else None


def _path(address: str) -> str:
    try:
        split = urlsplit(address)
    except ValueError:
        return ""
    if split.scheme in _HOSTED:
        return split.path if split.hostname else ""
    short = _SHORT.fullmatch(address)
    return short[1] if short and "://" not in address else ""
