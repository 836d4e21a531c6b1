"""Comments on changes, templates, merge requests, releases and fixes; they move no vote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from domain.belonging import in_the_open
from domain.change.state import Change
from domain.kernel import (
    Aggregate,
    Command,
    Context,
    Internal,
    Problems,
    Recorded,
    Seen,
    Text,
    moved,
)
from domain.merge_request.state import MergeRequest
from domain.release.state import Release
from domain.security_fix.state import SecurityFix
from domain.template.state import Template
from domain.wording import check_given

LONGEST: Final = 8_000
"""The longest comment, in characters."""


class About(StrEnum):
    """What may be commented on."""

    CHANGE = "change"
    TEMPLATE = "template"
    MERGE_REQUEST = "merge_request"
    RELEASE = "release"
    SECURITY_FIX = "security_fix"


_STATES: Final[Mapping[About, type[Any]]] = {
    About.CHANGE: Change,
    About.TEMPLATE: Template,
    About.MERGE_REQUEST: MergeRequest,
    About.RELEASE: Release,
    About.SECURITY_FIX: SecurityFix,
}


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody remarked on something; a withdrawn comment has no body any more.

    On something hidden it hides with that, and reads with it. `embargoed`: the log tells nothing
    of it but to who may see it.
    """

    id: str
    version: int
    about: About
    subject: str
    author: str
    body: Text
    written_at: datetime
    edited_at: datetime | None = None
    withdrawn_at: datetime | None = None
    embargoed: Internal[bool] = False


# Events.


@dataclass(frozen=True, slots=True)
class Written:
    """A comment was written."""

    about: About
    subject: str
    body: Text
    embargoed: bool = False


@dataclass(frozen=True, slots=True)
class Concealed:
    """What it is about was hidden meanwhile; what is recorded of it from now on is, too."""


@dataclass(frozen=True, slots=True)
class Edited:
    """Its author worded it anew; what it said before stays in the log."""

    body: Text


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Its author took it back."""


def evolve(state: Comment | None, recorded: Recorded) -> Comment:
    """Fold one event; TypeError for one that is no event of a comment, or not its first."""
    event, at = recorded.event, recorded.at
    if isinstance(event, Written):
        return _written(event, recorded)
    if state is not None and isinstance(event, Concealed):
        return moved(state, recorded, embargoed=True)
    if state is not None and isinstance(event, Edited):
        return moved(state, recorded, body=event.body, edited_at=at)
    if state is not None and isinstance(event, Withdrawn):
        return moved(state, recorded, body="", withdrawn_at=at)
    raise TypeError(f"{type(event).__name__} does not belong here")


def _written(event: Written, recorded: Recorded) -> Comment:
    return Comment(
        id=recorded.subject,
        version=recorded.version,
        about=event.about,
        subject=event.subject,
        author=recorded.by,
        body=event.body,
        written_at=recorded.at,
        embargoed=event.embargoed,
    )


# Commands.


def write(
    _state: None,
    context: Context,
    *,
    about: Annotated[About, "What sort of thing it is about."],
    subject: Annotated[str, "The id of what it is about."],
    body: Annotated[Text, "What one has to say."],
) -> list[Any]:
    """Comment on something. What is hidden from the asker answers as what is not there.

    A comment on what is hidden, by who may know of that, hides with it.
    """
    problems = Problems()
    check_given(problems, body, LONGEST, "body")
    found: Any = context.records.get(_STATES[about], subject)
    known = found is not None and context.knows(found)
    problems.unless(known, "unknown_subject", "There is no such record.", "subject")
    problems.settle()
    return [Written(about, subject, body, embargoed=not in_the_open(found))]


def edit(
    state: Comment, context: Context, *, body: Annotated[Text, "What it says from now on."]
) -> list[Any]:
    """Word one's own comment anew."""
    problems = Problems()
    check_given(problems, body, LONGEST, "body")
    _check_own(problems, state, context)
    problems.settle()
    return [*_concealing(state, context), Edited(body)] if body != state.body else []


def withdraw(state: Comment, context: Context) -> list[Any]:
    """Take one's own comment back."""
    problems = Problems()
    _check_own(problems, state, context)
    problems.settle()
    return [*_concealing(state, context), Withdrawn()]


def _check_own(problems: Problems, state: Comment, context: Context) -> None:
    problems.unless(context.by == state.author, "not_yours", "It is somebody else's comment.")
    problems.unless(state.withdrawn_at is None, "withdrawn", "It was taken back.")


def _concealing(state: Comment, context: Context) -> list[Any]:
    """That nobody learns from the log what is done to a comment on what was hidden meanwhile."""
    found: Any = context.records.get(_STATES[state.about], state.subject)
    return [] if state.embargoed or in_the_open(found) else [Concealed()]


AGGREGATE: Final = Aggregate(
    "comment",
    Comment,
    events=(Written, Concealed, Edited, Withdrawn),
    evolve=evolve,
    commands=(
        Command(write),
        Command(edit, seen=Seen.VERSION),
        Command(withdraw),
    ),
    indexed=("subject", "author"),
)
