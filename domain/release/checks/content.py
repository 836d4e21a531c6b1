"""Requirements about what a release contains, and about what has to go first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Final

from domain.change.covering import commits_of, is_of, requests_of
from domain.change.going_out import in_time, may_be_carried_out
from domain.change.state import Change, Outcome
from domain.change.state import Status as ChangeStatus
from domain.deployment.dwelling import NOT_WORKING
from domain.gate import Act, Finding, or_else
from domain.inclusion import Inclusion, ItemKind
from domain.merge_request.state import Status as MergeStatus
from domain.process.release import DEPLOY, EnvironmentKind, RequirementRow
from domain.release.checks.kinds import of_kinds
from domain.release.checks.moving import merging
from domain.release.checks.unapproved import approved_first
from domain.release.commands.own_service import CODE, foreign, told
from domain.release.evidence.carried import identity
from domain.release.gate.naming import TOLD, how_many, item_name, listed, of_items
from domain.release.gate.question import Question, found
from domain.release.state import Release
from domain.release.whereabouts.brought import holding
from domain.release.whereabouts.live import Arrivals, arrivals
from domain.release.whereabouts.mending import mending
from domain.release.whereabouts.there import ELSE_THERE, GAVE_WAY, running

_BROUGHT: Final = {
    "": "",
    NOT_WORKING: "found not to work in",
    ELSE_THERE: "replaced by something else in",
    GAVE_WAY: "replaced by something older in",
}
"""What became of what was brought somewhere, best first: it runs, or how it is said why not."""
_PUT_IN: Final = "Put in the changes that answer for what is in it."
_TIE: Final = "Tie a change to what it brings; then have it approved anew."
_ONCE: Final = 2
"""The version of what was put in and taken out once."""
_BEGUN: Final = (ChangeStatus.IMPLEMENTING, ChangeStatus.REVIEW, ChangeStatus.CLOSED)
_NOT_DELIVERED: Final = (Outcome.ROLLED_BACK, Outcome.UNSUCCESSFUL)


def present(ask: Question, row: RequirementRow, _gate: str) -> Finding:
    """Something goes out: nothing merged means no release (S4-11); of changes in it, if asked.

    With `by_change` a change is in it, and whatever else is in it is of one of these (S3-34).
    """
    act = ask.act("release.include", "Put in what is to go out.")
    if ask.state.item_count == 0:
        return found(row, row.title, None, "nothing_included", "The release is empty.", act)
    if row.by_change and (left := _without_change(ask)):
        acts = (ask.act("release.include", _PUT_IN), Act("change.link", description=_TIE))
        return every(ask, row, left, "without_change", "of no change that is in it", *acts)
    message = "Everything in it went out with the releases before."
    return found(row, row.title, _is_news(ask, row), "nothing_merged", message, act)


def _without_change(ask: Question) -> list[Inclusion]:
    """What no change in it answers for, or all while there is none.

    What is hidden is asked for none, since no change is tied to it.
    """
    if not ask.changes:
        return list(ask.items)
    commits = (commits_of(each, (), None) for each in ask.changes.values())
    of_one = requests_of(ask.changes.values()).union(ask.changes, *commits)
    return [each for each in ask.items if not _is_of_one(ask, each, of_one)]


def _is_of_one(ask: Question, item: Inclusion, names: Collection[str]) -> bool:
    """Whether an item, or the merge request that it is or is of, goes by one of these names."""
    ids = [id for id in (item.reference, item.covered_by) if id]
    near = [ask.merge_requests[id] for id in ids if id in ask.merge_requests]
    told = (*ids, *(id for each in near for id in (each.head, each.merge_commit)))
    return any(id in names for id in told) or any(each.embargoed for each in near)


def _is_news(ask: Question, row: RequirementRow) -> bool:
    """Whether something in it went out with no release of its kind and service before."""
    if not row.since_last:
        return True
    alike = {
        each.id: each
        for each in ask.others.values()
        if (each.kind, each.service) == (ask.state.kind, ask.state.service)
    }
    went = {id: arrivals(ask, each) for id, each in alike.items()}
    gone = {
        name
        for each in ask.ever_carried
        if each.release in went and _went_out(each, went[each.release])
        for name in _names(ask, each, alike[each.release])
    }
    return any(gone.isdisjoint(_names(ask, each)) for each in ask.items)


def _went_out(item: Inclusion, came: Arrivals) -> bool:
    """Whether it was in its release as that arrived, also if it was taken out since.

    Once that came anew without it, only where people used it before. Of what came in more than
    once it is not known when it came in first.
    """
    if (taken := item.taken_at) is None:
        return bool(came.anywhere)
    without = any(at > taken for at in came.anywhere)
    again = item.version > _ONCE
    counted = came.used if without else came.anywhere
    return any((again or item.put_at <= at) and at < taken for at in counted)


def authorised(ask: Question, row: RequirementRow, gate: str) -> tuple[Finding, ...]:
    """Every change was approved, every merge request merged, every commit answered for (S3-02).

    A change was approved for the live environment that it goes to, and is one that the release may
    carry; a commit is answered for by such a change that is tied to it, or by the merge request
    that it is of. Everything was brought by merge requests of the kinds that the row names, if it
    names any: all else was reviewed by other rules (S1-16). Nothing was taken back since (S1-52).
    """
    fit = {id: _answered(ask, e) for id, e in ask.changes.items() if _fit(ask, e, gate)}
    left = [each for each in ask.items if not _authorised(ask, each, fit)]
    act = ask.act("release.exclude", "Take out what is not authorised.")
    acts = _authorising(ask, left, act)
    answer = every(ask, row, left, "not_authorised", "not authorised", *acts)
    answer = or_else(answer, approved_first(ask, left)) if left else answer
    more = (*_foreign(ask, row, act), *_of_other_kinds(ask, row, act))
    return answer, *more, *_undone(ask, row), *_taken_back(ask, row)


def _authorising(ask: Question, left: Collection[Inclusion], act: Act) -> Iterator[Act]:
    """That what is open is merged, where somebody may; that whatever else is taken out."""
    every = {each.reference: ask.merge_requests.get(each.reference) for each in left}
    going = [e for e in every.values() if e is not None and e.status is MergeStatus.OPEN]
    merge = merging(ask, going, "Merge what is open, or take it out of the release.")
    if merge.people:
        yield merge
    if not merge.people or len(going) < len(left):
        yield act


def _taken_back(ask: Question, row: RequirementRow) -> Iterator[Finding]:
    """What is in it, or what a change in it is tied to, that was merged and then taken back."""
    tied = ask.tied_to(ask.changes.values())
    gone = {e.id for e in (*ask.merge_requests.values(), *tied) if e.reverted_at is not None}
    near = ask.items if gone else ()
    left = [each for each in near if not gone.isdisjoint(_answering(ask, each))]
    if left:
        act = ask.act("release.exclude", "Take out what was taken back, and what it was part of.")
        yield every(ask, row, left, "not_merged", "merged, and taken back since", act)


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
        act = ask.act("release.exclude", "Take it out, or put in a change that does it anew.")
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


def _fit(ask: Question, change: Change, gate: str) -> bool:
    """Whether the release may carry it, and it was approved for where that goes."""
    own = not any(foreign(ask.kind, ask.state.plan, (change,)))
    return own and _meant(ask, change, gate) and _approved(ask, change)


def _answered(ask: Question, change: Change) -> frozenset[str]:
    """The commits a change answers for because it says so itself, under its approvals."""
    return commits_of(change, ask.tied, ask.state.plan.project)


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


def deployed(ask: Question, row: RequirementRow, _gate: str) -> tuple[Finding, ...]:
    """Everything included runs in the environment, by this release or another (S0-06).

    What was found not to work there, or gave way to something older, runs there no more.
    """
    where = row.environment or ""
    by, told = _by_what_became_of_it(ask, where), list[Finding]()
    ways = _bringing(ask, where, next((e for e, which in by.items() if ask.state.id in which), ""))
    left = [] if ask.state.id in by.get("", ()) else list(ask.originals)
    for code in filter(by.get, _BROUGHT):
        names, lacking = _brought(ask, by[code]), _BROUGHT[code]
        those = [each for each in left if not names.isdisjoint(_names(ask, each))]
        ids = {each.id for each in those}
        left = [each for each in left if each.id not in ids]
        if code and those:
            told.append(every(ask, row, those, code, f"{lacking} {where}", *ways[0]))
    if left or not told:
        told.append(every(ask, row, left, "changes_not_deployed", f"not in {where}", *ways[0]))
    return tuple(or_else(each, *ways[1:]) for each in told)


def _bringing(ask: Question, where: str, code: str) -> tuple[tuple[Act, ...], ...]:
    """What brings there what lacks: this release, where its kind goes there, or another.

    `code` is that of why what this one contains does not run there.
    """
    other = ask.act("release.deploy", f"Deploy to {where}, with another release, what lacks.")
    own = [mending(ask, where, code)] if where in ask.kind.environments else []
    return (*own, (other,))


def _by_what_became_of_it(ask: Question, environment: str) -> dict[str, dict[str, Release]]:
    """This and the others with what it contains, by the code why that does not run there, or ""."""
    found: dict[str, dict[str, Release]] = {}
    for each in (ask.state, *holding(ask, ask.others.values(), environment).values()):
        lacking = running(ask, each, environment)
        found.setdefault(lacking.code if lacking else "", {})[each.id] = each
    return found


def _brought(ask: Question, by: Mapping[str, Release]) -> set[tuple[ItemKind, str]]:
    """What the release contains that these have, by all that it goes by there."""
    carriers = (each for each in ask.ever_carried if each.included and each.release in by)
    return {name for each in carriers for name in _names(ask, each, by[each.release])}


def _names(
    ask: Question, item: Inclusion, of: Release | None = None
) -> tuple[tuple[ItemKind, str], ...]:
    """What an item goes by: itself, and the merge request that it is a commit of."""
    project = (of or ask.state).plan.project
    return _key(item), identity(item, ask.merge_requests, project)


def _key(item: Inclusion) -> tuple[ItemKind, str]:
    return item.kind, item.reference


def every(
    ask: Question, row: RequirementRow, left: list[Inclusion], code: str, lacking: str, *acts: Act
) -> Finding:
    """A finding that is satisfied when nothing is left, and else names the first of it."""
    count = how_many(ask, (ask.request_of(each) for each in left))
    message = f"{count} {lacking}: {listed(item_name(ask, each) for each in left)}."
    return of_items(found(row, row.title, not left, code, message, *acts), left)
