"""Which agreements an accord still lacks: of each party its own, and whose they may be (S1-41)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.accord.standing import kind_of, standings
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
REVISE: Final = "accord.revise"
_ANEW: Final = "put the terms forward as they are, which agrees to them."
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

    `may` are those whom the policy lets agree; who objected may agree after all, and who asked for
    it without that right puts the terms forward as they are. None where a party has too few left:
    all the others could agree, and it would help nothing.
    """
    if state.status is not Status.OPEN:
        return ()
    votes = tuple(
        replace(each, choice=Choice.WITHDRAW) if each.choice is Choice.REJECT else each
        for each in state.votes
    )
    rules = standings(replace(state, votes=votes), authority, at, records).rules
    able, asking = frozenset(may), frozenset((state.requested_by,))
    own = _as_requester(state, records)
    parties = [
        asked(each, lambda of: able | asking if of.rule.name in own else able) for each in rules
    ]
    if not parties or dead_end(parties):
        return ()
    known = {each.rule.name: each for each in parties}
    found = smallest(parties, MOST).sets
    told = ((known[need.rule], need) for needs in found for need in needs)
    acts = {need: _act(state, party, need, able) for party, need in told}
    return tuple(tuple(acts[need] for need in needs) for needs in found)


def _as_requester(state: Accord, records: Records) -> frozenset[str]:
    """The parties that are who asked for it; none where its playbook is gone, which blocks."""
    try:
        kind = kind_of(state, records)
    except LookupError:
        return frozenset()
    return frozenset(each.name for each in kind.parties if each.requester)


def _act(state: Accord, party: Standing, need: Need, able: Collection[str]) -> Act:
    """That so many of a party agree, or that who asked for it does by asking for the same."""
    people = frozenset(party.accounts.get(each, each) for each in need.people)
    if people.isdisjoint(able) and people == {state.requested_by}:
        return Act(REVISE, people, need.count, f"{party.rule.title}: {_ANEW}", subject=state.id)
    told = f"{party.rule.title}: agree to the terms."
    return Act(AGREE, people, need.count, told, party.rule.name, subject=state.id)
