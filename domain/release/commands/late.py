"""What a release still takes past its cut-off: what stands in for what was taken back in it.

Since a fix that was taken back goes nowhere, another may be put into the release with it (S1-54),
and a fix that was taken off by mistake is linked once more. Nothing else comes in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from domain.inclusion import Inclusion
from domain.kernel import Records, refusal
from domain.merge_request.state import MergeRequest
from domain.process.release import PhaseRow
from domain.process.support import branch_name
from domain.release.evidence.carried import carried, named
from domain.release.standing import closed_at, closed_since
from domain.release.state import Release
from domain.security_fix.state import SecurityFix


class Known(NamedTuple):
    """Of what the release has, or once had, in it.

    `cut` was in it as it was cut off, or since then, also what was taken out later; `ever` was at
    any time, and `gone` is what was taken back.
    """

    cut: frozenset[str]
    ever: frozenset[str]
    gone: tuple[MergeRequest, ...]


def check_linked(state: Release, fix: SecurityFix, records: Records) -> None:
    """Refuse a fix that the release did not have as it was cut off, but for what stands in.

    Everything of it that goes out was in the release by then, whether it was taken out since or
    not, or takes the place of what was taken back.
    """
    phase = closed_since(state, records)
    if phase is None:
        return
    known = _known(state, records)
    ids = frozenset(fix.merge_requests)
    parts = [e for e in records.find(MergeRequest, id=ids) if not e.given_up] if ids else []
    own = any(each.fix == fix.id for each in known.gone)
    was_in = own or any(each.id in known.cut for each in parts)
    here = all(each.id in known.cut or _stands_in(each, known) for each in parts)
    if not (parts and was_in and here):
        raise _over(phase)


def check_included(state: Release, items: Iterable[str], records: Records) -> None:
    """Refuse what is none of these, by their ids: parts of fixes that are linked to the release.

    Each was in it, or takes the place of what was taken back.
    """
    phase = closed_since(state, records)
    if phase is None:
        return
    ids, known = frozenset(items), _known(state, records)
    linked = {each.id for each in records.find(SecurityFix, tracker=state.id)}
    parts = [e for e in records.find(MergeRequest, id=ids) if e.fix in linked] if ids else []
    good = {e.id for e in parts if not e.given_up and (e.id in known.ever or _stands_in(e, known))}
    if not ids or good != ids:
        raise _over(phase)


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
    return Known(cut, ever, tuple(e for e in gone if e.reverted_at is not None))


def _then(rows: Iterable[Inclusion], since: datetime | None) -> Iterable[Inclusion]:
    """What is in it, and what was taken out after that moment."""
    late = (e for e in rows if e.taken_at is not None and since is not None and e.taken_at > since)
    return (*(e for e in rows if e.included), *late)


def _stands_in(request: MergeRequest, known: Known) -> bool:
    """Whether it is for the same branch as something of its fix, or of none now, taken back."""
    alike = (each for each in known.gone if each.kind == request.kind)
    own = (each for each in alike if each.fix in (None, request.fix))
    place = (request.project, branch_name(request.target))
    return any((each.project, branch_name(each.target)) == place for each in own)
