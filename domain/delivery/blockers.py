"""How many hours what kept deployments away, by its cause and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, NamedTuple

from domain.delivery.deployments import HOUR
from domain.delivery.happening import Happening, Period, seconds
from domain.delivery.intervals import REINSTATED, RETIRED, Interval, Loss, inside, united
from domain.delivery.kept_away import CRITICAL, LOCKED
from domain.environment.state import Health
from domain.lock.state import Kind
from domain.metrics.metrics import Definition, Exclusion, Fact, Metric, amount

HOURS: Final = Definition(
    "blocker_hours",
    3,
    "hours",
    "Hours of the period in which a cause kept deployments away from an environment: a blocker of "
    "that name, its line stopped, a monitor that reported it unhealthy, a hard or a soft lock, or "
    "a change that blocks deployments, from its start to its end, on hold too. What overlaps under "
    "one cause counts once; what has not ended counts up to now. Locks of some services alone "
    "count for these only.",
)
STOPPED: Final = "line_stopped"
UNHEALTHY: Final = "unhealthy"
KINDS: Final = (
    "environment.defined",
    "environment.blocked",
    "environment.unblocked",
    "environment.stopped",
    "environment.resumed",
    "environment.health_reported",
    "environment.reporter_dismissed",
    RETIRED,
    REINSTATED,
)
"""The events these numbers are worked out from."""


class Cause(NamedTuple):
    """The name of a cause, and what tells its intervals apart.

    Of a blocker who raised it, of monitors' word the monitor; of a stopped line nothing.
    """

    name: str
    by: str = ""
    raised: bool = False


@dataclass(frozen=True, slots=True)
class BlockerHours:
    """How long one cause kept deployments away from one environment."""

    cause: Annotated[
        str,
        f"The name of the blocker; `{STOPPED}`, `{UNHEALTHY}` by a monitor's report, "
        f"`{LOCKED[Kind.HARD]}`, `{LOCKED[Kind.SOFT]}`, or `{CRITICAL}`.",
    ]
    environment: Annotated[str, "The name of the environment."]
    hours: Annotated[Metric, "For how many hours."]


def lost(
    happenings: Iterable[Happening], period: Period, others: Iterable[Loss] = ()
) -> tuple[BlockerHours, ...]:
    """The hours by cause and environment, in that order; causes that cost none are left out.

    `others` is what was lost to causes that are not told of environments.
    """
    by_place: dict[str, list[Happening]] = {}
    for each in happenings:
        by_place.setdefault(each.place, []).append(each)
    causes: dict[tuple[str, str], list[Loss]] = {}
    told = (one for place, mine in by_place.items() for one in _losses(place, mine, period))
    for loss in (*told, *others):
        causes.setdefault((loss.cause, loss.place), []).append(loss)
    found = (BlockerHours(*cause, _hours(causes[cause])) for cause in sorted(causes))
    return tuple(each for each in found if each.hours.numerator or each.hours.excluded)


def _hours(losses: Sequence[Loss]) -> Metric:
    facts = [_fact(each) for each in united(one.interval for one in losses if not one.excluded)]
    out = Counter(each.excluded for each in losses if each.excluded)
    excluded = [Exclusion(reason, count) for reason, count in sorted(out.items())]
    return amount(HOURS, facts, excluded, unit=HOUR)


def _losses(place: str, mine: Sequence[Happening], period: Period) -> Iterator[Loss]:
    begun: dict[Cause, Happening] = {}
    until = min(period.until, period.known)
    for each, starts, ends in _in_use(mine):
        for cause in ends:
            start = begun.pop(cause, None)
            if start is not None:
                interval = Interval(start.at, each.at, start.id, each.id)
                for one in inside(interval, period.since, until):
                    yield Loss(cause.name, place, one)
        for cause in starts:
            begun.setdefault(cause, each)
    for cause, start in begun.items():
        for one in inside(Interval(start.at, until, start.id), period.since, until):
            yield Loss(cause.name, place, one)


def _in_use(
    mine: Iterable[Happening],
) -> Iterator[tuple[Happening, tuple[Cause, ...], tuple[Cause, ...]]]:
    """The causes that begin and end with each event, while the environment is not retired."""
    holding: dict[Cause, None] = {}
    retired = False
    for each in mine:
        if each.kind in {RETIRED, REINSTATED}:
            retired = each.kind == RETIRED
            all_of_it = tuple(holding)
            yield each, () if retired else all_of_it, all_of_it if retired else ()
            continue
        starts, ends = _moves(each, holding)
        for cause in ends:
            holding.pop(cause, None)
        holding |= dict.fromkeys(starts)
        if not retired:
            yield each, starts, ends


def _moves(
    happening: Happening, holding: Iterable[Cause]
) -> tuple[tuple[Cause, ...], tuple[Cause, ...]]:
    """The causes that an event begins, and those that it ends of what holds."""
    facts = happening.facts
    match happening.kind:
        case "environment.blocked":
            return (_raised(facts),), tuple(_replaced(facts, holding))
        case "environment.unblocked":
            return (), tuple(_named(facts, holding, facts.get("of")))
        case "environment.stopped":
            return (Cause(STOPPED),), ()
        case "environment.resumed":
            return (), (Cause(STOPPED),)
        case "environment.health_reported":
            cause = Cause(UNHEALTHY, facts["by"])
            return ((cause,), ()) if facts["health"] == Health.UNHEALTHY else ((), (cause,))
        case "environment.reporter_dismissed":
            return (), (Cause(UNHEALTHY, facts["reporter"]),)
        case _:
            return (), ()


def _raised(facts: Mapping[str, Any]) -> Cause:
    return Cause(facts["name"], facts["by"], raised=True)


def _named(facts: Mapping[str, Any], holding: Iterable[Cause], of: str | None) -> Iterator[Cause]:
    """The blockers of a name, and of who raised them, if that is said."""
    for each in holding:
        if each.raised and each.name == facts["name"] and of in (None, each.by):
            yield each


def _replaced(facts: Mapping[str, Any], holding: Iterable[Cause]) -> Iterator[Cause]:
    """Those of others whose place a blocker takes: in older logs all of its name."""
    if not facts.get("beside"):
        mine = _raised(facts)
        yield from (each for each in _named(facts, holding, None) if each != mine)


def _fact(interval: Interval) -> Fact:
    ends = f"{interval.start}..{interval.end}"
    return Fact(ends, seconds(interval.until - interval.since))
