"""How long and how large a run is: small for tests, some ten minutes, or over an hour."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Rounds, seconds of one measurement, and how much there is of everything.

    `most` bounds the requests of one measurement at 64 submitters; fewer submitters get less.
    """

    name: str
    rounds: int
    seconds: float
    most: int
    lone: int  # requests, one at a time
    people: int  # with grants, for the policy
    decisions: int  # asked in one round
    events: int  # of a log that is verified
    reports: int  # of evidence, in the log behind a gate: a tenth of them first
    changes: int  # among which an inbox is found
    starts: int
    commits: int  # of a clone that is imported


# By default a log of two stretches at half its length, since as much is held at once; more requests
# than a writer answers in a second; and no more of anything that is made before it is measured.
SIZES = {
    "tiny": Size("tiny", 1, 0.2, 64, 10, 200, 200, 300, 300, 300, 1, 300),
    "quick": Size("quick", 2, 1.0, 2000, 100, 20_000, 1_000, 10_000, 10_000, 20_000, 2, 5_000),
    "default": Size("default", 2, 1.0, 2000, 150, 20_000, 2_000, 14_000, 20_000, 100_000, 2, 3_000),
    "full": Size(
        "full", 9, 3.0, 12_000, 500, 20_000, 20_000, 500_000, 1_000_000, 100_000, 9, 100_000
    ),
}
