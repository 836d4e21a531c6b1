"""Files that hold a secret: read only while nobody can read them who has no need to."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

ROOT: Final = 0
"""The user who may let a group read a secret: root, as the services do that hand out secrets."""


class Exposed(Exception):
    """A file with a secret that is open to more users than need it; says how it is to be."""


def read_secret_file(path: Path, most: int) -> bytes:
    """Up to so many bytes of the file; raises OSError, and Exposed for one open to too many."""
    with path.open("rb") as stored:
        found = os.fstat(stored.fileno())
        content = stored.read(most)
    if exposed(found.st_mode, found.st_uid):
        raise Exposed(
            f"{path} has mode {stat.S_IMODE(found.st_mode):04o}, open to more than"
            " its owner: chmod 600 it (640 at most, where it is root's)"
        )
    return content


def exposed(mode: int, owner: int) -> bool:
    """Whether a file of this mode and owner is open to users who have no need of a secret in it.

    As PostgreSQL judges its own key: 0600 or less, or 0640 or less if root owns it.
    """
    allowed = stat.S_IRUSR | stat.S_IWUSR
    if owner == ROOT:
        allowed |= stat.S_IRGRP
    return bool(stat.S_IMODE(mode) & (stat.S_IRWXG | stat.S_IRWXO) & ~allowed)
