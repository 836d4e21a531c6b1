"""Acts on the merge requests of a release, by who may ask for them and may know of these."""

from __future__ import annotations

from collections.abc import Collection

from domain.gate import Act
from domain.merge_request.question import knowing
from domain.merge_request.standing import involved
from domain.merge_request.state import MergeRequest
from domain.release.gate.question import Question


def moving(ask: Question, action: str, requests: Collection[MergeRequest], how: str) -> Act:
    """That somebody who may asks for an action of one of these."""
    people = (knowing(each, action, ask.who) for each in requests)
    return Act(action, frozenset[str]().union(*people), description=how)


def merging(ask: Question, requests: Collection[MergeRequest], how: str) -> Act:
    """That each of these is merged, by somebody who had no hand in it."""
    action = "merge_request.merge"
    people = (knowing(e, action, ask.who) - involved(e, ask.authority) for e in requests)
    return Act(action, frozenset[str]().union(*people), description=how)
