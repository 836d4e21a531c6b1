"""Who may decide on a change, and how its rules and its obligations stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from domain.approval.approval import Choice, OpenRule, Standings
from domain.approval.casting import standings_of
from domain.approval.electorate import Electorate
from domain.authority import Authority
from domain.authorship import accounts, stands
from domain.change.state import DECIDABLE, UNDER_WAY, Change, Obligation, Status
from domain.kernel import Records, Scopes
from domain.playbook.aggregate import Playbook, process
from domain.process.process import ChangeKind, Process


def involved(state: Change, authority: Authority) -> frozenset[str]:
    """Who may never decide on the change, with their linked accounts."""
    people = concerned(state, _behind(state, authority))
    return accounts(people, authority, state.opened_at)


def implementers(state: Change, authority: Authority) -> frozenset[str]:
    """Who may not judge the work afterwards, with their linked accounts."""
    people = at_work(state, _behind(state, authority))
    return accounts(people, authority, state.opened_at)


def looked_back(state: Change, authority: Authority) -> bool:
    """Whether somebody looked back whose word counts, as a vote of theirs after the fact would.

    Not once they are suspended or have lost the right to, or turn out to have done the work.
    """
    review = state.review
    if review is None or review.by in implementers(state, authority):
        return False
    return stands(review.by, review.grant, authority, others=review.other_grants)


Behind = Callable[[str], frozenset[str]]
"""Every account behind which one person stands."""


def _behind(state: Change, authority: Authority) -> Behind:
    return lambda person: accounts((person,), authority, state.opened_at)


def _alone(person: str) -> frozenset[str]:
    """As far as the change alone can tell."""
    return frozenset((person,))


def concerned(state: Change, behind: Behind = _alone) -> frozenset[str]:
    """Who has a part in the change itself.

    Requester, who answers for it, everybody who ever did and had a hand in it, and everybody who
    ever wrote on any revision or submitted one, its author first of all. Else who asks for a change
    would choose who may not decide on it, by naming them.
    """
    before = _handed(state, behind)
    return before.union((state.requester, state.owner), state.contributors)


def at_work(state: Change, behind: Behind = _alone) -> frozenset[str]:
    """Who has a part in the work.

    Who did it, answers for it, or did and had a hand in it, or confirmed that it begin without
    approval; whoever asked for that counts as having done it. Whom others named alone has one where
    they answered for it as the work began or was over, and do not say that they did not: nobody
    shuts others out by naming them one after the other (X-04).
    """
    glass = state.glass
    second = (glass.second,) if glass and glass.confirmed_at else ()
    before = _handed(state, behind, *state.contributors)
    answered = frozenset(state.answered).difference(state.declined_owners)
    return before.union(answered, (state.owner,), state.implementers, second)


def _handed(state: Change, behind: Behind, *others: str) -> frozenset[str]:
    """Who answered for it once and had a hand in it: not whom others named alone.

    Who did the work, is of the `others`, or took it up or handed it on by any account, has one.
    """
    by = {each: {n.by for n in state.namings if n.owner == each} for each in state.former_owners}
    doing = frozenset((*state.implementers, *others))
    return frozenset(each for each in by if not behind(each).isdisjoint(doing | by[each]))


def ending(state: Change, authority: Authority, may: Callable[[str], bool]) -> frozenset[str]:
    """Who says that work is over for which deployments wait: who does it or answers for it now.

    By these very accounts, of those whom the policy lets say so; none where it lets none of them.
    """
    known = filter(None, map(authority.person, (*state.implementers, state.owner)))
    there = (each.id for each in known if not authority.suspended(each.id))
    return frozenset(each for each in there if may(each))


def scopes_of(state: Change) -> Scopes:
    """What the change touches, by kind of scope."""
    content = state.content
    return {
        "service": frozenset((content.service,)),
        "environment": frozenset(content.environments),
    }


def electorate(state: Change, authority: Authority, at: datetime) -> Electorate:
    """The people who may decide before the fact."""
    return Electorate(authority, at, scopes_of(state), involved(state, authority))


def afterwards(state: Change, authority: Authority, at: datetime) -> Electorate:
    """The people who may decide after the fact: nobody who had a hand in it."""
    barred = involved(state, authority) | implementers(state, authority)
    return Electorate(authority, at, scopes_of(state), barred)


def standings(
    state: Change, authority: Authority, at: datetime, voters: Electorate | None = None
) -> Standings:
    """How the rules of the change itself stand, in all phases opened so far.

    `voters` are its electorate at that moment, for whoever has it already.
    """
    return standings_of(state, voters or electorate(state, authority, at))


def resumed(state: Change) -> Change:
    """It as it is on hold no more, before its votes are judged anew: what has begun begins again.

    Unless the glass was broken for it, which nobody has to approve.
    """
    broken = state.glass is not None and state.glass.confirmed_at is not None
    again = state.held is Status.IMPLEMENTING and not broken
    to = Status.SCHEDULED if again else state.held or state.status
    return replace(state, status=to, hold=None)


def goes_on(state: Change) -> bool:
    """Whether the work goes on as soon as it is resumed: nobody has to approve it again."""
    return state.held is not None and resumed(state).status is Status.IMPLEMENTING


def used_at(state: Change) -> datetime | None:
    """When its approvals were used, by which work began; None where they are waited for, or none.

    What went on after a hold may have been approved anew since it began.
    """
    bypassed = state.glass is not None and state.glass.confirmed_at is not None
    used = state.status in UNDER_WAY or state.status is Status.CLOSED
    if not used or bypassed or state.started_at is None:
        return None
    return max((state.started_at, *(vote.at for vote in state.votes)))


def debt(state: Change, owed: Obligation, authority: Authority, at: datetime) -> Standings:
    """How the rule of an obligation stands; without a rule there is nothing to stand on."""
    rules = (owed.rule,) if owed.rule else ()
    return afterwards(state, authority, at).standings(
        rules,
        [vote for vote in state.afterwards if owed.rule and vote.rule == owed.rule.rule.name],
        revision=state.revision,
        digest=state.digest,
        subject=f"{state.id} {owed.name}",
    )


def undecided(state: Change, owed: Obligation, authority: Authority, at: datetime) -> bool:
    """Whether it was approved or refused after the fact by votes that lost their force since.

    A refusal by votes that count stands, also where more people could approve it by now.
    """
    if owed.fulfilled_at is None or owed.rule is None:
        return False
    now = debt(state, owed, authority, at)
    if not owed.refused:
        return not now.satisfied
    void = (each.vote for standing in now.rules for each in standing.void)
    return not now.rejected and any(vote.choice is not Choice.APPROVE for vote in void)


def said_no(state: Change, owed: Obligation) -> bool:
    """Whether anybody said no to what is owed, and not merely too many took no side."""
    name = owed.rule.rule.name if owed.rule else ""
    return any(e.rule == name and e.choice is Choice.REJECT for e in state.afterwards)


def awaiting(state: Change) -> tuple[OpenRule, ...]:
    """The rules that take votes now: the change's own, or those of what is still owed.

    What is owed is voted on once the work is over: only then is it known who had a hand in it.
    """
    if state.status in DECIDABLE:
        return state.rules
    if state.status is Status.REVIEW:
        return tuple(owed.rule for owed in outstanding(state) if owed.rule)
    return ()


def outstanding(state: Change) -> tuple[Obligation, ...]:
    """What is owed and not done."""
    return tuple(owed for owed in state.obligations if owed.fulfilled_at is None)


def pinned(state: Change, records: Records) -> Process:
    """The process the change was opened under; LookupError when its playbook is gone."""
    playbook = records.get(Playbook, state.playbook)
    if playbook is None:
        raise LookupError("its playbook is missing")
    return process(playbook.body)


def kind_of(state: Change, records: Records) -> ChangeKind:
    """The kind of the change in its pinned playbook; LookupError when it is gone."""
    kind = pinned(state, records).kind(state.kind)
    if kind is None:
        raise LookupError(f"the playbook knows no {state.kind}")
    return kind
