"""The combined impact of all changes that a release contains, as one view (S3-03)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Annotated, NamedTuple

from domain.change.planned import plan_of
from domain.change.state import Change


@dataclass(frozen=True, slots=True)
class Touched:
    """A service, an environment or a configuration item, and which changes touch it."""

    name: Annotated[str, "What is touched."]
    changes: Annotated[tuple[str, ...], "The changes that touch it."]


@dataclass(frozen=True, slots=True)
class RiskShare:
    """How many of the changes have a risk."""

    risk: Annotated[str | None, "The risk, in the words of the changes; null if not assessed."]
    changes: Annotated[int, "How many of them."]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two changes whose windows overlap, and which configuration items they share then."""

    first: Annotated[str, "One change."]
    second: Annotated[str, "The other change."]
    since: Annotated[datetime, "When they begin to overlap."]
    until: Annotated[datetime, "When they do no longer."]
    names: Annotated[tuple[str, ...], "The configuration items that both touch."]


@dataclass(frozen=True, slots=True)
class ReleaseImpact:
    """What the included changes, and those that answer for included commits, touch together.

    `since` and `until` bound all their windows. Others than these are counted: merge requests
    and commits that no change answers for.
    """

    changes: Annotated[int, "How many changes."]
    others: Annotated[int, "How many merge requests and commits without a change."]
    services: Annotated[tuple[Touched, ...], "The services, by name."]
    environments: Annotated[tuple[Touched, ...], "The environments, by name."]
    configuration_items: Annotated[tuple[Touched, ...], "The configuration items, by name."]
    highest_risk: Annotated[str | None, "The gravest risk among them; null if none is assessed."]
    risks: Annotated[tuple[RiskShare, ...], "How many have which risk, the gravest first."]
    since: Annotated[datetime | None, "When the first window begins."]
    until: Annotated[datetime | None, "When the last window ends."]
    overlaps: Annotated[tuple[Overlap, ...], "Windows that overlap, in order of time."]


class Counted(NamedTuple):
    """What is looked at: the changes, the risks of each playbook in order, and what else is in."""

    changes: Collection[Change]
    risks: Mapping[str, tuple[str, ...]]
    others: int


def impact(counted: Counted) -> ReleaseImpact:
    """Work the combined impact out; the gravest risk is the one nearest the end of its list."""
    changes = sorted(counted.changes, key=lambda each: each.id)
    shares = _risks(changes, counted.risks)
    plans = [plan for each in changes if (plan := plan_of(each)) is not None]
    return ReleaseImpact(
        len(changes),
        counted.others,
        _touched((each.content.service, each.id) for each in changes),
        _touched((name, each.id) for each in changes for name in each.content.environments),
        _touched((name, each.id) for each in changes for name in each.content.configuration_items),
        next((each.risk for each in shares if each.risk is not None), None),
        shares,
        min((each.since for each in plans), default=None),
        max((each.until for each in plans), default=None),
        _overlaps(changes),
    )


def _touched(pairs: Iterable[tuple[str, str]]) -> tuple[Touched, ...]:
    found: dict[str, list[str]] = {}
    for name, change in pairs:
        found.setdefault(name, []).append(change)
    return tuple(Touched(name, tuple(found[name])) for name in sorted(found))


def _risks(changes: list[Change], orders: Mapping[str, tuple[str, ...]]) -> tuple[RiskShare, ...]:
    """The gravest first; what is not assessed comes last."""
    place: dict[str | None, int] = {None: 1_000}
    count: dict[str | None, int] = {}
    for each in changes:
        order = orders.get(each.playbook, ())
        count[each.risk] = count.get(each.risk, 0) + 1
        if each.risk is not None:
            known = len(order) - order.index(each.risk) if each.risk in order else 0
            place[each.risk] = min(place.get(each.risk, known), known)
    ordered = sorted(count, key=lambda risk: (place[risk], risk or ""))
    return tuple(RiskShare(risk, count[risk]) for risk in ordered)


def _overlaps(changes: list[Change]) -> tuple[Overlap, ...]:
    plans = [plan for each in changes if (plan := plan_of(each)) is not None]
    found = [
        Overlap(
            one.id,
            other.id,
            max(one.since, other.since),
            min(one.until, other.until),
            tuple(sorted(one.items & other.items)),
        )
        for one, other in combinations(plans, 2)
        if one.since < other.until and other.since < one.until
    ]
    return tuple(sorted(found, key=lambda each: (each.since, each.first, each.second)))
