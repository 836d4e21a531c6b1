"""How long commits waited until they were in production, from when they were known here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Final

from domain.delivery.deployments import COUNTED, HOUR, Course
from domain.delivery.happening import Happening, Period, span
from domain.metrics.metrics import Definition, Exclusion, Metric, mean, median

MEDIAN: Final = Definition(
    "commit_to_production_median",
    3,
    "hours",
    "Median time from when a commit became known here, as the head with which a merge request was "
    "merged or as an item put into a release, to the first deployment to production that brought "
    "it there, over those that got there in the period. A commit comes with its merge request, as "
    "an item of the release deployed, or in a package that was built from it or from the commit "
    "that merged it." + COUNTED,
)
MEAN: Final = Definition(
    "commit_to_production_mean",
    3,
    "hours",
    "As `commit_to_production_median`, but the mean of the times.",
)
MERGED: Final = "merge_request.merged"
KINDS: Final = ("merge_request.opened", "merge_request.pushed", MERGED)
"""The events of merge requests that tell of commits."""
_AT: Final = attrgetter("at")


@dataclass(frozen=True)
class Carried:
    """The commits that came with each deployment, by its id, and where they are known from.

    `merges` are merge requests, and `commits` the items of its release and what its package was
    built from. `requests` and `items` are the events that tell of commits; of these every one that
    tells of a commit which came, so that the numbers do not depend on what else is there.
    """

    merges: Mapping[str, Collection[str]] = field(default_factory=dict)
    commits: Mapping[str, Collection[str]] = field(default_factory=dict)
    requests: Sequence[Happening] = ()
    items: Sequence[Happening] = ()

    @cached_property
    def heads(self) -> dict[str, str]:
        """The head with which each merge request was merged."""
        return {each.subject: each.facts["head"] for each in self._merged}

    @cached_property
    def merging(self) -> dict[str, str]:
        """The head that each commit merged."""
        told = (each.facts for each in self._merged)
        return {facts["merge_commit"]: facts["head"] for facts in told if facts.get("merge_commit")}

    @property
    def _merged(self) -> Iterator[Happening]:
        return (each for each in self.requests if each.kind == MERGED)

    def brought(self, deployment: str) -> Iterator[str]:
        """The commits that came with a deployment; of what was not merged here the request."""
        for commit in self.commits.get(deployment, ()):
            yield self.merging.get(commit, commit)
        for request in self.merges.get(deployment, ()):
            yield self.heads.get(request, request)

    def known(self) -> dict[str, Happening]:
        """The first event that tells of each commit."""
        pushes = (each for each in self.requests if each.kind != MERGED)
        told = [(each.facts["head"], each) for each in pushes if self._is_of_its_merge(each)]
        told += [(each.facts["reference"], each) for each in self.items]
        first: dict[str, Happening] = {}
        for commit, each in told:
            first[commit] = min(first.setdefault(commit, each), each, key=_AT)
        return first

    def _is_of_its_merge(self, push: Happening) -> bool:
        return bool(self.heads.get(push.subject) == push.facts["head"])


def waits(found: Sequence[Course], carried: Carried, period: Period) -> tuple[Metric, Metric]:
    """The median and the mean wait."""
    facts, unmerged, unknown, backwards = [], 0, 0, 0
    known, requests = carried.known(), {each.subject for each in carried.requests}
    for commit, arrived in _first_arrivals(found, carried).items():
        if not period.holds(arrived.at):
            continue
        start = known.get(commit)
        if start is None:
            unmerged += commit in requests
            unknown += commit not in requests
        elif start.at > arrived.at:
            backwards += 1
        else:
            facts.append(span(start, arrived))
    out = (
        Exclusion("not merged here", unmerged),
        Exclusion("known by its package alone", unknown),
        Exclusion("deployed before it was known", backwards),
    )
    return median(MEDIAN, facts, out, unit=HOUR), mean(MEAN, facts, out, unit=HOUR)


def _first_arrivals(found: Sequence[Course], carried: Carried) -> dict[str, Happening]:
    """The first arrival of each commit that a deployment brought to production."""
    first: dict[str, Happening] = {}
    for each in found:
        if each.arrived:
            for commit in carried.brought(each.started.subject):
                first[commit] = min(first.setdefault(commit, each.arrived), each.arrived, key=_AT)
    return first
