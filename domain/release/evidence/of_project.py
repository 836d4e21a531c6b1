"""Of which project a commit of a release is: only what is reported of that counts for it (X-05)."""

from __future__ import annotations

from domain.change.covering import is_of
from domain.release.gate.question import Question


def projects_of(ask: Question, commit: str | None) -> frozenset[str]:
    """The release's own project, else the only one of what it contains; of several, the commit's.

    That is the one in which it is the head or merge of what was merged and is included. It is not
    known of any other commit, nor of a package alone: nobody's word counts for those.
    """
    if len(ask.projects) == 1:
        return ask.projects
    inside = (each for each in ask.merge_requests.values() if commit is not None)
    return frozenset(each.project for each in inside if is_of(each, commit or "", None))


def projects_of_subject(ask: Question, subject: str) -> frozenset[str]:
    """The projects of the versions that are made of this commit or package."""
    made = map(ask.state.target, ask.state.plan.versions)
    own = (each.commit for each in made if subject in (each.commit, each.package))
    return frozenset[str]().union(*(projects_of(ask, each) for each in own))
