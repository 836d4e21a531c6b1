"""Releases of a local clone: its tags and commits, as git tells them."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from api.derived.text import cleaned
from api.derived.zones import EARLIEST, LATEST
from api.importing.claiming import Entry, Fate, Outcome
from api.importing.git import lines_of
from api.importing.releases import entry
from domain.elsewhere.release_record import Version
from domain.kernel import Refusal, refusal

FIELDS: Final = (
    "refname",
    "objecttype",
    "objectname",
    "*objecttype",
    "*objectname",
    "creatordate:unix",
    "taggername",
)
REFS: Final = (
    "for-each-ref",
    "--format=" + "%00".join(f"%({each})" for each in FIELDS),
    "refs/tags",
)
CONFIGURED: Final = ("config", "--local", "--no-includes", "--list")
COMMITS: Final = (
    "rev-list",
    "--stdin",
    "--format=%H%x00%P%x00%an%x00%at%x00%ct%x00%s",
)
REQUEST: Final = re.compile(r"\(#(\d{1,9})\)$|^Merge pull request #(\d{1,9})\b")
VERSION: Final = re.compile(
    r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-.]?((?:rc|alpha|beta|pre|a|b)[-.\w]*))?",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a commit."""

    name: str
    commit: str
    at: datetime
    annotated: bool
    tagger: str | None


@dataclass(slots=True)
class History:
    """All commits that tags reach: what is said of each, and its parents by number."""

    rows: list[tuple[str, ...]] = field(default_factory=list)
    parents: list[array[int]] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Clone:
    """A local clone, read as somebody else's records of a project."""

    folder: Path
    project: str

    def releases(self) -> Iterator[tuple[int, Entry | Outcome]]:
        """Every tag with the commits that no earlier tag has, oldest tag first.

        Raises Unusable when git cannot read the clone.
        """
        found = sorted(self._tags(), key=lambda each: (_when(each), each[0]))
        tags = [each for _, each in found if isinstance(each, Tag)]
        history = self._history([each.commit for each in tags])
        seen = bytearray(len(history.rows))
        for number, (name, tag) in enumerate(found, 1):
            yield number, _entry(number, name, tag, history, seen, self.project)

    def origin(self) -> str | None:
        """The address of the remote `origin`, as the clone has it; None where it has none.

        Raises Unusable when git cannot read the clone.
        """
        found = [line.partition("=") for line in lines_of(self.folder, CONFIGURED)]
        return next((value for key, _, value in found if key == "remote.origin.url"), None)

    def _tags(self) -> Iterator[tuple[str, Tag | Refusal]]:
        for line in lines_of(self.folder, REFS):
            name, *said = line.split("\0")
            name = cleaned(name.removeprefix("refs/tags/"))
            try:
                yield name, _tag(name, said)
            except Refusal as refused:
                yield name, refused

    def _history(self, commits: Sequence[str]) -> History:
        history = History()
        if not commits:
            return history
        named: list[str] = []
        for line in lines_of(self.folder, COMMITS, "".join(f"{each}\n" for each in commits)):
            if "\0" not in line:
                continue  # the hash alone, which stands before what is asked for
            sha, parents, *said = line.split("\0")
            history.numbers[sha] = len(history.rows)
            history.rows.append((sha, *said))
            named.append(parents)
        for each in named:
            known = (history.numbers.get(parent, -1) for parent in each.split())
            history.parents.append(array("l", known))
        return history


# Tags.


def _when(each: tuple[str, Tag | Refusal]) -> datetime:
    return each[1].at if isinstance(each[1], Tag) else EARLIEST


def _tag(name: str, said: Sequence[str]) -> Tag:
    kind, own, inner_kind, inner, at, tagger = said
    annotated = kind == "tag"
    if (inner_kind if annotated else kind) != "commit":
        raise refusal("tag_without_commit", "The tag is of no commit.", "tag")
    commit = inner if annotated else own
    return Tag(name, commit, moment_of(at, "tag_date"), annotated, cleaned(tagger) or None)


def _entry(  # noqa: PLR0917  (what a tag is, and where it stands in the history)
    number: int,
    name: str,
    tag: Tag | Refusal,
    history: History,
    seen: bytearray,
    project: str,
) -> Entry | Outcome:
    try:
        if isinstance(tag, Refusal):
            raise tag
        return entry(number, _row(tag, history, seen, project), name)
    except Refusal as refused:
        return Outcome(number, Fate.BAD, refused.problems, 0, name)


def _row(tag: Tag, history: History, seen: bytearray, project: str) -> dict[str, Any]:
    fresh = _fresh(history, history.numbers[tag.commit], seen)
    return {
        "project": project,
        "tag": tag.name,
        "version": version_of(tag.name),
        "annotated": tag.annotated,
        "tagged_at": tag.at,
        "commit": tag.commit,
        "tagger": tag.tagger,
        "previous": None,
        "announced": None,
        "commits": [_commit(history, each) for each in fresh],
    }


def version_of(tag: str) -> Version | None:
    """The version that a tag names, None if it names none."""
    found = VERSION.fullmatch(tag)
    if found is None:
        return None
    major, minor, patch, pre = found.groups()
    numbers = (int(major), int(minor), int(patch))
    return Version(*numbers, pre) if max(numbers) < 2**31 else None


# Commits.


def _fresh(history: History, start: int, seen: bytearray) -> list[int]:
    """The commits that a tag reaches and no tag before did, by number; they are seen now."""
    found: list[int] = []
    waiting = [start]
    while waiting:
        number = waiting.pop()
        if number >= 0 and not seen[number]:
            seen[number] = 1
            found.append(number)
            waiting.extend(history.parents[number])
    return sorted(found)


def _commit(history: History, number: int) -> dict[str, Any]:
    sha, author, authored, committed, subject = history.rows[number]
    subject = cleaned(subject)
    request = REQUEST.search(subject)
    return {
        "sha": sha,
        "author": cleaned(author) or None,
        "authored_at": moment_of(authored, "authored_at"),
        "committed_at": moment_of(committed, "committed_at"),
        "subject": subject,
        "merge": len(history.parents[number]) > 1,
        "bot": False,
        "merge_request": int(request[1] or request[2]) or None if request else None,
    }


def moment_of(seconds: str, name: str) -> datetime:
    """The moment so many seconds after 1970; raises Refusal for one out of range."""
    try:
        moment = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as fault:
        raise refusal("unreadable_time", "There is no such time.", name) from fault
    if not EARLIEST <= moment < LATEST:
        raise refusal("time_out_of_range", "Times lie between the years 1970 and 2200.", name)
    return moment
