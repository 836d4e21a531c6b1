"""One rule while its votes are counted."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, islice

from domain.approval.matching import Demand, Offer
from domain.approval.voting import (
    MACHINE,
    Choice,
    OpenRule,
    Standing,
    Standpoint,
    Void,
    VoidVote,
    Vote,
)

NOBODY: frozenset[str] = frozenset()


class Ballot:
    """A rule, the votes sorted onto it, and what they amount to so far."""

    __slots__ = (
        "abstentions",
        "approvals",
        "counted",
        "decided",
        "entitled",
        "excluded",
        "lacking",
        "missing",
        "named",
        "open_rule",
        "rejections",
        "rivals",
        "rule",
        "seen",
        "slots",
        "status",
        "unnamed",
        "void",
    )

    def __init__(
        self, open_rule: OpenRule, entitled: Mapping[str, frozenset[str]], excluded: frozenset[str]
    ) -> None:
        self.open_rule = open_rule
        self.rule = rule = open_rule.rule
        self.entitled = entitled.get(rule.name, NOBODY)
        self.excluded = excluded
        self.named = frozenset(rule.mandatory)
        self.slots = max(open_rule.needed, len(self.named))
        self.seen: set[str] = set()
        self.decided: set[str] = set()
        self.approvals: list[Vote] = []
        self.rejections: list[Vote] = []
        self.abstentions: list[Vote] = []
        self.void: list[VoidVote] = []
        self.counted: list[Vote] = []
        self.missing = self.slots
        self.unnamed = self.named
        self.status = Standpoint.OPEN
        self.lacking = 0
        self.rivals: tuple[str, ...] = ()

    def place(self, vote: Vote, reason: str | None) -> None:
        """Take a vote, newest first; `reason` is why the caller holds it void."""
        person, seat = vote.person, vote.behalf or vote.person
        replaced = person in self.seen or seat in self.seen
        self.seen.add(person)
        self.seen.add(seat)
        if replaced or reason is not None:
            self.void.append(VoidVote(vote, Void.SUPERSEDED if replaced else reason or ""))
        elif vote.choice is not Choice.WITHDRAW:
            self.decided.add(person)
            self.decided.add(seat)
            self._side(vote.choice).append(vote)

    def _side(self, choice: Choice) -> list[Vote]:
        if choice is Choice.APPROVE:
            return self.approvals
        return self.rejections if choice is Choice.REJECT else self.abstentions

    def fill(self, approvals: list[Vote]) -> None:
        """Let these approvals fill the slots."""
        self.counted = approvals
        if self.named:
            present = {vote.seat for vote in approvals} & self.named
            self.unnamed = self.named - present
            others = len(approvals) - len(present)
            places = self.slots - len(self.named)
            self.missing = len(self.unnamed) + max(0, places - others)
        else:
            self.missing = max(0, self.slots - len(approvals))

    def close(self) -> None:
        """Count nothing: the stage is not open."""
        self.status = Standpoint.WAITING
        standing = chain(self.approvals, self.rejections, self.abstentions)
        self.void += [VoidVote(vote, Void.NOT_OPEN) for vote in standing]
        self.fill([])

    def settle(self) -> None:
        """Say whether the votes so far decide the rule."""
        if len(self.counted) < len(self.approvals):
            spent = [vote for vote in self.approvals if vote not in self.counted]
            self.void += [VoidVote(vote, Void.COUNTED_ELSEWHERE) for vote in spent]
        if self.rule.veto and self.rejections:
            self.status = Standpoint.REJECTED
        elif not self.missing:
            self.status = Standpoint.SATISFIED

    def may_fill(self, person: str, *, ever: bool = False) -> bool:
        """Whether the person may still decide here; with `ever`, whatever they decided before."""
        return (
            person in self.entitled
            and person not in self.excluded
            and (ever or self.status is Standpoint.WAITING or person not in self.decided)
            and not person.startswith(MACHINE)
        )

    def demand(self) -> Demand:
        """What the rule asks of the people it shares with others."""
        return Demand(self.rule.name, self.slots, self.named, self.rule.stage)

    def offers(self) -> list[Offer]:
        """The approvals given, which count nothing while the stage is closed."""
        if self.status is Standpoint.WAITING:
            return []
        return [Offer(self.rule.name, vote.seat, vote.person) for vote in self.approvals]

    def hopes(self, enough: int, *, ever: bool = False) -> list[Offer]:
        """Those who may fill the rule; beyond `enough` of them, more change nothing."""
        named = [person for person in self.named if self.may_fill(person, ever=ever)]
        others = (p for p in self.entitled if p not in self.named and self.may_fill(p, ever=ever))
        return [Offer(self.rule.name, p, p) for p in chain(named, islice(others, enough))]

    def standing(self, subject: str) -> Standing:
        """What is told to others."""
        return Standing(
            rule=self.rule,
            status=self.status,
            needed=self.slots,
            members=self.open_rule.members,
            missing=self.missing,
            missing_mandatory=tuple(sorted(self.unnamed)) if self.unnamed else (),
            counted=tuple(self.counted),
            approvals=tuple(self.approvals),
            rejections=tuple(self.rejections),
            abstentions=tuple(self.abstentions),
            void=tuple(self.void),
            entitled=self.entitled,
            excluded=self.excluded,
            decided=frozenset(self.decided),
            lacking=self.lacking,
            rivals=self.rivals,
            subject=subject,
            behind=tuple([(vote.seat, vote.person) for vote in self.approvals]),
        )
