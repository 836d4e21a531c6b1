"""Overriding what blocks a deployment: what of it counts, and when a second person comes first."""

from __future__ import annotations

from dataclasses import replace

from domain.change.standing import kind_of
from domain.change.state import Change
from domain.deployment.blockers import Question, may_override
from domain.deployment.state import Override
from domain.gate import Finding
from domain.gate import Status as Is
from domain.lock.blocking import bearing
from domain.lock.state import Countersign
from domain.lock.timing import on


def signed_before(ask: Question) -> bool:
    """Whether an override takes a second person before it counts.

    So it is where a lock in force says so, and where a change that blocks deployments while it is
    under way, such as one of criticality C1 or C2, goes out or is in the way.
    """
    holding = (each for each in bearing(ask.target, ask.records) if on(each.terms, ask.at))
    strict = any(each.terms.countersign is Countersign.BEFORE for each in holding)
    return strict or any(_critical(ask, each) for each in _at_stake(ask))


def _at_stake(ask: Question) -> tuple[Change, ...]:
    return ask.records.find(Change, id=ask.own) if ask.own else ()


def _critical(ask: Question, change: Change) -> bool:
    return kind_of(change, ask.records).blocks_deployments


def overridden(ask: Question, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings, with what the override names marked as bypassed, as far as it counts now."""
    override = ask.state.override
    if override is None or not _counts(ask, override):
        return findings
    return tuple(_bypassed(ask, each, override) for each in findings)


def _counts(ask: Question, override: Override) -> bool:
    signed = override.countersigned_at is not None
    return signed or (not override.before and not signed_before(ask))


def _bypassed(ask: Question, finding: Finding, override: Override) -> Finding:
    """Bypassed only if the override names it with its evidence: nothing that came up later."""
    meant = (
        finding.status is Is.UNSATISFIED
        and finding.requirement in override.requirements
        and may_override(ask, finding.requirement)
        and set(finding.evidence) <= set(override.evidence)
    )
    return replace(finding, status=Is.BYPASSED) if meant else finding
