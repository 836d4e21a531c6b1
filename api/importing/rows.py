"""A line of a file of merge requests into a claim; everything wrong with it is told at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from api.derived.text import Unreadable, read_line
from api.derived.zones import read_moment
from api.http import wire
from api.importing.claiming import Claim, Entry, Noun
from api.settings import Limits
from domain.elsewhere.merge_record import (
    MOST_HANDLES,
    Claimed,
    Elsewhere,
    MergeRecord,
    duties,
    evolve,
    record_id,
)
from domain.kernel import Problem, Problems, refusal

TRAILERS_SINCE: Final = datetime(2022, 9, 1, tzinfo=UTC)
"""Since when merge commits name approvers: an earlier empty list says nothing (X-05)."""
LIMITS: Final = Limits()
ABSENT: Final = object()
"""Stands for a field that must be there."""
Read = Callable[..., Any]


def read_merge(number: int, content: bytes) -> Entry:
    """The claim in a line of a file of merge requests; Refusal with every problem of its fields."""
    row = read_object(content)
    problems = Problems()
    told = read_fields(FIELDS, row, problems)
    problems.settle()
    merged_at: datetime = told.pop("merged_at")
    merge = Elsewhere(**told | {"approved_by": approvers(told, merged_at)})
    merge_id = record_id(merge.project, merge.number, merge.merge_commit)
    return Entry(number, (Claim(MERGE, merge_id, merge, merged_at),))


def approvers(told: Mapping[str, Any], merged_at: datetime) -> tuple[str, ...] | None:
    """Who approved; none where merge commits named the merger and nobody else, else unknown.

    A merge commit without a merger was written without any trailer, so its empty list of
    approvers says nothing; nor does one from before approvers were named.
    """
    named: tuple[str, ...] | None = told["approved_by"]
    if named != ():
        return named
    return () if told["merged_by"] is not None and merged_at >= TRAILERS_SINCE else None


# JSON.

UNREAD: Final = {
    "json_too_deep": "The JSON of the line nests too deep.",
    "string_too_long": "The line holds a text that is too long.",
    "forbidden_character": "The line holds a text with NUL, a surrogate or what is no character.",
}
"""What is wrong with a line that holds JSON which is not taken."""


def read_object(content: bytes) -> dict[str, Any]:
    """The JSON object in a line; raises Refusal for anything else."""
    if not content.strip():
        raise refusal("line_empty", "The line is empty.")
    try:
        value = wire.decode(content, LIMITS)
    except wire.Unreadable as fault:
        if fault.code == "doubled_key":
            json.loads(content, object_pairs_hook=_once)  # says which
        message = UNREAD.get(fault.code, "The line holds no JSON that can be read.")
        raise refusal(fault.code, message) from fault
    if not isinstance(value, dict):
        raise refusal("not_an_object", "The line holds JSON, but no object.")
    return value


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object that gives a field twice: readers would differ about what it says."""
    names = [name for name, _ in pairs]
    for name in set(names):
        if names.count(name) > 1:
            raise refusal("field_twice", "This field stands twice in one object.", name)


# Fields.


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a row: its name there, its name here, and how it is read.

    Null says that it was not recorded, where that may be; `default` is what a missing field says.
    """

    name: str
    into: str
    read: Read
    nullable: bool = False
    default: Any = ABSENT

    def of(self, row: Mapping[str, Any], problems: Problems, *path: str) -> Any:
        """The value in this row, noting what is wrong with it; the row itself stands at `path`."""
        if self.name not in row:
            if self.default is not ABSENT:
                return self.default
            problems.add("field_absent", "This field is missing.", *path, self.name)
            return None
        value = row[self.name]
        if value is None and self.nullable:
            return None
        return self.read(value, problems, *path, self.name)


def read_fields(
    all_of: Sequence[Field], row: Mapping[str, Any], problems: Problems, *path: str
) -> dict[str, Any]:
    """What a row says, by our names, noting everything wrong with it."""
    return {each.into: each.of(row, problems, *path) for each in all_of}


def flag(value: Any, problems: Problems, *path: str) -> Any:
    """True or false."""
    return typed(value, bool, "true or false", problems, *path)


def whole(value: Any, problems: Problems, *path: str) -> Any:
    """A whole number."""
    plain = None if isinstance(value, bool) else value
    return typed(plain, int, "a whole number", problems, *path)


def line(value: Any, problems: Problems, *path: str) -> Any:
    """One line of text."""
    if typed(value, str, "a string", problems, *path) is None:
        return None
    found = read_line(value)
    if isinstance(found, Problem):
        problems.add(found.code, found.message, *path)
    return found


def people(value: Any, problems: Problems, *path: str) -> Any:
    """Names of people in a system outside."""
    return listed(value, line, ("strings", MOST_HANDLES), problems, *path)


def _recorded_people(value: Any, problems: Problems, *path: str) -> Any:
    """People of whom an empty list does not say that there were none."""
    return people(value, problems, *path) or None


def moment(value: Any, problems: Problems, *path: str) -> Any:
    """A moment with its offset."""
    if typed(value, str, "a string", problems, *path) is None:
        return None
    found = read_moment(value)
    if isinstance(found, Unreadable):
        problems.add(found.code, found.message, *path)
    return found


def listed(
    value: Any, read: Read, what: tuple[str, int], problems: Problems, *path: str
) -> tuple[Any, ...] | None:
    """What is read of each item of a list; `what` calls them, and says how many there may be."""
    called, most = what
    if typed(value, list, f"a list of {called}", problems, *path) is None:
        return None
    if len(value) > most:
        problems.add("too_many", f"At most {most:,} of these.", *path)
        return None
    return tuple(read(each, problems, *path, str(at)) for at, each in enumerate(value))


def typed(value: Any, kind: type, called: str, problems: Problems, *path: str) -> Any:
    """The value if it is of this type; notes it otherwise."""
    if isinstance(value, kind):
        return value
    problems.add("wrong_type", f"This is to be {called}.", *path)
    return None


FIELDS: Final = (
    Field("mr_project", "project", line),
    Field("mr_iid", "number", whole),
    Field("sha", "merge_commit", line),
    Field("merged_at", "merged_at", moment),
    Field("title", "title", line),
    Field("target_branch", "target", line, nullable=True),
    Field("default_branch_first_parent", "default_branch", flag, nullable=True),
    Field("security", "security", flag),
    Field("merged_head", "merged_head", line, nullable=True),
    Field("source_branch", "source_branch", line, nullable=True),
    Field("authors", "authors", _recorded_people, nullable=True),
    Field("approved_by", "approved_by", people, nullable=True),
    Field("reviewed_by", "reviewed_by", _recorded_people, nullable=True),
    Field("merged_by", "merged_by", line, nullable=True),
)
"""What is read of a row; other fields are passed over."""
NAMES: Final = {field.into: field.name for field in FIELDS}

MERGE: Final = Noun(
    "merge_record",
    "merge",
    MergeRecord,
    lambda merge: Claimed(merge, duties(merge)),
    evolve,
    "merge",
    NAMES,
)
