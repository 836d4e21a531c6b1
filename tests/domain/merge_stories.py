"""Stories of merge requests up to the point where a test begins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.evidence.aggregate import Evidence, Outcome
from domain.grant.aggregate import Scope
from domain.merge_request.aggregate import AGGREGATE
from domain.merge_request.state import MergeRequest
from tests.domain.given import NOON
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
    person,
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


CI, RELEASES = (f"bot:{letter * 32}" for letter in "ab")
"""Who reports pipelines, and who releases."""
PROGRAMS = (
    person(CI),
    person(RELEASES),
    grant(CI, "role:ci_bot", Scope.PROJECT, PROJECT),
    grant(RELEASES, "role:release_bot", Scope.PROJECT, PROJECT),
)


def report(of: MergeRequest, outcome: Outcome = Outcome.PASSED, **changes: Any) -> Evidence:
    """What was reported of the head of a merge request: that its pipeline passed."""
    told = Evidence(
        id=f"report {of.head} {outcome}",
        version=1,
        project=of.project,
        name="pipeline",
        outcome=outcome,
        subject=of.head,
        environment=None,
        link=None,
        detail=None,
        reporter=CI,
        reported_at=NOON,
    )
    return replace(told, **changes)


def handed_over(story: Story) -> None:
    """Its pipeline passed, and it is in the hands of the program that releases."""
    story.learn(*PROGRAMS, report(story.state))
    story.ask(AUTHOR, "assign", assignee=RELEASES)


def signed() -> Story:
    """A merge request with both approving reviews."""
    story = opened()
    story.ask(FIRST, "sign_off", rule="reviews")
    story.ask(SECOND, "sign_off", rule="reviews")
    return story
