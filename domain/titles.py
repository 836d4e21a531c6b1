"""What people call a record in a sentence: its title, or its project and number, never its id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.kernel import ERASED

if TYPE_CHECKING:
    from domain.change.state import Change
    from domain.merge_request.state import MergeRequest
    from domain.principal.state import Principal

LONGEST: Final = 80
"""How much of a title a sentence quotes, in characters."""


def quoted(noun: str, title: str | None) -> str:
    """A record by its title; one whose title was erased is told as such."""
    if not title or title == ERASED:
        return f"{noun} (its title was erased)"
    short = title if len(title) <= LONGEST else f"{title[: LONGEST - 3]}..."
    return f'{noun} "{short}"'


def change_title(change: Change) -> str:
    """A change by its title."""
    return quoted("change", change.content.title)


def merge_request_title(request: MergeRequest) -> str:
    """A merge request as its project writes it: `group/project!12`."""
    return f"merge request {request.project}!{request.number}"


def person_name(person: Principal | None) -> str:
    """Somebody by the name on record; one whose name was erased, or who is unknown, by none."""
    known = person is not None and person.name != ERASED
    return person.name if person and known else "somebody"


def given_in_vain(person: Principal | None) -> str:
    """What is said of a task that is given to somebody who may not complete it: others do."""
    return f", which is given to {person_name(person)}, who may not complete it"


def sentence(words: str) -> str:
    """The same words where a sentence begins."""
    return words[:1].upper() + words[1:]
