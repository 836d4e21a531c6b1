"""What changes tell: how many made it worse, how long approval took, how many could not wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from domain.change.state import Outcome
from domain.delivery.deployments import COUNTED, HOUR, Course
from domain.delivery.happening import Happening, Period, by_subject, span
from domain.metrics.metrics import Definition, Exclusion, Fact, Metric, median, share
from domain.process.process import Path

FAILURE_RATE: Final = Definition(
    "change_failure_rate_per_change",
    2,
    "share",
    "Share of the changes that got to production in the period, with a deployment or a release, "
    "whose outcome is unsuccessful or rolled back." + COUNTED,
)
LEAD_TIME: Final = Definition(
    "approval_lead_time",
    1,
    "hours",
    "Median time from the submission of a change to its authorisation, over the authorisations in "
    "the period; of several submissions the last one before it counts.",
)
EMERGENCIES: Final = Definition(
    "emergency_share",
    1,
    "share",
    "Share of the changes drafted in the period that are emergencies.",
)
AFTERWARDS: Final = Definition(
    "retrospective_share",
    1,
    "share",
    "Share of the implementations begun in the period that began without approval, by breaking "
    "the glass, to be approved afterwards.",
)
WORSE: Final = frozenset((Outcome.UNSUCCESSFUL, Outcome.ROLLED_BACK))
KINDS: Final = (
    "change.opened",
    "change.submitted",
    "change.preapproved",
    "change.authorized",
    "change.returned",
    "change.edited",
    "change.started",
    "change.glass_broken",
)
"""The events of a service's changes that these numbers are worked out from."""
FINISHED: Final = "change.finished"
"""The event that has the outcome of a change, of whatever service."""


def failure_rate(
    found: Sequence[Course],
    carried: Mapping[str, Iterable[str]],
    finished: Mapping[str, Happening],
    period: Period,
) -> Metric:
    """The share that made it worse; `carried` names the changes of each deployment.

    `finished` has the end of the implementation of each that came to one (S3-29).
    """
    deployed = {
        change
        for each in found
        if each.arrived and period.holds(each.arrived.at)
        for change in carried.get(each.started.subject, ())
    }
    ends = [finished[change] for change in sorted(deployed) if change in finished]
    facts = [Fact(each.id, int(each.facts["outcome"] in WORSE)) for each in ends]
    out = Exclusion("no outcome recorded", len(deployed) - len(ends))
    return share(FAILURE_RATE, facts, (out,))


def finished(happenings: Iterable[Happening]) -> dict[str, Happening]:
    """How the implementation of each change ended."""
    return {each.subject: each for each in happenings if each.kind == FINISHED}


def approval_lead_time(happenings: Sequence[Happening], period: Period) -> Metric:
    """How long approval took."""
    facts, returned = [], 0
    for mine in by_subject(happenings).values():
        submitted: Happening | None = None
        for each in mine:
            if each.kind == "change.submitted":
                submitted = each
            elif submitted and each.kind in ("change.returned", "change.edited"):
                returned += period.holds(each.at)
                submitted = None
            elif submitted and each.kind == "change.authorized":
                if period.holds(each.at):
                    facts.append(span(submitted, each))
                submitted = None
    preapproved = sum(
        1 for each in happenings if each.kind == "change.preapproved" and period.holds(each.at)
    )
    out = (
        Exclusion("approved in advance", preapproved),
        Exclusion("rejected or edited before it was authorised", returned),
    )
    return median(LEAD_TIME, facts, out, unit=HOUR)


def emergencies(happenings: Iterable[Happening], period: Period) -> Metric:
    """The share of emergencies among what was drafted."""
    return share(
        EMERGENCIES,
        [
            Fact(each.id, int(each.facts["path"] == Path.EMERGENCY))
            for each in happenings
            if each.kind == "change.opened" and period.holds(each.at)
        ],
    )


def afterwards(happenings: Iterable[Happening], period: Period) -> Metric:
    """The share that began without approval."""
    return share(
        AFTERWARDS,
        [
            Fact(each.id, int(each.kind == "change.glass_broken"))
            for each in happenings
            if each.kind in ("change.started", "change.glass_broken") and period.holds(each.at)
        ],
    )
