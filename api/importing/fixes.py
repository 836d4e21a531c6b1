"""A line of a file of security fixes into a claim: a set of merge requests with one title."""

from __future__ import annotations

from typing import Any, Final

from api.importing.claiming import Claim, Entry, Noun
from api.importing.rows import (
    Field,
    approvers,
    flag,
    line,
    listed,
    moment,
    people,
    read_fields,
    read_object,
    typed,
    whole,
)
from domain.elsewhere import fix_record
from domain.elsewhere.fix_record import (
    MOST_MERGES,
    FixedElsewhere,
    FixRecord,
    MergedPart,
    check_fix,
)
from domain.kernel import Problem, Problems


def _parts(value: Any, problems: Problems, *path: str) -> Any:
    return listed(value, _part, ("merge requests", MOST_MERGES), problems, *path) or ()


def _part(value: Any, problems: Problems, *path: str) -> Any:
    if typed(value, dict, "an object", problems, *path) is None:
        return None
    return read_fields(PART, value, problems, *path)


PART: Final = (
    Field("mr_iid", "number", whole),
    Field("target_branch", "target", line),
    Field("sha", "merge_commit", line),
    Field("merged_at", "merged_at", moment),
    Field("approved_by", "approved_by", people, nullable=True),
    Field("merged_by", "merged_by", line, nullable=True),
)
FIX: Final = (
    Field("project", "project", line),
    Field("title", "title", line),
    Field("has_default_branch_mr", "default_branch", flag),
    Field("merge_requests", "parts", _parts),
)
"""What is read of a row; other fields are passed over."""
NAMES: Final = {field.into: field.name for field in (*FIX, *PART)}

FIXED: Final = Noun(
    "fix_record",
    "fix",
    FixRecord,
    fix_record.Claimed,
    fix_record.evolve,
    "security fix",
    NAMES,
)


def read_fix(number: int, content: bytes) -> Entry:
    """The claim in a line; raises Refusal with every problem of its fields."""
    problems = Problems()
    row = read_fields(FIX, read_object(content), problems)
    problems.settle()
    told = FixedElsewhere(**row | {"parts": tuple(map(_merged, row["parts"]))})
    check_fix(problems, told)
    Problems(_named(each) for each in problems).settle()
    happened = fix_record.first(told).merged_at
    return Entry(number, (Claim(FIXED, fix_record.record_id(told), told, happened),))


def _merged(row: dict[str, Any]) -> MergedPart:
    """A merge request with how many approved it, null where that was not recorded."""
    named = approvers(row, row["merged_at"])
    place = {name: row[name] for name in ("number", "target", "merge_commit", "merged_at")}
    return MergedPart(**place, approvals=None if named is None else len({*named}))


def _named(problem: Problem) -> Problem:
    path = tuple(NAMES.get(part, part) for part in problem.path)
    return Problem(problem.code, problem.message, path)
