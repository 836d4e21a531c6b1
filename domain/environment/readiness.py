"""Whether an environment is ready to be deployed to: the line runs, it is well, nothing blocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from domain.authority import Authority
from domain.environment.state import Blocker, Environment, Health, Report
from domain.gate import Act, Finding, Reference
from domain.gate import Status as Is
from domain.kernel import Records
from domain.titles import person_name, sentence


def environment_named(records: Records, name: str) -> Environment | None:
    """The environment of this name, a retired one too."""
    return next(iter(records.find(Environment, name=name)), None)


def line_finding(state: Environment) -> Finding:
    """Whether nobody has stopped the line."""
    title = "The line runs"
    if state.stop is None:
        return Finding("line", Is.SATISFIED, title)
    acts = (Act("environment.resume", description="Release the line, as a second person."),)
    message = f"It was stopped at {state.stop.at.isoformat()}."
    answer = Finding("line", Is.UNSATISFIED, title, (state.id,), message=message, acts=acts)
    return replace(answer, code="line_stopped", lacking=(_place(state),))


def _place(state: Environment) -> Reference:
    return Reference("environment", state.id)


def health_findings(
    state: Environment, authority: Authority, at: datetime, now: datetime | None = None
) -> tuple[Finding, ...]:
    """Each monitor's newest word; none at all, or one that is stale, is unknown and blocks.

    So is that of a monitor whose account is suspended, until it is waited for no more. Of a moment
    to come, `now` given, it is not known whether a report that is fresh now is followed by another
    until then: that decides nothing, and is said.
    """
    if not state.reports:
        unknown = _unwell("No monitor has reported.", (), code="health_unknown")
        return (replace(unknown, lacking=(_place(state),)),)
    seen = at if now is None else min(at, now)
    found = (
        _not_heard(state, each, authority)
        if authority.suspended(each.reporter)
        else _health(state, each, seen)
        for each in state.reports
    )
    return tuple(f if f.status.blocks or seen == at else _ahead(f, at) for f in found)


def _ahead(known: Finding, at: datetime) -> Finding:
    message = f"It is healthy now; whether it is at {at.isoformat()} has to be reported by then."
    return replace(known, status=Is.NOT_APPLICABLE, message=message)


def _health(state: Environment, report: Report, at: datetime) -> Finding:
    evidence = (report.reporter,)
    about = (Reference("principal", report.reporter),)
    if report.measured_at + timedelta(minutes=state.plan.stale_minutes) <= at:
        message = f"The report of {report.measured_at.isoformat()} is stale."
        answer = _unwell(message, evidence, code="health_stale")
        grounds = (report.reporter, report.measured_at.isoformat())
        return replace(answer, lacking=about, grounds=grounds)
    if report.health is not Health.HEALTHY:
        message = f"A monitor calls it {report.health.value}."
        answer = _unwell(message, evidence, code="environment_unhealthy")
        return replace(answer, lacking=about, grounds=(report.reporter, str(report.as_of)))
    return Finding("health", Is.SATISFIED, "It is healthy", evidence, source="S0-13")


def _not_heard(state: Environment, report: Report, authority: Authority) -> Finding:
    """Whatever it said before counts no more, and it tells nothing new."""
    name = person_name(authority.person(report.reporter))
    message = f"{sentence(name)} called it {report.health.value}, and is suspended since."
    answer = _unwell(message, (report.reporter,), code="monitor_suspended")
    dismiss = Act("environment.dismiss", description=f"Wait for {name} no longer.")
    alone = all(authority.suspended(each.reporter) for each in state.reports)
    acts = (dismiss, *answer.acts) if alone else (dismiss,)
    about, grounds = Reference("principal", report.reporter), (report.reporter, "suspended")
    return replace(answer, lacking=(about,), grounds=grounds, acts=acts)


def _unwell(message: str, evidence: tuple[str, ...], *, code: str) -> Finding:
    acts = (Act("environment.report", description="Report that it is healthy."),)
    title, status = "It is healthy", Is.UNSATISFIED
    return Finding(
        "health", status, title, evidence, message=message, code=code, source="S0-13", acts=acts
    )


def _unblocking(blocker: Blocker) -> str:
    """What would help, and how many people that takes."""
    if blocker.unblocking:
        return f"Take {blocker.name} away, as a second person."
    return f"Take {blocker.name} away, who raised it alone, or else two people."


def blocker_findings(state: Environment) -> tuple[Finding, ...]:
    """Whatever else somebody raised, by its name; the set of these is open (S0-13)."""
    title = "Nothing else blocks it"
    if not state.blockers:
        return (Finding("blockers", Is.SATISFIED, title, source="S0-13"),)
    return tuple(
        Finding(
            "blockers",
            Is.UNSATISFIED,
            title,
            (each.name,),
            message=f"Blocked by {each.name}.",
            code="environment_blocked",
            source="S0-13",
            acts=(Act("environment.unblock", description=_unblocking(each)),),
            lacking=(_place(state),),
            grounds=(each.name, str(each.as_of)),
        )
        for each in state.blockers
    )
