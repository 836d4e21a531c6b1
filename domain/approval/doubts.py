"""Which votes may count otherwise by now than when they were cast, by what is known of people."""

from __future__ import annotations

from typing import NamedTuple


class Doubts(NamedTuple):
    """By what a vote was cast that may count otherwise by now, or by whom.

    Whether any grant was `revoked` and anybody is `suspended`; the `seats` that were taken away or
    are alternates'; the `people` with several accounts, or from whom a delegation was taken back.
    """

    revoked: bool
    suspended: bool
    seats: frozenset[str]
    people: frozenset[str]
