"""A whole file into the log, a batch of lines at a time; it can be stopped between batches."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from types import FrameType
from typing import BinaryIO, Final

from api.importing.claiming import Fate, Importer, Outcome
from api.importing.lines import Line, lines
from api.importing.rows import Claim, read_claim
from domain.kernel import Refusal, refusal

BATCH: Final = 128
"""How many lines are settled at once."""


@dataclass(slots=True)
class Tally:
    """What became of the lines so far, and in what time. `rate` is in lines a second."""

    lines: int = 0
    added: int = 0
    known: int = 0
    bad: int = 0
    seconds: float = 0.0
    stopped: bool = False

    @property
    def rate(self) -> float:
        """Lines a second."""
        return self.lines / self.seconds if self.seconds else 0.0

    def count(self, outcome: Outcome) -> None:
        """Count one more line."""
        self.lines += 1
        self.added += outcome.fate is Fate.ADDED
        self.known += outcome.fate is Fate.KNOWN
        self.bad += outcome.fate is Fate.BAD


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told what: each outcome, and how many bytes of the file are done with."""

    outcome: Callable[[Outcome], None]
    progress: Callable[[int], None]


def run(file: BinaryIO, importer: Importer, told: Told, stopped: Callable[[], bool]) -> Tally:
    """Import a file line by line until its end, or until `stopped` says so after a batch.

    Raises Unread when the file cannot be read on, and Unrecorded when the log takes nothing
    more; what was recorded until then stays.
    """
    tally, started = Tally(), monotonic()
    for end, batch in batches(file):
        for outcome in settled(batch, importer):
            tally.count(outcome)
            told.outcome(outcome)
        told.progress(end)
        if stopped():
            tally.stopped = True
            break
    tally.seconds = monotonic() - started
    return tally


def batches(file: BinaryIO) -> Iterator[tuple[int, list[Claim | Outcome]]]:
    """What the lines say, some at a time, with how many bytes have been read by then."""
    batch: list[Claim | Outcome] = []
    end = 0
    for line in lines(file):
        batch.append(_read(line))
        end = line.end
        if len(batch) == BATCH:
            yield end, batch
            batch = []
    if batch:
        yield end, batch


def _read(line: Line) -> Claim | Outcome:
    try:
        if line.content is None:
            raise refusal("line_too_long", "The line is longer than 256 KiB.")
        return read_claim(line.number, line.content)
    except Refusal as refused:
        return Outcome(line.number, Fate.BAD, refused.problems)


def settled(batch: list[Claim | Outcome], importer: Importer) -> Iterator[Outcome]:
    """What became of each line of a batch, in their order."""
    outcomes = importer.settle([each for each in batch if isinstance(each, Claim)])
    for each in batch:
        yield each if isinstance(each, Outcome) else next(outcomes)


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Whether somebody asked to stop: a signal waits for the end of a batch, and tears nothing."""
    asked: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    before = {each: signal.signal(each, note) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
