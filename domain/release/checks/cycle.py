"""What the release cycle lets go where: planned releases in their turn, and fixes out of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from domain.calendar.cadence import Fate
from domain.gate import Act, Finding, Reference, either
from domain.process.cycle import Effect, Place, Week, took_its_place, week_of
from domain.process.release import RequirementRow
from domain.release.embargo import known
from domain.release.evidence.made_of import named
from domain.release.gate.question import Question, aside, found
from domain.release.state import Delivery, Release
from domain.release.whereabouts.counted import as_counted
from domain.release.whereabouts.mending import Ways, mending
from domain.release.whereabouts.out_of_turn import begun, gave_way, replaced, unlike
from domain.release.whereabouts.replaced import replacing
from domain.release.whereabouts.there import NOT_THERE, in_place
from domain.release.whereabouts.turn import Turn, turn

WAIT: Final = "release.wait"


def cycle(ask: Question, row: RequirementRow, gate: str) -> Finding | tuple[Finding, ...]:
    """The cycle lets this kind go there this week (S4-14, S4-16, S4-18, S4-19)."""
    where, now = gate.partition(":")[2], turn(ask.playbook, row.cycle or "", ask.at, ask.records)
    if now.place is None:
        message = "The cycle has not begun."
        return found(row, row.title, None, "outside_cycle", message, _wait(now))
    if ask.state.kind in now.cycle.kinds:
        return _fix(ask, row, where, now, now.place)
    if ask.state.plan.short_circuit is not None:
        return aside(row, "It cannot wait for its turn, says why, and is counted.")
    if where == now.cycle.environments[0]:
        return _fresh(ask, row, where, now, now.place)
    return _trailing(ask, row, where, now, now.place)


def _wait(now: Turn, since: datetime | None = None) -> Act:
    """To wait for the next date of the cycle: of those in a week after that, if one is told."""
    week = week_of(now.cadence, since) if since else None
    dates = (each.at for each in now.dates if each.at and each.at > now.at)
    later = (at for at in dates if week is None or week_of(now.cadence, at) > week)
    at = min(later, default=None)
    when = f", {at.isoformat()}" if at else ""
    return Act(WAIT, count=0, description=f"Wait for the next date of the cycle{when}.")


def _fix(ask: Question, row: RequirementRow, where: str, now: Turn, place: Place) -> Finding:
    """What goes out of turn goes where its table says for the week (S4-20)."""
    effect = now.cycle.effects[ask.state.kind, place.kind, where]
    week = f"In the {place.kind} week a {ask.state.kind} to {where}"
    acts = tuple(_other_week(ask, where, now, place))
    message = f"{week} means: {effect}."
    return found(row, row.title, effect is not Effect.NONE, "not_this_week", message, *acts)


def _other_week(ask: Question, where: str, now: Turn, place: Place) -> Iterator[Act]:
    """To wait for the other week of the cycle, where it may go there in that."""
    other = Week.OFF if place.kind is Week.RELEASE else Week.RELEASE
    if now.cycle.effects[ask.state.kind, other, where] is Effect.NONE:
        return
    if other is Week.RELEASE:
        yield _wait(now)
    else:
        monday = week_of(now.cadence, ask.at) + timedelta(weeks=1)
        message = f"Wait for the next week of the cycle, from {monday.date().isoformat()} on."
        yield Act(WAIT, count=0, description=message)


def _fresh(ask: Question, row: RequirementRow, where: str, now: Turn, place: Place) -> Finding:
    """A planned release goes first in the week of a date that stands, unless a fix took it.

    One that gave way to a fix that changes nothing is put back in any week of the cycle.
    """
    if _back(ask, where, now):
        return _unless_replaced(ask, row, where, now)
    if place.kind is not Week.RELEASE:
        message = f"This is week {place.week} of the cycle; planned releases go in the first."
        return found(row, row.title, None, "off_week", message, _wait(now))
    if place.occurrence.fate in (Fate.SKIPPED, Fate.MERGED):
        message = " ".join(place.occurrence.reasons) or "The date was left out."
        return found(row, row.title, None, "date_left_out", message, _wait(now))
    return _unless_replaced(ask, row, where, now)


def _back(ask: Question, where: str, now: Turn) -> bool:
    """Whether it stood there in this cycle, until a fix came that changes nothing planned."""
    delivery = ask.state.reached(where)
    until = gave_way(ask, delivery) if delivery else None
    return until is not None and now.week is not None and week_of(now.cadence, until) >= now.week


def _trailing(
    ask: Question, row: RequirementRow, where: str, now: Turn, place: Place
) -> Finding | tuple[Finding, ...]:
    """Elsewhere it goes one cycle after the environment before (S4-14).

    It is told which fixes went there meanwhile that it does not have: it would take them away.
    """
    answer = _unless_replaced(ask, row, where, now)
    before = now.cycle.environments[now.cycle.environments.index(where) - 1]
    delivery = None if in_place(ask, before) else ask.state.reached(before)
    since = begun(ask, delivery) if delivery else None
    if since is None or not _stood(ask, delivery, now):
        return _first(answer, _not_yet(ask, row, before, now, place))
    lost = () if answer.status.blocks else tuple(unlike(ask, now.cycle, where, since))
    return (answer, *_told(row, where, lost)) if lost else answer


def _first(answer: Finding, late: Finding) -> Finding:
    """That it trails; where a fix took its place too, that, with what makes it trail done first."""
    if not answer.status.blocks:
        return late
    ways = (late.acts, *late.instead)
    waits = any(each.action == WAIT for way in ways for each in way)
    return either(answer, ways if waits else tuple((*way, *answer.acts) for way in ways))


def _stood(ask: Question, delivery: Delivery | None, now: Turn) -> bool:
    """Whether it came in a week before that of the date, and no fix took its place by then."""
    since = begun(ask, delivery) if delivery else None
    last = max((each.at for each in now.dates if each.at and each.at <= ask.at), default=None)
    if delivery is None or since is None or last is None:
        return False
    taken = replaced(ask, delivery)
    lost = taken is not None and _earlier(now, taken, last)
    return _earlier(now, since, last) and not lost


def _not_yet(ask: Question, row: RequirementRow, before: str, now: Turn, place: Place) -> Finding:
    """It was not there for a cycle; what gave way to a fix has to be put back."""
    delivery = ask.state.reached(before)
    message = f"It has to be in {before} since a week before the date of a cycle."
    if delivery is not None and gave_way(ask, delivery):
        message += f" A fix took its place in {before}: it keeps its turn once it is back."
        ways = mending(ask, before, NOT_THERE)
    elif delivery is not None and replaced(ask, delivery):
        message += f" A fix took its place in {before}, in the place of what was planned."
        ways = mending(ask, before, NOT_THERE)
    else:
        ways = _brought(ask, row, before, now, place)
    return either(found(row, row.title, None, "trails_a_cycle", message), ways)


def _brought(ask: Question, row: RequirementRow, before: str, now: Turn, place: Place) -> Ways:
    """To bring it there first, and to wait from then on.

    What stands there already and only has to be counted may have been there for long enough.
    """
    delivery, lacking = ask.state.reached(before), in_place(ask, before)
    if lacking is None:
        return ((_wait(now, begun(ask, delivery) if delivery else None),),)
    there, ways = as_counted(ask.state, before, ask.records), mending(ask, before, lacking.code)
    if _stood(ask, there, now):
        return ways
    since = begun(ask, there) if there else None
    wait = _wait(now, since or _opening(ask, row, before, now, place))
    return tuple((*each, wait) for each in ways)


def _opening(
    ask: Question, row: RequirementRow, before: str, now: Turn, place: Place
) -> datetime | None:
    """When it goes to the environment before at the earliest: now, or from the next date on."""
    first = before == now.cycle.environments[0]
    said = (_fresh if first else _trailing)(ask, row, before, now, place)
    if not any(each.status.blocks for each in (said if isinstance(said, tuple) else (said,))):
        return ask.at
    return min((each.at for each in now.dates if each.at and each.at > ask.at), default=None)


def _earlier(now: Turn, since: datetime, last: datetime) -> bool:
    """Whether that was in a week before that of the date, whichever day of it is the date."""
    return week_of(now.cadence, since) < week_of(now.cadence, last)


def _told(row: RequirementRow, where: str, lost: tuple[Release, ...]) -> Iterator[Finding]:
    """That they went there: of the hidden ones nothing is kept, as if none had."""
    for hidden in (False, True):
        if those := tuple(each for each in lost if each.embargoed is hidden):
            message = f"The release of {named(those)} went to {where} meanwhile"
            answer = aside(row, f"{message}, with what this has not.")
            yield replace(answer, evidence=tuple(each.id for each in those), kept=not hidden)


def _unless_replaced(ask: Question, row: RequirementRow, where: str, now: Turn) -> Finding:
    """Nothing planned goes in a cycle in which a fix took its place (S4-18, S4-19)."""
    every = ask.records.find(Release, service=ask.state.service, kind=now.cycle.kinds)
    fixes = (each for each in every if known(each, ask.state))
    took = replacing(ask.records, fixes, where, now, hidden=ask.state.embargoed)
    if took is None:
        return found(row, row.title, "nothing took it", "", "")
    message = took_its_place(named((took,)))
    answer = found(row, row.title, None, "replaced_by_a_fix", message, _wait(now))
    return replace(answer, lacking=(Reference("release", took.id),))
