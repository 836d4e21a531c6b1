"""How long something stood somewhere without interruption, and whether it was found to work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from domain.deployment.state import Deployment, Stand, Status

NOT_WORKING: Final = "found_not_to_work"
"""The code of what was verified or watched where it stands, and did not work."""
MENDING: Final = "Have who found that, or somebody without a hand in it, say that it works."
"""What helps there, if it works after all."""
ELSE: Final = (
    ", and was found not to work: build another, or, if it works after all, have who found that, "
    "or somebody without a hand in it, say so"
)
"""What is added of what stands there already, if it was found not to work, with who helps."""
INTERRUPTED: Final = "dwell_interrupted"
"""The code of what gave way to something else before it had stood there for long enough."""


def ripe(stands: Iterable[Stand], hours: int) -> datetime | None:
    """When it has, or will have, stood there for so long without interruption.

    None where something else took its place before, and it is not back: the time begins anew.
    """
    wanted = timedelta(hours=hours)
    spans = ((each.since + wanted, each.until) for each in joined(stands))
    return min((at for at, until in spans if until is None or at <= until), default=None)


def left(stands: Iterable[Stand]) -> datetime | None:
    """Since when it stands there no more; None where it does, or never did."""
    last = max(joined(stands), key=lambda each: each.since, default=None)
    return last.until if last else None


def joined(stands: Iterable[Stand]) -> list[Stand]:
    """The spans in order, those that follow each other at once or overlap as one."""
    spans: list[Stand] = []
    for each in sorted(stands, key=lambda each: each.since):
        before = spans[-1] if spans else None
        if before is not None and (before.until is None or each.since <= before.until):
            ends = (before.until, each.until)
            spans[-1] = Stand(before.since, None if None in ends else max(filter(None, ends)))
        else:
            spans.append(each)
    return spans


def newest(deployments: Iterable[Deployment]) -> Deployment | None:
    """The one of these that arrived last, of those that did and are kept here."""
    done = (each for each in deployments if _arrived(each))
    return max(done, key=lambda each: (each.stands[0].since, each.id), default=None)


def working(deployments: Iterable[Deployment]) -> tuple[Deployment, ...]:
    """Those that arrived and were not found not to work, up to the newest back to one that was."""
    done = sorted(filter(_arrived, deployments), key=lambda each: (each.stands[0].since, each.id))
    faulty = [at for at, each in enumerate(done) if each.faulty]
    return tuple(done[faulty[-1] + 1 :] if faulty else done)


def _arrived(each: Deployment) -> bool:
    return each.status is Status.SUCCEEDED and bool(each.stands) and not each.claimed
