"""The releases that tag the same repository (S4-02)."""

from __future__ import annotations

from collections.abc import Iterator

from domain.kernel import Records
from domain.release.state import Release


def of_repository(state: Release, records: Records) -> Iterator[Release]:
    """The other releases of its project, whatever their service; without one, of its service."""
    plan = state.plan
    alike = {"project": plan.project} if plan.project else {"service": plan.service}
    for each in records.find(Release, **alike):
        if each.id != state.id and each.plan.project == plan.project:
            yield each
