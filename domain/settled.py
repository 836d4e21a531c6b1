"""What a command looked for while it went on noting what else is wrong."""

from __future__ import annotations

from typing import TypeVar

from domain.kernel import Problems

T = TypeVar("T")


def settled(problems: Problems, found: T | None) -> T:
    """What was found, once nothing is wrong; where it was not, that is among the problems."""
    problems.settle()
    if found is None:
        raise LookupError("what is missing was not noted")
    return found
