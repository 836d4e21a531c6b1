"""The release cycle: what each environment gets when, and what a fix in between changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from domain.calendar.cadence import Cadence, Occurrence

SHORT_CIRCUIT: Final = "short_circuit"
"""How a release went out of turn that is no fix, and could not wait for its date."""


class Week(StrEnum):
    """A week of the cycle.

    RELEASE: the one with its date. OFF: any other.
    """

    RELEASE = "release"
    OFF = "off"


class Effect(StrEnum):
    """What a fix in between does in one environment (S4-18, S4-19).

    DEPLOY: it is deployed there, and nothing that was planned changes. REPLACE: it takes the place
    of what was planned there for the week. NONE: the environment is not involved.
    """

    DEPLOY = "deploy"
    REPLACE = "replace"
    NONE = "none"


class Act(StrEnum):
    """What is to be done for an environment.

    RELEASE: make a release for it. REQUEST: ask to deploy a version. NOTHING: nothing.
    """

    RELEASE = "release"
    REQUEST = "request"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """What one kind of fix does in one week and environment; the week it lands in (S4-20)."""

    kind: str
    week: Week
    environment: str
    effect: Effect
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Cycle:
    """A release cycle as data (S4-07): its cadence, and its environments in order of promotion.

    The first environment gets what was merged; each next one trails the one before by one cycle
    (S4-14). `weeks` is the length of the cycle, `longest_weeks` how long a change may normally take
    to the last environment (S4-15).
    """

    name: str
    title: str
    cadence: str
    environments: tuple[str, ...]
    weeks: int = 1
    shortcuts: tuple[Shortcut, ...] = ()
    longest_weeks: int | None = None
    source: str | None = None

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of fix that may go out of turn."""
        return frozenset(row.kind for row in self.shortcuts)

    @property
    def effects(self) -> Mapping[tuple[str, Week, str], Effect]:
        """What each kind of fix does in each week and environment."""
        return {(row.kind, row.week, row.environment): row.effect for row in self.shortcuts}


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done for one environment, with which version, and why."""

    environment: Annotated[str, "The environment."]
    act: Annotated[Act, "What is to be done for it."]
    version: Annotated[str | None, "The version that is meant, if one is."]
    reason: Annotated[str, "Why."]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a moment stands in a cycle: week 1 is the one with the date that counts."""

    week: int
    kind: Week
    occurrence: Occurrence


def place_in_cycle(cadence: Cadence, dates: Iterable[Occurrence], at: datetime) -> Place | None:
    """The place of a moment, by weeks that begin on Monday; None before the cadence's first date.

    A date that moved makes the week that it moved to. One that was left out for a holiday still
    makes its own, in which nothing is planned, unless another date came to stand in it.
    """
    zone = ZoneInfo(cadence.recurrence.zone)
    monday = _monday(at.astimezone(zone))
    past = [each for each in dates if _monday(_stands(each)) <= monday]
    if not past:
        return None
    last = max(past, key=_in_order)
    week = (monday - _monday(_stands(last))).days // 7 + 1
    return Place(week, Week.RELEASE if week == 1 else Week.OFF, last)


def _stands(date: Occurrence) -> datetime:
    return date.local or date.planned.local


def _in_order(date: Occurrence) -> tuple[datetime, bool, datetime]:
    return _monday(_stands(date)), date.at is not None, _stands(date).replace(tzinfo=None)


def week_of(cadence: Cadence, at: datetime) -> datetime:
    """The Monday of the week a moment is in, on the wall clock of the cadence's zone."""
    return _monday(at.astimezone(ZoneInfo(cadence.recurrence.zone)))


def _monday(local: datetime) -> datetime:
    naive = local.replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    return naive - timedelta(days=naive.weekday())


class Running(NamedTuple):
    """The version in each environment: what was planned there until the date, and what is now.

    Fixes out of turn change nothing that was planned (S4-18, S4-19). `rebuilt` are those in which
    the version is another build than the environment ahead ran. `beneath` is what was planned and
    lies under what went there out of turn.
    """

    until: Mapping[str, str | None]
    now: Mapping[str, str | None]
    rebuilt: frozenset[str] = frozenset()
    beneath: Mapping[str, str | None] = MappingProxyType({})


class NotDue(NamedTuple):
    """Why nothing is due now, if so: in the first environment, and in those that trail it."""

    first: str | None = None
    others: str | None = None


def not_due(place: Place, at: datetime) -> NotDue:
    """What planned is due at this moment of the cycle.

    From its date on, until the week is over; what trails may come late, until the next date.
    """
    date = place.occurrence.at
    if date is None:
        return NotDue(*("The date of this cycle was left out.",) * 2)
    if place.kind is not Week.RELEASE:
        return NotDue("Nothing planned goes there in this week of the cycle.")
    return NotDue(*(f"The date of this cycle is {date.isoformat()}." if at < date else None,) * 2)


def steps(
    cycle: Cycle,
    running: Running,
    merged: int | None,
    why_not: NotDue | None = None,
    taken: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Step, ...]:
    """What a date of the cycle demands of each environment (S4-10 to S4-12, S4-14).

    `merged` is how many changes were merged since the last release (None: unknown, which counts as
    none, X-05). `why_not` says why nothing is due, where that is so; `taken`, of which release a
    fix took the place of what was planned in which environments (S4-18, S4-19).
    """
    first, *others = cycle.environments
    pairs = zip(cycle.environments, others, strict=False)
    at_first, later = why_not or NotDue()
    return (
        _none(first, at_first or _taken(first, taken)) or _fresh(first, merged),
        *(
            _none(pair[1], later or _taken(pair[1], taken)) or _trailing(*pair, running)
            for pair in pairs
        ),
    )


def _none(environment: str, reason: str | None) -> Step | None:
    return None if reason is None else Step(environment, Act.NOTHING, None, reason)


def _taken(environment: str, taken: Mapping[str, str]) -> str | None:
    """As the gate of what was planned says it."""
    name = taken.get(environment)
    return None if name is None else took_its_place(name)


def took_its_place(name: str) -> str:
    """That the release of this name took the place of what was planned."""
    return f"The release of {name} took its place in this cycle."


def _fresh(environment: str, merged: int | None) -> Step:
    """Nothing merged means no release (S4-11)."""
    if merged is None:
        return Step(environment, Act.NOTHING, None, "Whether anything was merged is unknown.")
    if merged == 0:
        return Step(environment, Act.NOTHING, None, "Nothing was merged since the last release.")
    return Step(environment, Act.RELEASE, None, f"{merged} merged since the last release.")


def _trailing(ahead: str, environment: str, running: Running) -> Step:
    """Same version means no request (S4-12); else it takes what the one ahead ran until the date.

    What went there on the date has its turn in the next cycle. What was built anew under the same
    version is news, as it is for the gate of what goes there.
    """
    wanted, there = running.until.get(ahead), running.now.get(environment)
    if wanted is None:
        reason = f"Nothing planned is known to have stood in {ahead} until the date."
        return Step(environment, Act.NOTHING, None, reason)
    if wanted in (there, running.beneath.get(environment)) and environment in running.rebuilt:
        reason = f"{ahead} ran another build of {wanted} than {environment} does."
        return Step(environment, Act.REQUEST, wanted, reason)
    if wanted == there:
        return Step(environment, Act.NOTHING, None, f"{environment} runs {wanted}, as {ahead} did.")
    if wanted == running.beneath.get(environment):
        reason = f"{environment} runs {there} in the place of {wanted}, which {ahead} ran."
        return Step(environment, Act.NOTHING, None, reason)
    return Step(environment, Act.REQUEST, wanted, f"{ahead} ran {wanted}, {environment} {there}.")


# Out of turn.


def out_of_turn(cycles: Iterable[Cycle], kind: str, *, hurried: bool) -> str | None:
    """How a release of this kind went out of turn, None if it did not (S4-17).

    By its kind, when a cycle of its playbook names that as a fix; or as `short_circuit`, when its
    plan says that it could not wait.
    """
    if any(kind in each.kinds for each in cycles):
        return kind
    return SHORT_CIRCUIT if hurried else None
