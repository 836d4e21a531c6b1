"""What a release still takes past its cut-off: what stands in for what was taken back in it.

Since a fix that was taken back goes nowhere, another may be put into the release with it (S1-54).
A fix that was taken off by mistake is linked once more, and whatever was in it and was taken out by
mistake is put back. Nothing else comes in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from domain.inclusion import Inclusion, ItemKind
from domain.kernel import Records, refusal
from domain.merge_request.state import MergeRequest, Status
from domain.process.release import PhaseRow
from domain.process.support import Support, branch_name
from domain.release.events import Item
from domain.release.evidence.carried import carried, named
from domain.release.standing import closed_at, closed_since, kind_of
from domain.release.state import Release
from domain.security_fix.state import SecurityFix
from domain.security_fix.state import Status as FixStatus
from domain.showing import taken_off

Named = tuple[ItemKind, str, str | None]
"""What something is included as: its kind, its id or commit, and what answers for it."""


class Known(NamedTuple):
    """Of what the release has, or once had, in it.

    `cut` was in it as it was cut off, or since then, also what was taken out later; `ever` was at
    any time, and `gone` is what was taken back. `items` are what `cut` was in it as, and `policy`
    says which names are of one branch.
    """

    cut: frozenset[str]
    ever: frozenset[str]
    gone: tuple[MergeRequest, ...]
    items: frozenset[Named]
    policy: Support | None


def check_linked(state: Release, fix: SecurityFix, records: Records) -> None:
    """Refuse a fix that the release did not have as it was cut off, but for what stands in.

    Everything of it that goes out was in the release by then, whether it was taken out since or
    not, or takes the place of what was taken back.
    """
    phase = closed_since(state, records)
    if phase is None:
        return
    if not _was_in(fix, _parts(fix, records), _known(state, records)):
        raise _over(phase)


def _parts(fix: SecurityFix, records: Records) -> list[MergeRequest]:
    """What of a fix goes out."""
    ids = frozenset(fix.merge_requests)
    return [e for e in records.find(MergeRequest, id=ids) if not e.given_up] if ids else []


def _was_in(fix: SecurityFix, parts: Collection[MergeRequest], known: Known) -> bool:
    """Whether the release had the fix as it was cut off, with all that does not stand in."""
    own = any(each.fix == fix.id for each in known.gone)
    had = own or any(each.id in known.cut for each in parts)
    return bool(parts) and had and all(e.id in known.cut or _stands_in(e, known) for e in parts)


def check_included(state: Release, items: Iterable[Item], records: Records) -> None:
    """Refuse what neither was in it as it was cut off, nor stands in for what was taken back.

    What stands in is of a fix that is linked to it, and so is what comes back of a security fix.
    """
    phase = closed_since(state, records)
    if phase is None:
        return
    every = tuple(items)
    if not every or len(_taken(state, every, records)) < len(every):
        raise _over(phase)


def returning(state: Release, records: Records) -> Iterator[MergeRequest | None]:
    """What may still be put into it past its cut-off, and is not in it; None for what is no such.

    So is what was in it, and what stands in for a part of a fix that is linked to it.
    """
    rows = records.find(Inclusion, release=state.id)
    inside = {id for each in rows if each.included for id in (each.reference, each.covered_by)}
    out = [Item(e.kind, e.reference, e.covered_by) for e in rows if not e.included]
    fixes = frozenset(each.id for each in records.find(SecurityFix, tracker=state.id))
    parts = records.find(MergeRequest, fix=fixes) if fixes else ()
    out += [Item(ItemKind.MERGE_REQUEST, each.id) for each in parts if each.id not in inside]
    yield from (found for _, found in _taken(state, tuple(dict.fromkeys(out)), records))


def linked_again(state: Release, records: Records) -> Iterator[MergeRequest]:
    """What comes back past its cut-off with fixes that were taken off, once these are linked again.

    They are linked to nothing now, and the release had them as it was cut off. In the open none
    that hides is linked to it, nor told of.
    """
    for _, parts in once_linked(state, records):
        yield from (each for each in parts if not each.given_up)


def once_linked(
    state: Release, records: Records
) -> Iterator[tuple[SecurityFix, list[MergeRequest]]]:
    """Such fixes, each with all its parts that it had: also those that were closed since."""
    known = _known(state, records)
    once = records.find(MergeRequest, id=known.cut) if known.cut else ()
    ids = frozenset(each.fix for each in once if each.fix)
    for fix in records.find(SecurityFix, id=ids) if ids else ():
        every = records.find(MergeRequest, id=frozenset(fix.merge_requests))
        closed = [e for e in every if e.status is Status.CLOSED and e.id in known.cut]
        going = [each for each in every if not each.given_up]
        hides = fix.embargoed or any(each.embargoed for each in (*going, *closed))
        free = fix.status is FixStatus.FIXING and fix.tracker is None
        had = _was_in(fix, going, known) if going else bool(closed)
        if free and (state.embargoed or not hides) and had:
            yield fix, [*going, *closed]


def is_replaced(
    state: Release, fix: SecurityFix, branches: Collection[str], records: Records
) -> bool:
    """Whether past its cut-off it takes another part of a fix for each of these branches.

    So it does where a part that was for that is taken back.
    """
    known = _known(state, records)
    gone = [each for each in known.gone if each.fix in (None, fix.id)]
    names = {
        branch: known.policy.names(branch) if known.policy else (branch,) for branch in branches
    }
    return all(any(branch_name(e.target) in names[b] for e in gone) for b in branches)


def _taken(
    state: Release, items: Collection[Item], records: Records
) -> list[tuple[Item, MergeRequest | None]]:
    """Which of these it takes past its cut-off, with the merge request that each is or is of."""
    known = _known(state, records)
    ids = frozenset(id for each in items for id in (each.reference, each.covered_by) if id)
    requests = {each.id: each for each in records.find(MergeRequest, id=ids)} if ids else {}
    goes = _going(state, requests.values(), records)
    every = ((each, requests.get(each.covered_by or each.reference)) for each in items)
    return [
        (item, request)
        for item, request in every
        if (request is None or request.id in goes) and _had(item, request, known)
    ]


def _going(state: Release, requests: Collection[MergeRequest], records: Records) -> frozenset[str]:
    """Those that may go out with it: of fixes that are linked to it, or of none.

    What was taken off a fix that is hidden still is no such one: that goes out whole.
    """
    linked = {each.id for each in records.find(SecurityFix, tracker=state.id)}
    secrets = taken_off(requests, records)
    return frozenset(
        each.id
        for each in requests
        if not each.given_up
        and (state.embargoed or not each.embargoed)
        and (each.fix is None or each.fix in linked)
        and (each.fix or secrets.isdisjoint(off.fix for off in each.taken_off))
    )


def _had(item: Item, request: MergeRequest | None, known: Known) -> bool:
    """Whether it was in it as it was cut off, or as part of a fix ever, or stands in for that."""
    if (item.kind, item.reference, item.covered_by) in known.items:
        return True
    if request is None or item.kind is not ItemKind.MERGE_REQUEST:
        return False
    again = known.cut if request.fix is None else known.ever
    return request.id in again or (request.fix is not None and _stands_in(request, known))


def _over(phase: PhaseRow) -> Exception:
    return refusal("past_cut_off", f"Nothing more is included since it is in: {phase.title}.")


def _known(state: Release, records: Records) -> Known:
    rows = records.find(Inclusion, release=state.id)
    ids = named(rows)
    found = {each.id: each for each in records.find(MergeRequest, id=ids)} if ids else {}
    project = state.plan.project
    since = closed_at(state, records)
    cut, ever = (carried(each, found, project) for each in (_then(rows, since), rows))
    gone = (found[id] for id in sorted(ever) if id in found)
    items = frozenset((each.kind, each.reference, each.covered_by) for each in _then(rows, since))
    back = tuple(e for e in gone if e.reverted_at is not None)
    return Known(cut, ever, back, items, kind_of(state, records).support)


def _then(rows: Iterable[Inclusion], since: datetime | None) -> Iterable[Inclusion]:
    """What is in it, and what was taken out after that moment."""
    late = (e for e in rows if e.taken_at is not None and since is not None and e.taken_at > since)
    return (*(e for e in rows if e.included), *late)


def _stands_in(request: MergeRequest, known: Known) -> bool:
    """Whether it is for the same branch as something of its fix, or of none now, taken back."""
    alike = (each for each in known.gone if each.kind == request.kind)
    own = (each for each in alike if each.fix in (None, request.fix))
    name = branch_name(request.target)
    names = known.policy.names(name) if known.policy else (name,)
    near = (each for each in own if each.project == request.project)
    return any(branch_name(each.target) in names for each in near)
