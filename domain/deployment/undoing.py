"""Who takes back that something does not work: its finder, or whoever had no hand in it (X-04)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from domain.authority import Authority
from domain.authorship import accounts
from domain.deployment.found_bad import Word
from domain.deployment.state import Deployment
from domain.exemption.hands import hands
from domain.kernel import Records
from domain.release.standing import authors
from domain.release.state import Release
from domain.release.whereabouts.counted import counted_for


def may_undo(
    asking: Collection[str],
    state: Deployment,
    undone: Iterable[Word],
    authority: Authority,
    records: Records,
) -> bool:
    """Whether who asks, with every account of theirs, may put a word over these.

    Over what another found bad nobody does with a hand in that, or in what is said to work.
    """
    others = [each for each in undone if not _is_own(asking, each, authority)]
    if not others:
        return True
    of = {each.id: each for each in (state, *(word.deployment for word in others))}
    barred = frozenset[str]().union(*(_hands(e, authority, records) for e in of.values()))
    return barred.isdisjoint(asking)


def _is_own(asking: Collection[str], word: Word, authority: Authority) -> bool:
    return not accounts((word.by,), authority, word.at).isdisjoint(asking)


def _hands(state: Deployment, authority: Authority, records: Records) -> frozenset[str]:
    """Who had a hand in a deployment, or wrote on a release that it counts for."""
    ids = counted_for(state, records)
    releases = records.find(Release, id=frozenset(ids)) if ids else ()
    return hands(state, authority, records).union(*(authors(e, authority) for e in releases))
