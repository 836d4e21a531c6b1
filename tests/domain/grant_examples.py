"""Roles given in a world where release managers decide and readers do not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.grant.aggregate import (
    Scope,
)
from domain.grant.events import Given, GroupMapped
from domain.kernel import Context
from tests.domain.authority_examples import person
from tests.domain.given import (
    ADA,
    BEN,
    CAT,
    DAN,
    DAY,
    NOON,
    ROBOT,
    asked_by,
    authority,
)

MANAGER, READER = "role:release_manager", "role:reader"
DECIDES, ROLES = frozenset((MANAGER,)), frozenset((MANAGER, READER))
PEOPLE = (person(ADA), person(BEN), person(CAT), person(DAN), person(ROBOT, owner=DAN))
DIGEST = "sha256:" + "0" * 64

READS = Given(
    person=ADA,
    role=READER,
    scope=Scope.SERVICE,
    value="api",
    since=NOON,
    until=None,
    approving=False,
    founding=False,
    reason="joins",
)
DECIDES_ON = replace(READS, role=MANAGER, scope=None, value="any", until=NOON + DAY, approving=True)
MAPPED = GroupMapped(
    person=ADA,
    role=READER,
    scope=None,
    value="any",
    since=NOON,
    until=NOON + DAY,
    approving=False,
    group="staff",
    mapping=DIGEST,
)


def asking(who: str, *more: Any, **others: Any) -> Context:
    """A request in a world where release managers decide."""
    under = authority(*PEOPLE, *more, approving=DECIDES, roles=ROLES)
    return asked_by(who, under=under, **others)
