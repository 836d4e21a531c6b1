"""Whether what was approved in advance is approved still, once it is on its way and beyond."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from domain.approval.asking import asked
from domain.deployment.question import Question as Deploying
from domain.gate import Finding, Requirement
from domain.process.release import CLOSE, DEPLOY, PUBLISH, Matter
from domain.release.gate.matrix import requirement
from domain.release.gate.question import Question
from domain.release.gate.voters import APPROVE, letting
from domain.release.state import Release


def approved_still(ask: Question, where: str) -> tuple[Requirement, ...]:
    """What its way there asks of approval in advance: that holds only while every test passes.

    Once one does not pass, those who approve such releases say whether it goes on (S3-14). Without
    its playbook nothing asks that, and the other requirements answer for it.
    """
    gate = f"{DEPLOY}:{where}"
    try:
        rows = ask.kind.rows(gate)
    except LookupError:
        return ()
    near = (each for each in rows if each.about is Matter.APPROVAL and each.in_advance)
    return tuple(requirement(ask, each, gate) for each in near)


def goes_on(release: Release, brought: Deploying) -> tuple[Requirement, ...]:
    """The same of a release that a deployment brings there; what is approved is the release."""
    known = (release, brought.at, brought.authority, brought.records, brought.who)
    ask = Question(*known, there=brought.there)
    near = approved_still(ask, brought.state.environment)
    return tuple(replace(each, check=partial(_of_release, ask, each)) for each in near)


def _of_release(ask: Question, near: Requirement) -> tuple[Finding, ...]:
    """The findings about the release, with those alone whom the policy lets approve that."""
    answer, may = near.check(), letting(ask)
    found = (answer,) if isinstance(answer, Finding) else answer
    then = ((each, each.standing and asked(each.standing, may)) for each in found)
    return tuple(replace(each, approve=APPROVE, standing=standing) for each, standing in then)


def everywhere(ask: Question, act: str) -> Iterator[Requirement]:
    """The same of everywhere it went, as it is published or closes.

    Each row is asked once, and not here where the act asks for it anyhow.
    """
    if act not in (PUBLISH, CLOSE):
        return
    try:
        told = {each.name for each in ask.kind.rows(act)}
    except LookupError:
        return
    for delivery in ask.state.deliveries:
        for each in approved_still(ask, delivery.environment):
            if each.name not in told:
                told.add(each.name)
                yield each
