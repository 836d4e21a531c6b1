"""What was submitted and has to be edited: told with its being submitted and approved again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from domain.change.question import Question, unknown
from domain.change.state import EDITABLE, Change, Status
from domain.explanation import act_of, explain
from domain.gate import Act, Finding, Requirement, evaluate, nowhere, or_else
from domain.titles import person_name

_EDIT: Final = "change.edit"
_REVISING: Final = frozenset((_EDIT, "change.link", "change.unlink"))

Drafted = Callable[[Question, bool], tuple[Requirement, ...]]
"""What a draft asks for to be approved, where its window is planned anew or kept."""
Acts = tuple[Act, ...]


def approved_again(
    ask: Question, requirements: tuple[Requirement, ...], drafted: Drafted
) -> tuple[Requirement, ...]:
    """The requirements of what was submitted; whoever edits it has it approved again.

    An edit voids the votes and returns it to draft, so that what is asked for votes now, beside an
    edit, is asked for them in vain (X-04).
    """
    told = ask.who is not unknown and not (ask.behind and ask.there is nowhere)
    before = ask.state.held or ask.state.status
    if not told or before is Status.DRAFT or before not in EDITABLE:
        return requirements
    title = "The work may begin"
    return (Requirement("implement", title, lambda: _retold(ask, requirements, drafted)),)


def _retold(
    ask: Question, requirements: Iterable[Requirement], drafted: Drafted
) -> tuple[Finding, ...]:
    findings = evaluate(requirements).findings
    every = {acts for each in findings if each.status.blocks for acts in _ways(each)}
    again = {acts: _again(ask, acts, drafted) for acts in every if _revises(ask, acts)}
    ways = tuple(dict.fromkeys(way for known, _ in again.values() for way in known))
    return tuple(_with(each, again, ways) for each in findings) if again else findings


def _ways(finding: Finding) -> Iterator[Acts]:
    return (acts for acts in (finding.acts, *finding.instead) if acts)


def _revises(ask: Question, acts: Acts) -> bool:
    """Whether one of them makes a new revision of this very change."""
    own = ("", ask.state.id)
    return any(each.action in _REVISING and each.subject in own for each in acts)


def _again(ask: Question, acts: Acts, drafted: Drafted) -> tuple[tuple[Acts, ...], str]:
    """These acts with all that has it approved again; and if nobody can, why."""
    asked = replace(ask, state=_draft(ask.state))
    planned = any(each.action == _EDIT for each in acts)
    told = explain(
        evaluate(drafted(asked, planned)),
        named=lambda id: person_name(ask.authority.person(id)),
        may=asked.may,
    )
    why = (told.impossible_reason or "").removeprefix("Nobody can. ")
    resume = "change.resume"
    ways = []
    for way in told.ways:
        more = tuple(map(act_of, way.acts))
        first = tuple(each for each in more if each.action == resume)
        ways.append(tuple(dict.fromkeys((*first, *acts, *more))))
    return tuple(ways), why


def _draft(state: Change) -> Change:
    """It as an edit leaves it: a draft, without rules and votes; on hold it is resumed first."""
    bare = replace(state, rules=(), votes=(), alarms=(), glass=None)
    if state.hold and state.held:
        return replace(bare, hold=replace(state.hold, status=Status.DRAFT))
    return replace(bare, status=Status.DRAFT)


def _with(
    finding: Finding, again: dict[Acts, tuple[tuple[Acts, ...], str]], ways: tuple[Acts, ...]
) -> Finding:
    """The finding, what helps it told as far as it goes; votes asked for now are so instead."""
    if not finding.status.blocks:
        return finding
    helps = [more for acts in _ways(finding) for more in again.get(acts, ((acts,), ""))[0]]
    if finding.standing is not None or finding.requirement == "status":
        return or_else(finding, *ways)
    if not any(acts in again for acts in _ways(finding)):
        return finding
    why = " ".join(dict.fromkeys(w for a in _ways(finding) if (w := again.get(a, ((), ""))[1])))
    first, *others = helps or [()]
    said = finding.message if helps else f"{finding.message} {why}"
    return replace(finding, acts=first, instead=tuple(others), message=said)
