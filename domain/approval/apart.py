"""Whether somebody decides for another place than the one they fill under a rule already."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from domain.approval.approval import Vote
from domain.approval.electorate import Electorate
from domain.authority import Authority
from domain.titles import person_name

_ONE_PLACE: Final = "Nobody fills two places under one rule: take that back first, or leave it so."


def elsewhere(
    voters: Electorate, votes: Iterable[Vote], by: str, seat: str, grant: str
) -> Vote | None:
    """A decision under the rule, for another place, that one by this grant would replace.

    `votes` are those on the rule and the content at hand; those that count no more are in nobody's
    way.
    """
    near = voters.places().displaced(by, seat, grant, votes)
    return next((each for each in near if _counts(voters, each)), None)


def _counts(voters: Electorate, vote: Vote) -> bool:
    free = voters.excluded.isdisjoint((vote.person, vote.seat))
    return free and voters.void(vote) is None


def told(vote: Vote, by: str, authority: Authority) -> str:
    """What is in the way of whoever decides, in words for them."""
    own = authority.linked(by)
    who = "You" if vote.person in own else _named(vote.person, authority)
    place = "you" if vote.seat in own else _named(vote.seat, authority)
    themselves = vote.person == vote.seat
    whose = ("yourself" if who == "You" else "themselves") if themselves else place
    return f"{who} decided for {whose} already. {_ONE_PLACE}"


def _named(id: str, authority: Authority) -> str:
    return person_name(authority.person(id))
