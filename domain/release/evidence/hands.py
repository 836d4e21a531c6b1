"""Whose reports are no word of others: who had a hand in what they are of, and their programs."""

from __future__ import annotations

from domain.evidence.state import Evidence
from domain.merge_request.standing import writers
from domain.release.gate.question import Question
from domain.release.gate.voters import involved


def own(ask: Question, reporter: str, subject: str | None = None) -> bool:
    """Whether they, or somebody whose program they are, had a hand in the release.

    Of a commit or package it is also who wrote what it is made of: of a version's whoever wrote
    anything that is in the release, else the merge request that it is of (S1-23, X-04).
    """
    if None not in ask.hands:
        ask.hands |= _writers(ask)
        ask.hands[None] = involved(ask)
    return reporter in ask.hands[None] or reporter in ask.hands.get(subject, ())


def _writers(ask: Question) -> dict[str | None, frozenset[str]]:
    """Who wrote the included merge requests, by their heads and what they were merged as.

    By the commits and packages of the versions everybody who did, since these are made of it all.
    """
    found: dict[str | None, frozenset[str]] = {}
    for each in ask.merge_requests.values():
        wrote = writers(each, ask.authority)
        for commit in filter(None, {each.head, each.merge_commit}):
            found[commit] = found.get(commit, frozenset()) | wrote
    everybody = frozenset[str]().union(*found.values())
    made = map(ask.state.target, ask.state.plan.versions)
    whole = (each for target in made for each in (target.commit, target.package))
    return found | dict.fromkeys(filter(None, whole), everybody)


def set_aside(ask: Question, reports: list[Evidence]) -> bool:
    """Whether any of these reports does not count because it is no word of others."""
    return any(own(ask, each.reporter, each.subject) for each in reports)
