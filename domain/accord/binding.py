"""Which terms with a date bind: those that the parties came to last (S1-41, S1-44)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.accord.standing import agreed, standings, suits
from domain.accord.state import Accord, Status
from domain.approval.voting import Standing
from domain.authority import Authority
from domain.kernel import Context, Records, Then
from domain.playbook.aggregate import Playbook, process
from domain.release.state import Release

Words = dict[str, datetime]
"""By party, when it agreed, or as many of it did as it takes."""


def words(state: Accord, authority: Authority, at: datetime, records: Records) -> Words:
    """When each party agreed to the terms as they are, of those whose word counts."""
    parties = standings(state, authority, at, records).rules
    return {each.rule.name: _said(each) for each in parties if each.approvals}


def _said(party: Standing) -> datetime:
    newest = sorted((vote.at for vote in party.approvals), reverse=True)
    return newest[: party.needed][-1]


def binding(
    accords: Iterable[Accord], authority: Authority, at: datetime, records: Records
) -> Accord:
    """Of terms that all parties agree to those that count, whoever agreed once more to others.

    No party alone makes older ones count: the oldest word on each tells.
    """

    def age(state: Accord) -> tuple[datetime, str]:
        return min(words(state, authority, at, records).values()), state.id

    return max(accords, key=age)


def outdated(state: Accord, context: Context) -> list[Then]:
    """What is off the table, for good, since all parties agree to these terms.

    That is every other proposal of a date for the release to which a party had agreed before it
    agreed to these: nobody brings that back alone, by another word or by taking these back.
    """
    now = (context.authority, context.at, context.records)
    others = _others(state, context.records)
    holding = [each for each in others if agreed(each, *now)]
    if not agreed(state, *now) or binding((state, *holding), *now) is not state:
        return []
    mine = words(state, *now)
    old = (each for each in others if _before(words(each, *now), mine))
    return [Then("accord.supersede", each.id, {"successor": state.id}) for each in old]


def _before(theirs: Words, mine: Words) -> bool:
    """Whether one of the parties agreed to theirs first; what mine know no such party of counts."""
    last = max(mine.values())
    return any(at <= mine.get(party, last) for party, at in theirs.items())


def _others(state: Accord, records: Records) -> tuple[Accord, ...]:
    """The others on the table that would count for the same date of the same release."""
    release = records.get(Release, state.subject)
    book = records.get(Playbook, release.playbook) if release else None
    kind = process(book.body).accord(state.kind) if book else None
    if book is None or kind is None or not kind.dated:
        return ()
    told = {"subject": state.subject, "kind": state.kind, "status": Status.OPEN}
    found = [e for e in records.find(Accord, **told) if e.id != state.id]
    if not suits(state, state.kind, book.id, records):
        return ()
    return tuple(each for each in found if suits(each, each.kind, book.id, records))
