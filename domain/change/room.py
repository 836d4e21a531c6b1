"""How much may be written into one change, so that it stays quick to read and to fold."""

from __future__ import annotations

from typing import Final

from domain.change.links import open_ties
from domain.change.state import Change
from domain.digest import canonical
from domain.kernel import Problems, Records

ROOM: Final = 12_000
"""How many bytes content, links and tasks may take together; votes come on top."""


def check_room(problems: Problems, state: Change, records: Records, *path: str) -> None:
    """Note when the change, as it would stand, has grown beyond what one change is for."""
    size = len(canonical((state.content, open_ties(state, records), state.tasks)))
    message = f"Content, links and tasks take at most {ROOM} bytes together; these take {size}."
    problems.unless(size <= ROOM, "no_room", message, *path)
