"""What may keep a deployment from starting: an open table of checks, each by its name (S0-13)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from domain.authority import Authority
from domain.calendar_state import CalendarEntry, EntryKind
from domain.calendar_times import UNKNOWN, is_untold, times_of, untold
from domain.change.standing import kind_of
from domain.change.state import Change
from domain.change.state import Status as ChangeStatus
from domain.clash import DEFAULT, Plan
from domain.clash_findings import A_MOMENT, Asked, clash_findings
from domain.clash_findings import TITLE as CLASHES
from domain.deployment.activity import helped, of_wish
from domain.deployment.authorising import TITLE as AUTHORISED
from domain.deployment.authorising import authorised
from domain.deployment.cover import COVER, covered
from domain.deployment.cover import TITLE as COVERED
from domain.deployment.state import Deployment, Status
from domain.environment.readiness import (
    blocker_findings,
    environment_named,
    health_findings,
    line_finding,
)
from domain.environment.state import Environment, follows
from domain.gate import Act, Answer, Finding, Reference, Requirement
from domain.gate import Status as Is
from domain.inclusion import Inclusion
from domain.kernel import Records
from domain.lock.blocking import Activities, Target, lock_findings
from domain.package import Package
from domain.release.under_way import under_way
from domain.titles import change_title, sentence

PENDING: Final = frozenset((Status.REQUESTED, Status.RUNNING))
"""Where a deployment is still to be carried out, or to end."""


NEWS: Final = "It does not stand there yet"


@dataclass(frozen=True, slots=True)
class Question:
    """A deployment, and everything its gates look at."""

    state: Deployment
    at: datetime
    authority: Authority
    records: Records
    hidden: bool = False  # whether it is known only to those who may see what is embargoed
    now: datetime | None = None  # where `at` is a moment to come, what moment this is

    @property
    def environment(self) -> Environment:
        """Where it goes; LookupError when there is no such environment any more (X-05)."""
        found = environment_named(self.records, self.state.environment)
        if found is None or found.retired:
            raise LookupError(f"there is no environment {self.state.environment}")
        return found

    @property
    def target(self) -> Target:
        """What locks look at."""
        place, service = frozenset((self.state.environment,)), frozenset((self.state.service,))
        wish = self.state.wish

        def activities() -> Activities:
            return of_wish(wish, self.state.environment, self.at, self.authority, self.records)

        return Target(self.state.id, activities, place, service, within=wish.belongs_to)

    @property
    def own(self) -> frozenset[str]:
        """The changes that go out with it, by itself or in its release."""
        named = frozenset(self.state.wish.changes)
        release = self.state.wish.belongs_to
        items = self.records.find(Inclusion, release=release) if release else ()
        return named.union(each.reference for each in items if each.included)


class Blocker(NamedTuple):
    """One check: its stable name, its title, and whether two people may override it."""

    name: str
    title: str
    check: Callable[[Question], Answer]
    overridable: bool = True
    source: str | None = None

    def requirement(self, ask: Question) -> Requirement:
        """The check as a gate asks it."""
        return Requirement(self.name, self.title, lambda: self.check(ask), self.source)


def found(name: str, title: str, holds: object, code: str, message: str, *acts: Act) -> Finding:
    """A finding that is satisfied when `holds` is true, and else says what would help."""
    if holds:
        return Finding(name, Is.SATISFIED, title)
    return Finding(name, Is.UNSATISFIED, title, message=message, code=code, acts=acts)


def _package(ask: Question) -> Finding:
    """Whether it was built here, and is good; what is only claimed was never built."""
    title, package = "The package was built", ask.records.get(Package, ask.state.package)
    if package is None or package.claimed:
        return found("package", title, None, "package_never_built", "Nobody built it here.")
    message = "It turned out to be bad."
    return found("package", title, not package.condemned, "package_condemned", message)


def _running(ask: Question) -> Finding:
    """Whether nothing else is being deployed there."""
    title, place = "No other deployment is running", ask.state.environment
    others = ask.records.find(Deployment, status=PENDING, environment=place)
    running = (each.id for each in others if each.status is Status.RUNNING)
    deployments = tuple(id for id in running if id != ask.state.id)
    own = ask.state.wish.belongs_to
    releases = under_way(ask.records, place, but=own, hidden=ask.hidden)
    evidence = (*deployments, *releases)
    if not evidence:
        return Finding("running", Is.SATISFIED, title, source="S0-13")
    action = "deployment.succeed" if deployments else "release.settle_deployment"
    waits = (Act(action, description="Let the running deployment end."),)
    return Finding(
        "running",
        Is.UNSATISFIED,
        title,
        evidence,
        message="Another deployment is running there.",
        code="deployment_running",
        source="S0-13",
        acts=waits,
    )


def _promotion(ask: Question) -> Answer:
    """Whether it stood long enough in every environment that comes before in its line."""
    plan = ask.environment.plan
    others = ask.records.find(Environment, retired=False)
    lower = [each for each in others if follows(plan, each.plan)]
    last = max((each.plan.order for each in lower), default=None)
    before = tuple(each.name for each in lower if each.plan.order == last)
    if not before:
        return Finding("promotion", Is.NOT_APPLICABLE, "It stood where it is promoted from")
    return tuple(_stood(ask, each, plan.dwell_hours) for each in before)


def _stood(ask: Question, environment: str, hours: int) -> Finding:
    where = {"environment": environment, "package": ask.state.package}
    done = ask.records.find(Deployment, status=Status.SUCCEEDED, **where)
    since = [each.stands[0].since for each in done if each.stands and not each.claimed]
    title, first = f"It stood in {environment}", min(since, default=None)
    if first is None:
        act = Act("deployment.request", description=f"Deploy it to {environment} first.")
        return found("promotion", title, None, "not_promoted", "It never stood there.", act)
    ripe = first + timedelta(hours=hours)
    waits = Act("deployment.wait", count=0, description=f"It is ripe at {ripe.isoformat()}.")
    message = f"It must stand there until {ripe.isoformat()}."
    return found("promotion", title, ripe <= ask.at, "dwell_too_short", message, waits)


def _critical(ask: Question) -> Answer:
    """Whether no change under way there keeps deployments away, such as one of C1 or C2."""
    title, own = "No change under way blocks deployments", ask.own
    blocking = [
        each
        for each in ask.records.find(Change, status=ChangeStatus.IMPLEMENTING)
        if ask.state.environment in each.content.environments
        and each.id not in own
        and kind_of(each, ask.records).blocks_deployments
    ]
    if not blocking:
        return Finding("criticality", Is.SATISFIED, title)
    return tuple(
        Finding(
            "criticality",
            Is.UNSATISFIED,
            title,
            (each.id,),
            message=f"{sentence(change_title(each))} is under way.",
            code="critical_change_under_way",
            acts=(Act("change.finish", description="Finish that change."),),
            lacking=(Reference("change", each.id),),
        )
        for each in blocking
    )


def _window(ask: Question) -> Finding:
    """Whether now is inside the maintenance window, if there is one or must be (S3-15).

    Where the request names none, those of its service in the calendar are meant.
    """
    window, title = ask.state.wish.window, "Now is inside the maintenance window"
    if window is not None:
        message = f"It is from {window.since.isoformat()} to {window.until.isoformat()}."
        return found("window", title, window.holds(ask.at), "outside_window", message)
    if not ask.environment.plan.needs_window:
        return Finding("window", Is.NOT_APPLICABLE, title, source="S3-15")
    known, unknown = _maintenance(ask)
    if unknown and not _maintained(ask, known):
        message = untold(unknown[0])
        return Finding("window", Is.ERROR, title, message=message, code=UNKNOWN, source="S3-15")
    message = "The request names no window, and now is in none of the calendar's."
    return found("window", title, _maintained(ask, known), "window_missing", message)


def _maintenance(ask: Question) -> tuple[list[CalendarEntry], list[CalendarEntry]]:
    """The maintenance windows of the service: those known when they are, and the others."""
    entries = ask.records.find(CalendarEntry, active=True, kind=EntryKind.MAINTENANCE)
    mine = [e for e in entries if e.plan and e.plan.service in (None, ask.state.service)]
    unknown = [each for each in mine if is_untold(each)]
    return [each for each in mine if each not in unknown], unknown


def _maintained(ask: Question, entries: Iterable[CalendarEntry]) -> bool:
    """Whether one of these maintenance windows is open there now."""
    place = frozenset((ask.state.environment,))
    plan = Plan(ask.state.id, ask.at, ask.at + A_MOMENT, ask.state.service, place)
    return any(
        each.concerns(plan) and each.since <= ask.at < each.until
        for entry in entries
        for each in times_of(entry, plan.since, plan.until)
    )


def _news(ask: Question) -> Finding:
    """Whether something else stands there now (S4-12)."""
    here = ask.records.find(Deployment, environment=ask.state.environment, current=True)
    same = any(each.package == ask.state.package for each in here)
    return found("news", NEWS, not same, "same_version", "It stands there already.")


def _clashes(ask: Question) -> Answer:
    """Whether nothing that blocks stands in the calendar there now (S3-23)."""
    state, place = ask.state, frozenset((ask.state.environment,))
    plan = Plan(state.id, ask.at, ask.at + A_MOMENT, state.service, place)
    return clash_findings(Asked(plan, DEFAULT), (), ask.records)


def _locks(ask: Question) -> Answer:
    found = lock_findings(ask.target, ask.at, ask.records, ask.authority)
    return tuple(helped(each, ask.records) for each in found)


BLOCKERS: Final = (
    Blocker("package", "The package was built", _package, overridable=False),
    Blocker("line", "The line runs", lambda ask: line_finding(ask.environment), overridable=False),
    Blocker("running", "No other deployment is running", _running, overridable=False),
    Blocker("changes", AUTHORISED, authorised, overridable=False, source="X-01"),
    Blocker(COVER, COVERED, covered, overridable=False, source="S4-26"),
    Blocker("news", NEWS, _news, source="S4-12"),
    Blocker("locks", "No lock is in force", _locks, source="S0-13"),
    Blocker("clashes", CLASHES, _clashes, source="S3-23"),
    Blocker(
        "health", "It is healthy", lambda ask: health_findings(ask.environment, ask.at, ask.now)
    ),
    Blocker("blockers", "Nothing else blocks it", lambda ask: blocker_findings(ask.environment)),
    Blocker("promotion", "It stood where it is promoted from", _promotion),
    Blocker("criticality", "No change under way blocks deployments", _critical),
    Blocker("window", "Now is inside the maintenance window", _window, source="S3-15"),
)
"""The checks before a deployment starts; another one is another line here."""
OVERRIDABLE: Final = frozenset(each.name for each in BLOCKERS if each.overridable)
"""What two people may override anywhere."""


def may_override(ask: Question, requirement: str) -> bool:
    """Whether two people may override it there: that nothing covers it, only where that is said."""
    if requirement != COVER:
        return requirement in OVERRIDABLE
    place = environment_named(ask.records, ask.state.environment)
    return place is not None and place.plan.cover_overridable
