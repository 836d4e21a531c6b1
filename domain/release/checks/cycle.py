"""What the release cycle lets go where: planned releases in their turn, and fixes out of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from domain.calendar.cadence import Cadence, Fate
from domain.gate import Act, Finding, Reference
from domain.process.cycle import Cycle, Effect, Place, Week, week_of
from domain.process.release import RequirementRow
from domain.release.embargo import known
from domain.release.evidence.made_of import named
from domain.release.gate.question import Question, aside, found
from domain.release.state import Release
from domain.release.whereabouts.mending import mending
from domain.release.whereabouts.out_of_turn import begun, gave_way, unlike
from domain.release.whereabouts.there import NOT_THERE, in_place
from domain.release.whereabouts.times import times_there
from domain.release.whereabouts.turn import Turn, turn

WAIT: Final = Act("release.wait", count=0, description="Wait for the next date of the cycle.")


def cycle(ask: Question, row: RequirementRow, gate: str) -> Finding | tuple[Finding, ...]:
    """The cycle lets this kind go there this week (S4-14, S4-16, S4-18, S4-19)."""
    where, now = gate.partition(":")[2], turn(ask.playbook, row.cycle or "", ask.at, ask.records)
    if now.place is None:
        return found(row, row.title, None, "outside_cycle", "The cycle has not begun.", WAIT)
    if ask.state.kind in now.cycle.kinds:
        return _fix(ask, row, where, now.cycle, now.place)
    if ask.state.plan.short_circuit is not None:
        return aside(row, "It cannot wait for its turn, says why, and is counted.")
    if where == now.cycle.environments[0]:
        return _fresh(ask, row, where, now, now.place)
    return _trailing(ask, row, where, now, now.place)


def _fix(ask: Question, row: RequirementRow, where: str, cycle: Cycle, place: Place) -> Finding:
    """What goes out of turn goes where its table says for the week (S4-20)."""
    effect = cycle.effects[ask.state.kind, place.kind, where]
    week = f"In the {place.kind} week a {ask.state.kind} to {where}"
    message = f"{week} means: {effect}."
    return found(row, row.title, effect is not Effect.NONE, "not_this_week", message, WAIT)


def _fresh(ask: Question, row: RequirementRow, where: str, now: Turn, place: Place) -> Finding:
    """A planned release goes first in the week of a date that stands, unless a fix took it.

    One that gave way to a fix that changes nothing is put back in any week of the cycle.
    """
    if _back(ask, where, now.cycle, place):
        return _unless_replaced(ask, row, where, now.cycle, place)
    if place.kind is not Week.RELEASE:
        message = f"This is week {place.week} of the cycle; planned releases go in the first."
        return found(row, row.title, None, "off_week", message, WAIT)
    if place.occurrence.fate in (Fate.SKIPPED, Fate.MERGED):
        message = " ".join(place.occurrence.reasons) or "The date was left out."
        return found(row, row.title, None, "date_left_out", message, WAIT)
    return _unless_replaced(ask, row, where, now.cycle, place)


def _back(ask: Question, where: str, cycle: Cycle, place: Place) -> bool:
    """Whether it stood there in this cycle, until a fix came that changes nothing planned."""
    delivery = ask.state.reached(where)
    until = gave_way(ask, delivery) if delivery else None
    if until is None:
        return False
    cadence = _cadence(ask, cycle)
    first = week_of(cadence, ask.at) - timedelta(weeks=place.week - 1)
    return week_of(cadence, until) >= first


def _trailing(
    ask: Question, row: RequirementRow, where: str, now: Turn, place: Place
) -> Finding | tuple[Finding, ...]:
    """Elsewhere it goes one cycle after the environment before (S4-14).

    It is told which fixes went there meanwhile that it does not have: it would take them away.
    """
    before = now.cycle.environments[now.cycle.environments.index(where) - 1]
    delivery = None if in_place(ask, before) else ask.state.reached(before)
    last = max((each.at for each in now.dates if each.at and each.at <= ask.at), default=None)
    since = begun(ask, delivery) if delivery else None
    if since is None or last is None or not _earlier(ask, now.cycle, since, last):
        return _not_yet(ask, row, before)
    lost = tuple(unlike(ask, now.cycle, where, since))
    answer = _unless_replaced(ask, row, where, now.cycle, place)
    return (answer, *_told(row, where, lost)) if lost else answer


def _not_yet(ask: Question, row: RequirementRow, before: str) -> Finding:
    """It was not there for a cycle; what gave way to a fix has to be put back."""
    delivery = ask.state.reached(before)
    message = f"It has to be in {before} since a week before the date of a cycle."
    acts: tuple[Act, ...] = (WAIT,)
    if delivery is not None and gave_way(ask, delivery):
        message += f" A fix took its place in {before}: it keeps its turn once it is back."
        acts = mending(ask, before, NOT_THERE)
    return found(row, row.title, None, "trails_a_cycle", message, *acts)


def _earlier(ask: Question, cycle: Cycle, since: datetime, last: datetime) -> bool:
    """Whether that was in a week before that of the date, whichever day of it is the date."""
    cadence = _cadence(ask, cycle)
    return week_of(cadence, since) < week_of(cadence, last)


def _told(row: RequirementRow, where: str, lost: tuple[Release, ...]) -> Iterator[Finding]:
    """That they went there: of the hidden ones nothing is kept, as if none had."""
    for hidden in (False, True):
        if those := tuple(each for each in lost if each.embargoed is hidden):
            message = f"The release of {named(those)} went to {where} meanwhile"
            answer = aside(row, f"{message}, with what this has not.")
            yield replace(answer, evidence=tuple(each.id for each in those), kept=not hidden)


def _unless_replaced(
    ask: Question, row: RequirementRow, where: str, cycle: Cycle, place: Place
) -> Finding:
    """Nothing planned goes in a cycle in which a fix took its place (S4-18, S4-19)."""
    took = _replacing(ask, where, cycle, place)
    if took is None:
        return found(row, row.title, "nothing took it", "", "")
    message = f"The release of {named((took,))} took its place in this cycle."
    answer = found(row, row.title, None, "replaced_by_a_fix", message, WAIT)
    return replace(answer, lacking=(Reference("release", took.id),))


def _replacing(ask: Question, where: str, cycle: Cycle, place: Place) -> Release | None:
    """The fix that went there in the week of the cycle's date, in place of what was planned.

    It did so by whichever time it went, whatever became of a later one.
    """
    effects, cadence = cycle.effects, _cadence(ask, cycle)
    week = week_of(cadence, ask.at) - timedelta(weeks=place.week - 1)
    for each in ask.records.find(Release, service=ask.state.service, kind=cycle.kinds):
        replaces = effects.get((each.kind, Week.RELEASE, where)) is Effect.REPLACE
        if replaces and known(each, ask.state):
            times = (one for one in times_there(ask, each, where) if not one.taken_back)
            if any(week_of(cadence, at) == week for one in times for at in one.moments):
                return each
    return None


def _cadence(ask: Question, cycle: Cycle) -> Cadence:
    """The cadence of a cycle; LookupError when the playbook has none."""
    cadence = ask.playbook.cadence(cycle.cadence)
    if cadence is None:
        raise LookupError(f"the playbook has no cadence {cycle.cadence}")
    return cadence
