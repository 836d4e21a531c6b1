"""Stories of merge requests up to the point where a test begins."""

from __future__ import annotations

from typing import Any

from domain.grant import Scope
from domain.merge_request import AGGREGATE
from tests.domain.organisation import (
    ANN,
    ASA,
    CAB_ONE,
    CAB_TWO,
    PEOPLE,
    ROBOT,
    Story,
    adopted,
    grant,
)

PROJECT = "gitlab-org/gitaly"
HEAD, OTHER_HEAD, BASE, OTHER_BASE, MERGE_COMMIT = (digit * 40 for digit in "12345")
AUTHOR, COMMITTER, FIRST, SECOND, THIRD = ANN, ROBOT, ASA, CAB_ONE, CAB_TWO
REVIEWERS = tuple(grant(who, "role:reviewer", Scope.PROJECT, PROJECT) for who in (FIRST, SECOND))
MERGE_WORLD = (*PEOPLE, *REVIEWERS, adopted("gitaly"), adopted("security"))
OPENING = {
    "playbook": "gitaly",
    "kind": "component",
    "project": PROJECT,
    "number": 7,
    "title": "Count objects once",
    "head": HEAD,
    "target": "master",
    "base": BASE,
}


def opened(**changes: Any) -> Story:
    """A merge request that its author opened."""
    story = Story(AGGREGATE, MERGE_WORLD, subject="8" * 32)
    story.ask(AUTHOR, "open", **(OPENING | changes))
    return story


def signed() -> Story:
    """A merge request with both approving reviews."""
    story = opened()
    story.ask(FIRST, "sign_off", rule="reviews")
    story.ask(SECOND, "sign_off", rule="reviews")
    return story
