"""How rules that the votes reject would stand once whoever decided against them decides anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.approval.voting import Standing


@dataclass(frozen=True, slots=True)
class Anew:
    """The rules as they would stand, after all rejections with a veto are dealt with.

    These are taken back, or, where `instead`, those who cast them approve. `vetoes` are the rules
    with one, and who cast it.
    """

    standings: tuple[Standing, ...]
    vetoes: tuple[tuple[Standing, frozenset[str]], ...]
    instead: bool = False


def taken_back(standings: Sequence[Standing]) -> Anew:
    """As whoever rejected with a veto takes that back, and everybody else may decide anew."""
    return Anew(tuple(map(_free, standings)), _vetoes(standings))


def approved_instead(standings: Sequence[Standing]) -> Anew | None:
    """As whoever rejected with a veto approves instead; None where one of them may not."""
    found = []
    for each in standings:
        places = _places(each) if _vetoed(each) else frozenset[str]()
        if _vetoed(each) and len(places) < len(each.rejections):
            return None
        free = _free(each)
        pairs = ((place, place) for place in sorted(places))
        found.append(replace(free, behind=(*free.behind, *pairs), decided=free.decided | places))
    return Anew(tuple(found), _vetoes(standings), instead=True)


def _vetoes(standings: Sequence[Standing]) -> tuple[tuple[Standing, frozenset[str]], ...]:
    every = (each for each in standings if _vetoed(each))
    return tuple((each, frozenset(vote.person for vote in each.rejections)) for each in every)


def _vetoed(standing: Standing) -> bool:
    return standing.rule.veto and bool(standing.rejections)


def _places(standing: Standing) -> frozenset[str]:
    """The places of those who rejected it for themselves, and may still take them."""
    told = {who: place for place, who in standing.accounts.items()}
    own = (vote.person for vote in standing.rejections if vote.seat == vote.person)
    return frozenset(told.get(who, who) for who in own) & standing.entitled - standing.excluded


def _free(standing: Standing) -> Standing:
    """The rule with those alone held to their decision who approve it, or cast a veto."""
    kept = standing.decided if _vetoed(standing) else frozenset(_behind(standing))
    return replace(standing, decided=kept, rejections=(), abstentions=())


def _behind(standing: Standing) -> set[str]:
    return {who for pair in standing.behind for who in pair}
