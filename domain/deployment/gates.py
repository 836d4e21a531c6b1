"""The gates of a deployment: before it starts, before each further stage, and before it closes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.askers import check_firsthand
from domain.authority import Authority
from domain.deployment import place
from domain.deployment.blockers import PACKAGE, blockers_of
from domain.deployment.brought_first import brought_first
from domain.deployment.offering import passable
from domain.deployment.owing import signers, too_few
from domain.deployment.promoting import ENDS, WITHDRAW, made_of_it
from domain.deployment.question import Question, Who, found, nobody
from domain.deployment.state import Deployment, Status
from domain.gate import (
    Act,
    Answer,
    Finding,
    Requirement,
    There,
    Verdict,
    evaluate,
    nowhere,
    or_else,
    with_people,
)
from domain.gate import Status as Is
from domain.kernel import Context, Problems, Records
from domain.lock.blocking import HALTED, halting_findings
from domain.package import Package
from domain.passage import Passed, require
from domain.release.evidence.made_of import aimed_at, named, only
from domain.release.gate.gates import RELEASE, lets
from domain.release.gate.going_on import goes_on
from domain.release.gate.question import Question as Carrying
from domain.release.standing import scopes_of
from domain.release.state import ENDED, Release


def verdict(
    state: Deployment,
    action: str,
    *,
    at: datetime,
    authority: Authority,
    records: Records,
    now: datetime | None = None,
    who: Who = nobody,
    there: There = nowhere,
) -> Verdict:
    """What the gate of one of the acts in `GATES` says; KeyError for any other act.

    With `now`, it is a forecast for the later moment `at`. With `who`, the acts that would help
    name who may ask for them; with `there` so do those on the locks in its way.
    """
    return _asked(Question(state, at, authority, records, now=now, who=who, there=there), action)


def _asked(ask: Question, action: str) -> Verdict:
    """What a gate says; of what is only about to be requested nothing is overridden."""
    said = evaluate(GATES[action](ask)).findings
    said = passable(ask, said) if ask.state.version else said
    if action == "start" and ask.who is not nobody:
        said = brought_first(ask, said, lambda before: _asked(before, action))
    return Verdict(tuple(with_people(each, ask.who) for each in said))


def passed(state: Deployment, context: Context, action: str) -> tuple[Passed, ...]:
    """The evidence on which the gate opens; a Refusal with its verdict when it stays closed."""
    problems = Problems()
    check_firsthand(problems, context)
    problems.settle()
    at, authority, records = context.at, context.authority, context.records
    return require(verdict(state, action, at=at, authority=authority, records=records))


# Starting.

_START: Final = Act("deployment.start", description="Start it, once its gate lets it.")


def _starting(ask: Question) -> tuple[Requirement, ...]:
    status = Requirement("status", "It is requested", lambda: _status(ask, Status.REQUESTED))
    release = Requirement("release", RELEASE, lambda: _release(ask), "S4-26")
    return (status, *(each.requirement(ask) for each in blockers_of(ask)), release)


def _release(ask: Question) -> Answer:
    """Whether every release that it is for may go there, by its own matrix (S4-26).

    That is the one it belongs to, and whichever other is aimed at what it brings, named or not.
    """
    belongs, package = ask.state.wish.belongs_to, ask.records.get(Package, ask.state.package)
    aimed = aimed_at(package, ask.state.environment, ask.records) if package else ()
    others = [each for each in aimed if each.id != belongs]
    own = [_belonging(ask, belongs)] if belongs else _undecided(ask, package, aimed)
    asked = (_lets(ask, each) for each in others)
    return [*own, *asked] or Finding("release", Is.NOT_APPLICABLE, RELEASE)


def _belonging(ask: Question, belongs: str) -> Finding:
    """Whether the release it was said to belong to is still made of it, and may go there."""
    release = ask.records.get(Release, belongs)
    if release is None:
        raise LookupError("the release it belongs to is missing")
    if release.status in ENDED:
        message = f"The release is {release.status.value}, and goes nowhere any more."
        return found("release", RELEASE, None, "release_not_ready", message, ENDS)
    if not made_of_it(ask):
        message = "The release is made of something else by now."
        back = Act("release.aim", description="Aim the release at it again.")
        return or_else(found("release", RELEASE, None, "other_package", message, back), (WITHDRAW,))
    return _lets(ask, release)


def _lets(ask: Question, release: Release) -> Finding:
    """Whether it does, and who helps, of those who may ask for something of the release."""
    given, scopes = (release, ask.at, ask.authority, ask.records), scopes_of(release)
    if ask.who is nobody or release.embargoed:
        return lets(Carrying(*given, now=ask.now), ask.state.environment)
    asks = Carrying(*given, lambda e: ask.there(e, scopes), now=ask.now, there=ask.there)
    return lets(asks, ask.state.environment)


def _undecided(ask: Question, package: Package | None, aimed: tuple[Release, ...]) -> list[Finding]:
    """That nobody said to which of several releases it belongs."""
    several = only(package, aimed, ask.records) if package else ()
    if len(several) <= 1:
        return []
    message = f"It is what {named(several)} are made of: request it for one of these."
    act = Act("deployment.request", description="Request it for one of them by its name.")
    return [found("release", RELEASE, None, "release_not_named", message, act)]


def _status(ask: Question, wanted: Status) -> Finding:
    title, holds = f"It is {wanted.value}", ask.state.status is wanted
    message = f"It is {ask.state.status.value}."
    early = wanted is Status.RUNNING and ask.state.status is Status.REQUESTED
    acts = (_START,) if early else ()
    return found("status", title, holds, f"not_{wanted.value}", message, *acts)


# Going on.


def _advancing(ask: Question) -> tuple[Requirement, ...]:
    """What is asked before each further stage of a running deployment (S4-06)."""
    near = [_line(ask), _health(ask)]
    if gone := ask.gone:
        near = [Requirement(gone.requirement, gone.title, lambda: gone)]
    return (
        Requirement("status", "It is running", lambda: _status(ask, Status.RUNNING)),
        PACKAGE.requirement(ask),
        *near,
        Requirement("locks", HALTED, lambda: _halting(ask)),
        *_approved(ask),
    )


def _line(ask: Question) -> Requirement:
    return Requirement("line", "The line runs", lambda: place.line(ask))


def _health(ask: Question) -> Requirement:
    return Requirement("health", "It is healthy", lambda: place.health(ask), "S3-16")


def _halting(ask: Question) -> tuple[Finding, ...]:
    return halting_findings(ask.target, ask.at, ask.records, ask.authority, ask.there)


def _succeeding(ask: Question) -> tuple[Requirement, ...]:
    """What is asked before it counts as deployed: what halts a stage halts the last one, too.

    So does that its package turned out to be bad: it may fail or be rolled back.
    """
    return (
        Requirement("status", "It is running", lambda: _status(ask, Status.RUNNING)),
        PACKAGE.requirement(ask),
        Requirement("locks", HALTED, lambda: _halting(ask), "S0-12"),
        *_approved(ask),
    )


def _approved(ask: Question) -> tuple[Requirement, ...]:
    """Whether the release it brings is approved still, if that was in advance (S3-14)."""
    belongs = ask.state.wish.belongs_to
    release = ask.records.get(Release, belongs) if belongs else None
    if release is None:
        return ()
    return goes_on(release, ask)


# Closing.

_WELL: Final = (
    Act("deployment.succeed", description="Say that it stands there."),
    Act("deployment.verify", description="Say whether it works."),
    Act("deployment.watch", description="Look at the dashboards, and say what they show."),
)
_ILL: Final = (
    Act("deployment.fail", description="Say that it did not work out."),
    Act("deployment.roll_back", description="Say that it was taken back."),
)


def _closing(ask: Question) -> tuple[Requirement, ...]:
    """What is left to do once it has ended: to verify, to watch, to be healthy, to countersign.

    How well an environment is that is no more nobody says any more, and so nobody is asked.
    """
    ended = Requirement("status", "It has ended", lambda: _ended(ask))
    signed = Requirement("countersignature", "Its override is signed", lambda: _signed(ask))
    if ask.state.status is not Status.SUCCEEDED:
        return (ended, signed)
    return (
        ended,
        Requirement("verification", "It was verified", lambda: _verified(ask), "S3-09"),
        Requirement("watch", "It was watched afterwards", lambda: _watched(ask), "S4-06"),
        *(() if ask.gone else (_health(ask),)),
        signed,
    )


def _ended(ask: Question) -> Finding:
    over = (Status.SUCCEEDED, Status.FAILED, Status.ROLLED_BACK)
    holds = ask.state.status in over and ask.state.closed_at is None
    message = "It is closed." if ask.state.closed_at else f"It is {ask.state.status.value}."
    answer = found("status", "It has ended", holds, "not_ended", message)
    return answer if holds or ask.state.closed_at else _ending(ask, answer)


def _ending(ask: Question, answer: Finding) -> Finding:
    """What ends it: that it went well, and is looked after, or that it did not."""
    starts = (_START,) if ask.state.status is Status.REQUESTED else ()
    if not starts and ask.state.status is not Status.RUNNING:
        return answer
    well = (*starts, *_WELL)
    return replace(answer, acts=well, instead=tuple((*starts, each) for each in _ILL))


def _verified(ask: Question) -> Finding:
    title, message = "It was verified", "Nobody has found that it works."
    act = Act("deployment.verify", description="Say whether it works.")
    return found("verification", title, ask.state.verified, "not_verified", message, act)


def _watched(ask: Question) -> Finding:
    message = "Nobody has looked at the dashboards since, or it did not look well."
    title = "It was watched afterwards"
    act = Act("deployment.watch", description="Look at the dashboards, and say what they show.")
    return found("watch", title, ask.state.watched, "not_watched", message, act)


def _signed(ask: Question) -> Finding:
    title, override = "Its override is signed", ask.state.override
    if override is None or override.used_at is None:
        return Finding("countersignature", Is.NOT_APPLICABLE, title)
    people = ask.who("deployment.countersign")
    alone = too_few(ask.state, people, ask.authority)
    message = f"A second person owes it by {override.due.isoformat()}.{alone}"
    able = signers(ask.state, people, ask.authority)
    told = "Countersign what was overridden, as a second person."
    act = Act("deployment.countersign", frozenset(able), description=told)
    signed = override.countersigned_at
    return found("countersignature", title, signed, "countersignature_missing", message, act)


GATES: Final[Mapping[str, Callable[[Question], tuple[Requirement, ...]]]] = {
    "start": _starting,
    "advance": _advancing,
    "succeed": _succeeding,
    "close": _closing,
}
"""The requirements of every guarded act, by the command that asks for it."""
