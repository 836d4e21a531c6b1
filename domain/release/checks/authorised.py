"""Requirements about what a release contains: all of it is approved, merged, or answered for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Final

from domain.change.covering import commits_of, is_of, requests_of
from domain.change.going_out import in_time, may_be_carried_out
from domain.change.state import Change, Outcome
from domain.change.state import Status as ChangeStatus
from domain.gate import Act, Finding, or_else
from domain.inclusion import Inclusion, ItemKind
from domain.merge_request.state import MergeRequest
from domain.merge_request.state import Status as MergeStatus
from domain.process.release import DEPLOY, EnvironmentKind, RequirementRow
from domain.release.checks.comeback import comebacks
from domain.release.checks.completing import short
from domain.release.checks.content import every
from domain.release.checks.kinds import of_kinds
from domain.release.checks.leaving import leaving, something_stays
from domain.release.checks.moving import MERGE, merging_ways
from domain.release.checks.otherwise import otherwise
from domain.release.checks.unapproved import approved_first
from domain.release.commands.own_service import CODE, foreign, told
from domain.release.gate.naming import TOLD
from domain.release.gate.question import Question, found

_BEGUN: Final = (ChangeStatus.IMPLEMENTING, ChangeStatus.REVIEW, ChangeStatus.CLOSED)
_OUT: Final = "Take out what is not authorised."
_NOT_DELIVERED: Final = (Outcome.ROLLED_BACK, Outcome.UNSUCCESSFUL)


def authorised(ask: Question, row: RequirementRow, gate: str) -> tuple[Finding, ...]:
    """Every change was approved, every merge request merged, every commit answered for (S3-02).

    A change was approved for the live environment that it goes to, and is one that the release may
    carry; a commit is answered for by such a change that is tied to it, or by the merge request
    that it is of. Everything was brought by merge requests of the kinds that the row names, if it
    names any: all else was reviewed by other rules (S1-16). Nothing was taken back since (S1-52).
    """
    place = _live(ask, gate)
    good = {id: _answered(ask, e) for id, e in ask.changes.items() if _fit(ask, e)}
    fit = {id: good[id] for id in good if _meant(ask, ask.changes[id], place)}
    left = [each for each in ask.items if not _authorised(ask, each, fit)]
    other = [each for each in left if _authorised(ask, each, good)]
    act = ask.act("release.exclude", _OUT)
    rest = [each for each in left if each not in other]
    first = [_unapproved(ask, row, rest, place)] if rest or not other else []
    told = (*first, *otherwise(ask, row, other, place, act))
    more = (*_foreign(ask, row, act), *_of_other_kinds(ask, row, act))
    return *told, *more, *_undone(ask, row), *_taken_back(ask, row)


def _unapproved(ask: Question, row: RequirementRow, left: list[Inclusion], place: str) -> Finding:
    """That nothing is left which nobody approved, merged or answers for."""
    first, *more = _authorising(ask, left)
    answer = every(ask, row, left, "not_authorised", "not authorised", *first)
    return or_else(answer, *more, approved_first(ask, left, place)) if left else answer


def _authorising(ask: Question, left: Collection[Inclusion]) -> list[tuple[Act, ...]]:
    """That what is open is merged, where somebody may, and whatever else taken out; or all is."""
    requests = [ask.request_of(each) for each in left]
    out = tuple(leaving(ask, requests, _OUT))
    back = comebacks(ask) if ask.explained else {}
    every = ((each, ask.merge_requests.get(each.reference)) for each in left)
    going = {e: of for e, of in every if of is not None and _may_merge(of, back)}
    merges = list(merging_ways(ask, tuple(going.values()), "Merge what is open of it."))
    able = (each.people for each in merges[0][0] if each.action == MERGE)
    if not going or not all(able):
        return [out]
    rest = [ask.request_of(each) for each in left if each not in going]
    ways = [
        (*acts, *leaving(ask, (e for e in rest if e is None or e.id not in gone), _OUT))
        for acts, gone in merges
    ]
    return [*ways, out] if something_stays(ask, requests) else ways


def _may_merge(request: MergeRequest, back: Collection[str]) -> bool:
    return request.status is MergeStatus.OPEN or request.id in back


def _taken_back(ask: Question, row: RequirementRow) -> Iterator[Finding]:
    """What is in it, or what a change in it is tied to, that was merged and then taken back."""
    tied = ask.tied_to(ask.changes.values())
    gone = {e.id for e in (*ask.merge_requests.values(), *tied) if e.reverted_at is not None}
    near = ask.items if gone else ()
    left = [each for each in near if not gone.isdisjoint(_answering(ask, each))]
    if left:
        out = "Take out what was taken back, and what it was part of."
        acts = leaving(ask, map(ask.request_of, left), out, [fix for fix, _ in short(ask)])
        yield every(ask, row, left, "not_merged", "merged, and taken back since", *acts)


def _answering(ask: Question, item: Inclusion) -> set[str]:
    """The merge requests that an item is or is answered for by, itself or through a change."""
    ids = {id for id in (item.reference, item.covered_by) if id}
    return ids | requests_of(ask.changes[each] for each in ids if each in ask.changes)


def _of_other_kinds(ask: Question, row: RequirementRow, act: Act) -> Iterator[Finding]:
    """What is in it that no merge request brought whose rules count for the release."""
    left = (
        [each for each in ask.items if not of_kinds(ask, row, each)] if row.merge_requests else []
    )
    if left:
        yield every(ask, row, left, "wrong_kind", "of a kind that is not for this release", act)


def _undone(ask: Question, row: RequirementRow) -> Iterator[Finding]:
    """What rests on changes that were not delivered: rolled back, or without success."""
    ids = {id for id, each in ask.changes.items() if each.outcome in _NOT_DELIVERED}
    left = [each for each in ask.items if not ids.isdisjoint((each.reference, each.covered_by))]
    if left:
        act = ask.act(
            "release.exclude", "Take it out; it may come back with a change that does it anew."
        )
        yield every(ask, row, left, "change_not_delivered", "rolled back, or without success", act)


def _foreign(ask: Question, row: RequirementRow, act: Act) -> Iterator[Finding]:
    """Each of the first changes that moved to another service since they were put in."""
    strangers = foreign(ask.kind, ask.state.plan, ask.changes.values())
    for change in islice(strangers, TOLD):
        yield found(row, row.title, None, CODE, told(ask.state.plan, change), act)


def _authorised(ask: Question, item: Inclusion, fit: Mapping[str, Collection[str]]) -> bool:
    """Whether what it is, or what covers it, may go out; `fit` are the changes, with commits."""
    id = item.covered_by if item.kind is ItemKind.COMMIT else item.reference
    if id is None:
        return False
    if id in ask.changes:
        return id in fit and (item.kind is not ItemKind.COMMIT or item.reference in fit[id])
    request = ask.merge_requests.get(id)
    if request is None or request.status is not MergeStatus.MERGED:
        return False
    project = ask.state.plan.project
    return item.kind is not ItemKind.COMMIT or is_of(request, item.reference, project)


def _fit(ask: Question, change: Change) -> bool:
    """Whether the release may carry it, and it was approved, for wherever that is."""
    return not any(foreign(ask.kind, ask.state.plan, (change,))) and _approved(ask, change)


def _answered(ask: Question, change: Change) -> frozenset[str]:
    """The commits a change answers for because it says so itself, under its approvals."""
    return commits_of(change, ask.tied, ask.state.plan.project)


def _live(ask: Question, gate: str) -> str:
    """The live environment that it goes to by this gate, or ""."""
    act, _, name = gate.partition(":")
    place = ask.process.environment(name) if act == DEPLOY else None
    return name if place is not None and place.kind is EnvironmentKind.PRODUCTION else ""


def _meant(ask: Question, change: Change, place: str) -> bool:
    """Whether it is approved for where it goes, if that is live, and for now; before it may try."""
    return not place or (place in change.content.environments and in_time(change, ask.at))


def _approved(ask: Question, change: Change) -> bool:
    """Whether it may be carried out: its gate let it begin, or its approvals count now."""
    if change.status in _BEGUN:
        return True
    return may_be_carried_out(change, ask.at, ask.authority, ask.records)
