"""What may keep a deployment from starting: an open table of checks, each by its name (S0-13)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

from domain.calendar.entry_state import CalendarEntry, EntryKind
from domain.calendar.times import UNKNOWN, is_untold, times_of, untold
from domain.calendar.window import Window
from domain.clash.clash import DEFAULT, Plan
from domain.clash.findings import A_MOMENT, Asked, clash_findings
from domain.clash.findings import TITLE as CLASHES
from domain.deployment import place
from domain.deployment.activity import helped
from domain.deployment.authorising import TITLE as AUTHORISED
from domain.deployment.authorising import authorised
from domain.deployment.cover import COVER, covered
from domain.deployment.cover import TITLE as COVERED
from domain.deployment.critical import TITLE as CRITICAL
from domain.deployment.critical import critical
from domain.deployment.dwelling import ELSE
from domain.deployment.found_bad import faulty
from domain.deployment.promoting import PROMOTED, another, promotion
from domain.deployment.question import Question, found
from domain.deployment.state import Deployment, Status
from domain.environment.readiness import environment_named
from domain.gate import Act, Answer, Finding, Reference, Requirement, or_else
from domain.gate import Status as Is
from domain.lock.blocking import lock_findings
from domain.package import Package
from domain.reinstating import helping, told
from domain.release.evidence.made_of import same_version
from domain.release.whereabouts.by_hand import standing_of
from domain.release.whereabouts.in_the_way import others_ending
from domain.release.whereabouts.under_way import ending, under_way

PENDING: Final = frozenset((Status.REQUESTED, Status.RUNNING))
"""Where a deployment is still to be carried out, or to end."""


NEWS: Final = "It does not stand there yet"


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


def _package(ask: Question) -> Finding:
    """Whether it was built here, and is good; what is only claimed was never built."""
    title, package = "The package was built", ask.records.get(Package, ask.state.package)
    if package is None or package.claimed:
        return found("package", title, None, "package_never_built", "Nobody built it here.")
    if not package.condemned:
        return Finding("package", Is.SATISFIED, title)
    message = f"It turned out to be bad.{told((package,), ask.authority)}"
    other = another(ask, "a good package")
    acts, *more = helping((package,), ask.who, ask.authority, ask.records, other)
    return or_else(found("package", title, None, "package_condemned", message, *acts), *more)


def _running(ask: Question) -> Finding:
    """Whether nothing else is being deployed there, by hand neither, its own release included."""
    title, place = "No other deployment is running", ask.state.environment
    others = ask.records.find(Deployment, status=PENDING, environment=place)
    running = (each.id for each in others if each.status is Status.RUNNING)
    deployments = tuple(id for id in running if id != ask.state.id)
    releases = under_way(ask.records, place, hidden=ask.hidden)
    evidence = (*deployments, *releases)
    if not evidence:
        return Finding("running", Is.SATISFIED, title, source="S0-13")
    hand, called = others_ending(releases, place, ask.records)
    waits = (*(ending(place, each) for each in deployments), *hand)
    return Finding(
        "running",
        Is.UNSATISFIED,
        title,
        evidence,
        message=f"Another deployment is running there{called}",
        code="deployment_running",
        source="S0-13",
        acts=waits,
    )


def _window(ask: Question) -> Finding:
    """Whether now is inside the maintenance window, if there is one or must be (S3-15).

    What the request names is no more than when it wants to go: where a window must be, one of its
    service in the calendar has to be open, which whoever deploys does not plan alone.
    """
    window, title = ask.state.wish.window, "Now is inside the maintenance window"
    outside = window is not None and not window.holds(ask.at)
    if ask.environment.plan.needs_window and not outside:
        return _planned(ask, title)
    if window is None:
        return Finding("window", Is.NOT_APPLICABLE, title, source="S3-15")
    message = f"It is from {window.since.isoformat()} to {window.until.isoformat()}."
    answer = found(
        "window", title, not outside, "outside_window", message, _opening(window, ask.at)
    )
    return replace(answer, grounds=(window.since.isoformat(), window.until.isoformat()))


def _planned(ask: Question, title: str) -> Finding:
    """Whether a maintenance window of its service is open that the calendar has."""
    known, unknown = _maintenance(ask)
    if unknown and not _maintained(ask, known):
        message = untold(unknown[0])
        return Finding("window", Is.ERROR, title, message=message, code=UNKNOWN, source="S3-15")
    message = "Now is in none of the maintenance windows that the calendar has."
    told = "Plan a maintenance window of its service there, or wait for one."
    act = Act("calendar_entry.plan", description=told)
    return found("window", title, _maintained(ask, known), "window_missing", message, act)


def _opening(window: Window, at: datetime) -> Act:
    """What helps outside a window: to wait for it, or to name another once it is over."""
    if at < window.since:
        opens = window.since.isoformat()
        return Act("deployment.wait", count=0, description=f"The window opens at {opens}.")
    return Act("deployment.request", description="Request it anew, for another window.")


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
    """Whether something else stands there now (S4-12), also what came over it by hand.

    Of what is known to be bad it is asked whether it goes anywhere at all, which it does not.
    """
    package = ask.records.get(Package, ask.state.package)
    if package is not None and package.condemned:
        return Finding("news", Is.NOT_APPLICABLE, NEWS, message="It turned out to be bad.")
    packages = same_version(ask.state.package, ask.records)
    told = (ask.records, packages, ask.state.environment)
    there = standing_of(*told, hidden=ask.hidden)
    bad = any(faulty(ask.records, each) for each in there)
    message = f"It stands there already{ELSE if bad else ''}."
    back = "another package (roll this one back first where people use it)"
    acts = another(ask, back) if bad else ()
    answer = found("news", NEWS, not there, "same_version", message, *acts)
    same = tuple(each.id for each in there)
    return replace(answer, grounds=same, lacking=tuple(Reference("deployment", e) for e in same))


def _clashes(ask: Question) -> Answer:
    """Whether nothing that blocks stands in the calendar there now (S3-23)."""
    state, place = ask.state, frozenset((ask.state.environment,))
    plan = Plan(state.id, ask.at, ask.at + A_MOMENT, state.service, place)
    return clash_findings(Asked(plan, DEFAULT), (), ask.records)


def _locks(ask: Question) -> Answer:
    found = lock_findings(ask.target, ask.at, ask.records, ask.authority, ask.there)
    return tuple(helped(each, ask.records) for each in found)


PACKAGE: Final = Blocker("package", "The package was built", _package, overridable=False)
"""What is asked of the package, on its way too: what turned out to be bad goes no further."""


CRITICALITY: Final = Blocker("criticality", CRITICAL, critical, source="S0-13")
"""What is asked of changes under way, also where nothing is known of the place but its name."""
BLOCKERS: Final = (
    PACKAGE,
    Blocker("line", "The line runs", place.line, overridable=False),
    Blocker("running", "No other deployment is running", _running, overridable=False),
    Blocker("changes", AUTHORISED, authorised, overridable=False, source="X-01"),
    Blocker(COVER, COVERED, covered, overridable=False, source="S4-26"),
    Blocker("news", NEWS, _news, source="S4-12"),
    Blocker("locks", "No lock is in force", _locks, source="S0-13"),
    Blocker("clashes", CLASHES, _clashes, source="S3-23"),
    Blocker("health", "It is healthy", place.health),
    Blocker("blockers", "Nothing else blocks it", place.others),
    Blocker("promotion", PROMOTED, promotion),
    CRITICALITY,
    Blocker("window", "Now is inside the maintenance window", _window, source="S3-15"),
)
"""The checks before a deployment starts; another one is another line here."""
OF_PLACE: Final = frozenset(("line", COVER, "health", "blockers", "promotion", "window"))
"""What is asked of the environment: of one that is no more only that is told, once."""
OVERRIDABLE: Final = frozenset(each.name for each in BLOCKERS if each.overridable)
"""What two people may override anywhere."""


def blockers_of(ask: Question) -> tuple[Blocker, ...]:
    """Every check; where the environment is no more, that instead of those that ask about it."""
    if (gone := ask.gone) is None:
        return BLOCKERS
    place = Blocker(gone.requirement, gone.title, lambda _: gone, overridable=False)
    return (place, *(each for each in BLOCKERS if each.name not in OF_PLACE))


def may_override(ask: Question, requirement: str) -> bool:
    """Whether two people may override it there: that nothing covers it, only where that is said."""
    if requirement != COVER:
        return requirement in OVERRIDABLE
    place = environment_named(ask.records, ask.state.environment)
    return place is not None and place.plan.cover_overridable
