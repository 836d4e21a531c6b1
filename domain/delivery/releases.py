"""What releases tell: how many went well, how often they reach production, how many cut in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.delivery.happening import Happening, Period, by_subject
from domain.metrics import Definition, Exclusion, Fact, Metric, share, total
from domain.release.parts import Progress

OBSERVED_DAYS: Final = 7
"""So long after it reached production a release is looked at before it is called successful."""
SUCCESS_RATE: Final = Definition(
    "release_success_rate",
    1,
    "share",
    "Share of the releases which first reached production in the period with neither a rollback "
    f"nor a major incident in the {OBSERVED_DAYS} days after: nobody stopped the line of an "
    "environment of production that it had reached.",
)
FREQUENCY: Final = Definition(
    "release_deployment_frequency",
    1,
    "deployments",
    "Deployments of releases that reached production in the period.",
)
SHORT_CIRCUITS: Final = Definition(
    "short_circuit_rate",
    1,
    "share",
    "Share of the releases opened in the period that went out of turn: as a fix that a cycle of "
    "their playbook names, or because their plan says that they could not wait.",
)
WINDOW: Final = timedelta(days=OBSERVED_DAYS)
KINDS: Final = ("release.opened", "release.deployment_settled")
"""The events these numbers are worked out from."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A release reached an environment of production."""

    environment: str
    event: Happening


def success_rate(
    happenings: Iterable[Happening],
    stopped: Iterable[Happening],
    places: Collection[str],
    period: Period,
) -> Metric:
    """The share that went well, of those that reached one of the places (S3-27).

    `stopped` are the stops of the lines of all environments, each with its environment as place.
    """
    stops = [each for each in stopped if each.place in places]
    facts, watched, never = [], 0, 0
    for mine in by_subject(happenings).values():
        arrivals = list(_arrivals(mine, places))
        if not arrivals:
            never += any(_failed(each, places) and period.holds(each.at) for each in mine)
            continue
        first = arrivals[0].event
        if not period.holds(first.at):
            continue
        bad = _taken_back(mine, places, first.at) or _incident(arrivals, stops)
        if not bad and first.at + WINDOW > period.known:
            watched += 1
        else:
            facts.append(Fact(first.id, int(not bad)))
    out = (Exclusion("still observed", watched), Exclusion("never reached production", never))
    return share(SUCCESS_RATE, facts, out)


def frequency(happenings: Iterable[Happening], places: Collection[str], period: Period) -> Metric:
    """How many deployments of releases arrived (S3-28)."""
    arrived = (each.event for each in _arrivals(happenings, places))
    return total(FREQUENCY, [Fact(each.id) for each in arrived if period.holds(each.at)])


def short_circuits(
    happenings: Iterable[Happening], out_of_turn: Collection[str], period: Period
) -> Metric:
    """How many went out of turn; `out_of_turn` names them (S4-17)."""
    opened = (each for each in happenings if each.kind == "release.opened")
    facts = [
        Fact(each.id, int(each.subject in out_of_turn)) for each in opened if period.holds(each.at)
    ]
    return share(SHORT_CIRCUITS, facts)


def _arrivals(happenings: Iterable[Happening], places: Collection[str]) -> Iterable[Arrival]:
    for each in happenings:
        if _settled(each, places) == Progress.SUCCEEDED:
            yield Arrival(each.facts["environment"], each)


def _settled(happening: Happening, places: Collection[str]) -> str | None:
    """How a deployment to one of the places ended, if this says so."""
    if happening.kind != "release.deployment_settled":
        return None
    facts = happening.facts
    progress: str | None = facts["progress"] if facts["environment"] in places else None
    return progress


def _failed(happening: Happening, places: Collection[str]) -> bool:
    return _settled(happening, places) == Progress.FAILED


def _taken_back(mine: Sequence[Happening], places: Collection[str], since: datetime) -> bool:
    return any(
        _settled(each, places) == Progress.ROLLED_BACK and each.at <= since + WINDOW
        for each in mine
    )


def _incident(arrivals: Iterable[Arrival], stops: Iterable[Happening]) -> bool:
    return any(
        stop.place == each.environment and each.event.at <= stop.at < each.event.at + WINDOW
        for stop in stops
        for each in arrivals
    )
