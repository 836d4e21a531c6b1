"""What the deployments of a release owe when it is to be closed."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from domain.deployment.owing import Owed, barred, too_few
from domain.deployment.state import Deployment
from domain.gate import Act, Finding, either
from domain.gate import Status as Is
from domain.process.release import RequirementRow
from domain.release.checks.word import current, told_of
from domain.release.gate.question import Question, aside, found
from domain.release.state import Delivery, Judgement, Progress
from domain.release.whereabouts import by_override
from domain.release.whereabouts.counted import there_by
from domain.release.whereabouts.mending import looking, settling

ENDED: Final = "No deployment of it is running"
SIGNED: Final = "Whatever was overridden on its way is countersigned"
_NAME: Final = "countersigned"


def countersigned(ask: Question) -> tuple[Finding, ...]:
    """A second person looked at every override that it, or a deployment of it, went on by.

    One by which nothing ever set off owes nothing.
    """
    state = ask.state
    every = ask.records.find(Deployment, service=state.service, overridden=True)
    of_it = (each for each in every if there_by(state, each))
    by_hand = (by_override.told_of(state, each) for each in state.overrides)
    every_way = (*of_it, *by_hand, by_override.publishing(state))
    mine = [e for e in every_way if e.override and e.override.used_at]
    owing = [each for each in mine if each.owing]
    if not owing:
        status = Is.SATISFIED if mine else Is.NOT_APPLICABLE
        return (Finding(_NAME, status, SIGNED, tuple(dict.fromkeys(e.id for e in mine))),)
    return tuple(_owing(ask, each) for each in owing)


def ended(ask: Question) -> Finding:
    """Nothing of it is on its way: how that ends is told of a release that goes on (S0-13)."""
    going = [each for each in ask.state.deliveries if each.progress is Progress.RUNNING]
    if not going:
        return Finding("ended", Is.SATISFIED, ENDED)
    message = f"One to {going[0].environment} is."
    acts, code = (settling(ask, going[0]),), "deployment_running"
    return Finding("ended", Is.UNSATISFIED, ENDED, message=message, code=code, acts=acts)


def _owing(ask: Question, each: Deployment) -> Finding:
    out = barred(each, ask.authority)
    action = each.action("countersign")
    alone = too_few(each, ask.who(action), ask.authority)
    message = f"A second person owes it for {Owed(each).named}.{alone}"
    act = ask.act(action, "Countersign what was overridden.", out)
    return Finding(
        _NAME,
        Is.UNSATISFIED,
        SIGNED,
        (each.id,),
        message=message,
        code="countersignature_missing",
        acts=(act,),
    )


def watched(ask: Question, row: RequirementRow, gate: str) -> Finding | tuple[Finding, ...]:
    """Every deployment kept here that brought it there works, as somebody found, and was watched.

    One by hand is told of by no deployment: of that somebody attests both.
    """
    there = [
        each
        for each in ask.state.deliveries
        if each.progress is Progress.SUCCEEDED and row.environment in (None, each.environment)
    ]
    ids = frozenset(each.deployment for each in there if each.deployment)
    mine = ask.records.find(Deployment, id=ids) if ids else ()
    by_hand = [each for each in there if each.deployment is None]
    if not mine and not by_hand:
        return aside(row, "Nothing brought it there.")
    looked = tuple(finding for each in mine for finding in _looked_after(ask, row, each))
    return (*looked, *(_attested(ask, row, gate, each) for each in by_hand))


def _attested(ask: Question, row: RequirementRow, gate: str, each: Delivery) -> Finding:
    """Somebody said so of what was brought there by hand, since it is there.

    That it fails stands also once it was brought there anew.
    """
    title = f"What was brought to {each.environment} by hand works, and was watched"
    since = each.settled_at or each.started_at
    said = [e for e in told_of(ask, row, gate) if current(ask, row, e)]
    if bad := frozenset(e.person for e in said if e.judgement is Judgement.FAILS):
        message = f"{title}: something stands against it."
        return found(row, title, None, "attested_against", message, *_taking_back(ask, title, bad))
    good = tuple(e.id for e in said if e.at >= since)
    act = ask.act("release.attest", f"Attest: {title}.")
    message = f"Nobody has said since that it works in {each.environment} and was watched."
    return replace(found(row, title, good, "not_verified", message, act), evidence=good)


def _taking_back(ask: Question, title: str, people: frozenset[str]) -> tuple[Act, ...]:
    """What helps where somebody says that it fails: their own word, on what stands there now."""
    again = people.intersection(ask.who("release.attest"))
    told = f"Have who said that it fails look once more, and attest: {title}."
    acts = (Act("release.attest", again, description=told),) if again else ()
    back = "Have who said that it fails take it back."
    return *acts, Act("release.withdraw_attestation", people, description=back)


def _looked_after(ask: Question, row: RequirementRow, each: Deployment) -> tuple[Finding, ...]:
    where = f"{each.label} in {each.environment}"
    verify, watch = looking(ask, each, watched=False), looking(ask, each, watched=True)
    unverified = f"Nobody has found that {where} works."
    unwatched = f"Nobody has looked at the dashboards of {where} since, or it did not look well."
    works = found(row, f"{where} works", each.verified, "not_verified", unverified)
    seen = found(row, f"{where} was watched", each.watched, "not_watched", unwatched)
    answers = (either(works, verify), either(seen, watch))
    return tuple(replace(answer, evidence=(each.id,)) for answer in answers)
