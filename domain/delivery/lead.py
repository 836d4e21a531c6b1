"""How long merged work waited until it was in production."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Final

from domain.delivery.deployments import COUNTED, HOUR, Course
from domain.delivery.happening import Happening, Period, span
from domain.metrics.metrics import Definition, Exclusion, Metric, mean, median

LEAD_TIME: Final = Definition(
    "lead_time_merge_to_production",
    3,
    "hours",
    "Median time from the merge of a merge request to the first deployment to production that "
    "brought it there, over those that got there in the period. A merge comes with a deployment "
    "by a change of it that links the merge request, or as an item of the release deployed."
    + COUNTED,
)
MEAN_TIME: Final = Definition(
    "mean_time_to_production",
    3,
    "hours",
    "As `lead_time_merge_to_production`, but the mean of the times.",
)


def waits(
    found: Sequence[Course],
    carried: Mapping[str, Iterable[str]],
    merged: Mapping[str, Happening],
    period: Period,
) -> tuple[Metric, Metric]:
    """The median and the mean wait; `carried` names the merge requests of each deployment.

    `merged` has the merge of each of them that took place here and may be known.
    """
    facts, unknown, backwards = [], 0, 0
    for one, arrived in _first_arrivals(found, carried).items():
        merge = merged.get(one)
        if not period.holds(arrived.at):
            continue
        if merge is None:
            unknown += 1
        elif merge.at > arrived.at:
            backwards += 1
        else:
            facts.append(span(merge, arrived))
    out = (Exclusion("not merged here", unknown), Exclusion("deployed before it", backwards))
    return median(LEAD_TIME, facts, out, unit=HOUR), mean(MEAN_TIME, facts, out, unit=HOUR)


def _first_arrivals(
    found: Sequence[Course], carried: Mapping[str, Iterable[str]]
) -> dict[str, Happening]:
    """The first arrival of each merge request that a deployment brought to production."""
    first: dict[str, Happening] = {}
    for each in found:
        if each.arrived:
            for one in carried.get(each.started.subject, ()):
                known = first.setdefault(one, each.arrived)
                first[one] = min(known, each.arrived, key=attrgetter("at"))
    return first
