"""The fix that took the place of what was planned somewhere in a cycle (S4-18, S4-19)."""

from __future__ import annotations

from collections.abc import Iterable

from domain.kernel import Records
from domain.process.cycle import Effect, Week, week_of
from domain.release.state import Release
from domain.release.whereabouts.times import times_there
from domain.release.whereabouts.turn import Turn


def replacing(
    records: Records, fixes: Iterable[Release], where: str, now: Turn, *, hidden: bool
) -> Release | None:
    """Which of these fixes went there in the week of the cycle's date, in its place.

    It did so by whichever time it went, whatever became of a later one, but one taken back.
    """
    for each in fixes:
        if now.cycle.effects.get((each.kind, Week.RELEASE, where)) is Effect.REPLACE:
            times = times_there(records, each, where, hidden=hidden)
            there = (at for one in times if not one.taken_back for at in one.moments)
            if any(week_of(now.cadence, at) == now.week for at in there):
                return each
    return None
