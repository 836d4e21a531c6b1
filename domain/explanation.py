"""Who can unblock a gate by doing what: the smallest sets of acts, or why nobody can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from domain.approval.asking import May, asked
from domain.approval.dead_end import NOBODY, DeadEnd, Repair, dead_end
from domain.approval.needs import Need, missing
from domain.approval.taken_back import Anew, approved_instead, taken_back
from domain.approval.unblocking import Found, smallest
from domain.approval.voting import Standing, Standpoint
from domain.sequence import in_order
from domain.slot import SHOWN, Slot, act_of, aimed, once, slot_of
from domain.verdict import Act, Finding, Verdict, ballots_of, shared

__all__ = ["MOST", "SHOWN", "Explanation", "Repair", "Slot", "Way", "act_of", "explain"]

MOST = 5
"""How many ways are told."""


@dataclass(frozen=True, slots=True)
class Way:
    """Acts that together open the gate, as they may be done; none of them is superfluous."""

    acts: tuple[Slot, ...]

    @property
    def size(self) -> int:
        """How many acts it takes."""
        return _size(self.acts)


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a closed gate may be opened: at most five ways, smallest first.

    `complete` says that there are no others. Where too many approvals compete for people to weigh
    them all, it is false and each way is right, though a smaller one may exist. When nobody can
    open it, there is no way, and `impossible_reason` and `repairs` say why and what would change
    that. An open gate has neither.
    """

    ways: tuple[Way, ...] = ()
    complete: bool = True
    impossible_reason: str | None = None
    repairs: tuple[Repair, ...] = ()


def explain(
    verdict: Verdict,
    *,
    approve: str = "change.approve",
    named: Callable[[str], str] = str,
    may: May | None = None,
) -> Explanation:
    """Say which smallest sets of acts would open the gate of `verdict`, and whose (S1-16, S1-20).

    `approve` is the action of an approval, unless its finding names another, `named` how a message
    calls somebody, `may` whom the policy lets approve under a rule, where that is known. The acts
    of findings that are no approvals are all needed, or all of one of those `instead` of them; of
    approvals, where it is so of all that lack. Of what the votes reject, where that may be taken
    back, it says so by whom. Findings that were waived or bypassed, or do not apply, ask for
    nothing.
    """
    if verdict.allowed:
        return Explanation()
    first, last = _parted(verdict.blocking)
    ballots = ballots_of(verdict.findings)
    (ways, complete, dead), after = _other_ways(first, ballots), _other_ways(last, ballots)
    for subject in ballots.values():
        found = _or_instead(_approvals(subject, approve, named, may), subject)
        if isinstance(found, DeadEnd):
            dead.append(found)
        else:
            ways, all_told = _joined(ways, found.ways)
            complete = complete and all_told and found.complete
    dead += after.dead
    if not verdict.blocking:
        dead.append(DeadEnd("There is nothing here that could be evaluated."))
    if dead:
        reason = " ".join([NOBODY, *dict.fromkeys(each.reason for each in dead)])
        repairs = tuple(dict.fromkeys(repair for each in dead for repair in each.repairs))
        return Explanation((), complete=True, impossible_reason=reason, repairs=repairs)
    ways, all_told = _joined(ways, after.ways)
    complete = complete and after.complete and all_told and verdict.whole
    return Explanation(tuple(Way(in_order(aimed(each))) for each in ways), complete)


def _parted(blocking: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """The findings to settle before the first approval is given, and those to settle after it."""
    votes = (at for at, each in enumerate(blocking) if each.standing is not None)
    at = next(votes, len(blocking))
    later = [each for each in blocking[at:] if each.standing is None]
    return [*blocking[:at], *(e for e in blocking[at:] if e.standing is not None)], later


class _Ways(NamedTuple):
    """Ways to satisfy findings, whether these are all of them, and what nobody can satisfy."""

    ways: list[tuple[Slot, ...]]
    complete: bool
    dead: list[DeadEnd]


def _other_ways(blocking: Iterable[Finding], ballots: Mapping[str, list[Finding]]) -> _Ways:
    """What else than approvals it takes; of a rule what has to come before its own.

    What does instead of all its approvals does instead of that as well.
    """
    ways: list[tuple[Slot, ...]] = [()]
    complete, dead = True, list[DeadEnd]()
    for finding in blocking:
        instead = finding.instead
        if finding.standing is not None:
            instead = shared(ballots[finding.standing.subject]) if finding.acts else ()
        able = [acts for acts in (finding.acts, *instead) if acts and not _lame(acts)]
        if finding.vain or not able:
            dead += _dead(finding)
            continue
        ways, all_told = _joined(ways, [tuple(map(slot_of, acts)) for acts in able])
        complete = complete and all_told
    return _Ways(ways, complete, dead)


def _lame(acts: Iterable[Act]) -> list[str]:
    """The actions among these that too few people may ask for."""
    return [act.action for act in acts if act.count > len(act.people)]


def _dead(finding: Finding) -> list[DeadEnd]:
    """Why nobody satisfies it; nothing of approvals, which say so themselves."""
    if finding.vain:
        return list(finding.vain)
    if finding.acts:
        lame = _lame(finding.acts)
        return [DeadEnd(f"{finding.title}: too few may ask for {action}.") for action in lame]
    if finding.standing is not None:
        return []
    said = f'"{finding.title}" does not hold: {finding.message or finding.code}'
    return [DeadEnd(f"{said} No act is known that would change it.")]


def _approvals(
    findings: Sequence[Finding], approve: str, named: Callable[[str], str], may: May | None
) -> _Ways | DeadEnd:
    standings = [asked(each.standing, may) for each in findings if each.standing is not None]
    action = findings[-1].approve or approve
    if all(each.status is Standpoint.SATISFIED for each in standings):
        return _Ways([()], complete=True, dead=[])
    if end := dead_end(standings, named):
        back = {each.requirement: each.taken_back for each in findings if each.taken_back}
        return _anew(standings, action, back) or end
    found = _smallest(standings)
    return _Ways([_slots(needs, standings, action) for needs in found.sets], found.complete, [])


def _or_instead(found: _Ways | DeadEnd, findings: Sequence[Finding]) -> _Ways | DeadEnd:
    """With what would do instead of approvals, of all that are lacking."""
    others = [tuple(map(slot_of, acts)) for acts in shared(findings) if acts and not _lame(acts)]
    if not others:
        return found
    if isinstance(found, DeadEnd):
        return _Ways(others, complete=True, dead=[])
    return _Ways([*found.ways, *others], found.complete, found.dead)


def _smallest(standings: Sequence[Standing]) -> Found:
    alone = tuple(need for each in standings if not each.rule.distinct for need in missing(each))
    found = smallest([each for each in standings if each.rule.distinct], MOST)
    return Found(tuple((*alone, *needs) for needs in found.sets), found.complete)


def _anew(standings: Sequence[Standing], action: str, back: Mapping[str, Act]) -> _Ways | None:
    """The ways by which what the votes reject is met, as those who rejected it decide anew.

    Without a veto they approve, or others do; a veto is taken back, or who cast it approves. None
    where that may not be taken back, or does not help.
    """
    if not back:
        return None
    ways: list[tuple[Slot, ...]] = []
    complete = True
    for each in (taken_back(standings), approved_instead(standings)):
        if each is None or (each.instead and not each.vetoes) or dead_end(each.standings):
            continue
        first = _undone(each, action, back)
        if first is not None:
            found = _smallest(each.standings)
            slots = (_slots(needs, each.standings, action) for needs in found.sets)
            ways += [(*first, *(_worded(slot, standings) for slot in more)) for more in slots]
            complete = complete and found.complete and all(len(who) == 1 for _, who in each.vetoes)
    return _Ways(ways, complete, []) if ways else None


def _worded(slot: Slot, standings: Sequence[Standing]) -> Slot:
    """The approval; of people who decided against it, with a word on that."""
    (own,) = (each for each in standings if each.rule.name == slot.rule)
    against = {vote.person for vote in (*own.rejections, *own.abstentions)}
    if against.isdisjoint(slot.people):
        return slot
    return replace(slot, description=f"{slot.description}: who decided against it may approve.")


def _undone(anew: Anew, action: str, back: Mapping[str, Act]) -> tuple[Slot, ...] | None:
    """What those do who cast a veto; None where one of them may not."""
    slots = []
    for standing, who in anew.vetoes:
        name, title = standing.rule.name, standing.rule.title
        act = Act(action, who, len(who), f"{title}: who rejected it approves instead.", name)
        if not anew.instead:
            if name not in back or _lame((back[name],)):
                return None
            act = back[name]
        slots.append(slot_of(act, standing.subject))
    return tuple(slots)


def _joined(
    ways: list[tuple[Slot, ...]], more: list[tuple[Slot, ...]]
) -> tuple[list[tuple[Slot, ...]], bool]:
    """Every way with every other, the smallest of them, and whether these are all.

    What is asked for twice of the same in the same words is done once, and none holds all of
    another.
    """
    both: dict[frozenset[Slot], tuple[Slot, ...]] = {}
    for way in (_both(one, other) for one in ways for other in more):
        both.setdefault(frozenset(way), way)
    least = [way for own, way in both.items() if not any(other < own for other in both)]
    found = sorted(least, key=_size)
    return found[:MOST], len(found) <= MOST


def _both(one: tuple[Slot, ...], other: tuple[Slot, ...]) -> tuple[Slot, ...]:
    return once((*other, *one) if set(one) <= set(other) else (*one, *other))


def _size(slots: Iterable[Slot]) -> int:
    return sum(slot.count for slot in slots)


def _slots(needs: Iterable[Need], standings: Sequence[Standing], approve: str) -> tuple[Slot, ...]:
    """The approvals needed, in the order in which they can be given."""
    order = {each.rule.name: each for each in sorted(standings, key=lambda s: s.rule.stage)}
    names = list(order)
    return tuple(
        slot_of(
            Act(
                approve,
                _able(order[need.rule], need),
                need.count,
                order[need.rule].rule.title,
                need.rule,
            ),
            order[need.rule].subject,
        )
        for need in sorted(needs, key=lambda need: names.index(need.rule))
    )


def _able(standing: Standing, need: Need) -> frozenset[str]:
    """The accounts that may give what is needed."""
    return frozenset(standing.accounts.get(each, each) for each in need.people)
