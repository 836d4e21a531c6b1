"""What is wrong with an input as it is read, told with everything else its command says of it.

What cannot be read has a stand-in, so that the command can be asked; nothing of it is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from api.derived.payload import spelled
from domain.kernel import Problem
from ledger.request import Answer, Request, Status

SOMETIME: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""Stands in for a moment that cannot be read."""


def with_flaws(request: Request, answer: Answer) -> Answer:
    """The answer to a request whose input was flawed: the flaws first, then what else is wrong.

    Left out is what the command says of a stand-in, or of the request as a whole. Who may not ask
    for it at all is told the flaws alone.
    """
    problems = (*request.flaws, *_others(request, answer))
    return Answer(request.id, Status.REFUSED, problems=problems)


def _others(request: Request, answer: Answer) -> Iterator[Problem]:
    if answer.status is Status.REFUSED:
        flawed = [spelled(each) for each in request.flaws]
        for problem in answer.problems:
            path = spelled(problem)
            if path and not any(_touch(path, each) for each in flawed):
                yield problem


def _touch(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one place in an input is the other, or lies within it."""
    both = min(len(one), len(other))
    return one[:both] == other[:both]
