"""What the deployments of a release owe when it is to be closed."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from domain.deployment.owing import barred
from domain.deployment.state import Deployment
from domain.gate import Finding
from domain.gate import Status as Is
from domain.process.release import RequirementRow
from domain.release.checks.word import current
from domain.release.gate.question import Question, aside, found
from domain.release.state import Delivery, Judgement, Progress

SIGNED: Final = "Whatever was overridden on its way is countersigned"
_NAME: Final = "countersigned"


def countersigned(ask: Question) -> tuple[Finding, ...]:
    """A second person looked at every override that a deployment of the release went on by.

    One by which nothing ever set off owes nothing.
    """
    state = ask.state
    every = ask.records.find(Deployment, service=state.service, overridden=True)
    counted = {each.deployment for each in state.deliveries}
    of_it = (each for each in every if each.wish.belongs_to == state.id or each.id in counted)
    mine = [each for each in of_it if each.override and each.override.used_at]
    owing = [each for each in mine if each.owing]
    if not owing:
        status = Is.SATISFIED if mine else Is.NOT_APPLICABLE
        return (Finding(_NAME, status, SIGNED, tuple(each.id for each in mine)),)
    return tuple(_owing(ask, each) for each in owing)


def _owing(ask: Question, each: Deployment) -> Finding:
    message = f"A second person owes it for {each.label} in {each.environment}."
    out = barred(each, ask.authority)
    act = ask.act("deployment.countersign", "Countersign what was overridden.", out)
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
    """Somebody said so of what was brought there by hand, since it is there."""
    title = f"What was brought to {each.environment} by hand works, and was watched"
    act = ask.act("release.attest", f"Attest: {title}.")
    since = each.settled_at or each.started_at
    key = (row.name, gate)
    spoken = (e for e in ask.state.attestations if (e.requirement, e.gate) == key)
    said = [e for e in spoken if e.at >= since and current(ask, row, e)]
    if not said:
        message = f"Nobody has said since that it works in {each.environment} and was watched."
        return found(row, title, None, "not_verified", message, act)
    if any(each.judgement is Judgement.FAILS for each in said):
        message = f"{title}: something stands against it."
        return found(row, title, None, "attested_against", message, act)
    return Finding(
        row.name, Is.SATISFIED, title, tuple(each.id for each in said), source=row.source
    )


def _looked_after(ask: Question, row: RequirementRow, each: Deployment) -> tuple[Finding, ...]:
    where = f"{each.label} in {each.environment}"
    verify = ask.act("deployment.verify", f"Say whether {where} works.")
    watch = ask.act("deployment.watch", f"Watch {where}.")
    unverified = f"Nobody has found that {where} works."
    unwatched = f"Nobody has looked at the dashboards of {where} since, or it did not look well."
    answers = (
        found(row, f"{where} works", each.verified, "not_verified", unverified, verify),
        found(row, f"{where} was watched", each.watched, "not_watched", unwatched, watch),
    )
    return tuple(replace(answer, evidence=(each.id,)) for answer in answers)
