"""The one function that counts votes: which rules are met, rejected, or can never be met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import TypedDict

from domain.approval.ballot import NOBODY, Ballot
from domain.approval.feasibility import judge
from domain.approval.matching import Offer, assign
from domain.approval.plain import plain_count
from domain.approval.voting import (
    MACHINE,
    OpenRule,
    Standings,
    Standpoint,
    Void,
    VoidVote,
    Vote,
)

_STAGE = attrgetter("rule.stage")
_NO_REASONS: Mapping[str, str] = MappingProxyType({})


class Judged(TypedDict):
    """What `tally` is told of the people."""

    entitled: dict[str, frozenset[str]]
    excluded: frozenset[str]
    void: dict[str, str]
    lapsed: frozenset[str]


def tally(
    rules: Sequence[OpenRule],
    votes: Sequence[Vote],
    *,
    revision: int,
    digest: str,
    entitled: Mapping[str, frozenset[str]],
    excluded: frozenset[str],
    void: Mapping[str, str] = _NO_REASONS,
    lapsed: frozenset[str] = NOBODY,
    subject: str = "",
) -> Standings:
    """Say how each rule stands, from the votes in the order they were recorded (S2-01, X-04).

    `entitled` names the people by rule, `excluded` those who may decide on nothing here.
    `void` maps ids of votes to the reason they lost their force (a revoked grant, a suspended
    person); `lapsed` holds ids of votes whose grant has merely run out since, which still count.
    Whatever cannot count says why. Raises ValueError when two rules share a name.

    Within a rule a vote replaces every earlier one that shares a person with it, as the one who
    decides or the one decided for, and what was replaced stays replaced. So nobody stands behind
    two approvals of a rule, nor behind two over all distinct rules. A vote that was never an
    exercise of the seat (excluded, not entitled, a machine, other content) replaces nothing.
    """
    ballots = _ballots(rules, entitled, excluded)
    stray = _sort(votes, ballots, (revision, digest), void, lapsed)
    in_order = list(ballots.values())
    _count(in_order)
    judge(in_order)
    return Standings(tuple([ballot.standing(subject) for ballot in in_order]), stray)


def filled(
    rules: Sequence[OpenRule],
    votes: Sequence[Vote],
    *,
    revision: int,
    digest: str,
    entitled: Mapping[str, frozenset[str]],
    excluded: frozenset[str],
    void: Mapping[str, str] = _NO_REASONS,
    lapsed: frozenset[str] = NOBODY,
) -> frozenset[str]:
    """The names of the rules that `tally` finds satisfied, at a fraction of its cost.

    What becomes of the others is left open.
    """
    if not void:
        plain = plain_count(
            rules, votes, revision=revision, digest=digest, entitled=entitled, excluded=excluded
        )
        if plain is not None:
            return frozenset(plain.done)
    content = (revision, digest)
    _, found = progress(rules, votes, content, entitled, excluded, void=void, lapsed=lapsed)
    return found


def progress(
    rules: Sequence[OpenRule],
    votes: Sequence[Vote],
    content: tuple[int, str],
    entitled: Mapping[str, frozenset[str]],
    excluded: frozenset[str],
    *,
    void: Mapping[str, str] = _NO_REASONS,
    lapsed: frozenset[str] = NOBODY,
) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """Who may still decide, by the name of the rule, and the names of those that are satisfied.

    `content` is the revision and its digest. As `tally` finds them, at a fraction of its cost.
    """
    ballots = _ballots(rules, entitled, excluded)
    _sort(votes, ballots, content, void, lapsed)
    _count(list(ballots.values()))
    free = {name: each.entitled - each.excluded - each.decided for name, each in ballots.items()}
    done = [name for name, each in ballots.items() if each.status is Standpoint.SATISFIED]
    return free, frozenset(done)


def _ballots(
    rules: Sequence[OpenRule], entitled: Mapping[str, frozenset[str]], excluded: frozenset[str]
) -> dict[str, Ballot]:
    ballots = {each.rule.name: Ballot(each, entitled, excluded) for each in rules}
    if len(ballots) != len(rules):
        raise ValueError("two rules share a name")
    return ballots


def _sort(
    votes: Sequence[Vote],
    ballots: Mapping[str, Ballot],
    content: tuple[int, str],
    void: Mapping[str, str],
    lapsed: frozenset[str],
) -> tuple[VoidVote, ...]:
    """Put every vote on its ballot, newest first, or aside with a reason."""
    revision, digest = content
    stray = []
    for vote in reversed(votes):
        ballot = ballots.get(vote.rule)
        if ballot is None:
            stray.append(VoidVote(vote, Void.UNKNOWN_RULE))
        elif vote.revision != revision:
            ballot.void.append(VoidVote(vote, Void.OTHER_REVISION))
        elif vote.digest != digest:
            ballot.void.append(VoidVote(vote, Void.OTHER_DIGEST))
        elif reason := _barred(vote, ballot, void, lapsed):
            ballot.void.append(VoidVote(vote, reason))
        else:
            ballot.place(vote, void.get(vote.id))
    return tuple(stray)


def _barred(
    vote: Vote, ballot: Ballot, void: Mapping[str, str], lapsed: frozenset[str]
) -> str | None:
    """Why the people behind the vote have no seat to exercise, as precisely as is known."""
    person, seat = vote.person, vote.behalf or vote.person
    if person.startswith(MACHINE) or seat.startswith(MACHINE):
        return Void.MACHINE
    if person in ballot.excluded or seat in ballot.excluded:
        return Void.EXCLUDED
    if seat not in ballot.entitled and vote.id not in lapsed:
        return void.get(vote.id, Void.NOT_ENTITLED)
    return None


def _count(ballots: Sequence[Ballot]) -> None:
    """Fill the slots stage by stage; a stage opens when every earlier one is satisfied."""
    distinct = [ballot for ballot in ballots if ballot.rule.distinct]
    if len(distinct) > 1 and _anybody_twice(distinct):
        _share_out(distinct)
    else:
        for ballot in distinct:
            ballot.fill(ballot.approvals)
    for ballot in ballots:
        if not ballot.rule.distinct:
            ballot.fill(ballot.approvals)
    is_open = True
    for _, group in groupby(sorted(ballots, key=_STAGE), key=_STAGE):
        together = list(group)
        for ballot in together:
            ballot.settle() if is_open else ballot.close()
        is_open = is_open and all(b.status is Standpoint.SATISFIED for b in together)


def _anybody_twice(ballots: Iterable[Ballot]) -> bool:
    seen: set[str] = set()
    for ballot in ballots:
        people = {who for vote in ballot.approvals for who in (vote.person, vote.seat)}
        if not seen.isdisjoint(people):
            return True
        seen |= people
    return False


def _share_out(ballots: Sequence[Ballot]) -> None:
    """Let each person's approval fill one slot, so that as many as possible are filled."""
    offers = [offer for ballot in ballots for offer in ballot.offers()]
    used = assign([ballot.demand() for ballot in ballots], offers).used
    taken = {person for offer in used for person in offer.people}
    for ballot in sorted(ballots, key=_STAGE):
        counted = []
        for vote in ballot.approvals:
            offer = Offer(ballot.rule.name, vote.seat, vote.person)
            if offer in used or taken.isdisjoint(offer.people):
                taken |= offer.people
                counted.append(vote)
        ballot.fill(counted)
