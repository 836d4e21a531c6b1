"""Security fixes as somebody else's records have them, set by set; no gate ever counts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, Final

from domain.elsewhere.release_record import check_claimed
from domain.kernel import Aggregate, Command, Context, Problems, Recorded, Scopes, Text
from domain.wording import check_commit, check_given, check_name

LONGEST: Final = 1_000
"""The longest title or branch, in characters: others take longer ones than our own lines."""
MOST_MERGES: Final = 60
"""How many merge requests one fix may have."""
_LARGEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class MergedPart:
    """One merge request of a fix; `approvals` is null where they were not recorded."""

    number: Annotated[int, "The number of the merge request in the project."]
    target: Annotated[str, "The branch it was merged into."]
    merge_commit: Annotated[str, "The commit the merge made."]
    merged_at: Annotated[datetime, "When it was merged."]
    approvals: Annotated[int | None, "How many people approved, if that was recorded."] = None


@dataclass(frozen=True, slots=True)
class FixedElsewhere:
    """What was recorded elsewhere about one fix: its merge requests, found by a common title."""

    project: Annotated[str, "The project, by its full path."]
    title: Annotated[Text, "What its merge requests are called."]
    default_branch: Annotated[bool, "Whether one of them went to the default branch."]
    parts: Annotated[tuple[MergedPart, ...], "The merge requests."]


@dataclass(frozen=True, slots=True)
class FixRecord:
    """A security fix merged elsewhere, as an importer claims it; no gate ever counts it."""

    id: str
    version: int
    project: Annotated[str, "The project, by its full path."]
    title: Text
    default_branch: Annotated[bool, "Whether a merge request went to the default branch."]
    backports: Annotated[int, "How many went to other branches."]
    parts: Annotated[tuple[MergedPart, ...], "The merge requests."]
    first_merged_at: Annotated[datetime, "When the first was merged, as the records have it."]
    last_merged_at: Annotated[datetime, "When the last was merged."]
    claimed_by: Annotated[str, "Who claims that it took place."]
    claimed_at: Annotated[datetime, "When it was claimed, by the database's clock."]


@dataclass(frozen=True, slots=True)
class Claimed:
    """An importer said that this fix was merged."""

    fix: FixedElsewhere


def evolve(state: FixRecord | None, recorded: Recorded) -> FixRecord:
    """Fold the one event there is; TypeError for any other, or for a second."""
    event = recorded.event
    if state is not None or not isinstance(event, Claimed) or recorded.happened is None:
        raise TypeError(f"{type(event).__name__} does not belong here")
    told = event.fix
    return FixRecord(
        id=recorded.subject,
        version=recorded.version,
        project=told.project,
        title=told.title,
        default_branch=told.default_branch,
        backports=len(told.parts) - told.default_branch,
        parts=told.parts,
        first_merged_at=recorded.happened,
        last_merged_at=max(part.merged_at for part in told.parts),
        claimed_by=recorded.by,
        claimed_at=recorded.at,
    )


def claim(
    _state: None,
    context: Context,
    *,
    fix: Annotated[FixedElsewhere, "What was recorded elsewhere."],
) -> list[Any]:
    """Record that somebody else's records tell of a fix; the same one is claimed once."""
    problems = Problems()
    check_fix(problems, fix, "fix")
    problems.settle()
    check_claimed(problems, context, record_id(fix))
    same = context.happened == first(fix).merged_at
    problems.unless(same, "not_a_claim", "It took place when the first was merged.")
    problems.settle()
    return [Claimed(fix)]


def first(fix: FixedElsewhere) -> MergedPart:
    """The merge request that was merged first, by which the fix is known."""
    return min(fix.parts, key=lambda part: (part.merged_at, part.number))


def record_id(fix: FixedElsewhere) -> str:
    """The id of the fix with this first merge request, so that it cannot be claimed twice."""
    named = f"security fix\n{fix.project}\n{first(fix).number}"
    return sha256(named.encode()).hexdigest()[:32]


def check_fix(problems: Problems, fix: FixedElsewhere, *path: str) -> None:
    """Note everything about a fix that keeps it from being recorded."""
    check_name(problems, fix.project, *path, "project")
    check_given(problems, fix.title, LONGEST, *path, "title")
    few = 0 < len(fix.parts) <= MOST_MERGES
    message = f"A fix has 1 to {MOST_MERGES} merge requests."
    problems.unless(few, "too_many", message, *path, "parts")
    numbers = {part.number for part in fix.parts}
    once = len(numbers) == len(fix.parts)
    problems.unless(once, "named_twice", "A merge request stands here twice.", *path, "parts")
    for at, part in enumerate(fix.parts[:MOST_MERGES]):
        _check_part(problems, part, *path, "parts", str(at))


def _check_part(problems: Problems, part: MergedPart, *path: str) -> None:
    message = f"Numbers run from 1 to {_LARGEST}."
    problems.unless(0 < part.number <= _LARGEST, "number_unusable", message, *path, "number")
    check_commit(problems, part.merge_commit, *path, "merge_commit")
    check_given(problems, part.target, LONGEST, *path, "target")


def _scopes(state: FixRecord | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    told = arguments.get("fix")
    project = state.project if state else told.project if told else None
    return {"project": frozenset((project,) if project else ())}


AGGREGATE: Final = Aggregate(
    "fix_record",
    FixRecord,
    events=(Claimed,),
    evolve=evolve,
    commands=(Command(claim, operator=True),),
    scopes=_scopes,
    columns={"year": (int, lambda state: state.first_merged_at.astimezone(UTC).year)},
    indexed=("project", "default_branch", "backports", "year"),
)
