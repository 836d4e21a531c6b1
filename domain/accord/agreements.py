"""Which agreements an accord still lacks: of each party its own, and whose they may be (S1-41)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.accord.standing import standings
from domain.accord.state import Accord, Status
from domain.approval.asking import asked
from domain.approval.dead_end import dead_end
from domain.approval.needs import Need
from domain.approval.unblocking import smallest
from domain.approval.voting import Choice, Standing
from domain.authority import Authority
from domain.gate import Act
from domain.kernel import Records

AGREE: Final = "accord.agree"
MOST: Final = 6
"""How many sets of agreements are told: more than an explanation tells, which so says of more."""
Acts = tuple[Act, ...]


def lacking(
    state: Accord,
    may: Collection[str],
    authority: Authority,
    at: datetime,
    records: Records,
) -> tuple[Acts, ...]:
    """The sets of agreements by which all parties of it do, each one whole.

    `may` are those whom the policy lets agree; who objected may agree after all. None where a party
    has too few left: all the others could agree, and it would help nothing.
    """
    if state.status is not Status.OPEN:
        return ()
    votes = tuple(
        replace(each, choice=Choice.WITHDRAW) if each.choice is Choice.REJECT else each
        for each in state.votes
    )
    rules = standings(replace(state, votes=votes), authority, at, records).rules
    able = frozenset(may)
    parties = [asked(each, lambda _: able) for each in rules]
    if not parties or dead_end(parties):
        return ()
    known = {each.rule.name: each for each in parties}
    found = smallest(parties, MOST).sets
    return tuple(tuple(_act(state, known[need.rule], need) for need in needs) for needs in found)


def _act(state: Accord, party: Standing, need: Need) -> Act:
    """That so many of a party agree."""
    people = frozenset(party.accounts.get(each, each) for each in need.people)
    told = f"{party.rule.title}: agree to the terms."
    return Act(AGREE, people, need.count, told, party.rule.name, subject=state.id)
