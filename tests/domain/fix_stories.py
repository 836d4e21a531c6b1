"""Stories of security fixes up to the point where a test begins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.grant import Scope
from domain.merge_request.state import Head, MergeRequest, digest_of
from domain.merge_request.state import Status as MergeStatus
from domain.security_fix import AGGREGATE
from domain.stable_line import StableLine
from tests.domain.given import DAY, NOON
from tests.domain.organisation import (
    ANN,
    ASA,
    CAB_ONE,
    CAB_TWO,
    LONG_AGO,
    MAX,
    PEOPLE,
    ROBOT,
    SUE,
    Story,
    adopted,
    grant,
)

PROJECT, PRODUCT = "gitlab-org/security/gitlab", "gitlab"
APPSEC, OTHER_APPSEC, MAINTAINER, ENGINEER, MANAGER, FINDER = ASA, SUE, CAB_ONE, ANN, MAX, CAB_TWO
FIX = "9" * 32
LINES = tuple(
    StableLine(f"line {name}", 1, PRODUCT, name, NOON - days * DAY, MANAGER, LONG_AGO)
    for name, days in (("16.10", 90), ("16.11", 60), ("17.0", 30), ("17.1", 3))
)
BRANCHES = {"master": 1, "17-1-stable": 2, "17-0-stable": 3, "16-11-stable": 4}
OPENING = {
    "playbook": "security",
    "kind": "vulnerability",
    "service": PRODUCT,
    "project": PROJECT,
    "title": "Paths are not checked",
}


def held(who: str, role: str) -> Any:
    """A grant of a role in the project of the fix."""
    return grant(who, role, Scope.PROJECT, PROJECT)


FIX_WORLD = (
    *PEOPLE,
    held(APPSEC, "role:appsec"),
    held(OTHER_APPSEC, "role:appsec"),
    held(MAINTAINER, "role:maintainer"),
    held(ROBOT, "role:release_bot"),
    adopted("security"),
    *LINES,
)


def merge_request(target: str, number: int = 0, **changes: Any) -> MergeRequest:
    """A merge request of the engineer, that aims at a branch."""
    found = number or BRANCHES[target]
    playbook = adopted("security").id
    kind = "strict" if target == "master" else "backport"
    at = Head(PROJECT, found, f"{found:x}" * 40, target, "b" * 40)
    given = MergeRequest(
        id=f"{found:032d}",
        version=1,
        status=MergeStatus.OPEN,
        kind=kind,
        playbook=playbook,
        project=PROJECT,
        number=found,
        title="Check paths",
        head=at.head,
        target=target,
        base=at.base,
        revision=1,
        digest=digest_of(kind, playbook, at, 1),
        author=ENGINEER,
        opened_at=NOON - DAY,
        contributors=(ENGINEER,),
        embargoed=True,
    )
    return replace(given, **changes)


def opened(**changes: Any) -> Story:
    """A fix that application security opened."""
    story = Story(AGGREGATE, FIX_WORLD, subject=FIX)
    story.ask(APPSEC, "open", **(OPENING | changes))
    return story


def assessed(**changes: Any) -> Story:
    """A fix of a grave vulnerability."""
    story = opened(**changes)
    story.ask(APPSEC, "assess", severity="high")
    return story
