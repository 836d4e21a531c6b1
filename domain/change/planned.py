"""A change as a plan: when it is to be, what it touches, and who has a part in it."""

from __future__ import annotations

from domain.change.state import Change, LinkKind, Status
from domain.clash import Plan

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
