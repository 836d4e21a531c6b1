"""How much may be written into one release, so that it stays quick to read and to fold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from domain.digest import canonical
from domain.kernel import Problems
from domain.release.state import Release

ROOM: Final = 12_000
"""How many bytes plan, tasks and the rest may take; what each person votes or attests is on top."""


def check_room(problems: Problems, state: Release, *path: str, **changes: Any) -> None:
    """Note when the release, with these changes, would grow beyond what one release is for."""
    if problems:
        return
    grown = replace(state, **changes)
    size = len(canonical((grown.plan, grown.tasks, grown.repositories, grown.duties)))
    message = f"What a release keeps takes at most {ROOM} bytes; this would take {size}."
    problems.unless(size <= ROOM, "no_room", message, *path)
