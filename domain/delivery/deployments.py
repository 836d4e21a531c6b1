"""What deployments tell: how often, how often in vain, how soon it is well again, how quick."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from operator import attrgetter
from statistics import median_low
from typing import Final

from domain.delivery.happening import Happening, Period, by_subject, span
from domain.metrics.metrics import Definition, Exclusion, Fact, Metric, mean, median, share, total

COUNTED: Final = (
    " Counted are the deployments that are kept here, and what releases delivered without one."
)
"""What a definition says of the deployments it is about."""
ATTESTED: Final = (
    " These are found not to work where somebody attests so and did not take it back, and each is "
    "rolled back by what says so of it, also beneath what came later."
)
"""What a definition says of what goes wrong with the latter."""
FREQUENCY: Final = Definition(
    "deployment_frequency",
    3,
    "deployments",
    "Deployments to production that arrived in the period." + COUNTED,
)
FAILURE_RATE: Final = Definition(
    "change_failure_rate_per_deployment",
    7,
    "share",
    "Share of the deployments to production which came to an end in the period, by arriving or "
    "failing, that failed, were rolled back, or were found not to work: also before, where the "
    "very same was deployed once more and is not found to work since. The sources of those that "
    "had arrived name the event that says so as well." + COUNTED + ATTESTED,
)
RESTORED_MEAN: Final = Definition(
    "time_to_restore_mean",
    7,
    "hours",
    "Mean time from the first sign that a deployment failed (its failure, a bad observation, or a "
    "verification that did not pass, also one that is carried over as the very same is deployed "
    "once more, as long as nothing better is found) to its rollback, or else to the next "
    "deployment of its service that arrived at the same environment; by when the sign was "
    "recorded." + COUNTED + ATTESTED,
)
RESTORED_MEDIAN: Final = Definition(
    "time_to_restore_median", 7, "hours", "As `time_to_restore_mean`, but the middle of the times."
)
IN_TIME: Final = Definition(
    "deployment_slo",
    3,
    "share",
    "Share of the deployments to production which came to an end in the period that did so within "
    "the target, counted from their start." + COUNTED,
)
FOUND_BEFORE: Final = "deployment.found_before"
"""The event that carries over what was found of the very same before."""
HOUR: Final = 3_600
WEEK: Final = timedelta(days=7)
WEEKS: Final = 13
"""How many weeks before the end of a period tell how often one deploys."""
LATER: Final = 2
"""How many arrivals after a failure tell what made it well: one of them may be its own."""
DAYS_IN_MOST_WEEKS: Final = 3
_AT: Final = attrgetter("at")


Place = tuple[str, str]
"""An environment and a service: services live side by side there."""


class Band(StrEnum):
    """How often one deploys, as the middle one of thirteen weeks has it, or of three spans of four.

    DAILY is on three days of a week, or more.
    """

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    RARELY = "rarely"


@dataclass(frozen=True, slots=True)
class Course:
    """One deployment to production: its events so far, each None until it takes place.

    `sign` is the first that says it failed, and `ended` the one by which it arrived or failed.
    `failure` is the first by which it failed, was rolled back, or was found not to work.
    """

    environment: str
    service: str
    started: Happening
    arrived: Happening | None = None
    ended: Happening | None = None
    sign: Happening | None = None
    rolled_back: Happening | None = None
    failure: Happening | None = None


def courses(happenings: Iterable[Happening]) -> list[Course]:
    """The deployments that were started here, by the order in which they were."""
    found = (_course(each) for each in by_subject(happenings).values())
    return sorted((each for each in found if each), key=lambda each: each.started.at)


def _course(every: Sequence[Happening]) -> Course | None:
    happenings = [each for at, each in enumerate(every) if not _made_good(each, every[at:])]
    first: dict[str, Happening] = {}
    for each in happenings:
        first.setdefault(each.kind, each)
    started = first.get("deployment.started")
    if started is None:
        return None
    ends = ("deployment.succeeded", "deployment.failed", "deployment.rolled_back")
    ended = next((each for each in happenings if each.kind in ends), None)
    return Course(
        started.place,
        service_of(every),
        started,
        arrived=first.get("deployment.succeeded"),
        ended=ended,
        sign=_sign(happenings),
        rolled_back=first.get("deployment.rolled_back"),
        failure=next((each for each in happenings if _is_failure(each)), None),
    )


def service_of(story: Iterable[Happening]) -> str:
    """The service of a deployment, as was said when it was requested."""
    asked = (each for each in story if each.kind == "deployment.requested")
    return next((str(each.facts.get("service", "")) for each in asked), "")


def _made_good(happening: Happening, later: Iterable[Happening]) -> bool:
    """Whether it tells of what was found before, and better was found since it is there."""
    if happening.kind != FOUND_BEFORE:
        return False
    watched = happening.facts.get("watched", False)
    kind, name = ("observed", "well") if watched else ("verified", "passed")
    return any(each.kind == f"deployment.{kind}" and each.facts[name] for each in later)


def _is_failure(happening: Happening) -> bool:
    """Whether by this it failed; by a bad observation alone nothing does."""
    if happening.kind == "deployment.observed" or happening.facts.get("watched", False):
        return False
    return happening.kind == "deployment.rolled_back" or _bad(happening)


def _sign(happenings: Sequence[Happening]) -> Happening | None:
    """The first event that says it failed; a bad observation does so only of one that did."""
    words = [each for each in happenings if _bad(each)]
    rolled_back = any(each.kind == "deployment.rolled_back" for each in happenings)
    sure = any(_is_failure(each) for each in words)
    return words[0] if words and (sure or rolled_back) else None


def _bad(happening: Happening) -> bool:
    match happening.kind:
        case "deployment.failed" | "deployment.found_before":
            return True
        case "deployment.verified":
            return not happening.facts["passed"]
        case "deployment.observed":
            return not happening.facts["well"]
        case _:
            return False


# The numbers.


def frequency(found: Sequence[Course], claims: Sequence[Happening], period: Period) -> Metric:
    """How many arrived."""
    arrived = [each.arrived for each in found if each.arrived and period.holds(each.arrived.at)]
    elsewhere = sum(1 for each in claims if period.holds(each.at))
    out = Exclusion("claimed to have been elsewhere", elsewhere)
    return total(FREQUENCY, [Fact(each.id) for each in arrived], (out,))


def band(found: Sequence[Course], period: Period) -> Band:
    """How often one deploys, by the thirteen weeks up to the end of the period."""
    arrived = [each.arrived.at for each in found if each.arrived]
    weeks: list[set[int]] = [set() for _ in range(WEEKS)]
    for at in arrived:
        back = (period.until - at) // WEEK
        if at < period.until and back < WEEKS:
            weeks[back].add((period.until - at) // timedelta(days=1))
    days = [len(each) for each in weeks]
    if median_low(days) >= DAYS_IN_MOST_WEEKS:
        return Band.DAILY
    if median_low(days):
        return Band.WEEKLY
    months = [sum(days[at : at + 4]) for at in (0, 4, 8)]
    return Band.MONTHLY if median_low(months) else Band.RARELY


def failure_rate(found: Sequence[Course], period: Period) -> Metric:
    """The share that failed of those that ended."""
    ended = _ended(found, period)
    facts = [_failing(course.failure, each) for course, each in ended]
    return share(FAILURE_RATE, facts, (_under_way(found, period),))


def _failing(failure: Happening | None, ended: Happening) -> Fact:
    """Its end, and what made it a failure, so that both parts can be told from the sources."""
    if failure is None or failure is ended:
        return Fact(ended.id, int(failure is not None))
    return Fact(f"{ended.id}..{failure.id}")


def in_time(found: Sequence[Course], period: Period, target: timedelta) -> Metric:
    """The share that ended within the target."""
    facts = [
        Fact(f"{course.started.id}..{end.id}", int(end.at - course.started.at <= target))
        for course, end in _ended(found, period)
    ]
    return share(IN_TIME, facts, (_under_way(found, period),))


def _ended(found: Sequence[Course], period: Period) -> list[tuple[Course, Happening]]:
    return [(each, each.ended) for each in found if each.ended and period.holds(each.ended.at)]


def _under_way(found: Sequence[Course], period: Period) -> Exclusion:
    open_still = (each for each in found if each.ended is None and each.started.at < period.until)
    return Exclusion("under way", sum(1 for _ in open_still))


def restored(found: Sequence[Course], period: Period) -> tuple[Metric, Metric]:
    """The mean and the median time from the first sign of a failure until it was well again."""
    facts, unsigned, waiting = [], 0, 0
    arrivals = _arrivals(found)
    for each in found:
        if each.sign is None:
            back = each.rolled_back
            unsigned += back is not None and period.holds(back.at)
        elif period.holds(each.sign.at):
            well = _well_again(each, each.sign, arrivals[each.environment, each.service])
            if well is None:
                waiting += 1
            else:
                facts.append(span(each.sign, well))
    out = (
        Exclusion("rolled back without a sign of failure", unsigned),
        Exclusion("not restored yet", waiting),
    )
    middle = median(RESTORED_MEDIAN, facts, out, unit=HOUR)
    return mean(RESTORED_MEAN, facts, out, unit=HOUR), middle


def unrestored(found: Sequence[Course], period: Period) -> frozenset[Place]:
    """Where something of a service may have made it well again after the period."""
    arrivals = _arrivals(found)
    places = set()
    for each in found:
        if each.sign is not None and period.holds(each.sign.at):
            place = each.environment, each.service
            later = arrivals[place]
            since = bisect_left(later, each.sign.at, key=_AT)
            if bisect_left(later, period.until, key=_AT) - since < LATER:
                places.add(place)
    return frozenset(places)


def _arrivals(found: Sequence[Course]) -> defaultdict[Place, list[Happening]]:
    """What of each service arrived at each environment, in order."""
    arrivals: defaultdict[Place, list[Happening]] = defaultdict(list)
    for each in found:
        if each.arrived:
            arrivals[each.environment, each.service].append(each.arrived)
    for one in arrivals.values():
        one.sort(key=_AT)
    return arrivals


def _well_again(failed: Course, sign: Happening, arrivals: list[Happening]) -> Happening | None:
    """What first brought the service back there after the sign."""
    since = bisect_left(arrivals, sign.at, key=_AT)
    later = (each for each in arrivals[since : since + LATER] if each is not failed.arrived)
    ways = [each for each in (next(later, None), failed.rolled_back) if each]
    return min((each for each in ways if each.at >= sign.at), key=_AT, default=None)
