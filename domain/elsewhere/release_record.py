"""Releases and their commits as somebody else's records have them; no gate ever counts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, Final

from domain.kernel import Aggregate, Command, Context, Personal, Problems, Recorded, Scopes
from domain.wording import check_commit, check_name, check_wording

LONGEST: Final = 1_000
"""The longest name of a tagger, in characters."""
_LARGEST: Final = 2**31 - 1


class Cut(StrEnum):
    """What kind of release a version is, by its numbers; OTHER for a tag that is no version."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"
    PRERELEASE = "prerelease"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of three numbers; `pre` is what makes it one before the release proper."""

    major: int
    minor: int
    patch: int
    pre: str | None = None

    @property
    def cut(self) -> Cut:
        """What kind of release it is."""
        if self.pre is not None:
            return Cut.PRERELEASE
        return Cut.PATCH if self.patch else Cut.MINOR if self.minor else Cut.MAJOR


@dataclass(frozen=True, slots=True)
class TaggedElsewhere:
    """What was recorded elsewhere about one release; None stands for what was not recorded."""

    project: Annotated[str, "The project, by its full path."]
    tag: Annotated[str, "The tag that made the release."]
    version: Annotated[Version | None, "The version it names, if it names one."]
    commit: Annotated[str, "The commit that was tagged."]
    annotated: Annotated[bool, "Whether the tag is an object of its own, with a date of its own."]
    tagger: Annotated[Personal | None, "Who tagged it."] = None
    previous: Annotated[str | None, "The tag before it on its own line of history."] = None
    announced: Annotated[str | None, "The day its change log gives, such as 2026-11-20."] = None


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A release that was tagged elsewhere, as an importer claims it; no gate ever counts it."""

    id: str
    version: int
    project: Annotated[str, "The project, by its full path."]
    tag: Annotated[str, "The tag that made the release."]
    cut: Annotated[Cut, "What kind of release it is, by its version."]
    line: Annotated[str | None, "The line it belongs to, such as 1.4; null if it is no version."]
    major: int | None
    minor: int | None
    patch: int | None
    pre: Annotated[str | None, "What makes it one before the release proper, such as rc.1."]
    commit: Annotated[str, "The commit that was tagged."]
    annotated: Annotated[bool, "Whether the tag has a date of its own; else it is the commit's."]
    tagger: Personal | None
    previous: Annotated[str | None, "The tag before it on its own line of history."]
    announced: Annotated[str | None, "The day its change log gives, if it does."]
    tagged_at: Annotated[datetime, "When it was tagged, as the records have it."]
    claimed_by: Annotated[str, "Who claims that it took place."]
    claimed_at: Annotated[datetime, "When it was claimed, by the database's clock."]


@dataclass(frozen=True, slots=True)
class Claimed:
    """An importer said that this release was tagged."""

    release: TaggedElsewhere


def evolve(state: ReleaseRecord | None, recorded: Recorded) -> ReleaseRecord:
    """Fold the one event there is; TypeError for any other, or for a second."""
    event = recorded.event
    if state is not None or not isinstance(event, Claimed) or recorded.happened is None:
        raise TypeError(f"{type(event).__name__} does not belong here")
    told, version = event.release, event.release.version
    return ReleaseRecord(
        id=recorded.subject,
        version=recorded.version,
        project=told.project,
        tag=told.tag,
        cut=version.cut if version else Cut.OTHER,
        line=f"{version.major}.{version.minor}" if version else None,
        major=version.major if version else None,
        minor=version.minor if version else None,
        patch=version.patch if version else None,
        pre=version.pre if version else None,
        commit=told.commit,
        annotated=told.annotated,
        tagger=told.tagger,
        previous=told.previous,
        announced=told.announced,
        tagged_at=recorded.happened,
        claimed_by=recorded.by,
        claimed_at=recorded.at,
    )


def claim(
    _state: None,
    context: Context,
    *,
    release: Annotated[TaggedElsewhere, "What was recorded elsewhere."],
) -> list[Any]:
    """Record that somebody else's records tell of a release; the same one is claimed once."""
    problems = Problems()
    check_claimed(problems, context, record_id(release.project, release.tag))
    check_release(problems, release, "release")
    problems.settle()
    return [Claimed(release)]


def record_id(project: str, tag: str) -> str:
    """The id of the release that these name, so that it cannot be claimed twice."""
    return sha256(f"release\n{project}\n{tag}".encode()).hexdigest()[:32]


def check_claimed(problems: Problems, context: Context, own: str) -> None:
    """Note what is not asked for as a claim of something past, under the id it always has."""
    claimed = context.claimed and context.happened is not None
    message = "Ask for it as a claim, with the time at which it took place."
    problems.unless(claimed, "not_a_claim", message)
    past = context.happened is None or context.happened <= context.at
    problems.unless(past, "still_to_come", "This is to happen later than now.", "happened")
    message = "The id is that of what it names."
    problems.unless(context.subject == own, "other_subject", message)


def check_release(problems: Problems, release: TaggedElsewhere, *path: str) -> None:
    """Note everything about a release that keeps it from being recorded."""
    check_name(problems, release.project, *path, "project")
    check_name(problems, release.tag, *path, "tag")
    check_commit(problems, release.commit, *path, "commit")
    if release.tagger is not None:
        check_wording(problems, release.tagger, LONGEST, *path, "tagger")
    if release.previous is not None:
        check_name(problems, release.previous, *path, "previous")
    if release.announced is not None:
        day = _is_day(release.announced)
        problems.unless(day, "unreadable_time", "A day, such as 2026-11-20.", *path, "announced")
    if release.version is not None:
        _check_version(problems, release.version, *path, "version")


def _check_version(problems: Problems, version: Version, *path: str) -> None:
    for each in fields(version):
        number = getattr(version, each.name)
        if each.name == "pre":
            if number is not None:
                check_name(problems, number, *path, "pre")
        else:
            message = f"Numbers run from 0 to {_LARGEST}."
            problems.unless(0 <= number <= _LARGEST, "not_a_version", message, *path, each.name)


def _is_day(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).date().isoformat() == text
    except ValueError:
        return False


def _scopes(state: ReleaseRecord | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    told = arguments.get("release")
    project = state.project if state else told.project if told else None
    return {"project": frozenset((project,) if project else ())}


AGGREGATE: Final = Aggregate(
    "release_record",
    ReleaseRecord,
    events=(Claimed,),
    evolve=evolve,
    commands=(Command(claim, operator=True),),
    scopes=_scopes,
    columns={"year": (int, lambda state: state.tagged_at.astimezone(UTC).year)},
    indexed=("project", "tag", "cut", "line", "year"),
)
