"""What it takes that an accord nobody proposed yet is agreed to: who proposes it, and who then."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.accord.agreements import AGREE
from domain.accord.asking import Matter, on_duty_now
from domain.accord.standing import scopes_of
from domain.approval.approval import Rule
from domain.approval.electorate import Electorate
from domain.authority import Authority
from domain.gate import Act
from domain.kernel import Records
from domain.process.accord import AccordKind, PartyRow

Acts = tuple[Act, ...]
_OTHERS: Final = "{}: agree to the terms, but for who proposes them."


def proposing(
    propose: Act,
    kind: AccordKind,
    matter: Matter,
    voters: Electorate,
    *,
    records: Records,
    may: Collection[str],
) -> tuple[Acts, ...]:
    """Each way to have all parties agree, from its being proposed on.

    `voters` decide, but for who is kept out, of whom the policy lets those in `may` agree. Who is
    on duty, and asks for it, agrees by that: one way is theirs, another that of whoever is not.
    """
    duty = {e.name: _on_duty(e, matter, voters, records) for e in kind.parties if e.rotation}
    asks = any(each.requester for each in kind.parties)
    everybody = frozenset[str]().union(*duty.values())
    if not asks or not duty:
        return ((propose, *_agreeing(kind, duty, voters, may)),)
    groups = (propose.people & everybody, propose.people - everybody)
    ways = (
        (replace(propose, people=each), *_agreeing(kind, duty, voters, may, own=each & everybody))
        for each in groups
        if each
    )
    return tuple(ways) or ((propose,),)


def voters_of(
    matter: Matter, out: frozenset[str], authority: Authority, at: datetime
) -> Electorate:
    """Those who may agree about a matter, but for who is kept out."""
    return Electorate(authority, at, scopes_of(matter.service, matter.project), out)


def _on_duty(row: PartyRow, matter: Matter, voters: Electorate, records: Records) -> frozenset[str]:
    """Who is on duty now, as far as they stand."""
    people = on_duty_now(row, matter, voters.authority, voters.at, records)
    return frozenset(filter(voters.stands, people))


def _agreeing(
    kind: AccordKind,
    duty: dict[str, frozenset[str]],
    voters: Electorate,
    may: Collection[str],
    own: frozenset[str] = frozenset(),
) -> Iterator[Act]:
    """That each party agrees but who asked for it: of those on duty all others, of a role one."""
    for each in kind.parties:
        told = f"{each.title}: agree to the terms."
        if each.rotation:
            there, fewer = duty[each.name], bool(own & duty[each.name])
            alone = fewer and len(there) == 1
            people = frozenset[str]() if alone else there.intersection(may)
            told = _OTHERS.format(each.title) if fewer else told
            yield Act(AGREE, people, max(1, len(there) - fewer), told, each.name)
        elif each.role:
            rule = Rule(each.name, each.title, each.role, each.scope)
            able = (who for who in voters.grants(rule) if who not in voters.excluded)
            people = frozenset(filter(voters.stands, able)).intersection(may)
            yield Act(AGREE, people, 1, told, each.name)
