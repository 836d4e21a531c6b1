"""What each environment asks of a release, beside its playbook: how it stands, or stood on the way.

Here a requirement may be bypassed, where the environment's deployments may be overridden; what the
playbook asks is never bypassed, but waived (S0-13).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Final

from domain.deployment.blockers import BLOCKERS
from domain.deployment.state import Deployment, Override
from domain.gate import Finding
from domain.gate import Status as Is
from domain.process.release import DEPLOY, ReleaseKind
from domain.release.gate.bringing import lifting
from domain.release.gate.gates import of_environment
from domain.release.gate.matrix import worst
from domain.release.gate.question import Question
from domain.release.state import Progress
from domain.release.whereabouts.by_override import told_of

ARRIVING: Final = (Progress.RUNNING, Progress.SUCCEEDED)
TITLES: Final = {each.name: each.title for each in BLOCKERS}
Ask = Callable[[str], Question]
"""What the gates look at, for an environment."""


@dataclass(frozen=True, slots=True)
class EnvironmentCell:
    """How a requirement of an environment stands for a release: the worst of its findings."""

    gate: Annotated[str, "The act: deploy:ENVIRONMENT."]
    environment: Annotated[str, "The name of the environment."]
    status: Annotated[Is, "How it stands; once it went there, how it stood as it did."]
    findings: Annotated[tuple[Finding, ...], "What was found, with what counted for it."]
    passed: Annotated[bool, "Whether it went there already, and this is how it stood then."]
    override: Annotated[
        Override | None,
        "Who let it go on in spite of that, why, and who countersigned it; null if nobody did.",
    ]


@dataclass(frozen=True, slots=True)
class EnvironmentMatrixRow:
    """One thing that environments ask of whatever goes there, and how it stands in each."""

    requirement: Annotated[str, "The requirement, as gates name it."]
    title: Annotated[str, "What it demands."]
    cells: Annotated[tuple[EnvironmentCell, ...], "How it stands, in the order of promotion."]


def environment_matrix(kind: ReleaseKind, ask: Ask) -> tuple[EnvironmentMatrixRow, ...]:
    """Every such requirement, wherever releases of the kind go."""
    rows: dict[str, list[EnvironmentCell]] = {}
    titles: dict[str, str] = {}
    for where in kind.environments:
        for name, cell in _cells(ask(where), where):
            rows.setdefault(name, []).append(cell)
            titles.setdefault(name, TITLES.get(name, cell.findings[0].title))
    return tuple(EnvironmentMatrixRow(name, titles[name], tuple(rows[name])) for name in rows)


def _cells(ask: Question, where: str) -> Iterator[tuple[str, EnvironmentCell]]:
    brought = _brought(ask, where)
    passed = brought is not None and bool(brought.evidence)
    if brought is None or not passed:
        brought = lifting(ask, where).state
        found: Iterable[Finding] = of_environment(ask, where).findings
    else:
        found = _as_passed(brought)
    mine: dict[str, list[Finding]] = {}
    for each in found:
        mine.setdefault(each.requirement, []).append(each)
    made = brought.override
    for name, findings in mine.items():
        override = made if made and name in made.requirements else None
        status = worst(findings)
        told = (f"{DEPLOY}:{where}", where, status, tuple(findings), passed)
        yield name, EnvironmentCell(*told, override)


def _brought(ask: Question, where: str) -> Deployment | None:
    """The deployment that brought it there, or is about to; None of one that failed."""
    delivery = ask.state.delivery(where)
    if delivery is None or delivery.progress not in ARRIVING:
        return None
    if made := ask.state.brought_by(delivery):
        asked = tuple(each for each in made.evidence if each.requirement in TITLES)
        return replace(told_of(ask.state, made), evidence=asked)
    return ask.records.get(Deployment, delivery.deployment) if delivery.deployment else None


def _as_passed(brought: Deployment) -> Iterator[Finding]:
    """How each requirement stood when it set off."""
    made = brought.override
    signed = made is not None and made.countersigned_at is not None
    for each in brought.evidence:
        told = ""
        if made is not None and each.status is Is.BYPASSED:
            told = f"It was overridden at {made.at.isoformat()}"
            told += ", and countersigned." if signed else f": signed by {made.due.isoformat()}."
        title = TITLES.get(each.requirement, each.requirement)
        yield Finding(each.requirement, each.status, title, each.evidence, message=told)
