"""Who takes back that something does not work: its finder, or whoever had no hand in it (X-04)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from domain.askers import itself
from domain.authority import Authority
from domain.deployment.dwelling import MENDING
from domain.deployment.found_bad import Word, against, taken_back, to_look_at, words
from domain.deployment.state import Deployment, Status
from domain.exemption.hands import hands
from domain.gate import Act
from domain.kernel import Context, Records
from domain.release.standing import authors
from domain.release.state import Release
from domain.release.whereabouts.counted import counted_for

_SAYING: Final = (("deployment.verify", False), ("deployment.watch", True))


class Whom(NamedTuple):
    """Of whom it is asked who may, by the policy, and what is known then."""

    who: Callable[[str], frozenset[str]]
    authority: Authority
    records: Records
    at: datetime


def may_undo(context: Context, state: Deployment, undone: Collection[Word]) -> bool:
    """Whether who asks, with every account of theirs, may put a word over these.

    Over what another found bad nobody does with a hand in that, or in what is said to work. One's
    own word is that of the very account, or of a program of it.
    """
    known = (context.authority, context.records)
    others = [each for each in undone if not _is_own(context.by, each, context.authority)]
    return not others or _is_free(context.by, state, others, _hands(state, others, *known))


def sayers(asked: Whom, state: Deployment, *, watched: bool) -> frozenset[str]:
    """Who may say whether a deployment works, or how it looks, over what others found."""
    action = next(name for name, kind in _SAYING if kind is watched)
    return _able(asked, action, state, taken_back(asked.records, state, watched=watched))


def saying_otherwise(asked: Whom, wanted: Deployment) -> Iterator[Act]:
    """That somebody says of what was found not to work that it works after all, if anybody can."""
    standing = against(asked.records, wanted)
    last = to_look_at(asked.records, wanted) if standing else _still(wanted)
    said = standing or tuple(each for each in words(wanted) if not each.good)
    for action, watched in _SAYING if last else ():
        undone = [each for each in said if each.watched is watched]
        people = _able(asked, action, last, undone) if last and undone else frozenset()
        if undone and (people or not asked.who(action)):
            yield Act(action, people, description=MENDING)


def _still(wanted: Deployment) -> Deployment | None:
    return wanted if wanted.status is Status.SUCCEEDED else None


def _able(asked: Whom, action: str, state: Deployment, undone: Collection[Word]) -> frozenset[str]:
    """Those who may ask for it of whom none is kept from it by what they had a hand in."""
    authority, people = asked.authority, asked.who(action)
    if not undone or not people:
        return people
    barred = _hands(state, undone, authority, asked.records)
    found = set[str]()
    for each in people:
        others = [word for word in undone if not _is_own(each, word, authority)]
        if not others or _is_free(each, state, others, barred):
            found.add(each)
    return frozenset(found)


def _is_own(by: str, word: Word, authority: Authority) -> bool:
    return word.by in itself(by, authority, word.at)


def _is_free(
    who: str,
    state: Deployment,
    others: Iterable[Word],
    barred: Mapping[str, frozenset[str]],
) -> bool:
    ids = (state.id, *(each.deployment.id for each in others))
    return all(who not in barred[id] for id in ids)


def _hands(
    state: Deployment, undone: Iterable[Word], authority: Authority, records: Records
) -> dict[str, frozenset[str]]:
    """Who had a hand in each of these deployments, or wrote on a release that it counts for."""
    of = {each.id: each for each in (state, *(word.deployment for word in undone))}
    return {id: _hands_in(each, authority, records) for id, each in of.items()}


def _hands_in(state: Deployment, authority: Authority, records: Records) -> frozenset[str]:
    ids = counted_for(state, records)
    releases = records.find(Release, id=frozenset(ids)) if ids else ()
    return hands(state, authority, records).union(*(authors(e, authority) for e in releases))
