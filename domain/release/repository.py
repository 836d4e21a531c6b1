"""The releases that tag the same repository (S4-02)."""

from __future__ import annotations

from collections.abc import Iterator

from domain.kernel import Records
from domain.release.state import Release


def of_repository(state: Release, records: Records) -> Iterator[Release]:
    """The other releases of its project, whatever their service; without one, of its service."""
    for each in records.find(Release, **alike(state)):
        if each.id != state.id and each.plan.project == state.plan.project:
            yield each


def alike(state: Release) -> dict[str, str]:
    """How they are found: by the project, else by the service."""
    plan = state.plan
    return {"project": plan.project} if plan.project else {"service": plan.service}
