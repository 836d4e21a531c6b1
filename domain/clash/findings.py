"""Clashes as findings of a gate: those that block, what lies in the way, and what helps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.calendar.entry_state import CalendarEntry, EntryKind
from domain.calendar.times import (
    UNKNOWN,
    each_time,
    entry_title,
    is_untold,
    times_of,
    untold,
    windows_of,
)
from domain.change.state import Change
from domain.clash.clash import (
    HORIZON,
    Cause,
    Clash,
    Dated,
    Found,
    Plan,
    Severities,
    Severity,
    with_ends,
)
from domain.gate import Act, Finding, Reference
from domain.gate import Status as Is
from domain.kernel import Records
from domain.principal.state import Principal
from domain.titles import change_title, person_name, sentence

A_MOMENT: Final = timedelta(minutes=1)
"""How long something takes that is asked about for now."""
NAME: Final = "clashes"
TITLE: Final = "Nothing planned stands in its way"
SOURCE: Final = "S3-23"
CALENDAR: Final = frozenset((EntryKind.BUSINESS, EntryKind.MAINTENANCE))
"""The kinds of entries that something planned may clash with."""
_CODES: Final[Mapping[Cause, str]] = {
    Cause.ITEM: "clash_item",
    Cause.SERVICE: "clash_service",
    Cause.PERSON: "clash_person",
    Cause.AWAY: "clash_away",
    Cause.BUSINESS: "clash_business",
    Cause.OUTSIDE_MAINTENANCE: "clash_outside_maintenance",
}
"""The causes that a gate blocks for. Predecessors and locks have requirements of their own."""
_WORDS: Final[Mapping[Cause, str]] = {
    Cause.ITEM: "{other} touches {names}",
    Cause.SERVICE: "{other} touches the same service",
    Cause.PERSON: "{person} has a part in {other} too",
    Cause.AWAY: "{person} is away",
    Cause.BUSINESS: "{other} is to be kept clear of",
    Cause.OUTSIDE_MAINTENANCE: "It is outside of the maintenance windows",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about: a plan, how grave each cause is, which changes are its own."""

    plan: Plan
    severities: Severities
    own: frozenset[str] = frozenset()

    def blocks(self, *causes: Cause) -> bool:
        """Whether one of these causes blocks."""
        return any(self.severities[each] is Severity.BLOCK for each in causes)


def clash_findings(
    asked: Asked, others: Iterable[Plan], records: Records, *acts: Act
) -> tuple[Finding, ...]:
    """One finding for each clash with the others that blocks, and one in all when none does.

    What cannot be worked out raises Refusal, so that the gate stays closed (X-05).
    """
    entries = tuple(_entries(asked, records))
    unknown = tuple(_untold(each) for each in entries if is_untold(each) and _may_block(each))
    around = (*_calendar(asked, entries), *_away(asked, records))
    found = with_ends(asked.plan, others, around, asked.severities)
    grave = [e for e in found if e[0].severity is Severity.BLOCK and e[0].cause in _CODES]
    if not grave and not unknown:
        return (Finding(NAME, Is.SATISFIED, TITLE, source=SOURCE),)
    said = {each.id: str(each.version - len(each.notices)) for each in entries}
    called = _called((clash for clash, _ in grave), entries, records)
    told = (
        replace(
            _finding(clash, (_begins(clash, around), over), acts, called),
            grounds=_grounds(clash, around, said),
            instead=(*(_passing(clash, asked.plan) if acts else ()), *_instead(clash, entries)),
        )
        for clash, over in _ending(grave, asked.plan, entries)
    )
    return (*unknown, *told)


def _passing(clash: Clash, plan: Plan) -> Iterator[tuple[Act]]:
    """That one waits, where it is over before what is planned; another change may take longer."""
    if clash.change is None and clash.until < plan.until:
        yield (_wait(clash.until),)


def _instead(clash: Clash, entries: Sequence[CalendarEntry]) -> tuple[tuple[Act], ...]:
    """What would do as well where an entry of the calendar stands in the way."""
    met = (each for each in entries if each.id == clash.entry)
    return tuple((act,) for each in met for act in _out_of_the_way(each))


def _ending(
    grave: Iterable[Found], plan: Plan, entries: Sequence[CalendarEntry]
) -> Iterator[tuple[Clash, datetime | None]]:
    """Each with when it is over; outside of the maintenance windows that is when one opens."""
    for clash, over in grave:
        outside = clash.cause is Cause.OUTSIDE_MAINTENANCE
        yield clash, _opening(plan, entries) if outside else over


def _opening(plan: Plan, entries: Sequence[CalendarEntry]) -> datetime | None:
    """When the next maintenance window opens that it fits in; None where none is in sight."""
    kept = (e for e in entries if e.kind is EntryKind.MAINTENANCE and not is_untold(e))
    length = plan.until - plan.since
    firsts = (
        next(
            (
                max(each.since, plan.since)
                for each in each_time(entry, plan.since, plan.since + HORIZON)
                if each.concerns(plan) and max(each.since, plan.since) + length <= each.until
            ),
            None,
        )
        for entry in kept
    )
    return min(filter(None, firsts), default=None)


def _begins(clash: Clash, around: Iterable[Dated]) -> datetime:
    """Since when what stands in the way does: an entry or an absence may have begun before."""
    times = (each for each in around if each.id in (clash.entry, clash.person))
    begun = (each.since for each in times if each.since <= clash.since < each.until)
    return (
        clash.since if clash.cause is Cause.OUTSIDE_MAINTENANCE else min(begun, default=clash.since)
    )


def _grounds(clash: Clash, around: Iterable[Dated], said: Mapping[str, str]) -> tuple[str, ...]:
    """What clashes; of an entry as of when it says what it says, and which of its times."""
    id = clash.entry or clash.change or clash.person or ""
    times = (f"{each.since} {each.until}" for each in around if each.id == id)
    return (id, said.get(id, ""), *times)


def _may_block(entry: CalendarEntry) -> bool:
    """Whether something could clash with the entry so that it blocks; a mere warning does not."""
    grave = entry.plan is not None and entry.plan.severity is Severity.BLOCK
    return grave or entry.kind is EntryKind.MAINTENANCE


def _untold(entry: CalendarEntry) -> Finding:
    """An entry that nobody works out keeps the gate closed, as what is not known does (X-05)."""
    told = untold(entry)
    answer = Finding(NAME, Is.ERROR, TITLE, (entry.id,), message=told, code=UNKNOWN, source=SOURCE)
    again, gone = _out_of_the_way(entry)
    return replace(answer, acts=(again,), instead=((gone,),))


def _out_of_the_way(entry: CalendarEntry) -> tuple[Act, Act]:
    """Who may plan an entry anew, or take it out: as the policy says of its service."""
    service = entry.plan.service if entry.plan else None
    of, called = (service,) if service else (), entry_title(entry)
    told = {"replan": f"Plan anew: {called}.", "cancel": f"Take out of the calendar: {called}."}
    again, gone = (
        Act(f"calendar_entry.{does}", description=words, services=of, subject=entry.id)
        for does, words in told.items()
    )
    return again, gone


def _called(
    grave: Iterable[Clash], entries: Iterable[CalendarEntry], records: Records
) -> dict[str, str]:
    """What people call what is in the way, by its id."""
    found = tuple(grave)
    changes = frozenset(each.change for each in found if each.change)
    people = frozenset(each.person for each in found if each.person)
    planned = records.find(Change, id=changes) if changes else ()
    involved = records.find(Principal, id=people) if people else ()
    return (
        {each.id: entry_title(each) for each in entries}
        | {each.id: change_title(each) for each in planned}
        | {each.id: person_name(each) for each in involved}
    )


def _finding(
    clash: Clash,
    span: tuple[datetime, datetime | None],
    acts: tuple[Act, ...],
    called: Mapping[str, str],
) -> Finding:
    since, over = span
    other = called.get(clash.change or clash.entry or "", "something planned")
    person = called.get(clash.person or "", person_name(None))
    told = {"other": other, "person": person, "names": ", ".join(clash.names)}
    message = sentence(_WORDS[clash.cause].format(**told))
    when = f"from {since.isoformat()} to {over.isoformat()}" if over else "and none is near"
    return Finding(
        NAME,
        Is.UNSATISFIED,
        TITLE,
        tuple(filter(None, (clash.change, clash.entry, clash.person))),
        message=f"{message}, {when}.",
        code=_CODES[clash.cause],
        source=SOURCE,
        acts=acts or (_wait(over),),
        lacking=tuple(_in_the_way(clash)),
    )


def _in_the_way(clash: Clash) -> Iterator[Reference]:
    named = {"change": clash.change, "calendar_entry": clash.entry, "principal": clash.person}
    return (Reference(noun, id) for noun, id in named.items() if id)


def _wait(until: datetime | None) -> Act:
    if until is None:
        told = "Plan a maintenance window of its service there."
        return Act("calendar_entry.plan", description=told)
    return Act("calendar.wait", count=0, description=f"It is over at {until.isoformat()}.")


def _entries(asked: Asked, records: Records) -> Iterator[CalendarEntry]:
    """The events, and where they are asked for the maintenance windows, of the service."""
    outside = asked.blocks(Cause.OUTSIDE_MAINTENANCE)
    for each in records.find(CalendarEntry, active=True, kind=CALENDAR):
        here = each.plan is not None and each.plan.service in (None, asked.plan.service)
        if here and (outside or each.kind is EntryKind.BUSINESS):
            yield each


def _calendar(asked: Asked, entries: Iterable[CalendarEntry]) -> Iterator[Dated]:
    """The times around the plan of those of which it is known when they are."""
    for each in entries:
        if not is_untold(each):
            times = times_of if each.kind is EntryKind.BUSINESS else windows_of
            yield from times(each, asked.plan.since, asked.plan.until)


def _away(asked: Asked, records: Records) -> Iterator[Dated]:
    """The absences of those who have a part in it."""
    for id in sorted(asked.plan.people) if asked.blocks(Cause.AWAY) else ():
        person = records.get(Principal, id)
        for each in person.absences if person else ():
            yield Dated(id, each.since, each.until, person=id)
