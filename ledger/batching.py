"""Which requests share a transaction, and how those join one that came while it had to wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ledger.request import LOOK, Request

Late = Callable[[int], Sequence[Request]]
"""Hands over so many more requests at most, which came while another writer held the head."""


def runs_alone(request: Request) -> bool:
    """Whether it needs a batch of its own.

    An erasure repaints from the stored history; a look answers for the database alone.
    """
    return request.action == LOOK or request.action.startswith("erasure.")


def next_batch(requests: Sequence[Request], start: int, limit: int) -> list[Request]:
    """The requests from `start` on that share a batch, so many at most."""
    batch: list[Request] = []
    for request in requests[start : start + limit]:
        alone = runs_alone(request)
        if batch and alone:
            break
        batch.append(request)
        if alone:
            break
    return batch


def join(batch: list[Request], late: Late, limit: int) -> Sequence[Request]:
    """Let those that came late into an open batch, as far as it has room; answers who they are."""
    room = limit - len(batch)
    joined = late(room) if room > 0 and not any(map(runs_alone, batch)) else ()
    batch.extend(joined)
    return joined
