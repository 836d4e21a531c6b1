"""What git takes as the name of a branch; anything else names none that could be merged into."""

from __future__ import annotations

import re
from typing import Final

_REFUSED: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock/")
_BAD_START: Final = ("/", ".", "-")
_BAD_END: Final = ("/", ".", ".lock")


def is_branch(name: str) -> bool:
    """Whether git takes it, by the rules of `git check-ref-format --branch`, or in full."""
    whole = bool(name) and name not in ("@", "HEAD")
    edges = not name.startswith(_BAD_START) and not name.endswith(_BAD_END)
    return whole and edges and _REFUSED.search(name) is None
