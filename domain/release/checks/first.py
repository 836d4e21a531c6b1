"""Requirements about what has to go first: other releases, and tags of other repositories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from domain.gate import Act, Finding, Reference, or_else
from domain.process.release import (
    DEPLOY,
    PUBLISH,
    TAG,
    EnvironmentKind,
    ReleaseStatus,
    RequirementRow,
)
from domain.release.evidence.made_of import named
from domain.release.gate.question import Question, aside, found, unknown
from domain.release.standing import kind_of, scopes_of
from domain.release.state import Release
from domain.release.whereabouts.mending import coming
from domain.release.whereabouts.there import running
from domain.release.whereabouts.under_way import ending
from domain.titles import sentence


def dependencies(ask: Question, row: RequirementRow, gate: str) -> Finding | tuple[Finding, ...]:
    """The releases this one waits for went first, as far as the gate reaches (S3-35)."""
    if not ask.state.plan.depends_on:
        return aside(row, "It waits for no release.")
    return tuple(_dependency(ask, row, gate, id) for id in ask.state.plan.depends_on)


def _dependency(ask: Question, row: RequirementRow, gate: str, id: str) -> Finding:
    before = ask.others.get(id)
    done = before is not None and _went(ask, before, gate)
    name = f"the release of {named((before,))}" if before else "a release that is not there"
    message = f"{sentence(name)} has not gone as far."
    alone = ask.act("release.edit", f"Wait no more for {name}.")
    first: tuple[Act, ...] = ()
    if before is not None and before.status is ReleaseStatus.ABORTED:
        message = f"{sentence(name)} was given up, so it never goes first."
    elif before is not None and not done and ask.who is not unknown:
        first = tuple(_going_first(ask, before, gate, name))
    ways = [(each,) for each in (*first, alone)]
    answer = found(row, f"{sentence(name)} went first", done, "release_waits", message, *ways[0])
    if done:
        return answer
    return replace(or_else(answer, *ways[1:]), lacking=(Reference("release", id),))


def _going_first(ask: Question, before: Release, gate: str, name: str) -> Iterator[Act]:
    """Each act by which it would go as far as the gate reaches, of those that its kind knows."""
    try:
        kind = kind_of(before, ask.records)
    except LookupError:  # nobody knows what it may do, and its own gates tell so
        return
    if gate == TAG and kind.rows(TAG):
        yield _of(ask, before, "release.tag", f"Tag {name} first.")
    act, _, where = gate.partition(":")
    for each in (where,) if act == DEPLOY else _live(ask):
        if on_its_way := coming(before, each):
            ends = ending(each, on_its_way.deployment, by=before.id)
            told = f"Say how the deployment of {name} to {each} ended."
            yield replace(_of(ask, before, ends.action, told), subject=ends.subject)
        elif kind.rows(f"{DEPLOY}:{each}"):
            yield _of(ask, before, "release.deploy", f"Deploy {name} to {each} first.")
    if kind.rows(PUBLISH):
        yield _of(ask, before, "release.publish", f"Publish {name} first.")


def _of(ask: Question, before: Release, action: str, told: str) -> Act:
    """That somebody does so who may, of that release: it may be of another service."""
    theirs = scopes_of(before)
    own = theirs == scopes_of(ask.state)
    people = ask.who(action) if own else ask.there(action, theirs)
    return Act(action, people, description=told, subject=before.id)


def _live(ask: Question) -> tuple[str, ...]:
    every = ask.process.environments
    return tuple(each.name for each in every if each.kind is EnvironmentKind.PRODUCTION)


def _went(ask: Question, before: Release, gate: str) -> bool:
    """Whether a release has passed the gate, or has gone out altogether.

    What was given up goes first no more, tagged or published as it may have been: but for what was
    published itself, which stays as it was.
    """
    given_up = before.status is ReleaseStatus.ABORTED and ask.state.published_at is None
    if before.status is ReleaseStatus.CLOSED or (before.published_at and not given_up):
        return True
    act, _, environment = gate.partition(":")
    if act == DEPLOY:
        return not running(ask, before, environment)
    went = any(not running(ask, before, each) for each in _live(ask))
    return went or (gate == TAG and not given_up and _is_tagged(before))


def _is_tagged(before: Release) -> bool:
    tags = {(tag.version, tag.commit) for tag in before.tags}
    made = (before.target(version) for version in before.plan.versions)
    return all((each.version, each.commit) in tags for each in made)


def repositories(ask: Question, row: RequirementRow, _gate: str) -> Finding | tuple[Finding, ...]:
    """Of every other repository the tag is entered, or it is known not to need one (S4-03)."""
    if not ask.state.repositories:
        return aside(row, "It waits for no other repository.")
    return tuple(
        found(
            row,
            f"{each.repository} is released as well",
            each.tag or each.unneeded,
            "repository_tag_missing",
            f"The tag of {each.repository} is not entered.",
            *_enter(ask, each.repository),
        )
        for each in ask.state.repositories
    )


def _enter(ask: Question, repository: str) -> Iterable[Act]:
    return (ask.act("release.enter_repository_tag", f"Enter the tag of {repository}."),)
