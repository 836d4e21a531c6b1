"""What a release may derive from: one of its service and series that was not given up (S0-03)."""

from __future__ import annotations

from collections.abc import Iterator

from domain.process.release import ReleaseKind, ReleaseStatus
from domain.release.state import Plan, Release


def faults(parent: Release, plan: Plan, kind: ReleaseKind) -> Iterator[tuple[str, str]]:
    """Why a release of this kind and plan cannot derive from it, as codes with a sentence.

    One version at least is of its series, where the kind names a kind that it derives from.
    """
    if parent.status is ReleaseStatus.ABORTED:
        yield "parent_aborted", "The release it derives from was given up."
    if not kind.spans_services and parent.plan.service != plan.service:
        message = f"That is of the service {parent.plan.service}, this of {plan.service}."
        yield "parent_of_other_service", message
    if kind.parent is not None and not _same_series(parent.plan, plan):
        theirs = ", ".join(parent.plan.versions)
        yield "parent_of_other_series", f"None of its versions is of the series of {theirs}."


def _same_series(above: Plan, plan: Plan) -> bool:
    series = [_series(each) for each in above.versions]
    own = [each.split(".") for each in plan.versions]
    return any(each[: len(line)] == line for each in own for line in series)


def _series(version: str) -> list[str]:
    """All but the last number of a version, if there are several."""
    numbers = version.split(".")
    return numbers[:-1] or numbers
