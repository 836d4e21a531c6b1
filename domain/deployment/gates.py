"""The gates of a deployment: before it starts, before each further stage, and before it closes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.askers import check_firsthand
from domain.authority import Authority
from domain.change.standing import kind_of
from domain.change.state import Change
from domain.deployment.blockers import BLOCKERS, OVERRIDABLE, Question, found
from domain.deployment.state import Deployment, Override, Status
from domain.environment.readiness import health_findings, line_finding
from domain.gate import Answer, Finding, Requirement, Verdict, evaluate
from domain.gate import Status as Is
from domain.kernel import Context, Problems, Records
from domain.lock.blocking import bearing, lock_findings
from domain.lock.state import Countersign, Running
from domain.lock.timing import on
from domain.passage import Passed, require


def verdict(
    state: Deployment, action: str, *, at: datetime, authority: Authority, records: Records
) -> Verdict:
    """What the gate of `start`, `advance` or `close` says; KeyError for another action."""
    ask = Question(state, at, authority, records)
    return _overridden(ask, evaluate(GATES[action](ask)))


def passed(state: Deployment, context: Context, action: str) -> tuple[Passed, ...]:
    """The evidence on which the gate opens; a Refusal with its verdict when it stays closed."""
    problems = Problems()
    check_firsthand(problems, context)
    problems.settle()
    at, authority, records = context.at, context.authority, context.records
    return require(verdict(state, action, at=at, authority=authority, records=records))


def signed_before(ask: Question) -> bool:
    """Whether an override takes a second person before it counts.

    So it is where a lock in force says so, and where a change that blocks deployments while it is
    under way, such as one of criticality C1 or C2, goes out or is in the way.
    """
    holding = (each for each in bearing(ask.target, ask.records) if on(each.terms, ask.at))
    strict = any(each.terms.countersign is Countersign.BEFORE for each in holding)
    return strict or any(_critical(ask, each) for each in _at_stake(ask))


def _at_stake(ask: Question) -> tuple[Change, ...]:
    wanted = (ask.records.get(Change, each) for each in ask.state.wish.changes)
    return tuple(each for each in wanted if each is not None)


def _critical(ask: Question, change: Change) -> bool:
    return kind_of(change, ask.records).blocks_deployments


def _overridden(ask: Question, asked: Verdict) -> Verdict:
    """The verdict, with what the override names marked as bypassed, as far as it counts now."""
    override = ask.state.override
    if override is None or not _counts(ask, override):
        return asked
    return Verdict(tuple(_bypassed(each, override) for each in asked.findings))


def _counts(ask: Question, override: Override) -> bool:
    signed = override.countersigned_at is not None
    return signed or (not override.before and not signed_before(ask))


def _bypassed(finding: Finding, override: Override) -> Finding:
    """Bypassed only if the override names it with its evidence: nothing that came up later."""
    meant = (
        finding.status is Is.UNSATISFIED
        and finding.requirement in OVERRIDABLE
        and finding.requirement in override.requirements
        and set(finding.evidence) <= set(override.evidence)
    )
    return replace(finding, status=Is.BYPASSED) if meant else finding


# Starting.


def _starting(ask: Question) -> tuple[Requirement, ...]:
    status = Requirement("status", "It is requested", lambda: _status(ask, Status.REQUESTED))
    return (status, *(_requirement(ask, *each[:3], each.source) for each in BLOCKERS))


def _requirement(
    ask: Question,
    name: str,
    title: str,
    check: Callable[[Question], Answer],
    source: str | None,
) -> Requirement:
    return Requirement(name, title, lambda: check(ask), source)


def _status(ask: Question, wanted: Status) -> Finding:
    title, holds = f"It is {wanted.value}", ask.state.status is wanted
    message = f"It is {ask.state.status.value}."
    return found("status", title, holds, f"not_{wanted.value}", message)


# Going on.


def _advancing(ask: Question) -> tuple[Requirement, ...]:
    """What is asked before each further stage of a running deployment (S4-06)."""
    return (
        Requirement("status", "It is running", lambda: _status(ask, Status.RUNNING)),
        Requirement("line", "The line runs", lambda: line_finding(ask.environment)),
        Requirement("health", "It is healthy", lambda: health_findings(ask.environment, ask.at)),
        Requirement("locks", "No lock halts it", lambda: _halting(ask)),
    )


def _halting(ask: Question) -> tuple[Finding, ...]:
    """The locks that hold; of those, one that lets running deployments go on blocks nothing."""
    locks = bearing(ask.target, ask.records)
    mild = {each.id for each in locks if each.terms.running is Running.GOES_ON}
    findings = lock_findings(ask.target, ask.at, ask.records, ask.authority)
    return tuple(
        replace(each, status=Is.SATISFIED, code="", acts=(), message="It lets it go on.")
        if each.status.blocks and mild.issuperset(each.evidence[:1])
        else each
        for each in findings
    )


# Closing.


def _closing(ask: Question) -> tuple[Requirement, ...]:
    """What is left to do once it has ended: to verify, to watch, to be healthy, to countersign."""
    ended = Requirement("status", "It has ended", lambda: _ended(ask))
    signed = Requirement("countersignature", "Its override is signed", lambda: _signed(ask))
    if ask.state.status is not Status.SUCCEEDED:
        return (ended, signed)
    return (
        ended,
        Requirement("verification", "It was verified", lambda: _verified(ask), "S3-09"),
        Requirement("watch", "It was watched afterwards", lambda: _watched(ask), "S4-06"),
        Requirement(
            "health", "It is healthy", lambda: health_findings(ask.environment, ask.at), "S3-16"
        ),
        signed,
    )


def _ended(ask: Question) -> Finding:
    over = (Status.SUCCEEDED, Status.FAILED, Status.ROLLED_BACK)
    holds = ask.state.status in over and ask.state.closed_at is None
    message = "It is closed." if ask.state.closed_at else f"It is {ask.state.status.value}."
    return found("status", "It has ended", holds, "not_ended", message)


def _verified(ask: Question) -> Finding:
    done = ask.state.verification is not None and ask.state.verification.passed
    message = "Nobody has found that it works."
    return found("verification", "It was verified", done, "not_verified", message)


def _watched(ask: Question) -> Finding:
    after = [each for each in ask.state.observations if not each.during]
    well = bool(after) and after[-1].well
    message = "Nobody has looked at the dashboards since, or it did not look well."
    return found("watch", "It was watched afterwards", well, "not_watched", message)


def _signed(ask: Question) -> Finding:
    title, override = "Its override is signed", ask.state.override
    if override is None:
        return Finding("countersignature", Is.NOT_APPLICABLE, title)
    message = f"A second person owes it since {override.due.isoformat()} at the latest."
    signed = override.countersigned_at
    return found("countersignature", title, signed, "countersignature_missing", message)


GATES: Final[Mapping[str, Callable[[Question], tuple[Requirement, ...]]]] = {
    "start": _starting,
    "advance": _advancing,
    "close": _closing,
}
"""The requirements of every guarded act, by the command that asks for it."""
