"""A whole file into the log, a batch of lines at a time; it can be stopped between batches."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from types import FrameType
from typing import BinaryIO, Final

from api.importing.claiming import Entry, Fate, Importer, Outcome
from api.importing.lines import Line, lines
from domain.kernel import Refusal, refusal

BATCH: Final = 128
"""How many lines, or claims in them, are settled at once."""
Read = Callable[[int, bytes], Entry]
"""What reads a line, by its number; raises Refusal for a bad one."""
Batch = list[Entry | Outcome]


@dataclass(slots=True)
class Tally:
    """What became of the lines so far, and in what time. `claims` are those recorded now."""

    lines: int = 0
    added: int = 0
    known: int = 0
    bad: int = 0
    claims: int = 0
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
        self.claims += outcome.added
        self.bad += outcome.fate is Fate.BAD


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told what: each outcome, and how many bytes of the file are done with."""

    outcome: Callable[[Outcome], None]
    progress: Callable[[int], None]


def run(
    file: BinaryIO, read: Read, importer: Importer, told: Told, stopped: Callable[[], bool]
) -> Tally:
    """Import a file line by line until its end, or until `stopped` says so after a batch.

    Raises Unread when the file cannot be read on, and Unrecorded when the log takes nothing
    more; what was recorded until then stays.
    """
    return settle(batches(read_lines(file, read)), importer, told, stopped)


def settle(
    all_of: Iterable[tuple[int, Batch]],
    importer: Importer,
    told: Told,
    stopped: Callable[[], bool],
) -> Tally:
    """Record batch after batch; each comes with how far one has got by then."""
    tally, started = Tally(), monotonic()
    for end, batch in all_of:
        for outcome in settled(batch, importer):
            tally.count(outcome)
            told.outcome(outcome)
        told.progress(end)
        if stopped():
            tally.stopped = True
            break
    tally.seconds = monotonic() - started
    return tally


def batches(found: Iterable[tuple[int, Entry | Outcome]]) -> Iterator[tuple[int, Batch]]:
    """What is told, some at a time, with how far one has got by then."""
    batch: Batch = []
    end = claims = 0
    for end, each in found:
        batch.append(each)
        claims += len(each.claims) if isinstance(each, Entry) else 1
        if claims >= BATCH:
            yield end, batch
            batch, claims = [], 0
    if batch:
        yield end, batch


def read_lines(file: BinaryIO, read: Read) -> Iterator[tuple[int, Entry | Outcome]]:
    """What each line of a file tells, with how many bytes have been read by then."""
    for line in lines(file):
        yield line.end, _read(line, read)


def _read(line: Line, read: Read) -> Entry | Outcome:
    try:
        if line.content is None:
            raise refusal("line_too_long", "The line is longer than 256 KiB.")
        return read(line.number, line.content)
    except Refusal as refused:
        return Outcome(line.number, Fate.BAD, refused.problems)


def settled(batch: Batch, importer: Importer) -> Iterator[Outcome]:
    """What became of each line of a batch, in their order."""
    outcomes = importer.settle([each for each in batch if isinstance(each, Entry)])
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
