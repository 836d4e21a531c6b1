"""What the deployments of a release owe when it is to be closed."""

from __future__ import annotations

from typing import Final

from domain.deployment.owing import barred, owed
from domain.deployment.state import Deployment
from domain.gate import Finding
from domain.gate import Status as Is
from domain.release.question import Question

SIGNED: Final = "Whatever was overridden on its way is countersigned"
_NAME: Final = "countersigned"


def countersigned(ask: Question) -> tuple[Finding, ...]:
    """A second person looked at every override that a deployment of the release went on by.

    One by which nothing ever set off owes nothing.
    """
    state = ask.state
    every = ask.records.find(Deployment, service=state.service, overridden=True)
    mine = [each for each in every if each.wish.belongs_to == state.id and each.started_at]
    owing = [each for each in mine if owed(each)]
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
