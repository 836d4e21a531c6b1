"""Whom a security fix waits for: application security, or others; by what each would do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.gate import Finding
from domain.process.accord import APPSEC
from domain.security_fix.basis import Basis
from domain.security_fix.readiness import Completeness
from domain.security_fix.state import ENDED, SecurityFix

JUDGES = "security_fix.assess"
"""Who may ask for this in a project is its application security, whatever the role is called."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Something that is missing, and at which branch; empty for the fix itself."""

    branch: str
    requirement: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Awaits:
    """What a fix waits for: `appsec` could do something about it, or only `others` could.

    `overdue` says that it should have been remedied by now; a fix that nobody has assessed is
    never overdue, and waits for application security.
    """

    appsec: tuple[Wait, ...]
    others: tuple[Wait, ...]
    overdue: bool


LOOSE: Final = Wait(
    "",
    "linked",
    "without_tracker",
    "The release it was linked to was given up: link it to another one.",
)


def awaits(state: SecurityFix, found: Completeness, basis: Basis) -> Awaits:
    """Sort what is missing by who could mend it; nothing is waited for once it has ended."""
    if state.status in ENDED:
        return Awaits((), (), overdue=False)
    judges = basis.who(JUDGES, state.project)
    theirs: list[Wait] = []
    others: list[Wait] = [LOOSE] if basis.given_up(state) else []
    for branch, finding in _missing(found):
        wait = Wait(branch, finding.requirement, finding.code, finding.message)
        (theirs if _only(judges, finding) else others).append(wait)
    return Awaits(tuple(theirs), tuple(others), overdue=late(state, basis.at))


def late(state: SecurityFix, at: datetime) -> bool:
    """Whether it is past the date by which it was to be remedied."""
    return state.due_at is not None and at > state.due_at


def _missing(found: Completeness) -> Iterable[tuple[str, Finding]]:
    yield from (("", each) for each in found.findings if each.status.blocks)
    for slot in found.slots:
        yield from ((slot.branch, each) for each in slot.findings if each.status.blocks)


def _only(judges: frozenset[str], finding: Finding) -> bool:
    """Whether it takes an act that only application security may do, as far as is known.

    Also where nobody of them is left who may.
    """
    if finding.standing is not None:
        role, able = finding.standing.rule.role, finding.standing.candidates
        return able <= judges if able else role == APPSEC
    return any(e.people <= judges if e.people else e.action == JUDGES for e in finding.acts)
