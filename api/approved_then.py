"""How approvals stood when they were used: what changes afterwards voids none of these."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, TypeVar

from api.hiding.visibility import Sight
from domain.approval.voting import Standing, Standings, Void, Vote
from domain.authority import Authority
from ledger import store

S = TypeVar("S")
_EVER: Final = frozenset((Void.OTHER_REVISION, Void.OTHER_DIGEST, Void.SUPERSEDED, Void.MACHINE))
"""Reasons for which a vote had lost its force already, whoever left since."""


def as_used(
    sight: Sight,
    asked: Sequence[tuple[S, datetime | None]],
    stand: Callable[[S, Authority, datetime], Standings],
) -> list[tuple[Standing, ...]]:
    """How the rules of each record stand; where its approvals were used, as they stood then.

    How they stand now is looked at first. Only where a vote was lost since, which is rare, is it
    looked up who held what at the time of use.
    """
    authority = sight.held.authority
    found = [stand(state, authority, sight.moment) for state, _ in asked]
    lost: dict[datetime, list[int]] = {}
    for place, (now, (_, used_at)) in enumerate(zip(found, asked, strict=True)):
        if used_at is not None and not _as_ever(now, authority, used_at):
            lost.setdefault(used_at, []).append(place)

    def look(used_at: datetime, then: store.Standing) -> None:
        for place in lost[used_at]:
            found[place] = stand(asked[place][0], then.authority, used_at)

    sight.reader.visit(sight.connection, lost, look)
    return [each.rules for each in found]


def _as_ever(now: Standings, authority: Authority, used_at: datetime) -> bool:
    """Whether all rules are met, and no vote was lost or came back since they were used.

    One comes back once who gave it, or lent the seat, is reinstated, or their accounts are untied
    from those of somebody with a hand in it.
    """
    lost = (each.reason for standing in now.rules for each in standing.void)
    if not now.satisfied or any(reason not in _EVER for reason in lost):
        return False
    apart = authority.untied(used_at)
    return not any(
        who in apart or _was_suspended(who, authority, used_at)
        for vote in _valid(now)
        for who in {vote.person, vote.seat}
    )


def _valid(now: Standings) -> Iterator[Vote]:
    for each in now.rules:
        yield from (*each.approvals, *each.rejections, *each.abstentions)


def _was_suspended(who: str, authority: Authority, at: datetime) -> bool:
    known = authority.person(who)
    return known is not None and any(each.since <= at < each.until for each in known.suspensions)
