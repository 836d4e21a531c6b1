"""What a requirement matrix must hold, whatever else it does, so that no gate opens for nothing.

Nothing of that is known where what it hinges on is at fault itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.playbook.matrix import PLACES
from domain.playbook.toml_table import Table
from domain.process.release import (
    ANNOUNCE,
    CLOSE,
    DEPLOY,
    PUBLISH,
    Environment,
    EnvironmentKind,
    Matter,
    ReleaseKind,
)

_JUDGED: Final = ("about", "gates", "environment", "environments", "quality", "waivable_by")
"""What it hinges on which requirements stand at a gate."""


def check_matrix(table: Table, kind: ReleaseKind, places: tuple[Environment, ...]) -> None:
    """Note gates without a requirement, and what every process must hold and this one does not."""
    for name in kind.environments:
        if not kind.rows(f"{DEPLOY}:{name}"):
            message = f"nothing is required to deploy to {name}, so nothing may"
            table.note("environments", message, judging=_JUDGED)
    if not kind.rows(CLOSE):
        message = "nothing is required to close it, so it could never be closed"
        table.note(None, message, judging=_JUDGED)
    _check_approvals(table, kind)
    _check_patches(table, kind)
    purposes = {place.name: place.kind for place in places}
    for name in kind.environments:
        if purposes.get(name) is EnvironmentKind.PRODUCTION:
            _demand(table, kind, f"{DEPLOY}:{name}", Matter.CHANGES_AUTHORISED)
    if kind.rows(PUBLISH):
        _check_publish(table, kind, purposes)


def _check_approvals(table: Table, kind: ReleaseKind) -> None:
    asked = any(row.about is Matter.APPROVAL for row in kind.requirements)
    if asked and not kind.rules:
        message = "a requirement is about approval, and nobody is to approve: no rule"
        table.note(None, message, judging=("about", "rule"))
    if kind.rules and not asked:
        message = "the rules count for nothing: no requirement is about approval"
        table.note("rule", message, judging=("about",))


def _check_patches(table: Table, kind: ReleaseKind) -> None:
    """Backports, and branches to be the same, need a support policy that names the branches."""
    needing = {Matter.BACKPORTS, Matter.SYNCED, Matter.SUPPORTED}
    about = {row.about for row in kind.requirements} & needing
    if about and kind.support is None and not table.faults.spoilt(("support",), "name"):
        words = ", ".join(sorted(about))
        message = f"requirements about {words} need a support policy: support"
        table.note(None, message, judging=("about", "support"))
    for matter, act in ((Matter.ANNOUNCED, ANNOUNCE), (Matter.PUBLISHED, PUBLISH)):
        asked = any(row.about is matter for row in kind.requirements)
        if asked and not kind.rows(act):
            message = f"nothing is required to {act} it, so it could never be {matter}"
            table.note(None, message, judging=_JUDGED)


def _check_publish(
    table: Table, kind: ReleaseKind, purposes: Mapping[str, EnvironmentKind]
) -> None:
    """Publish implies tagged, tested with QA's result, deployed and authorised (X-01)."""
    for about in (Matter.TAGGED, Matter.CHANGES_AUTHORISED):
        _demand(table, kind, PUBLISH, about)
    tested = (EnvironmentKind.TEST, EnvironmentKind.STAGING)
    _demand(table, kind, PUBLISH, Matter.DEPLOYED, _places(purposes, *tested))
    live = _places(purposes, EnvironmentKind.PRODUCTION)
    _demand(table, kind, PUBLISH, Matter.CHANGES_DEPLOYED, live)
    if not any(row.quality and not row.waivable_by for row in kind.rows(PUBLISH)):
        message = "publishing needs the result of QA: a requirement with quality = true (X-01)"
        table.note(None, message, judging=_JUDGED)


def _places(purposes: Mapping[str, EnvironmentKind], *kinds: EnvironmentKind) -> tuple[str, ...]:
    return tuple(name for name, kind in purposes.items() if kind in kinds)


def _demand(
    table: Table,
    kind: ReleaseKind,
    gate: str,
    about: Matter,
    environments: tuple[str, ...] | None = None,
) -> None:
    """Note when no such requirement, which nobody may waive, stands at the gate."""
    for row in kind.rows(gate):
        placed = environments is None or row.environment in environments
        if row.about is about and placed and not row.waivable_by:
            return
    where = f" in one of {', '.join(environments) or 'none'}" if environments is not None else ""
    source = "X-01" if gate == PUBLISH else "S3-02"
    if not table.faults.spoilt(PLACES, "name", "kind"):
        message = f"{gate} needs a requirement about {about}{where}, not waivable ({source})"
        table.note(None, message, judging=_JUDGED)
