"""Whether what was approved in advance is approved still, once it is on its way and beyond."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from domain.approval.asking import asked, at_board
from domain.approval.voting import Standing
from domain.deployment.question import Question as Deploying
from domain.gate import Finding, Requirement, nowhere
from domain.process.release import CLOSE, DEPLOY, PUBLISH, Matter
from domain.release.gate.matrix import requirement
from domain.release.gate.question import Question
from domain.release.standing import scopes_of
from domain.release.state import Release

APPROVE: Final = "release.approve"


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
    ask = Question(release, brought.at, brought.authority, brought.records, brought.who)
    near = approved_still(ask, brought.state.environment)
    return tuple(replace(each, check=partial(_of_release, each, release, brought)) for each in near)


def _of_release(near: Requirement, release: Release, brought: Deploying) -> tuple[Finding, ...]:
    """The findings about the release, with those alone whom the policy lets approve that."""
    answer = near.check()

    def may(standing: Standing) -> frozenset[str] | None:
        if brought.there is nowhere:
            return None
        return brought.there(APPROVE, at_board(scopes_of(release), standing.rule))

    found = (answer,) if isinstance(answer, Finding) else answer
    letting = ((each, each.standing and asked(each.standing, may)) for each in found)
    return tuple(replace(each, approve=APPROVE, standing=then) for each, then in letting)


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
