"""Merges that took place elsewhere, as an importer claims them; no gate ever counts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, Final

from domain.kernel import (
    ERASED,
    Aggregate,
    Command,
    Context,
    Mark,
    Personal,
    Problems,
    Recorded,
    Rows,
    Scopes,
    Text,
)
from domain.wording import check_commit, check_given, check_name, check_names, check_wording

Handles = Annotated[tuple[str, ...], Mark.PERSONAL]
"""Names of people in a system outside; they are nobody's account here."""
MOST_HANDLES: Final = 100
"""How many people a merge may name in one part."""
LONGEST: Final = 1_000
"""The longest title or branch, in characters: others take longer ones than our own lines."""
_LARGEST: Final = 2**31 - 1


class Told(StrEnum):
    """What the records tell: yes, no, or too little to tell, which is neither (X-05)."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What was recorded elsewhere about one merge; None stands for what was not recorded.

    An empty list of approvers says that there were none, which is not the same as not known.
    """

    project: Annotated[str, "The project, by its full path."]
    number: Annotated[int, "The number of the merge request in the project."]
    merge_commit: Annotated[str, "The commit the merge made."]
    title: Annotated[Text, "One line that names it."]
    target: Annotated[str | None, "The branch it was merged into."]
    default_branch: Annotated[bool | None, "Whether that was the line of the default branch."]
    security: Annotated[bool, "Whether the project is a mirror for security fixes."] = False
    merged_head: Annotated[str | None, "The commit that was merged."] = None
    source_branch: Annotated[Text | None, "The branch it came from."] = None
    authors: Annotated[Handles | None, "Who wrote it."] = None
    approved_by: Annotated[Handles | None, "Who approved it."] = None
    reviewed_by: Annotated[Handles | None, "Who reviewed it."] = None
    merged_by: Annotated[Personal | None, "Who merged it."] = None


@dataclass(frozen=True, slots=True)
class Duties:
    """What is told of the separation of duties.

    Worked out when claimed and kept as facts, so that it outlives the names.
    """

    approvals: int | None
    merged_by_author: Told
    approved_by_author: Told
    merged_by_non_approver: Told


@dataclass(frozen=True, slots=True)
class MergeRecord:
    """A merge that took place elsewhere, as an importer claims it; no gate ever counts it.

    Who did what is worked out from the records when they are claimed. What they do not tell is
    UNKNOWN, which is never a no.
    """

    id: str
    version: int
    project: Annotated[str, "The project, by its full path."]
    number: Annotated[int, "The number of the merge request in the project."]
    merge_commit: Annotated[str, "The commit the merge made."]
    title: Text
    target: Annotated[str | None, "The branch it was merged into, if recorded."]
    default_branch: Annotated[Told, "Whether that was the line of the default branch."]
    security: Annotated[bool, "Whether the project is a mirror for security fixes."]
    merged_head: Annotated[str | None, "The commit that was merged, if recorded."]
    source_branch: Annotated[Text | None, "The branch it came from, if recorded."]
    authors: Handles | None
    approved_by: Handles | None
    reviewed_by: Handles | None
    merged_by: Personal | None
    merged_at: Annotated[datetime, "When it was merged, as the records have it."]
    claimed_by: Annotated[str, "Who claims that it took place."]
    claimed_at: Annotated[datetime, "When it was claimed, by the database's clock."]
    approvals: Annotated[int | None, "How many people approved; null if that was not recorded."]
    merged_by_author: Annotated[Told, "Whether one of the recorded authors merged it."]
    approved_by_author: Annotated[Told, "Whether one of the recorded authors approved it."]
    merged_by_non_approver: Annotated[Told, "Whether somebody merged it who had not approved."]


@dataclass(frozen=True, slots=True)
class Claimed:
    """An importer said that this merge took place."""

    merge: Elsewhere
    duties: Duties


def evolve(state: MergeRecord | None, recorded: Recorded) -> MergeRecord:
    """Fold the one event there is; TypeError for any other, or for a second."""
    event = recorded.event
    if state is not None or not isinstance(event, Claimed) or recorded.happened is None:
        raise TypeError(f"{type(event).__name__} does not belong here")
    merge, duties = event.merge, event.duties
    return MergeRecord(
        id=recorded.subject,
        version=recorded.version,
        project=merge.project,
        number=merge.number,
        merge_commit=merge.merge_commit,
        title=merge.title,
        target=merge.target,
        default_branch=told(merge.default_branch),
        security=merge.security,
        merged_head=merge.merged_head,
        source_branch=merge.source_branch,
        authors=merge.authors,
        approved_by=merge.approved_by,
        reviewed_by=merge.reviewed_by,
        merged_by=merge.merged_by,
        merged_at=recorded.happened,
        claimed_by=recorded.by,
        claimed_at=recorded.at,
        approvals=duties.approvals,
        merged_by_author=duties.merged_by_author,
        approved_by_author=duties.approved_by_author,
        merged_by_non_approver=duties.merged_by_non_approver,
    )


def claim(
    _state: None,
    context: Context,
    *,
    merge: Annotated[Elsewhere, "What was recorded elsewhere."],
) -> list[Any]:
    """Record that somebody else's records tell of a merge; the same one is claimed once."""
    problems = Problems()
    _check_claim(problems, context, merge)
    _check(problems, merge)
    problems.settle()
    return [Claimed(merge, duties(merge))]


def record_id(project: str, number: int, merge_commit: str) -> str:
    """The id of the merge that these name, so that it cannot be claimed twice."""
    return sha256(f"{project}\n{number}\n{merge_commit}".encode()).hexdigest()[:32]


def told(known: bool | None) -> Told:
    """What is known, with what is not known told apart from no."""
    return Told.UNKNOWN if known is None else Told.YES if known else Told.NO


def duties(merge: Elsewhere) -> Duties:
    """What can be told of who did what.

    Nobody approved is known to include no author; an author is unknown where none was recorded.
    """
    approvers, merger = merge.approved_by, merge.merged_by
    unapproved = merger is None or approvers is None
    return Duties(
        approvals=None if approvers is None else len(set(approvers)),
        merged_by_author=told(None if merger is None else _any_of(merge.authors, (merger,))),
        approved_by_author=told(None if approvers is None else _any_of(merge.authors, approvers)),
        merged_by_non_approver=told(None if unapproved else merger not in (approvers or ())),
    )


def _any_of(authors: tuple[str, ...] | None, people: tuple[str, ...]) -> bool | None:
    if not people:
        return False
    return not set(authors).isdisjoint(people) if authors else None


def _check_claim(problems: Problems, context: Context, merge: Elsewhere) -> None:
    claimed = context.claimed and context.happened is not None
    message = "Ask for it as a claim, with the time at which it took place."
    problems.unless(claimed, "not_a_claim", message)
    past = context.happened is None or context.happened <= context.at
    problems.unless(past, "still_to_come", "This is to happen later than now.", "merged_at")
    own = context.subject == record_id(merge.project, merge.number, merge.merge_commit)
    message = "The id is that of the project, number and commit."
    problems.unless(own, "other_subject", message)


def _check(problems: Problems, merge: Elsewhere) -> None:
    check_name(problems, merge.project, "merge", "project")
    countable = 0 < merge.number <= _LARGEST
    message = f"Numbers run from 1 to {_LARGEST}."
    problems.unless(countable, "number_unusable", message, "merge", "number")
    check_commit(problems, merge.merge_commit, "merge", "merge_commit")
    if merge.merged_head is not None:
        check_commit(problems, merge.merged_head, "merge", "merged_head")
    check_given(problems, merge.title, LONGEST, "merge", "title")
    for name in ("target", "source_branch", "merged_by"):
        if (text := getattr(merge, name)) is not None:
            check_wording(problems, text, LONGEST, "merge", name)
    for name in ("authors", "approved_by", "reviewed_by"):
        check_names(problems, getattr(merge, name) or (), MOST_HANDLES, "merge", name)


class Part(StrEnum):
    """What somebody did for a merge."""

    AUTHOR = "author"
    APPROVER = "approver"
    REVIEWER = "reviewer"
    MERGER = "merger"


@dataclass(frozen=True, slots=True)
class TookPart:
    """Somebody in a system outside had this part in a merge."""

    person: str
    part: Part


def took_part(state: MergeRecord) -> tuple[TookPart, ...]:
    """Everybody the records name; nobody of a part that was erased."""
    named = {
        Part.AUTHOR: state.authors,
        Part.APPROVER: state.approved_by,
        Part.REVIEWER: state.reviewed_by,
        Part.MERGER: () if state.merged_by in (None, ERASED) else (state.merged_by,),
    }
    return tuple(TookPart(one, part) for part, people in named.items() for one in people or ())


def _scopes(state: MergeRecord | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    merge = arguments.get("merge")
    project = state.project if state else merge.project if merge else None
    return {"project": frozenset((project,) if project else ())}


AGGREGATE: Final = Aggregate(
    "merge_record",
    MergeRecord,
    events=(Claimed,),
    evolve=evolve,
    commands=(Command(claim, operator=True),),
    scopes=_scopes,
    columns={
        "year": (int, lambda state: state.merged_at.astimezone(UTC).year),
        "search": (str, lambda state: state.title.casefold()),
    },
    rows=(Rows("merge_record_people", TookPart, took_part, ("person",)),),
    indexed=("project", "number", "merged_at", "year"),
)
