"""Casting a vote: by what right, what it takes the place of, and what is impossible after it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import Any, Protocol

from domain.approval.apart import elsewhere, told
from domain.approval.approval import Choice, OpenRule, Rule, Standing, Standings, Standpoint, Vote
from domain.approval.electorate import Electorate
from domain.approval.reach import lost_by
from domain.approval.right import Right
from domain.approval.voting import without
from domain.askers import check_claim
from domain.inbox import stage_waits
from domain.kernel import Context, Problems, Recorded, Refusal, refusal
from domain.wording import NOTE, check_given

Votes = tuple[Vote, ...]
Alarm = Callable[[str, int, int, tuple[str, ...]], Any]
"""Makes a noun's event of a rule that is impossible to meet: its name, needed, lacking, rivals."""


class Decided(Protocol):
    """An event by which somebody decides under a rule, on a revision, by right of a grant."""

    @property
    def rule(self) -> str:
        """The name of the rule."""

    @property
    def revision(self) -> int:
        """The revision one looked at."""

    @property
    def digest(self) -> str:
        """Its digest."""

    @property
    def grant(self) -> str:
        """The grant or seat that was used."""


class PutToVote(Protocol):
    """What people decide on: its open rules, the votes cast, and the content these are about."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def rules(self) -> tuple[OpenRule, ...]:
        """The rules that were opened for this revision."""

    @property
    def votes(self) -> Votes:
        """Everything that was decided, on earlier revisions too."""

    @property
    def revision(self) -> int:
        """The revision at hand."""

    @property
    def digest(self) -> str:
        """Its digest."""


# Counting.


def standings_of(subject: PutToVote, voters: Electorate) -> Standings:
    """How its rules stand for the revision at hand, by its electorate."""
    return voters.standings(
        subject.rules,
        subject.votes,
        revision=subject.revision,
        digest=subject.digest,
        subject=subject.id,
    )


def plainly(subject: PutToVote, voters: Electorate) -> frozenset[str] | None:
    """The rules that are satisfied, where it takes no more than counting; see `Electorate`."""
    revision, digest = subject.revision, subject.digest
    return voters.plainly(subject.rules, subject.votes, revision=revision, digest=digest)


# Folding.


def cast(votes: Votes, event: Decided, choice: Choice, recorded: Recorded) -> Votes:
    """The votes with this one in the place of every earlier one that shares a person with it."""
    vote = Vote(
        person=recorded.by,
        rule=event.rule,
        revision=event.revision,
        digest=event.digest,
        choice=choice,
        grant=event.grant,
        at=recorded.at,
        behalf=getattr(event, "behalf", None),
        id=recorded.id,
        role_grant=getattr(event, "role_grant", None),
        other_grants=getattr(event, "other_grants", ()),
    )
    return (*without(votes, event.rule, {vote.person, vote.seat}), vote)


# Deciding.


def at_hand(votes: Iterable[Vote], revision: int, digest: str) -> Votes:
    """Those of the votes that are about this revision and digest."""
    return tuple(each for each in votes if (each.revision, each.digest) == (revision, digest))


def check_remark(problems: Problems, comment: str | None) -> None:
    """Note a remark that says nothing, or too much; none need be made."""
    if comment is not None:
        check_given(problems, comment, NOTE, "comment")


def right_to_decide(
    problems: Problems,
    context: Context,
    voters: Electorate,
    awaited: Iterable[OpenRule],
    *,
    rule: str,
    behalf: str | None = None,
    waits: Callable[[Rule], bool] = lambda _rule: False,
    check: Callable[[Problems, Context], None] = check_claim,
    votes: Votes = (),
) -> Right:
    """By what right the asker decides; raises Refusal with everything that stands against it.

    `awaited` are the rules that take votes, and `waits` says of one whether its stage is to come.
    None of the `votes` on the content at hand gives way to one for another place.
    """
    found = next((each.rule for each in awaited if each.rule.name == rule), None)
    if found is None:
        problems.add("not_awaited", "No decision is awaited under this rule now.", "rule")
        raise Refusal(*problems)
    check(problems, context)
    if waits(found):
        problems.add("stage_waiting", "An earlier stage has to be satisfied first.", "rule")
    asked_by = partial(context.grants, behalf or context.by)
    right = voters.right(problems, context.by, found, behalf, asked_by=asked_by)
    same = [each for each in votes if each.rule == rule]
    if other := elsewhere(voters, same, context.by, behalf or context.by, right.grant):
        message = told(other, context.by, context.authority)
        problems.add("fills_another_place", message, "rule")
    problems.settle()
    return right


def earlier_stage_open(
    voters: Electorate, rules: Sequence[OpenRule], votes: Votes, content: tuple[int, str]
) -> Callable[[Rule], bool]:
    """Says of a rule whether an earlier stage has to be satisfied first.

    `content` is the revision that is decided on, and its digest.
    """

    def waits(rule: Rule) -> bool:
        if all(each.rule.stage >= rule.stage for each in rules):
            return False
        revision, digest = content
        done = voters.filled(rules, votes, revision=revision, digest=digest)
        return stage_waits(rules, done, rule)

    return waits


def check_own(
    votes: Iterable[Vote], by: str, rule: str, *, behalf: str | None, awaited: bool
) -> None:
    """Refuse to take a decision back that is none of one's own, or that is over.

    By the right of `behalf`, who delegated to them, one takes back what one decided for them alone:
    so does a delegate who has no role of their own.
    """
    mine = (
        (vote.person, vote.seat) == (by, behalf) if behalf else by in (vote.person, vote.seat)
        for vote in votes
        if vote.rule == rule
    )
    if not awaited or not any(mine):
        raise refusal("no_vote", "There is no decision of yours that could be taken back.", "rule")


def check_within_reach(before: PutToVote, after: PutToVote, voters: Electorate) -> None:
    """Refuse an approval by which a rule could be met no more (`needed_themselves`).

    Who is needed under a rule in their own place fills no other that keeps them from it: nobody
    rejected anything, and all would be asked anew.
    """
    content = (before.revision, before.digest)
    if lost := lost_by(voters, before.rules, before.votes, after.votes, content):
        titles = " and ".join(lost)
        message = f"You are needed yourself for: {titles}. Decide in your own place there."
        raise refusal("needed_themselves", message, "rule")


# What follows.


def impossible(rules: Iterable[Standing], known: Collection[str], alarm: Alarm) -> list[Any]:
    """One alarm for each rule that nobody can fill and that is not among those `known`."""
    return [
        alarm(each.rule.name, each.needed, each.lacking, each.rivals)
        for each in rules
        if each.status is Standpoint.IMPOSSIBLE and each.rule.name not in known
    ]
