"""Whether what goes somewhere stood where it is promoted from for long enough, and works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from domain.deployment.dwelling import (
    INTERRUPTED,
    MENDING,
    NOT_WORKING,
    left,
    newest,
    ripe,
    working,
)
from domain.deployment.found_bad import against, to_look_at
from domain.deployment.question import Question, found
from domain.deployment.state import Deployment, Status
from domain.deployment.undoing import Whom, saying_otherwise
from domain.environment.promotion import earlier, promoted_from
from domain.gate import Act, Answer, Finding, Reference, either
from domain.gate import Status as Is
from domain.kernel import Records
from domain.package import Package
from domain.reinstating import alike
from domain.release.evidence.made_of import package_of, same_build
from domain.release.gate.question import Question as Carrying
from domain.release.standing import kind_of
from domain.release.state import ENDED, Release
from domain.release.whereabouts.by_hand import bare
from domain.release.whereabouts.out_of_turn import held
from domain.release.whereabouts.out_of_turn import ripe as ripe_together
from domain.release.whereabouts.there import brought

PROMOTED: Final = "It stood where it is promoted from"
WITHDRAW: Final = Act(
    "deployment.withdraw",
    description="Withdraw the request: what its release is made of then is deployed by another.",
)
"""What becomes of a request for what its release is not made of."""
ENDS: Final = Act(
    "deployment.withdraw",
    description="Withdraw the request: its release goes nowhere any more.",
)
"""What becomes of a request for a release that is closed, or was given up."""


def promotion(ask: Question) -> Answer:
    """Whether it stood long enough in every environment that comes right before in its line.

    And whether it was found not to work in any that comes before these.
    """
    plan = ask.environment.plan
    before = promoted_from(plan, ask.records)
    if not before:
        return Finding("promotion", Is.NOT_APPLICABLE, PROMOTED)
    there = [stood(ask, each, plan.dwell_hours) for each in before]
    bad = (found_bad(ask, each) for each in earlier(plan, ask.records))
    return (*there, *filter(None, bad))


def found_bad(ask: Question, environment: str) -> Finding | None:
    """That it was found not to work somewhere, if so, whether or not it had to stand there."""
    there = replace(ask.state, environment=environment)
    if not against(ask.records, there):
        return None
    return _not_working(ask, there, f"It works in {environment}")


def stood(ask: Question, environment: str, hours: int) -> Finding:
    """Whether it stood there for so long without interruption, and was not found not to work."""
    title = f"It stood in {environment}"
    where = {"environment": environment, "package": names_of(ask.records, ask.state.package)}
    done = ask.records.find(Deployment, status=Status.SUCCEEDED, **where)
    last, good = newest(done), working(done)
    spans = [span for each in good for span in bare(ask.records, each, hidden=ask.hidden)]
    if last is None:
        acts = _bringing(ask, environment, "first", hours)
        never = found("promotion", title, None, "not_promoted", "It never stood there.", *acts)
        return replace(never, grounds=(environment,))
    if bad := found_bad(ask, environment):
        return replace(bad, title=title)
    at = ripe(spans, hours)
    if at is None or at > ask.at:
        at = min(filter(None, (at, _in_release(ask, environment, hours))), default=None)
    if at is None:
        since = left(spans) or last.stands[-1].until
        return _interrupted(ask, environment, title, since, hours)
    waits = Act("deployment.wait", count=0, description=f"It is ripe at {at.isoformat()}.")
    message = f"It must stand there until {at.isoformat()}."
    answer = found("promotion", title, at <= ask.at, "dwell_too_short", message, waits)
    return replace(answer, grounds=(environment, at.isoformat()))


def names_of(records: Records, package: str) -> frozenset[str]:
    """The package, and whatever has its digest in its service under another name."""
    known = records.get(Package, package)
    same = alike(records, known.digest, known.service) if known else ()
    return frozenset((package, *(each.id for each in same)))


def _in_release(ask: Question, environment: str, hours: int) -> datetime | None:
    """When it is ripe as what its release brought there: fixes out of turn part nothing (S4-19)."""
    release = ask.records.get(Release, ask.state.wish.belongs_to or "")
    if release is None or (delivery := release.reached(environment)) is None:
        return None
    asked = Carrying(release, ask.at, ask.authority, ask.records)
    own = brought(asked, delivery)
    same = own is not None and own.package in names_of(ask.records, ask.state.package)
    return ripe_together(held(asked, delivery), hours) if same else None


def _not_working(ask: Question, there: Deployment, title: str) -> Finding:
    """That it was found not to work there, by whatever deployment or name it came (S3-09)."""
    where, last = there.environment, to_look_at(ask.records, there)
    asked = Whom(ask.who, ask.authority, ask.records, ask.at)
    again = Act("deployment.request", description=f"Deploy it to {where} again. {MENDING}")
    says = tuple(saying_otherwise(asked, there)) if last else (again,)
    message = f"It was found not to work in {where}."
    ways = (says, another(ask, "what mends that"))
    bad = either(found("promotion", title, None, NOT_WORKING, message), tuple(filter(None, ways)))
    told = last or against(ask.records, there)[-1].deployment
    return replace(bad, grounds=(where, told.id), lacking=(Reference("deployment", told.id),))


def _bringing(ask: Question, environment: str, when: str, hours: int) -> Iterator[Act]:
    """That it is brought there, and stays; what a release that goes there has goes with it."""
    release = ask.records.get(Release, ask.state.wish.belongs_to or "")
    if release is not None and environment in kind_of(release, ask.records).environments:
        told = f"Deploy it to {environment}."
        yield Act("release.deploy", description=told, environment=environment)
    else:
        told = f"Deploy it to {environment} {when}."
        yield Act("deployment.request", description=told, environment=environment)
    if hours:
        at = (ask.at + timedelta(hours=hours)).isoformat()
        told = f"It then has to stay in {environment} until {at} at the earliest."
        yield Act("deployment.wait", count=0, description=told)


def _interrupted(
    ask: Question, environment: str, title: str, since: datetime | None, hours: int
) -> Finding:
    """That something else took its place there before it had stood there for long enough."""
    at = since.isoformat() if since else ""
    acts = _bringing(ask, environment, "again", hours)
    message = f"Something else took its place in {environment} at {at}, too early: it begins anew."
    short = found("promotion", title, None, INTERRUPTED, message, *acts)
    return replace(short, grounds=(environment, at))


def another(ask: Question, wanted: str) -> tuple[Act, ...]:
    """That something else goes there instead; what is on its way does not get there.

    A request stays one for what it names: once its release is made of something else it is
    withdrawn, and the gate of the release goes by another.
    """
    if ask.state.status is not Status.REQUESTED:
        return (Act("deployment.roll_back", description="Roll it back, or say that it failed."),)
    if not ask.state.wish.belongs_to:
        return (Act("deployment.request", description=f"Request {wanted} instead."),)
    aim = Act("release.aim", description=f"Aim the release at {wanted}.")
    if ask.carrying:
        return (aim,)
    release = ask.records.get(Release, ask.state.wish.belongs_to)
    if release is not None and release.status in ENDED:
        return (ENDS,)
    return (aim, WITHDRAW) if made_of_it(ask) else (WITHDRAW,)


def made_of_it(ask: Question) -> bool:
    """Whether the release that it was said to belong to is made of what it names still."""
    release = ask.records.get(Release, ask.state.wish.belongs_to or "")
    own = ask.records.get(Package, ask.state.package)
    return release is not None and same_build(package_of(release, ask.records), own)
