"""Whose place a vote takes: one for each person, whatever their accounts, and for each seat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.approval.voting import OpenRule, Standing, Standings, VoidVote, Vote
from domain.authority import Authority


@dataclass(frozen=True, slots=True)
class Places:
    """How people are told apart where it is counted (S2-01, S1-20).

    All accounts of one person are one, told by the first of them, also if they were linked after
    the votes. An alternate takes the place of the member stood for; while that one is excluded,
    all alternates of the member share the place of the first.
    """

    authority: Authority
    excluded: frozenset[str]

    def person(self, id: str) -> str:
        """The account that tells the person behind this one."""
        return self.authority.first_account(id)

    def place(self, who: str, grant: str) -> str:
        """The place that is taken by exercising this grant or seat."""
        if self.authority.own_place(who, grant):
            return who
        member = self.authority.stood_for(grant)
        if member in self.excluded:
            free = self.authority.alternates(grant) - self.excluded
            member = min(free, default=None)
        return self.person(member or who)

    def barred(self) -> frozenset[str]:
        """The excluded, with the accounts that tell the people behind them."""
        return self.authority.first_accounts(self.excluded)

    def entitled(self, grants: Mapping[str, str]) -> dict[str, str]:
        """The places of those who hold these grants, with the account that may take each.

        Where several may, an alternate comes first: the member is away.
        """
        found: dict[str, str] = {}
        for who, grant in grants.items():
            place = self.place(who, grant)
            if place == who:
                found.setdefault(place, who)
            elif who not in self.excluded:
                stands = self.authority.stood_for(grant) is not None
                known = found.get(place, who)
                found[place] = who if stands else known
        return found

    def takers(self, grants: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        """The places that several of those who hold these grants may take, with all of these.

        Who `entitled` tells for a place comes first.
        """
        if self.authority.own_places(grants):
            return {}
        found: dict[str, list[str]] = {}
        for who, grant in grants.items():
            if who not in self.excluded:
                found.setdefault(self.place(who, grant), []).append(who)
        first = self.entitled(grants)
        several = {place: some for place, some in found.items() if len(some) > 1}
        return {
            place: (first[place], *(who for who in some if who != first[place]))
            for place, some in several.items()
        }

    def vote(self, vote: Vote) -> Vote:
        """The vote as it is counted."""
        person, seat = self.person(vote.person), self.place(vote.seat, vote.grant)
        if (person, seat) == (vote.person, vote.seat):
            return vote
        return replace(vote, person=person, behalf=None if seat == person else seat)

    def displaced(self, by: str, seat: str, grant: str, votes: Iterable[Vote]) -> Iterator[Vote]:
        """Which of these votes on a rule a fresh one replaces, though they are for another place.

        A person fills one place under a rule, so that each vote of theirs replaces the one before,
        whomever they decide for. Of one place the newest vote counts in any case.
        """
        place = self.place(seat, grant)
        people = {self.person(by), place}
        for vote in votes:
            was = self.vote(vote)
            if was.seat != place and not people.isdisjoint((was.person, was.seat)):
                yield vote

    def rule(self, opened: OpenRule) -> OpenRule:
        """The rule with its mandatory people as they are counted."""
        same = self.same(opened.rule.mandatory)
        if not same:
            return opened
        named = dict.fromkeys(same.get(each, each) for each in opened.rule.mandatory)
        return replace(opened, rule=replace(opened.rule, mandatory=tuple(named)))

    def same(self, people: Iterable[str]) -> dict[str, str]:
        """Those of the people who are told by another account, and by which."""
        found = {each: self.person(each) for each in people}
        return {each: first for each, first in found.items() if each != first}

    def told(
        self,
        counted: Standings,
        rules: Sequence[OpenRule],
        votes: Mapping[int, Vote],
        accounts: Mapping[str, Mapping[str, str]],
        takers: Mapping[str, Mapping[str, tuple[str, ...]]],
    ) -> Standings:
        """What was counted, with everybody as they acted.

        `votes` gives the votes by the identity of those counted for them, `accounts` by rule who
        may take which place, `takers` all who may where these are several.
        """
        if _as_they_acted(counted, rules, votes, accounts) and not any(takers.values()):
            return counted
        pairs = zip(counted.rules, rules, strict=True)
        stray = _true_void(counted.stray, votes)
        return Standings(
            tuple(
                replace(
                    self._told(each, rule, votes, accounts[rule.rule.name]),
                    takers=takers[rule.rule.name],
                )
                for each, rule in pairs
            ),
            stray,
        )

    def _told(
        self,
        standing: Standing,
        opened: OpenRule,
        votes: Mapping[int, Vote],
        accounts: Mapping[str, str],
    ) -> Standing:
        named = opened.rule.mandatory
        lacking = (each for each in named if self.person(each) in standing.missing_mandatory)
        return replace(
            standing,
            rule=opened.rule,
            missing_mandatory=tuple(sorted(lacking)),
            counted=_true(standing.counted, votes),
            approvals=_true(standing.approvals, votes),
            rejections=_true(standing.rejections, votes),
            abstentions=_true(standing.abstentions, votes),
            void=_true_void(standing.void, votes),
            same=self.same(named),
            accounts={place: who for place, who in accounts.items() if place != who},
        )


def _as_they_acted(
    counted: Standings,
    rules: Sequence[OpenRule],
    votes: Mapping[int, Vote],
    accounts: Mapping[str, Mapping[str, str]],
) -> bool:
    """Whether nobody who was counted goes by another account, as nearly always."""
    return (
        all(id(vote) == counted for counted, vote in votes.items())
        and all(each.rule is rule.rule for each, rule in zip(counted.rules, rules, strict=True))
        and all(place == who for places in accounts.values() for place, who in places.items())
    )


def _true(counted: Iterable[Vote], votes: Mapping[int, Vote]) -> tuple[Vote, ...]:
    return tuple(votes[id(each)] for each in counted)


def _true_void(void: Iterable[VoidVote], votes: Mapping[int, Vote]) -> tuple[VoidVote, ...]:
    return tuple(VoidVote(votes[id(each.vote)], each.reason) for each in void)
