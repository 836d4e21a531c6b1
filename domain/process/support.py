"""The support policy as data: which versions a fix has to reach, by the policy of the moment."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

LINE_FORM: Final = re.compile(r"(?:0|[1-9]\d{0,8})(?:\.(?:0|[1-9]\d{0,8})){0,3}")
_REF: Final = "refs/heads/"


class Fixes(StrEnum):
    """What kind of fix a policy is asked about."""

    BUG = "bug"
    SECURITY = "security"


@dataclass(frozen=True, slots=True)
class Support:
    """How far back fixes go: to so many of the newest lines (S1-01, S1-02).

    `stable_branch` says what the branch of a line is called, with an N for each of its numbers;
    `default_branches` are the names of the one branch that the next line is made from.
    """

    name: str
    title: str
    bug_lines: int
    security_lines: int
    stable_branch: str
    default_branches: tuple[str, ...]
    source: str | None = None

    def reach(self, fixes: Fixes) -> int:
        """How many lines fixes of this kind go to."""
        return self.bug_lines if fixes is Fixes.BUG else self.security_lines

    def is_line(self, version: str) -> bool:
        """Whether it names a line, or several, and no version of one."""
        short = len(version.split(".")) <= self.stable_branch.count("N")
        return short and LINE_FORM.fullmatch(version) is not None

    def names(self, target: str) -> tuple[str, ...]:
        """Every name of the branch that this is a name of: the default branches are one."""
        name = branch_name(target)
        return self.default_branches if name in self.default_branches else (name,)

    def branch(self, line: str) -> str:
        """The stable branch of a line; ValueError for one that the form has no room for."""
        numbers = line.split(".")
        if len(numbers) != self.stable_branch.count("N"):
            raise ValueError(f"{line} does not fit {self.stable_branch}")
        rest = iter(numbers)
        return re.sub("N", lambda _: next(rest), self.stable_branch)


@dataclass(frozen=True, slots=True)
class Line:
    """A stable version, by its leading numbers such as 17.3, and when it was released.

    One that is not `settled`, since one person alone says so, takes no other's place.
    """

    name: str
    released_at: datetime
    settled: bool = True


def scope(
    policy: Support, lines: Iterable[Line], at: datetime, fixes: Fixes = Fixes.SECURITY
) -> tuple[str, ...]:
    """The versions a fix must cover at a moment, newest first (X-02, S1-22).

    They are the newest of the lines released by then, with those that would be if none came out
    which is not settled. A line that is told of twice counts once, and one that the form of the
    branch has no room for is none of the policy's. Nothing is answered where nothing was released:
    whoever asks must not take that for covered.
    """
    length = policy.stable_branch.count("N")
    fitting = (line for line in lines if len(line.name.split(".")) == length)
    out = [line for line in fitting if line.released_at <= at]
    every, settled = {e.name for e in out}, {e.name for e in out if e.settled}
    newest = {*_newest(every, policy.reach(fixes)), *_newest(settled, policy.reach(fixes))}
    return tuple(_newest(newest))


def _newest(lines: Iterable[str], most: int | None = None) -> list[str]:
    return sorted(lines, key=order, reverse=True)[:most]


def line_of(policy: Support, version: str) -> str:
    """The line of a version: its leading numbers; ValueError when it has too few of them."""
    numbers = version.split(".")
    length = policy.stable_branch.count("N")
    if len(numbers) < length:
        raise ValueError(f"{version} is of no line")
    return ".".join(numbers[:length])


def order(line: str) -> tuple[int, ...]:
    """What lines are ordered by: 9.5, 10.0, 10.11; ValueError for what is no line."""
    if not LINE_FORM.fullmatch(line):
        raise ValueError(f"{line!r} is no line of versions")
    return tuple(map(int, line.split(".")))


def branch_name(target: str) -> str:
    """A branch by its short name, since hosts also tell it in full."""
    return target.removeprefix(_REF)
