"""Whether an environment is ready to be deployed to: the line runs, it is well, nothing blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.authority import Authority
from domain.authorship import accounts, others
from domain.environment.first_word import void
from domain.environment.state import Blocker, Environment, Health, Report, Resuming, Unblocking
from domain.gate import Act, Finding, Reference
from domain.gate import Status as Is
from domain.kernel import Records
from domain.titles import person_name, sentence


def environment_named(records: Records, name: str) -> Environment | None:
    """The environment of this name, a retired one too."""
    return next(iter(records.find(Environment, name=name)), None)


Who = Callable[[str], frozenset[str]]
"""Whom the policy lets ask for a command."""


class Helped(NamedTuple):
    """Who helps where something keeps deployments away: whom the policy lets, at a moment."""

    who: Who
    authority: Authority
    at: datetime

    def apart(self, action: str, wish: Resuming | Unblocking) -> frozenset[str]:
        """Who may ask for a command as a second person to a wish."""
        own = accounts((wish.by,), self.authority, wish.at)
        return frozenset(others(self.who(action), own, self.authority))

    def stands(self, wish: Resuming | Unblocking | None) -> bool:
        """Whether a wish is one that a second person may agree to."""
        return wish is not None and not void(wish, self.authority)

    def people(self, action: str) -> frozenset[str]:
        """The people who may ask for a command, without programs."""
        return frozenset(others(self.who(action), frozenset(), self.authority))


def line_finding(state: Environment, helped: Helped) -> Finding:
    """Whether nobody has stopped the line."""
    title = "The line runs"
    if state.stop is None:
        return Finding("line", Is.SATISFIED, title)
    message = f"It was stopped at {state.stop.at.isoformat()}."
    answer = Finding("line", Is.UNSATISFIED, title, (state.id,), message=message)
    acts = tuple(_releasing(state.resuming, helped))
    return replace(answer, code="line_stopped", lacking=(_place(state),), acts=acts)


def _releasing(wish: Resuming | None, helped: Helped) -> Iterator[Act]:
    """That somebody asks for it, unless that was done, and another releases the line."""
    action, second = "environment.resume", "Release the line, as a second person."
    if wish is not None and helped.stands(wish):
        yield Act(action, helped.apart(action, wish), description=second)
    else:
        asking = "environment.ask_to_resume"
        yield Act(asking, helped.people(asking), description="Ask to release the line.")
        yield Act(action, helped.people(action), description=second)


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


def _unblocking(blocker: Blocker, helped: Helped) -> Act:
    """What would help, and how many people that takes: who raised it does so alone."""
    action, wish = "environment.unblock", blocker.unblocking
    alone = helped.who(action) & {blocker.by}
    if wish is not None and helped.stands(wish):
        able, said = helped.apart(action, wish), "as a second person"
    else:
        able, said = helped.people(action), "who raised it alone, or else two people"
    told = f"Take away {_raised(blocker, helped)}: {said}."
    return Act(action, able | alone, description=told)


def _raised(blocker: Blocker, helped: Helped) -> str:
    """A blocker by its name and who raised it, since others may have raised one of that name."""
    return f"{blocker.name}, which {person_name(helped.authority.person(blocker.by))} raised"


def blocker_findings(state: Environment, helped: Helped) -> tuple[Finding, ...]:
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
            message=f"Blocked by {_raised(each, helped)}.",
            code="environment_blocked",
            source="S0-13",
            acts=(_unblocking(each, helped),),
            lacking=(_place(state),),
            grounds=(each.name, str(each.as_of)),
        )
        for each in state.blockers
    )
