"""A line of a file of releases into claims: the release and its commits, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from api.importing.claiming import Claim, Entry, Noun
from api.importing.rows import (
    Field,
    flag,
    line,
    listed,
    moment,
    read_fields,
    read_object,
    typed,
    whole,
)
from api.importing.wholes import Parts
from domain.elsewhere import commit_record, release_record
from domain.elsewhere.commit_record import CommitRecord, CommittedElsewhere, check_commit_record
from domain.elsewhere.release_record import ReleaseRecord, TaggedElsewhere, Version, check_release
from domain.kernel import Problem, Problems

MOST_COMMITS: Final = 100_000
"""How many commits one release may have."""
OBJECTS: Final = {"annotated": True, "lightweight": False}


def _object(value: Any, problems: Problems, *path: str) -> Any:
    known = isinstance(value, str) and value in OBJECTS
    problems.unless(known, "wrong_type", "This is `annotated` or `lightweight`.", *path)
    return OBJECTS[value] if known else None


def _version(value: Any, problems: Problems, *path: str) -> Any:
    if typed(value, dict, "an object", problems, *path) is None:
        return None
    return Version(**read_fields(VERSION, value, problems, *path))


def _commits(value: Any, problems: Problems, *path: str) -> Any:
    return listed(value, _commit, ("commits", MOST_COMMITS), problems, *path) or ()


def _commit(value: Any, problems: Problems, *path: str) -> Any:
    if typed(value, dict, "an object", problems, *path) is None:
        return None
    return read_fields(COMMIT, value, problems, *path)


VERSION: Final = (
    Field("major", "major", whole),
    Field("minor", "minor", whole),
    Field("patch", "patch", whole),
    Field("pre", "pre", line, nullable=True),
)
COMMIT: Final = (
    Field("sha", "sha", line),
    Field("author", "author", line, nullable=True),
    Field("authored_at", "authored_at", moment),
    Field("committed_at", "committed_at", moment),
    Field("subject", "subject", line),
    Field("pr", "merge_request", whole, nullable=True),
    Field("merge", "merge", flag),
    Field("bot", "bot", flag, default=False),
)
RELEASE: Final = (
    Field("repo", "project", line),
    Field("tag", "tag", line),
    Field("version", "version", _version, nullable=True),
    Field("object_type", "annotated", _object),
    Field("tag_date", "tagged_at", moment),
    Field("commit", "commit", line),
    Field("tagger", "tagger", line, nullable=True),
    Field("previous_tag", "previous", line, nullable=True),
    Field("changelog_date", "announced", line, nullable=True),
    Field("commits", "commits", _commits),
)
"""What is read of a row; other fields are passed over."""


def names(fields: tuple[Field, ...]) -> dict[str, str]:
    """The names in the row, by ours."""
    return {each.into: each.name for each in fields}


TAGGED: Final = Noun(
    "release_record",
    "release",
    ReleaseRecord,
    release_record.Claimed,
    release_record.evolve,
    "release",
    names(RELEASE),
    Parts(CommitRecord, "project", "tag", "commits"),
)
COMMITTED: Final = Noun(
    "commit_record",
    "commit",
    CommitRecord,
    commit_record.Claimed,
    commit_record.evolve,
    "commit",
    names(COMMIT),
)


def read_release(number: int, content: bytes) -> Entry:
    """The claims in a line; raises Refusal with every problem of its fields."""
    problems = Problems()
    row = read_fields(RELEASE, read_object(content), problems)
    problems.settle()
    return entry(number, row)


def entry(number: int, row: Mapping[str, Any], name: str | None = None) -> Entry:
    """The claims that a release with its commits makes; raises Refusal for what cannot be kept.

    What the domain refuses is refused here too, before anything of it is asked for. The release is
    the last to be claimed: once it is recorded, all of its commits are.
    """
    told = dict(row)
    commits, tagged_at = told.pop("commits"), told.pop("tagged_at")
    release = TaggedElsewhere(**told)
    problems = Problems()
    check_release(problems, release)
    found = [_claim(release, tagged_at, each, problems, at) for at, each in enumerate(commits)]
    twice = len({each.id for each in found}) < len(found)
    problems.unless(not twice, "named_twice", "A commit stands here twice.", "commits")
    settle(problems)
    id = release_record.record_id(release.project, release.tag)
    return Entry(number, (*found, Claim(TAGGED, id, release, tagged_at)), name)


def _claim(
    release: TaggedElsewhere,
    tagged_at: datetime,
    row: Mapping[str, Any],
    problems: Problems,
    at: int,
) -> Claim:
    told = dict(row)
    committed_at = told.pop("committed_at")
    commit = CommittedElsewhere(release.project, tag=release.tag, tagged_at=tagged_at, **told)
    place = ("commits", str(at))
    check_commit_record(problems, commit, *place)
    id = commit_record.record_id(commit.project, commit.sha)
    return Claim(COMMITTED, id, commit, committed_at, place)


def settle(problems: Problems) -> None:
    """Refuse for these problems, named as the row names what they are about."""
    known = names(RELEASE) | names(COMMIT)
    named = [
        Problem(each.code, each.message, tuple(known.get(part, part) for part in each.path))
        for each in problems
    ]
    Problems(named).settle()
