"""Whether a release can take a security fix, and what helps where none can."""

from __future__ import annotations

from typing import Final

from domain.gate import Finding, Requirement
from domain.gate import Status as Is
from domain.release.state import Release
from domain.security_fix.basis import Basis
from domain.security_fix.goal import able, hindrance, trackers
from domain.security_fix.state import SecurityFix

TAKEN: Final = "A release takes it"
HELP: Final = {
    "release_in_the_open": ("release.open", "Plan a hidden release that it goes out with."),
    "line_missing": ("release.edit", "Give the release a version of each of these lines."),
    "not_a_single_change": ("release.open", "Plan another release for it."),
    "project_of_other_service": ("release.open", "Open a release of the product for the project."),
}
"""What lets a release take the fix, by why it cannot."""


def takes(state: SecurityFix, basis: Basis, release: Release | None) -> Requirement:
    """That the release which is meant can take the fix; where none is, why no open one can.

    That nothing is open yet, or able, keeps no fix from being complete.
    """
    return Requirement("release", TAKEN, lambda: _found(state, basis, release), "S1-27")


def _found(state: SecurityFix, basis: Basis, release: Release | None) -> Finding:
    if release is None:
        return _of_none(state, basis)
    found = hindrance(state, release, basis.records, basis.at)
    if found is None:
        return Finding("release", Is.SATISFIED, TAKEN, source="S1-27")
    code, message = found
    acts = (basis.act(state, *HELP[code]),)
    return Finding("release", Is.UNSATISFIED, TAKEN, message=message, code=code, acts=acts)


def _of_none(state: SecurityFix, basis: Basis) -> Finding:
    """That a release would take it, or of each that is open why it cannot."""
    if able(state, basis.records, basis.at):
        return Finding("release", Is.SATISFIED, TAKEN, source="S1-27")
    told = []
    for each in trackers(state, basis.records):
        found = hindrance(state, each, basis.records, basis.at)
        told.append(found[1] if found else f"{each.plan.title} takes nothing more.")
    message = " ".join(told) or "No release is open that fixes of the product go out with."
    return Finding("release", Is.NOT_APPLICABLE, TAKEN, message=message)
