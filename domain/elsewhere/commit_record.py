"""Commits of releases elsewhere, as an importer claims them; no gate ever counts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Final

from domain.elsewhere.release_record import check_claimed
from domain.kernel import (
    Aggregate,
    Command,
    Context,
    Personal,
    Problems,
    Recorded,
    Scopes,
    Text,
)
from domain.wording import check_commit, check_name, check_wording

LONGEST: Final = 1_000
"""The longest subject or author, in characters: others take longer ones than our own lines."""
_LARGEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class CommittedElsewhere:
    """What was recorded elsewhere about one commit; None stands for what was not recorded."""

    project: Annotated[str, "The project, by its full path."]
    sha: Annotated[str, "The commit."]
    tag: Annotated[str, "The first release that has it."]
    tagged_at: Annotated[datetime, "When that release was tagged."]
    authored_at: Annotated[datetime, "When it was written."]
    subject: Annotated[Text, "Its first line."]
    merge: Annotated[bool, "Whether it joins lines of history."]
    bot: Annotated[bool, "Whether a program made it."] = False
    author: Annotated[Personal | None, "Who wrote it."] = None
    merge_request: Annotated[int | None, "The number of its merge request."] = None


@dataclass(frozen=True, slots=True)
class CommitRecord:
    """A commit of a release elsewhere, as an importer claims it; no gate ever counts it."""

    id: str
    version: int
    project: Annotated[str, "The project, by its full path."]
    sha: Annotated[str, "The commit."]
    tag: Annotated[str, "The first release that has it."]
    tagged_at: Annotated[datetime, "When that release was tagged."]
    authored_at: Annotated[datetime, "When it was written."]
    committed_at: Annotated[datetime, "When it was committed, as the records have it."]
    subject: Text
    merge: Annotated[bool, "Whether it joins lines of history."]
    bot: Annotated[bool, "Whether a program made it."]
    author: Personal | None
    merge_request: Annotated[int | None, "The number of its merge request, if recorded."]
    claimed_by: Annotated[str, "Who claims that it took place."]
    claimed_at: Annotated[datetime, "When it was claimed, by the database's clock."]


@dataclass(frozen=True, slots=True)
class Claimed:
    """An importer said that this commit was made."""

    commit: CommittedElsewhere


def evolve(state: CommitRecord | None, recorded: Recorded) -> CommitRecord:
    """Fold the one event there is; TypeError for any other, or for a second."""
    event = recorded.event
    if state is not None or not isinstance(event, Claimed) or recorded.happened is None:
        raise TypeError(f"{type(event).__name__} does not belong here")
    told = event.commit
    return CommitRecord(
        id=recorded.subject,
        version=recorded.version,
        project=told.project,
        sha=told.sha,
        tag=told.tag,
        tagged_at=told.tagged_at,
        authored_at=told.authored_at,
        committed_at=recorded.happened,
        subject=told.subject,
        merge=told.merge,
        bot=told.bot,
        author=told.author,
        merge_request=told.merge_request,
        claimed_by=recorded.by,
        claimed_at=recorded.at,
    )


def claim(
    _state: None,
    context: Context,
    *,
    commit: Annotated[CommittedElsewhere, "What was recorded elsewhere."],
) -> list[Any]:
    """Record that somebody else's records tell of a commit; the same one is claimed once."""
    problems = Problems()
    check_claimed(problems, context, record_id(commit.project, commit.sha))
    check_commit_record(problems, commit, "commit")
    problems.settle()
    return [Claimed(commit)]


def record_id(project: str, sha: str) -> str:
    """The id of the commit that these name, so that it cannot be claimed twice."""
    return sha256(f"commit\n{project}\n{sha}".encode()).hexdigest()[:32]


def check_commit_record(problems: Problems, commit: CommittedElsewhere, *path: str) -> None:
    """Note everything about a commit that keeps it from being recorded."""
    check_name(problems, commit.project, *path, "project")
    check_commit(problems, commit.sha, *path, "sha")
    check_name(problems, commit.tag, *path, "tag")
    check_wording(problems, commit.subject, LONGEST, *path, "subject")
    if commit.author is not None:
        check_wording(problems, commit.author, LONGEST, *path, "author")
    if commit.merge_request is not None:
        countable = 0 < commit.merge_request <= _LARGEST
        message = f"Numbers run from 1 to {_LARGEST}."
        problems.unless(countable, "number_unusable", message, *path, "merge_request")


def lead(state: CommitRecord) -> int:
    """The seconds from a commit to the release that first has it; negative where dates lie."""
    return (state.tagged_at - state.committed_at) // timedelta(seconds=1)


def _scopes(state: CommitRecord | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    told = arguments.get("commit")
    project = state.project if state else told.project if told else None
    return {"project": frozenset((project,) if project else ())}


AGGREGATE: Final = Aggregate(
    "commit_record",
    CommitRecord,
    events=(Claimed,),
    evolve=evolve,
    commands=(Command(claim, operator=True),),
    scopes=_scopes,
    columns={
        "lead": (int, lead),
        "released_year": (int, lambda state: state.tagged_at.astimezone(UTC).year),
    },
    indexed=("project", "tag", "sha", "merge", "released_year"),
)
