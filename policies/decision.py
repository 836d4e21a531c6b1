"""What a guard answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from policies.rules import Line


class Decision(NamedTuple):
    """Whether a principal may ask, by which line of the policy and by which grant.

    `line` and `number` are the deciding line's text and place, None when no line is for the asker.
    `grant` is None for a line that is for everyone. `reason` is a sentence, empty when allowed.
    """

    allowed: bool
    line: str | None
    number: int | None
    grant: str | None
    reason: str


class Right(NamedTuple):
    """By which grant and line a principal may ask for something."""

    grant: str
    line: Line


class Who(NamedTuple):
    """Who may ask: the principals with their rights, and the line that lets everyone, if any."""

    people: Mapping[str, Right]
    everyone: Line | None


class Reach(NamedTuple):
    """What a principal may ask for: everything, or what has one of these values, by scope kind."""

    everything: bool
    values: Mapping[str, frozenset[str]]
