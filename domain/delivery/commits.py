"""How long commits waited until they were in production, from when they were known here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Final

from domain.delivery.deployments import HOUR, Course
from domain.delivery.happening import Happening, Period, span
from domain.metrics import Definition, Exclusion, Metric, mean, median

MEDIAN: Final = Definition(
    "commit_to_production_median",
    1,
    "hours",
    "Median time from when a commit became known here, as the head of a merge request or as an "
    "item put into a release, to the first deployment to production that brought it there, over "
    "those that got there in the period. A commit comes with its merge request, as an item of the "
    "release deployed, or in a package that was built from it or from the commit that merged it.",
)
MEAN: Final = Definition(
    "commit_to_production_mean",
    1,
    "hours",
    "As `commit_to_production_median`, but the mean of the times.",
)
HEADS: Final = ("merge_request.opened", "merge_request.pushed")
KINDS: Final = (*HEADS, "merge_request.merged")
"""The events of merge requests that tell of commits."""
_AT: Final = attrgetter("at")


@dataclass(frozen=True, slots=True)
class Carried:
    """The commits that came with each deployment, by its id, and where they are known from.

    `merges` are merge requests, whose head came; `commits` the items of its release and what its
    package was built from. `requests` and `items` are the events that tell of commits.
    """

    merges: Mapping[str, Collection[str]] = field(default_factory=dict)
    commits: Mapping[str, Collection[str]] = field(default_factory=dict)
    requests: Sequence[Happening] = ()
    items: Sequence[Happening] = ()


def waits(found: Sequence[Course], carried: Carried, period: Period) -> tuple[Metric, Metric]:
    """The median and the mean wait."""
    facts, unknown, backwards = [], 0, 0
    known = _known(carried)
    for commit, arrived in _first_arrivals(found, carried).items():
        if not period.holds(arrived.at):
            continue
        start = known.get(commit)
        if start is None:
            unknown += 1
        elif start.at > arrived.at:
            backwards += 1
        else:
            facts.append(span(start, arrived))
    out = (
        Exclusion("known by its package alone", unknown),
        Exclusion("deployed before it was known", backwards),
    )
    return median(MEDIAN, facts, out, unit=HOUR), mean(MEAN, facts, out, unit=HOUR)


def _known(carried: Carried) -> dict[str, Happening]:
    """The first event that tells of each commit."""
    told = [(each.facts["head"], each) for each in carried.requests if each.kind in HEADS]
    told += [(each.facts["reference"], each) for each in carried.items]
    first: dict[str, Happening] = {}
    for commit, each in told:
        first[commit] = min(first.setdefault(commit, each), each, key=_AT)
    return first


def _first_arrivals(found: Sequence[Course], carried: Carried) -> dict[str, Happening]:
    """The first arrival of each commit that a deployment brought to production."""
    heads, merged = _heads(carried.requests), _merged(carried.requests)
    first: dict[str, Happening] = {}
    for each in found:
        if each.arrived:
            for commit in _brought(each.started.subject, each.arrived.at, carried, heads, merged):
                first[commit] = min(first.setdefault(commit, each.arrived), each.arrived, key=_AT)
    return first


def _brought(
    deployment: str,
    at: datetime,
    carried: Carried,
    heads: Mapping[str, Sequence[Happening]],
    merged: Mapping[str, str],
) -> Iterator[str]:
    """The commits that came with a deployment; for a merge the head that it merged."""
    for commit in carried.commits.get(deployment, ()):
        yield merged.get(commit, commit)
    for request in carried.merges.get(deployment, ()):
        pushed = heads.get(request, ())
        latest = next((each for each in reversed(pushed) if each.at <= at), None)
        if latest is not None:
            yield latest.facts["head"]


def _heads(requests: Iterable[Happening]) -> dict[str, list[Happening]]:
    """The heads of each merge request, in order."""
    found: dict[str, list[Happening]] = {}
    for each in requests:
        if each.kind in HEADS:
            found.setdefault(each.subject, []).append(each)
    return found


def _merged(requests: Iterable[Happening]) -> dict[str, str]:
    """The head that each merge commit merged."""
    told = (each.facts for each in requests if each.kind not in HEADS)
    return {facts["merge_commit"]: facts["head"] for facts in told if facts.get("merge_commit")}
