"""Whether rules can still be met, and whether they ever could, by the people entitled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.approval.ballot import Ballot
from domain.approval.matching import Offer, Shortage, assign, enough_people
from domain.approval.voting import Standpoint


def judge(ballots: Sequence[Ballot]) -> None:
    """Mark the rules that are impossible for want of people, and those the votes rejected.

    Distinct rules compete for people and are judged together, every other one alone.
    """
    for ballot in ballots:
        if not ballot.rule.distinct:
            _judge([ballot])
    _judge([ballot for ballot in ballots if ballot.rule.distinct])


def _judge(group: Sequence[Ballot]) -> None:
    if all(not ballot.missing for ballot in group) or _plainly_open(group):
        return
    demands = [ballot.demand() for ballot in group]
    given = [offer for ballot in group for offer in ballot.offers()]
    enough = enough_people(demands, given)
    hopes = [offer for ballot in group for offer in ballot.hopes(enough)]
    left = assign(demands, given + hopes)
    if left.complete:
        return
    ever = [offer for ballot in group for offer in _ever(ballot, enough)]
    _mark_impossible(group, assign(demands, ever).shortages)
    if not left.undecided:  # else nobody knows that they are rejected, so they stay open
        _mark_rejected(group, left.shortages)


def _plainly_open(group: Sequence[Ballot]) -> bool:
    """Whether the next free person for each empty slot, one after the other, fills them all."""
    taken = {who for ballot in group for vote in ballot.counted for who in (vote.person, vote.seat)}
    for ballot in group:
        for person in ballot.unnamed:
            if person in taken or not ballot.may_fill(person):
                return False
            taken.add(person)
    return all(_take(ballot, taken) for ballot in group)


def _take(ballot: Ballot, taken: set[str]) -> bool:
    wanting = ballot.missing - len(ballot.unnamed)
    if not wanting:
        return True
    for person in ballot.entitled:
        if person not in taken and person not in ballot.named and ballot.may_fill(person):
            taken.add(person)
            wanting -= 1
            if not wanting:
                return True
    return False


def _ever(ballot: Ballot, enough: int) -> list[Offer]:
    """Who could fill the rule had everybody approved, in their own seat."""
    hopes = ballot.hopes(enough, ever=True)
    present = {offer.seat for offer in hopes}
    seats = [vote.seat for vote in ballot.approvals if vote.seat not in present]
    return hopes + [Offer(ballot.rule.name, seat, seat) for seat in seats]


def _mark_impossible(group: Sequence[Ballot], shortages: Iterable[Shortage]) -> None:
    for shortage in shortages:
        for ballot in _undecided(group, shortage.demands):
            ballot.status = Standpoint.IMPOSSIBLE
            ballot.lacking = shortage.lacking
            ballot.rivals = tuple(sorted(shortage.demands - {ballot.rule.name}))


def _mark_rejected(group: Sequence[Ballot], shortages: Iterable[Shortage]) -> None:
    names = frozenset().union(*(shortage.demands for shortage in shortages))
    for ballot in _undecided(group, names):
        ballot.status = Standpoint.REJECTED
    ended = (Standpoint.REJECTED, Standpoint.IMPOSSIBLE)
    if all(ballot.status not in ended for ballot in group):
        # Delegated votes can hide the rules that suffer: all that are unmet do.
        for ballot in _undecided(group, frozenset(ballot.rule.name for ballot in group)):
            ballot.status = Standpoint.REJECTED


def _undecided(group: Sequence[Ballot], names: frozenset[str]) -> list[Ballot]:
    pending = (Standpoint.OPEN, Standpoint.WAITING)
    return [b for b in group if b.rule.name in names and b.status in pending]
