"""A second, exhaustive count of votes, and a search of every set of acts that would help."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from domain.approval.approval import Choice, OpenRule, Standings, Vote, filled, tally
from tests.domain.approval_examples import AT, DIGEST, REVISION

Approval = frozenset[str]


@dataclass(frozen=True)
class Case:
    """Everything a tally is asked about."""

    rules: tuple[OpenRule, ...]
    votes: tuple[Vote, ...]
    entitled: Mapping[str, frozenset[str]]
    excluded: frozenset[str] = frozenset()
    void: Mapping[str, str] = field(default_factory=dict)
    lapsed: frozenset[str] = frozenset()

    def tally(self) -> Standings:
        return tally(
            self.rules,
            self.votes,
            revision=REVISION,
            digest=DIGEST,
            entitled=self.entitled,
            excluded=self.excluded,
            void=self.void,
            lapsed=self.lapsed,
        )

    def filled(self) -> frozenset[str]:
        return filled(
            self.rules,
            self.votes,
            revision=REVISION,
            digest=DIGEST,
            entitled=self.entitled,
            excluded=self.excluded,
            void=self.void,
            lapsed=self.lapsed,
        )

    def with_approvals(self, acts: Collection[tuple[str, str]]) -> Case:
        """The case after these (person, rule) have approved."""
        new = [
            Vote(
                person,
                rule,
                REVISION,
                DIGEST,
                Choice.APPROVE,
                "g",
                AT,
                None,
                f"new-{person}-{rule}",
            )
            for person, rule in acts
        ]
        return replace(self, votes=(*self.votes, *new))

    # The exhaustive count.

    def exercised(self, rule: str) -> list[Vote]:
        """Votes on the rule by people who had a seat to exercise."""
        return [
            vote
            for vote in self.votes
            if vote.rule == rule
            and (vote.revision, vote.digest) == (REVISION, DIGEST)
            and not any(who.startswith("bot:") for who in _people(vote))
            and not _people(vote) & self.excluded
            and (vote.seat in self.entitled.get(rule, ()) or vote.id in self.lapsed)
        ]

    def standing(self, rule: str) -> list[Vote]:
        """Decisions that nothing replaced and nobody voided."""
        votes = self.exercised(rule)
        last = [
            vote
            for index, vote in enumerate(votes)
            if not any(_people(vote) & _people(later) for later in votes[index + 1 :])
        ]
        return [v for v in last if v.id not in self.void and v.choice is not Choice.WITHDRAW]

    def people(self, rule: str) -> frozenset[str]:
        """Humans who have a seat."""
        free = self.entitled.get(rule, frozenset()) - self.excluded
        return frozenset(person for person in free if not person.startswith("bot:"))

    def undecided(self, rule: str) -> frozenset[str]:
        decided: frozenset[str] = frozenset().union(*map(_people, self.standing(rule)))
        return self.people(rule) - decided

    def approvals(self, rule: str) -> list[Vote]:
        return [vote for vote in self.standing(rule) if vote.choice is Choice.APPROVE]

    def vetoed(self, rule: OpenRule) -> bool:
        against = [v for v in self.standing(rule.rule.name) if v.choice is Choice.REJECT]
        return rule.rule.veto and bool(against)

    def satisfied(self) -> bool:
        return bool(self.rules) and self._met(self.rules)

    def _met(self, rules: Sequence[OpenRule]) -> bool:
        return not any(map(self.vetoed, rules)) and fillable(rules, self._given)

    def _given(self, rule: OpenRule) -> list[tuple[str, Approval]]:
        return [(vote.seat, _people(vote)) for vote in self.approvals(rule.rule.name)]

    def is_open(self, rule: OpenRule) -> bool:
        return self._met([r for r in self.rules if r.rule.stage < rule.rule.stage])

    def impossible(self) -> bool:
        """Whether the people entitled could never fill the rules, whatever they decide."""

        def ever(rule: OpenRule) -> list[tuple[str, Approval]]:
            seats = {vote.seat for vote in self.approvals(rule.rule.name)}
            return [(seat, frozenset({seat})) for seat in self.people(rule.rule.name) | seats]

        return not fillable(self.rules, ever) or not self.rules

    def rejected(self) -> bool:
        """Whether a veto fell or the votes leave too few people; asked of possible cases only."""

        def left(rule: OpenRule) -> list[tuple[str, Approval]]:
            name, is_open = rule.rule.name, self.is_open(rule)
            hopes = self.undecided(name) if is_open else self.people(name)
            return [(who, frozenset({who})) for who in hopes] + (
                self._given(rule) if is_open else []
            )

        return self.veto_fell() or not fillable(self.rules, left)

    def openable(self) -> bool:
        """Whether some approvals by undecided people, in the order of the stages, satisfy all."""

        def hoped(rule: OpenRule) -> list[tuple[str, Approval]]:
            hopes = self.undecided(rule.rule.name)
            return [(who, frozenset({who})) for who in hopes] + self._given(rule)

        return not any(map(self.vetoed, self.rules)) and fillable(self.rules, hoped)

    def veto_fell(self) -> bool:
        return any(self.vetoed(rule) and self.is_open(rule) for rule in self.rules)

    # The exhaustive search.

    def minimal_acts(self) -> set[frozenset[tuple[str, str]]]:
        """Every smallest set of approvals by undecided people after which all is satisfied.

        Smallest means that no part of the set would do.
        """
        acts = [
            (who, r.rule.name) for r in self.rules for who in sorted(self.undecided(r.rule.name))
        ]
        found: set[frozenset[tuple[str, str]]] = set()
        for size in range(sum(_slots(rule) for rule in self.rules) + 1):
            for chosen in map(frozenset, combinations(acts, size)):
                if not any(less <= chosen for less in found):
                    found |= {chosen} if self.with_approvals(chosen).satisfied() else set()
        return found


def fillable(
    rules: Sequence[OpenRule], offers: Callable[[OpenRule], list[tuple[str, Approval]]]
) -> bool:
    """Whether some choice of offers fills every slot, nobody used twice over distinct rules."""
    single = [rule for rule in rules if not rule.rule.distinct]
    distinct = [rule for rule in rules if rule.rule.distinct]
    pools = {rule.rule.name: offers(rule) for rule in rules}
    return all(_fill([rule], pools, frozenset()) for rule in single) and _fill(
        distinct, pools, frozenset()
    )


def _fill(
    rules: Sequence[OpenRule], pools: Mapping[str, list[tuple[str, Approval]]], used: frozenset[str]
) -> bool:
    if not rules:
        return True
    first, *rest = rules
    return any(
        _fill(rest, pools, used | taken) for taken in _choices(first, pools[first.rule.name], used)
    )


def _choices(
    rule: OpenRule, pool: list[tuple[str, Approval]], used: frozenset[str]
) -> Iterator[frozenset[str]]:
    free = [(seat, people) for seat, people in pool if not people & used]
    for chosen in combinations(free, _slots(rule)):
        people = [person for _, each in chosen for person in each]
        if len(set(people)) == len(people) and set(rule.rule.mandatory) <= {s for s, _ in chosen}:
            yield frozenset(people)


def _slots(rule: OpenRule) -> int:
    return max(rule.needed, len(set(rule.rule.mandatory)))


def _people(vote: Vote) -> frozenset[str]:
    return frozenset((vote.person, vote.seat))
