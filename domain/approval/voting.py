"""The vocabulary of approval: rules, votes, and how a rule stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from domain.kernel import Internal

MACHINE = "bot:"
"""Prefix of principals that are programs; they never fill a human rule."""


class Quorum(StrEnum):
    """How the number of approvals a rule needs is found."""

    COUNT = "count"
    PERCENT = "percent"
    ALL = "all"
    ANY = "any"


class Choice(StrEnum):
    """What a person decided; `withdraw` takes back the person's own earlier decision."""

    APPROVE = "approve"
    REJECT = "reject"
    ABSTAIN = "abstain"
    WITHDRAW = "withdraw"


class Standpoint(StrEnum):
    """How a rule stands."""

    WAITING = "waiting"
    OPEN = "open"
    SATISFIED = "satisfied"
    REJECTED = "rejected"
    IMPOSSIBLE = "impossible"


class Void(StrEnum):
    """Why a vote does not count. The caller of the tally may add reasons of its own."""

    SUPERSEDED = "superseded"
    OTHER_REVISION = "other_revision"
    OTHER_DIGEST = "other_digest"
    EXCLUDED = "excluded"
    NOT_ENTITLED = "not_entitled"
    GRANT_REVOKED = "grant_revoked"
    SUSPENDED = "suspended"
    MACHINE = "machine"
    NOT_OPEN = "not_open"
    COUNTED_ELSEWHERE = "counted_elsewhere"
    UNKNOWN_RULE = "unknown_rule"


@dataclass(frozen=True, slots=True)
class Rule:
    """One approval that a playbook demands (S2-01, S1-20).

    Entitled are the holders of `role` (for the `scope` kind: service, project, environment or
    board; none means held anywhere), the seated members of the board of kind `board`, and
    `people`. `number` is a count from 1, or a percentage from 1 to 100; `all` and `any` ignore it.
    A later `stage` takes votes only once every earlier one is satisfied. Over all `distinct` rules
    of a set a person fills at most one slot. With `other_team` nobody is entitled who is or was of
    a team of somebody who had a hand in it; nor is anybody while a team of theirs is not known.
    Raises ValueError when a number is out of range.
    """

    name: str
    title: str
    role: str | None = None
    scope: str | None = None
    board: str | None = None
    people: tuple[str, ...] = ()
    quorum: Quorum = Quorum.COUNT
    number: int = 1
    mandatory: tuple[str, ...] = ()
    veto: bool = False
    stage: int = 1
    distinct: bool = True
    source: str | None = None
    other_team: Annotated[
        bool, "Whether those who decide are of a team nobody behind it is of."
    ] = False
    chair: Internal[str | None] = None  # who among the mandatory is so for chairing the board

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a rule needs a name")
        if self.number < 1 or (self.quorum is Quorum.PERCENT and self.number > 100):
            raise ValueError(f"rule {self.name}: {self.number} is no {self.quorum.value}")
        if self.stage < 1:
            raise ValueError(f"rule {self.name}: stages count from 1, not {self.stage}")


@dataclass(frozen=True, slots=True)
class OpenRule:
    """A rule whose numbers were fixed when authorizing opened.

    `needed` is an absolute number of approvals, at least 1; `members` says how many people were
    entitled then, exclusions and machines out.
    """

    rule: Rule
    needed: int
    members: int

    def __post_init__(self) -> None:
        if self.needed < 1:
            raise ValueError(f"rule {self.rule.name} would need {self.needed} approvals")


@dataclass(frozen=True, slots=True)
class Vote:
    """One decision, as recorded (X-04): who, for which rule, about which revision and digest.

    `grant` is the id of the grant or board seat used; `behalf` the delegator whose seat was
    exercised. `role_grant` is the grant by which the policy let who sat there, or was named, ask,
    `other_grants` are all others by which it did as well, or of a role all others of it; one of
    them that stands is enough.
    Whether it still counts is never stored: the tally says so.
    """

    person: str
    rule: str
    revision: int
    digest: str
    choice: Choice
    grant: str
    at: datetime
    behalf: str | None = None
    id: str = ""
    role_grant: str | None = None
    other_grants: tuple[str, ...] = ()

    @property
    def seat(self) -> str:
        """Whose place in the rule the vote takes: the delegator's, or the person's own."""
        return self.behalf or self.person


def without(votes: Iterable[Vote], rule: str, people: AbstractSet[str]) -> tuple[Vote, ...]:
    """The votes without those on the rule in which one of these people has a part."""
    return tuple([v for v in votes if v.rule != rule or people.isdisjoint((v.person, v.seat))])


@dataclass(frozen=True, slots=True)
class VoidVote:
    """A vote that does not count, and why: one of `Void`, or a reason the caller gave."""

    vote: Vote
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How one rule stands.

    `missing` counts unfilled slots, those of `missing_mandatory` people among them. `approvals`
    are all valid ones, `counted` those that fill this rule. A rule that is impossible names in
    `rivals` the rules it competes with for people, and in `lacking` how many people they lack
    together. `subject` names what is decided on, when one verdict covers several.

    `entitled`, `excluded` and `decided` name places, one for each person and seat, and `behind`
    the place and the person that each of the approvals takes up. `same` tells the mandatory people
    who go by another account there, `accounts` who may take a place that another account names,
    and `takers` all of those who may take one, where these are several. `unasked` are the places
    that nobody takes whom the policy lets decide, with who sits there or is named.
    """

    rule: Rule
    status: Standpoint
    needed: int
    members: int
    missing: int
    missing_mandatory: tuple[str, ...]
    counted: tuple[Vote, ...]
    approvals: tuple[Vote, ...]
    rejections: tuple[Vote, ...]
    abstentions: tuple[Vote, ...]
    void: tuple[VoidVote, ...]
    entitled: frozenset[str]
    excluded: frozenset[str]
    decided: frozenset[str]
    lacking: int = 0
    rivals: tuple[str, ...] = ()
    subject: str = ""
    behind: tuple[tuple[str, str], ...] = ()
    same: Mapping[str, str] = field(default_factory=dict, hash=False)
    accounts: Mapping[str, str] = field(default_factory=dict, hash=False)
    takers: Internal[Mapping[str, tuple[str, ...]]] = field(default_factory=dict, hash=False)
    unasked: Internal[Mapping[str, tuple[str, ...]]] = field(default_factory=dict, hash=False)

    @property
    def named(self) -> frozenset[str]:
        """The mandatory people, by their places."""
        return frozenset(self.same.get(each, each) for each in self.rule.mandatory)

    @property
    def candidates(self) -> frozenset[str]:
        """Who may still fill the rule: entitled, not excluded, human, without a decision on it."""
        free = self.entitled - self.excluded - self.decided
        return frozenset(person for person in free if not person.startswith(MACHINE))


@dataclass(frozen=True, slots=True)
class Standings:
    """How a set of rules stands, in the order of the rules; `stray` votes name no rule of it."""

    rules: tuple[Standing, ...]
    stray: tuple[VoidVote, ...] = ()

    @property
    def satisfied(self) -> bool:
        """Every rule is satisfied. A set without rules never is."""
        return bool(self.rules) and all(s.status is Standpoint.SATISFIED for s in self.rules)

    @property
    def rejected(self) -> bool:
        """A veto fell, or the votes cast leave too few people to meet a quorum."""
        return any(s.status is Standpoint.REJECTED for s in self.rules)

    @property
    def impossible(self) -> bool:
        """Too few people are entitled, whatever they decide: an alarm, not a reason to wait."""
        return not self.rules or any(s.status is Standpoint.IMPOSSIBLE for s in self.rules)

    def of(self, rule: str) -> Standing:
        """The standing of the rule with this name. Raises KeyError when the set has none."""
        for standing in self.rules:
            if standing.rule.name == rule:
                return standing
        raise KeyError(rule)
