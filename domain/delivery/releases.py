"""What releases tell: how many went well, how often they reach production, how many cut in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter
from typing import Final

from domain.delivery.happening import Happening, Period, by_subject
from domain.metrics.metrics import Definition, Exclusion, Fact, Metric, share, total
from domain.release.parts import Progress

OBSERVED_DAYS: Final = 7
"""So long after it reached production a release is looked at before it is called successful."""
SUCCESS_RATE: Final = Definition(
    "release_success_rate",
    3,
    "share",
    "Share of the releases which first reached production in the period, deployed or as what stood "
    "there already and was counted for them, with neither a rollback "
    f"nor a major incident in the {OBSERVED_DAYS} days after: nobody stopped the line of an "
    "environment of production while it stood there, as the last of its service to reach it. The "
    "sources of those that did not go well name the rollback or the stop as well.",
)
FREQUENCY: Final = Definition(
    "release_deployment_frequency",
    2,
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
_AT: Final = attrgetter("at")
_COUNTED: Final = "release.deployment_counted"
KINDS: Final = ("release.opened", "release.deployment_settled", _COUNTED)
"""The events these numbers are worked out from."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A release reached an environment of production; `event` has its service as its place."""

    environment: str
    event: Happening


def success_rate(
    happenings: Iterable[Happening],
    stopped: Iterable[Happening],
    places: Collection[str],
    period: Period,
) -> Metric:
    """The share that went well, of those that reached one of the places (S3-27).

    `happenings` have the service of their release as place, and tell of all that arrived until the
    last is observed no more. `stopped` are the stops of the lines of all environments, each with
    its environment as place. What went badly is told with the event that says so.
    """
    every = list(happenings)
    stops = _stops(every, [each for each in stopped if each.place in places], places)
    facts, watched, never = [], 0, 0
    for subject, mine in by_subject(every).items():
        arrivals = list(_arrivals(mine, places))
        if not arrivals:
            never += any(_failed(each, places) and period.holds(each.at) for each in mine)
            continue
        first = arrivals[0].event
        if not period.holds(first.at):
            continue
        bad = _went_badly(mine, arrivals, stops.get(subject, ()), places)
        if bad is not None:
            facts.append(Fact(f"{first.id}..{bad.id}", 0))
        elif first.at + WINDOW > period.known:
            watched += 1
        else:
            facts.append(Fact(first.id))
    out = (Exclusion("still observed", watched), Exclusion("never reached production", never))
    return share(SUCCESS_RATE, facts, out)


def frequency(happenings: Iterable[Happening], places: Collection[str], period: Period) -> Metric:
    """How many deployments of releases arrived (S3-28)."""
    arrived = (each.event for each in _arrivals(happenings, places) if each.event.kind != _COUNTED)
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


def arrived(happenings: Iterable[Happening]) -> Iterator[tuple[str, str]]:
    """Each release that got somewhere, and where, whatever came of it afterwards."""
    for each in happenings:
        if each.kind in KINDS[1:] and _progress(each) == Progress.SUCCEEDED:
            yield each.subject, each.facts["environment"]


def _arrivals(happenings: Iterable[Happening], places: Collection[str]) -> Iterable[Arrival]:
    for each in happenings:
        if _settled(each, places) == Progress.SUCCEEDED:
            yield Arrival(each.facts["environment"], each)


def _settled(happening: Happening, places: Collection[str]) -> str | None:
    """How it came to its end in one of the places, if this says so; what counts has arrived."""
    if happening.kind not in KINDS[1:]:
        return None
    return _progress(happening) if happening.facts["environment"] in places else None


def _progress(happening: Happening) -> str:
    if happening.kind == _COUNTED:
        return Progress.SUCCEEDED
    progress: str = happening.facts["progress"]
    return progress


def _failed(happening: Happening, places: Collection[str]) -> bool:
    return _settled(happening, places) == Progress.FAILED


def _went_badly(
    mine: Sequence[Happening],
    arrivals: Sequence[Arrival],
    stops: Iterable[Happening],
    places: Collection[str],
) -> Happening | None:
    """The first event that says that a release did not go well, None where nothing does."""
    until = arrivals[0].event.at + WINDOW
    back = [e for e in mine if _settled(e, places) == Progress.ROLLED_BACK and e.at <= until]
    bad = (*back, *(each for each in stops if _is_observed(each, arrivals)))
    return min(bad, key=_AT, default=None)


def _is_observed(stop: Happening, arrivals: Iterable[Arrival]) -> bool:
    """Whether a stop came so soon after the release had arrived there."""
    there = (each.event.at for each in arrivals if each.environment == stop.place)
    return any(at <= stop.at < at + WINDOW for at in there)


def _stops(
    happenings: Iterable[Happening], stopped: Iterable[Happening], places: Collection[str]
) -> dict[str, list[Happening]]:
    """The stops of each release: those of lines where it stood then, the last of its service."""
    found: defaultdict[str, list[Happening]] = defaultdict(list)
    there: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    moves = [(each.at, 0, each) for each in happenings if _settled(each, places)]
    for _, is_stop, each in sorted(
        (*moves, *((e.at, 1, e) for e in stopped)), key=lambda e: (*e[:2], e[2].position)
    ):
        if is_stop:
            for (place, _), stood in there.items():
                if place == each.place and stood:
                    found[stood[-1]].append(each)
        else:
            _move(there[each.facts["environment"], each.place], each)
    return found


def _move(stood: list[str], settled: Happening) -> None:
    """Let what arrived stand there, last of all, and what was taken back stand there no more."""
    progress = _progress(settled)
    if progress in {Progress.SUCCEEDED, Progress.ROLLED_BACK} and settled.subject in stood:
        stood.remove(settled.subject)
    if progress == Progress.SUCCEEDED:
        stood.append(settled.subject)
