"""Changes as plans: when one is to be, what it touches, who has a part in it, what else is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from domain.change.state import Change, LinkKind, Status
from domain.clash.clash import Cause, Plan
from domain.clash.findings import A_MOMENT, Asked
from domain.kernel import Records
from domain.sides import After, Before

LIVE = (Status.ASSESSING, Status.AUTHORIZING, Status.SCHEDULED, Status.IMPLEMENTING)
"""Where a change is planned and may stand in another's way."""


def plan_of(change: Change) -> Plan | None:
    """A change as a plan; None without a window."""
    window, content = change.content.window, change.content
    if window is None:
        return None
    links = (each for each in change.links if each.kind is LinkKind.PREDECESSOR)
    return Plan(
        change.id,
        window.since,
        window.until,
        content.service,
        frozenset(content.environments),
        frozenset(content.configuration_items),
        frozenset((change.owner, *change.implementers)),
        frozenset(each.reference for each in links),
    )


def others(asked: Asked, records: Records, at: datetime | None = None) -> Iterator[Plan]:
    """The other changes that are planned while it is, as far as some could block.

    One that is carried out beyond its window is not over at `at`, where that is given.
    """
    wide = asked.blocks(Cause.ITEM, Cause.PERSON)
    if not wide and not asked.blocks(Cause.SERVICE):
        return
    where: dict[str, object] = {} if wide else {"service": asked.plan.service}
    where |= {"window_since": Before(asked.plan.until), "window_until": After(asked.plan.since)}
    for each in records.find(Change, status=frozenset(LIVE), **where):
        if each.id not in asked.own and (plan := plan_of(each)) is not None:
            late = at is not None and plan.until <= at and each.status is Status.IMPLEMENTING
            yield replace(plan, until=at + A_MOMENT) if at and late else plan
