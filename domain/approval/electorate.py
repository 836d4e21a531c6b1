"""Who may decide under a rule right now, by which grant or seat, and how the rules stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from domain.approval.approval import (
    OpenRule,
    Rule,
    Standings,
    Void,
    Vote,
    filled,
    open_rules,
    tally,
)
from domain.approval.chairing import present
from domain.approval.chairing import seated as chaired
from domain.approval.lending import was_lent
from domain.approval.places import Places
from domain.approval.plain import Count, People, plainly_open
from domain.approval.right import AskedBy, Right, alike, beside, by_nothing, lost
from domain.approval.roll import Roll
from domain.approval.tally import Judged
from domain.authority import Authority
from domain.kernel import Context, Problems, Scopes, is_person
from domain.teams import of_another_team

NAMED: Final = "playbook"
"""Stands in a vote for the grant of a person whom the playbook itself names."""
DELEGATION_REVOKED: Final = "delegation_revoked"
"""Why a vote is void whose delegation was taken back."""
_NOBODY: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Electorate:
    """The people as they stand at a moment, for what is decided on in these scopes.

    `excluded` are those who may not decide, with all their linked accounts. `risk` and the
    playbook's `risks`, ascending, limit what may be decided by delegation.
    """

    authority: Authority
    at: datetime
    scopes: Scopes
    excluded: frozenset[str]
    risk: str | None = None
    risks: tuple[str, ...] = ()
    _found: dict[int, tuple[Rule, Mapping[str, str]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _takers: dict[int, tuple[Rule, Collection[str]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _rolls: dict[int, Roll] = field(default_factory=dict, init=False, repr=False, compare=False)
    _stands: set[str] = field(default_factory=set, init=False, repr=False, compare=False)

    def grants(self, rule: Rule) -> Mapping[str, str]:
        """Who is entitled under the rule, and by which grant or seat.

        Of boards only those count that decide for every service at hand; an alternate counts while
        the member stood for is away, suspended or excluded.
        """
        _, known = self._found.get(id(rule), (rule, None))
        if known is None:  # one request asks of a rule up to three times
            known = self._grants(rule)
            self._found[id(rule)] = (rule, known)  # the rule too, so that no other has its id
        return known

    def _grants(self, rule: Rule) -> Mapping[str, str]:
        ways: list[Mapping[str, str]] = []
        if rule.people:
            ways.append(dict.fromkeys(self._named(rule), NAMED))
        if rule.board:
            seats, services = self.authority.seats, self.scopes.get("service")
            ways.append(seats(rule.board, self.at, excluded=self.excluded, services=services))
        if rule.role:
            values = self.scopes.get(rule.scope, _NOBODY) if rule.scope else _NOBODY
            ways.append(self.authority.holders(rule.role, rule.scope, values, self.at))
        found = ways[0] if len(ways) == 1 else {who: way[who] for way in ways for who in way}
        return self._apart(rule, found)

    def _apart(self, rule: Rule, found: Mapping[str, str]) -> Mapping[str, str]:
        hands = self.excluded
        return of_another_team(found, hands, self.authority, self.at) if rule.other_team else found

    def _named(self, rule: Rule) -> Iterable[str]:
        return (p for p in rule.people if self.authority.person(p) and self.stands(p))

    def stands(self, person: str) -> bool:
        """Whether the principal is a human who is not suspended."""
        return is_person(person) and not self.authority.suspended(person)

    def entitled(self, rules: Iterable[Rule]) -> dict[str, frozenset[str]]:
        """The people entitled, by rule name."""
        return {rule.name: frozenset(self.grants(rule)) for rule in rules}

    def opened(self, rules: Sequence[Rule]) -> tuple[OpenRule, ...]:
        """The rules with their numbers, their chair and their people fixed as of now."""
        seated = [chaired(rule, self) for rule in rules]
        places = self.places()
        return open_rules(
            seated,
            {rule.name: frozenset(self._takers_of(rule, places)) for rule in seated},
            self.excluded,
        )

    def places(self) -> Places:
        """How these people are told apart where it is counted."""
        return Places(self.authority, self.excluded)

    def present(self, rules: Sequence[OpenRule]) -> Sequence[OpenRule]:
        """The rules with whoever chairs their board now."""
        return self._roll(rules).rules

    def right(
        self,
        problems: Problems,
        by: str,
        rule: Rule,
        behalf: str | None = None,
        asked_by: AskedBy = by_nothing,
    ) -> Right:
        """By what right somebody decides under the rule, for themselves or for a delegator.

        `asked_by` are the grants by which the policy lets them ask. Notes `not_a_person`,
        `own_change` for whoever had a hand in it, `not_entitled`.
        """
        seat = behalf or by
        human = is_person(by) and is_person(seat)
        problems.unless(human, "not_a_person", "Only a person may decide.")
        free = self.excluded.isdisjoint((by, seat))
        problems.unless(free, "own_change", "Who had a hand in it may not decide on it.")
        grant = self.grants(rule).get(seat, "")
        mine = self._apart(rule, {by: grant}).get(by)
        if not mine or self.authority.suspended(by) or not self._lent(by, seat, grant):
            problems.add("not_entitled", f"This is for: {rule.title}.", "rule")
        role = self._role(rule, grant)
        if self.authority.grant(grant):
            held = alike(rule, seat, self.scopes, self.authority, self.at)
            others = (each for each in held if each != grant and self._lent(by, seat, each))
            return Right(grant, role, None, tuple(others))
        grants = beside(asked_by(), rule, self.authority)
        return Right(grant, role, next(iter(grants), None), grants[1:])

    def _lent(self, by: str, seat: str, grant: str) -> bool:
        """Whether the seat is one's own, or its holder has delegated it for this much risk."""
        if seat == by:
            return True
        lent = self.authority.delegated(
            by, seat, grant, self.scopes, self.at, risk=self.risk, ascending=self.risks
        )
        return lent is not None

    def _role(self, rule: Rule, grant: str) -> str:
        held = self.authority.grant(grant)
        if held:
            return held.role
        return f"board:{rule.board}" if rule.board and grant != NAMED else NAMED

    def standings(
        self,
        rules: Sequence[OpenRule],
        votes: Sequence[Vote],
        *,
        revision: int,
        digest: str,
        subject: str = "",
    ) -> Standings:
        """How the rules stand: by votes cast then, judged by who holds what now."""
        rules = self.present(rules)
        places, accounts, judged = self.judged(rules, votes)
        counted = [places.vote(vote) for vote in votes]
        ways = [places.rule(rule) for rule in rules]
        found = tally(ways, counted, revision=revision, digest=digest, subject=subject, **judged)
        true = {id(one): vote for one, vote in zip(counted, votes, strict=True)}
        takers = {each.rule.name: places.takers(self.grants(each.rule)) for each in rules}
        return places.told(found, rules, true, accounts, takers)

    def filled(
        self, rules: Sequence[OpenRule], votes: Sequence[Vote], *, revision: int, digest: str
    ) -> frozenset[str]:
        """The names of the rules that `standings` finds satisfied."""
        if (plain := self.counted(rules, votes, revision, digest)) is not None:
            return frozenset(plain[0].done)
        rules = self.present(rules)
        places, _, judged = self.judged(rules, votes)
        counted = [places.vote(vote) for vote in votes]
        ways = [places.rule(rule) for rule in rules]
        return filled(ways, counted, revision=revision, digest=digest, **judged)

    def plainly(
        self, rules: Sequence[OpenRule], votes: Sequence[Vote], *, revision: int, digest: str
    ) -> frozenset[str] | None:
        """As `filled`, where `standings` surely finds none rejected or impossible; else None.

        None, too, where there are no rules, which are never satisfied.
        """
        counted = self.counted(rules, votes, revision, digest)
        if not rules or counted is None or not plainly_open(*counted):
            return None
        return frozenset(counted[0].done)

    def counted(
        self, rules: Sequence[OpenRule], votes: Sequence[Vote], revision: int, digest: str
    ) -> tuple[Count, People, Collection[str]] | None:
        """What the votes plainly amount to, with the places they were counted by."""
        if not self._all_plain(votes):
            return None
        return self._roll(rules).counted(votes, revision, digest)

    def _roll(self, rules: Sequence[OpenRule]) -> Roll:
        """The roll of these rules; one request counts up to three times by the same."""
        known = self._rolls.get(id(rules))
        if known is None:
            known = self._rolls[id(rules)] = self._call(rules)
        return known

    def _call(self, asked: Sequence[OpenRule]) -> Roll:
        rules, places = present(asked, self), self.places()
        alike = not any(each.rule.mandatory and places.same(each.rule.mandatory) for each in rules)
        takers = {each.rule.name: self._takers_of(each.rule, places) for each in rules}
        return Roll(asked, rules, takers if alike else None, places.barred())

    def _all_plain(self, votes: Sequence[Vote]) -> bool:
        """Whether the votes stand; one request counts the same before and after its own.

        A vote that is only foreseen has no id yet.
        """
        fresh = [vote for vote in votes if not vote.id or vote.id not in self._stands]
        if stand := self.authority.stand(fresh):
            self._stands.update([vote.id for vote in fresh])
        return stand

    def _takers_of(self, rule: Rule, places: Places) -> Collection[str]:
        """The places of those entitled under the rule."""
        _, known = self._takers.get(id(rule), (rule, None))
        if known is None:
            grants = self.grants(rule)
            known = grants if self.authority.own_places(grants) else places.entitled(grants)
            self._takers[id(rule)] = (rule, known)
        return known

    def judged(
        self, rules: Sequence[OpenRule], votes: Sequence[Vote]
    ) -> tuple[Places, dict[str, dict[str, str]], Judged]:
        """What counting needs to know of the people, who takes which place under which rule.

        What became of a vote is asked of the people and accounts that stand in it.
        """
        places, among = self.places(), {each.rule.name: each.rule for each in rules}
        held = {name: self.grants(rule) for name, rule in among.items()}
        entitled = {name: frozenset(grants) for name, grants in held.items()}
        accounts = {name: places.entitled(grants) for name, grants in held.items()}
        judged: Judged = {
            "entitled": {name: frozenset(found) for name, found in accounts.items()},
            "excluded": places.barred(),
            "void": {vote.id: reason for vote in votes if (reason := self.void(vote))},
            "lapsed": frozenset([vote.id for vote in votes if self._lapsed(vote, entitled, among)]),
        }
        return places, accounts, judged

    def void(self, vote: Vote) -> str | None:
        """Why a vote does not count any more, whatever it is about; None if it does."""
        if lost(vote, self.authority):
            return Void.GRANT_REVOKED
        if vote.behalf and not was_lent(vote, vote.behalf, self.authority, self.scopes):
            return DELEGATION_REVOKED
        standing = self.stands(vote.person) and self.stands(vote.seat)
        return None if standing else Void.SUSPENDED

    def _lapsed(self, vote: Vote, entitled: People, rules: dict[str, Rule]) -> bool:
        """Whether the right was there when the vote was cast, and is not now.

        That it ran out leaves the vote; that it was taken away makes it void for that reason. No
        right ran out of whom the playbook names, nor of who may not use it, for their team.
        """
        if vote.grant == NAMED or vote.seat in entitled.get(vote.rule, _NOBODY):
            return False
        rule = rules.get(vote.rule)
        return rule is None or bool(self._apart(rule, {vote.seat: vote.grant}))


def check_person(problems: Problems, context: Context, id: str, *path: str) -> None:
    """Note a name that stands for no active person."""
    known = context.authority.person(id)
    good = known is not None and is_person(id) and not known.suspended
    problems.unless(good, "unknown_person", "There is no such active person.", *path)
