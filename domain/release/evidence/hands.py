"""Whose reports are no word of others: who had a hand in what they are of, and their programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from domain.change.covering import is_of
from domain.change.standing import involved as on_change
from domain.change.state import LinkKind
from domain.evidence.state import Evidence
from domain.inclusion import Inclusion
from domain.merge_request.standing import writers
from domain.merge_request.state import MergeRequest
from domain.release.embargo import commits_in
from domain.release.gate.question import Question
from domain.release.gate.voters import involved
from domain.release.state import Release

Sought = tuple[type[MergeRequest], dict[str, frozenset[str]]]
"""How merge requests are found: by the commits that they have as this."""
WHOLE: Final = ""
"""Stands for whatever is made of all that is in a release."""


def own(ask: Question, reporter: str, subject: str | None = None) -> bool:
    """Whether they, or somebody whose program they are, had a hand in the release.

    Of a commit or package it is also who wrote what it is made of: of that of a merge request who
    wrote this, else, as of a version's and of what was built of it, whoever wrote anything that is
    in the release, however it came in (S1-23, X-04).
    """
    if None not in ask.hands:
        ask.hands |= _writers(ask)
        ask.hands[None] = involved(ask)
    whole = None if subject is None else WHOLE
    return reporter in ask.hands[None] or reporter in ask.hands.get(subject, ask.hands[whole])


def own_of_any(ask: Question, reporter: str) -> bool:
    """Whether it is so of any commit or package that its versions are made of."""
    return any(own(ask, reporter, each) for each in (None, *ask.subjects))


def _writers(ask: Question) -> dict[str | None, frozenset[str]]:
    """Who wrote the merge requests in it, by their heads and what they were merged as.

    By the commits and packages of the versions everybody who did, since these are made of it all:
    also who asked for, answers or wrote for a change, and who wrote what nobody says a commit is.
    """
    found: dict[str | None, frozenset[str]] = {}
    tied = ask.tied_to(ask.changes.values())
    for each in (*ask.merge_requests.values(), *tied, *_unsaid(ask)):
        wrote = writers(each, ask.authority)
        for commit in filter(None, {each.head, each.merge_commit}):
            found[commit] = found.get(commit, frozenset()) | wrote
    changes = (on_change(each, ask.authority) for each in ask.changes.values())
    everybody = frozenset[str]().union(*found.values(), *changes)
    return found | dict.fromkeys((*ask.subjects, WHOLE), everybody)


def of_versions(state: Release) -> Iterator[Sought]:
    """How the merge requests are found that are what its versions are made of."""
    yield from _of(commits_in(state, ()))


def of_items(state: Release, items: Iterable[Inclusion]) -> Iterator[Sought]:
    """How those are found that commits in it are of, whoever says so."""
    yield from _of(commits_in(state, items) - commits_in(state, ()))


def of_ties(ask: Question) -> Iterator[Sought]:
    """How those are found that other commits of changes in it are of."""
    if tied := _tied(ask):
        yield from _of(tied - commits_in(ask.state, ask.items))


def of_all(ask: Question) -> Iterator[Sought]:
    """How those are found that any commit in it is of, as the parts of it become known."""
    made, inside = commits_in(ask.state, ()), commits_in(ask.state, ask.items)
    for commits in (made, inside - made, _tied(ask) - inside):
        yield from _of(commits)


def _tied(ask: Question) -> frozenset[str]:
    links = (link for each in ask.changes.values() for link in each.links)
    return frozenset(each.reference for each in links if each.kind is LinkKind.COMMIT)


def _of(commits: frozenset[str]) -> Iterator[Sought]:
    if commits:
        yield MergeRequest, {"head": commits}
        yield MergeRequest, {"merge_commit": commits}


def _unsaid(ask: Question) -> Iterator[MergeRequest]:
    """The merged merge requests that such commits are of; in the open no hidden one."""
    for kind, told in of_all(ask):
        (commits,) = told.values()
        for each in ask.records.find(kind, **told):
            known = ask.state.embargoed or not each.embargoed
            if known and any(is_of(each, commit, None) for commit in commits):
                yield each


def set_aside(ask: Question, reports: list[Evidence]) -> bool:
    """Whether any of these reports does not count because it is no word of others."""
    return any(own(ask, each.reporter, each.subject) for each in reports)
