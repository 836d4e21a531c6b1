"""The embargo of a release: what it may name while it is hidden, and what ends with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

from domain.accord.about import disclosing
from domain.askers import asking, check_firsthand, rights
from domain.change.covering import requests_of
from domain.change.state import Change, LinkKind
from domain.inclusion import Inclusion, ItemKind
from domain.kernel import Context, Problems, Records, Then, refusal
from domain.merge_request.embargo import TWIN, is_same
from domain.merge_request.state import MergeRequest, Status
from domain.package import Package
from domain.release.act_events import Revealed, RevealProposed
from domain.release.evidence.carried import carried, named, sought
from domain.release.standing import kind_of
from domain.release.state import Release
from domain.security_fix.publishing import is_whole, reports_of
from domain.security_fix.state import SecurityFix
from domain.showing import (
    SECOND,
    LetGo,
    barred,
    fixes_of,
    is_second,
    kept_from_release,
    seconded,
    secrets,
    standing,
)

MOST_SHOWN: Final = 5_000
"""How many events one publication may yield: one for each hidden record that it shows."""
MOST_HIDDEN: Final = 4_000
"""How many hidden fixes and merge requests it may show; the others belong to these."""


def known(found: Release | None, state: Release | None = None) -> Release | None:
    """The release, unless it is hidden and this one is not: what all read names nothing hidden."""
    hidden = found is not None and found.embargoed
    return None if hidden and not (state and state.embargoed) else found


def release_named(problems: Problems, records: Records, id: str) -> Release | None:
    """The release, for what all may read; noted where it is hidden or not there."""
    found = known(records.get(Release, id))
    problems.unless(found, "unknown_release", "There is no such release.", "release")
    return found


def reveal(state: Release, context: Context) -> list[Any]:
    """End the embargo of a release that is not to be published, such as a hosted package.

    So must be one that is to be closed and was never published. No fix is shown by it that is not
    out: whoever shows it publishes it, or takes its fixes off first, and has another show it then.
    Nor does it tell of anything that stays hidden, or that who asks may not show: it carries none.
    Where the word of who let go of something counts no more, two others show it.
    """
    if not state.embargoed:
        raise refusal("not_embargoed", "It is not under embargo.")
    problems = Problems()
    check_firsthand(problems, context)
    linked = context.records.find(SecurityFix, tracker=state.id)
    out = state.published_at is not None or not any(each.embargoed for each in linked)
    message = "Hidden fixes are linked to it: publish it, or take them off it first."
    problems.unless(out, "release_not_out", message)
    left = (*staying(state, context.records), *_others(state, context))
    number = at_once(state, context.records)
    problems.unless(number <= MOST_HIDDEN, "too_many", too_many(number))
    message = (
        f"{len(left)} merge requests in it stay hidden: have others say that they may be known "
        "(revealMergeRequest), or take them out."
    )
    problems.unless(not left, "carries_hidden", message)
    own = _check_second(problems, state, context)
    problems.settle()
    first = standing(own.firsts, state.reveal_proposals, own.people, context.authority)
    if not is_second(first, asking(context), context.authority, state.opened_at):
        return [] if context.by in first.said else [RevealProposed(*rights(context))]
    return [Revealed(), *shown(state, context.records)]


def _others(state: Release, context: Context) -> list[MergeRequest]:
    """What would be shown with it and who asks may not show by themselves.

    That is no fix's, and nobody else said that it may be known.
    """
    fixes, going = _going_out(state, context.records)
    who, known = asking(context), (context.authority, context.records)
    parts = frozenset().union(*(each.belonging for each in fixes))
    return [
        each
        for each in going
        if not who.isdisjoint(barred(each, *known))
        or not (each.id in parts or seconded(each, who, context.authority))
    ]


def _check_second(problems: Problems, state: Release, context: Context) -> LetGo:
    """Note who took out of it what is hidden still, or opened what is hidden for its kind."""
    known = (context.authority, context.records)
    own = kept_from_release(state, *known, hides=kind_of(state, context.records).embargo)
    message = "Who took what is hidden out of it, or opened it, has another show it."
    problems.unless(own.people.isdisjoint(asking(context)), SECOND, message)
    return own


def staying(
    state: Release, records: Records, *, made_of_alone: bool = False
) -> tuple[MergeRequest, ...]:
    """The hidden merge requests in it that are not shown with it, by id.

    Or those alone that its versions are made of, whatever is in it.
    """
    _, going = _going_out(state, records)
    own = () if made_of_alone else records.find(Inclusion, release=state.id)
    items = [each for each in own if each.included]
    left = _left_in((state,), items, {each.id for each in going}, records)
    return tuple(each for _, each in left)


def too_many(number: int) -> str:
    """How it is said that a release would show too much at once."""
    return f"It would show {number:,} hidden records; at most {MOST_HIDDEN:,} are shown at once."


def at_once(state: Release, records: Records) -> int:
    """How many hidden fixes and merge requests its publication shows."""
    fixes, going = _going_out(state, records)
    return len(fixes) + len(going)


def commits_in(state: Release, items: Iterable[Inclusion]) -> frozenset[str]:
    """The commits that are in a release, and those that its versions are made of."""
    made = (state.target(version).commit for version in state.plan.versions)
    inside = {each.reference for each in items if each.kind is ItemKind.COMMIT}
    return frozenset(inside.union(filter(None, made)))


def inside(
    state: Release, items: Collection[Inclusion], records: Records
) -> tuple[frozenset[str], frozenset[str]]:
    """What a release has in it, by ids, and the commits that are in it, or that it is made of.

    A change brings what it is tied to, and a package the commit that it was built of.
    """
    ids = named(items)
    changes = records.find(Change, id=ids) if ids else ()
    links = (link for each in changes for link in each.links)
    tied = (each.reference for each in links if each.kind is LinkKind.COMMIT)
    made = (state.target(version).package for version in state.plan.versions)
    digests = frozenset(filter(None, made))
    built = records.find(Package, digest=digests) if digests else ()
    commits = commits_in(state, items).union(tied, (each.commit for each in built))
    return ids | requests_of(changes), commits


def _left_in(
    releases: Collection[Release], items: Collection[Inclusion], going: set[str], records: Records
) -> Iterator[tuple[str, MergeRequest]]:
    """What is in each release and stays hidden but for what is `going` to be shown, by their ids.

    A commit of its own that is in a release, of any of its revisions, and that nobody knows of by
    anything else, tells as much.
    """
    own = {of.id: [each for each in items if each.release == of.id] for of in releases}
    has = {each.id: inside(each, own[each.id], records) for each in releases}
    every = frozenset().union(*(ids for ids, _ in has.values()))
    commits = frozenset().union(*(commits for _, commits in has.values()))
    found = set(records.find(MergeRequest, id=every)) if every else set()
    if commits:
        found.update(records.find(MergeRequest, head=commits))
        found.update(records.find(MergeRequest, merge_commit=commits))
        secret = records.find(MergeRequest, embargoed=True)
        found.update(each for each in secret if not commits.isdisjoint(each.commits))
    hidden = sorted((e for e in found if e.embargoed and e.id not in going), key=lambda e: e.id)
    known = {commit for each in found.difference(hidden) for commit in each.commits}
    for release, (ids, made) in has.items():
        untold = made - known
        for each in hidden:
            if each.id in ids or not untold.isdisjoint(each.commits):
                yield release, each


def disclose(state: Release, _context: Context) -> list[Any]:
    """End the embargo because another release, that carries the same, was published."""
    return [Revealed()] if state.embargoed else []


def shown(state: Release, records: Records) -> tuple[Then, ...]:
    """That what is hidden with a release is shown, all at once: its fixes and its merge requests.

    A fix is shown when everything of it is in the release and merged: what is not in it, or not
    merged, is not out, and stays hidden whatever the fix is linked to (S1-27), with all that
    belongs to it. So are hidden releases that brought the same elsewhere, once nothing in them is
    hidden any more. Whoever opened the same merge request in the open could not be told that it is
    known; theirs is closed.
    """
    fixes, hidden = _going_out(state, records)
    brought = _brought(state, hidden, records)
    told = (*(each.id for each in hidden), *(each.id for each in brought))
    about = frozenset((state.id, *told))
    return (
        *disclosing(about, records),
        *(Then("security_fix.disclose", each.id) for each in fixes),
        *(Then("merge_request.disclose", each.id) for each in hidden),
        *(Then("release.disclose", each.id) for each in brought),
        *_closing_twins(hidden, records),
        *reports_of(frozenset(each.id for each in fixes), records),
    )


def _going_out(state: Release, records: Records) -> tuple[list[SecurityFix], list[MergeRequest]]:
    """The hidden fixes that go out whole, and the hidden merge requests of these or of no fix.

    What is related to such a fix is shown with it, wherever it is.
    """
    linked = [each for each in records.find(SecurityFix, tracker=state.id) if each.embargoed]
    items = [each for each in records.find(Inclusion, release=state.id) if each.included]
    ids = named(items).union(*(each.belonging for each in linked))
    requests = records.find(MergeRequest, id=ids) if ids else ()
    known = {each.id: each for each in requests}
    own = carried(items, known, state.plan.project)
    of = {each.id: [known[e] for e in each.merge_requests if e in known] for each in linked}
    fixes = [each for each in linked if is_whole(each, of[each.id], own, records)]
    out = {id for each in fixes for id in each.belonging}
    merged = (e for e in requests if e.id in own and e.status is Status.MERGED and e.embargoed)
    free = [each for each in merged if each.fix is None and not each.given_up]
    kept = secrets(free, records)
    out |= {each.id for each in free if kept.isdisjoint(fixes_of(each))}
    return fixes, [each for each in requests if each.embargoed and each.id in out]


def _brought(state: Release, shown: list[MergeRequest], records: Records) -> list[Release]:
    """The hidden releases that carried what is shown and nothing that stays hidden.

    None of a kind that hides all of its releases: those are shown by their own publication.
    """
    ids = frozenset(each.id for each in shown)
    found = records.find(Inclusion, reference=sought(shown)) if ids else ()
    carrying = (each for each in found if each.included and not ids.isdisjoint(named((each,))))
    others = frozenset(each.release for each in carrying) - {state.id}
    every = records.find(Release, id=others) if others else ()
    ours = [each for each in every if each.embargoed and not kind_of(each, records).embargo]
    if not ours:
        return []
    items = records.find(Inclusion, release=frozenset(each.id for each in ours))
    inside = [each for each in items if each.included]
    closed = {release for release, _ in _left_in(ours, inside, set(ids), records)}
    return [each for each in ours if each.id not in closed]


def _closing_twins(hidden: list[MergeRequest], records: Records) -> Iterator[Then]:
    if not hidden:
        return
    own = {(each.project, each.number): each for each in hidden}
    same = records.find(
        MergeRequest,
        project=frozenset(project for project, _ in own),
        number=frozenset(number for _, number in own),
    )
    for each in same:
        first = own.get((each.project, each.number))
        twin = first is not None and not each.embargoed and is_same(first, each)
        if twin and each.status is Status.OPEN:
            yield Then("merge_request.close", each.id, {"reason": TWIN})
