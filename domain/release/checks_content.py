"""Requirements about what a release contains, and about what has to go first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from domain.change.covering import answers_for, is_of
from domain.change.going_out import in_time, may_be_carried_out
from domain.change.state import Change
from domain.change.state import Status as ChangeStatus
from domain.gate import Act, Finding, Reference
from domain.inclusion import Inclusion, ItemKind
from domain.merge_request.state import Status as MergeStatus
from domain.process_release import DEPLOY, TAG, EnvironmentKind, ReleaseStatus, RequirementRow
from domain.release.made_of import named
from domain.release.naming import TOLD, item_name, listed, of_items
from domain.release.own_service import CODE, foreign, told
from domain.release.question import Question, aside, found
from domain.release.state import Progress, Release
from domain.titles import sentence

_BEGUN: Final = (ChangeStatus.IMPLEMENTING, ChangeStatus.REVIEW, ChangeStatus.CLOSED)


def present(ask: Question, row: RequirementRow, _gate: str) -> Finding:
    """Something goes out: nothing merged means no release (S4-11, S3-34)."""
    act = ask.act("release.include", "Put in what is to go out.")
    if ask.state.item_count == 0:
        return found(row, row.title, None, "nothing_included", "The release is empty.", act)
    message = "Everything in it went out with the releases before."
    return found(row, row.title, _is_news(ask, row), "nothing_merged", message, act)


def _is_news(ask: Question, row: RequirementRow) -> bool:
    """Whether something in it went out with no release of its kind and service before."""
    if not row.since_last:
        return True
    before = {
        each.id
        for each in ask.others.values()
        if (each.kind, each.service) == (ask.state.kind, ask.state.service) and _went_out(each)
    }
    gone = {_key(each) for each in ask.carriers if each.release in before}
    return any(_key(each) not in gone for each in ask.items)


def _went_out(release: Release) -> bool:
    arrived = any(each.progress is Progress.SUCCEEDED for each in release.deliveries)
    return arrived or release.published_at is not None


def authorised(ask: Question, row: RequirementRow, gate: str) -> tuple[Finding, ...]:
    """Every change was approved, every merge request merged, every commit answered for (S3-02).

    A change was approved for the live environment that it goes to, and is one that the release may
    carry; a commit is answered for by such a change that is tied to it, or by the merge request
    that it is of.
    """
    left = [each for each in ask.items if not _authorised(ask, each, gate)]
    act = ask.act("release.exclude", "Take out what is not authorised, or have it authorised.")
    return every(ask, row, left, "not_authorised", "not authorised", act), *_foreign(ask, row, act)


def _foreign(ask: Question, row: RequirementRow, act: Act) -> Iterator[Finding]:
    """Each of the first changes that moved to another service since they were put in."""
    strangers = foreign(ask.kind, ask.state.plan, ask.changes.values())
    for change in islice(strangers, TOLD):
        yield found(row, row.title, None, CODE, told(ask.state.plan, change), act)


def _authorised(ask: Question, item: Inclusion, gate: str) -> bool:
    id = item.covered_by if item.kind is ItemKind.COMMIT else item.reference
    if id is None:
        return False
    change, request = ask.changes.get(id), ask.merge_requests.get(id)
    if change is not None:
        own = not any(foreign(ask.kind, ask.state.plan, (change,))) and _tied(ask, change, item)
        return own and _meant(ask, change, gate) and _approved(ask, change)
    if request is None or request.status is not MergeStatus.MERGED:
        return False
    project = ask.state.plan.project
    return item.kind is not ItemKind.COMMIT or is_of(request, item.reference, project)


def _tied(ask: Question, change: Change, item: Inclusion) -> bool:
    """Whether the change answers for a commit because it says so itself, under its approvals."""
    if item.kind is not ItemKind.COMMIT:
        return True
    return answers_for(change, item.reference, ask.tied, ask.state.plan.project)


def _meant(ask: Question, change: Change, gate: str) -> bool:
    """Whether it is approved for where it goes, if that is live, and for now; before it may try."""
    act, _, name = gate.partition(":")
    place = ask.process.environment(name) if act == DEPLOY else None
    live = place is not None and place.kind is EnvironmentKind.PRODUCTION
    if not live:
        return True
    return name in change.content.environments and in_time(change, ask.at)


def _approved(ask: Question, change: Change) -> bool:
    """Whether it may be carried out: its gate let it begin, or its approvals count now."""
    if change.status in _BEGUN:
        return True
    return may_be_carried_out(change, ask.at, ask.authority, ask.records)


def deployed(ask: Question, row: RequirementRow, _gate: str) -> Finding:
    """Everything included has reached the environment, with this release or another (S0-06)."""
    where = row.environment or ""
    left: list[Inclusion] = []
    if not ask.state.reached(where):
        arrived = _arrived(ask, where)
        left = [each for each in ask.originals if _key(each) not in arrived]
    message = f"Deploy to {where}, with this or another release, what has not got there."
    act = ask.act("release.deploy", message)
    return every(ask, row, left, "changes_not_deployed", f"not in {where}", act)


def _arrived(ask: Question, environment: str) -> set[tuple[ItemKind, str]]:
    """What the release contains that other releases have brought there."""
    carrying = {each.id for each in ask.others.values() if each.reached(environment)}
    return {_key(each) for each in ask.carriers if each.release in carrying}


def _key(item: Inclusion) -> tuple[ItemKind, str]:
    return item.kind, item.reference


def every(  # noqa: PLR0917  (a finding has so many sides)
    ask: Question, row: RequirementRow, left: list[Inclusion], code: str, lacking: str, act: Act
) -> Finding:
    """A finding that is satisfied when nothing is left, and else names the first of it."""
    message = f"{len(left)} {lacking}: {listed(item_name(ask, each) for each in left)}."
    return of_items(found(row, row.title, not left, code, message, act), left)


def dependencies(ask: Question, row: RequirementRow, gate: str) -> Finding | tuple[Finding, ...]:
    """The releases this one waits for went first, as far as the gate reaches (S3-35)."""
    if not ask.state.plan.depends_on:
        return aside(row, "It waits for no release.")
    return tuple(_dependency(ask, row, gate, id) for id in ask.state.plan.depends_on)


def _dependency(ask: Question, row: RequirementRow, gate: str, id: str) -> Finding:
    before = ask.others.get(id)
    done = before is not None and _went(before, gate)
    name = f"the release of {named((before,))}" if before else "a release that is not there"
    act = ask.act("release.publish", f"Let {name} go first.")
    message = f"{sentence(name)} has not gone as far."
    answer = found(row, f"{sentence(name)} went first", done, "release_waits", message, act)
    return answer if done else replace(answer, lacking=(Reference("release", id),))


def _went(before: Release, gate: str) -> bool:
    """Whether a release has passed the gate, or has gone out altogether."""
    if before.published_at is not None or before.status is ReleaseStatus.CLOSED:
        return True
    if gate == TAG:
        tags = {(tag.version, tag.commit) for tag in before.tags}
        made = (before.target(version) for version in before.plan.versions)
        return all((each.version, each.commit) in tags for each in made)
    act, _, environment = gate.partition(":")
    return act == DEPLOY and before.reached(environment) is not None


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
