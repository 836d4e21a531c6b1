"""Comments on changes, templates, merge requests and releases; no vote is moved by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from domain.change.state import Change
from domain.kernel import (
    Aggregate,
    Command,
    Context,
    Problems,
    Recorded,
    Records,
    Seen,
    Text,
    moved,
)
from domain.merge_request.state import MergeRequest
from domain.release.state import Release
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


_STATES: Final[Mapping[About, type[Any]]] = {
    About.CHANGE: Change,
    About.TEMPLATE: Template,
    About.MERGE_REQUEST: MergeRequest,
    About.RELEASE: Release,
}


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody remarked on something; a withdrawn comment has no body any more."""

    id: str
    version: int
    about: About
    subject: str
    author: str
    body: Text
    written_at: datetime
    edited_at: datetime | None = None
    withdrawn_at: datetime | None = None


# Events.


@dataclass(frozen=True, slots=True)
class Written:
    """A comment was written."""

    about: About
    subject: str
    body: Text


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
        id, version = recorded.subject, recorded.version
        return Comment(id, version, event.about, event.subject, recorded.by, event.body, at)
    if state is not None and isinstance(event, Edited):
        return moved(state, recorded, body=event.body, edited_at=at)
    if state is not None and isinstance(event, Withdrawn):
        return moved(state, recorded, body="", withdrawn_at=at)
    raise TypeError(f"{type(event).__name__} does not belong here")


# Commands.


def write(
    _state: None,
    context: Context,
    *,
    about: Annotated[About, "What sort of thing it is about."],
    subject: Annotated[str, "The id of what it is about."],
    body: Annotated[Text, "What one has to say."],
) -> list[Any]:
    """Comment on something; an embargoed merge request answers as one that is not there."""
    problems = Problems()
    check_given(problems, body, LONGEST, "body")
    known = _known(context.records, about, subject)
    problems.unless(known, "unknown_subject", "There is no such record.", "subject")
    problems.settle()
    return [Written(about, subject, body)]


def edit(
    state: Comment, context: Context, *, body: Annotated[Text, "What it says from now on."]
) -> list[Any]:
    """Word one's own comment anew."""
    problems = Problems()
    check_given(problems, body, LONGEST, "body")
    _check_own(problems, state, context)
    problems.settle()
    return [Edited(body)] if body != state.body else []


def withdraw(state: Comment, context: Context) -> list[Any]:
    """Take one's own comment back."""
    problems = Problems()
    _check_own(problems, state, context)
    problems.settle()
    return [Withdrawn()]


def _check_own(problems: Problems, state: Comment, context: Context) -> None:
    problems.unless(context.by == state.author, "not_yours", "It is somebody else's comment.")
    problems.unless(state.withdrawn_at is None, "withdrawn", "It was taken back.")


def _known(records: Records, about: About, id: str) -> bool:
    """Whether everybody may know of it: who may read a comment cannot depend on whom it hides."""
    found = records.get(_STATES[about], id)
    return found is not None and not getattr(found, "embargoed", False)


AGGREGATE: Final = Aggregate(
    "comment",
    Comment,
    events=(Written, Edited, Withdrawn),
    evolve=evolve,
    commands=(
        Command(write),
        Command(edit, seen=Seen.VERSION),
        Command(withdraw),
    ),
    indexed=("subject", "author"),
)
