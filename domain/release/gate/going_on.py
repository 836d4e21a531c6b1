"""Whether what was approved in advance is approved still, once it is on its way and beyond."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.authority import Authority
from domain.gate import Requirement
from domain.kernel import Records
from domain.process.release import CLOSE, DEPLOY, Matter
from domain.release.gate.matrix import requirement
from domain.release.gate.question import Question
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


def goes_on(
    release: Release, where: str, at: datetime, authority: Authority, records: Records
) -> tuple[Requirement, ...]:
    """The same of a release that a deployment brings there."""
    return approved_still(Question(release, at, authority, records), where)


def closing(ask: Question) -> Iterator[Requirement]:
    """The same of everywhere it went, as it closes: each row once, unless it asks then anyhow."""
    try:
        told = {each.name for each in ask.kind.rows(CLOSE)}
    except LookupError:
        return
    for delivery in ask.state.deliveries:
        for each in approved_still(ask, delivery.environment):
            if each.name not in told:
                told.add(each.name)
                yield each
