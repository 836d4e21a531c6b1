"""What was submitted and has to be edited: told with its being submitted and approved again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from domain.change.question import Question, unknown
from domain.change.standing import resumed
from domain.change.state import EDITABLE, Change, Status
from domain.explanation import act_of, explain
from domain.gate import Act, Finding, Requirement, evaluate, nowhere, or_else
from domain.titles import person_name

_EDIT: Final = "change.edit"
_REVISING: Final = frozenset((_EDIT, "change.link", "change.unlink"))

Drafted = Callable[[Question, bool], tuple[Requirement, ...]]
"""What a draft asks for to be approved, where its window is planned anew or kept."""
Acts = tuple[Act, ...]


class _Anew(NamedTuple):
    """The ways by which it is approved again, or why nobody can; and whether these are all."""

    ways: tuple[Acts, ...] = ()
    why: str = ""
    whole: bool = True


def approved_again(
    ask: Question, requirements: tuple[Requirement, ...], drafted: Drafted
) -> tuple[Requirement, ...]:
    """The requirements of what was submitted; whoever edits it has it approved again.

    An edit voids the votes and returns it to draft, so that what is asked for votes now, beside an
    edit, is asked for them in vain (X-04).
    """
    told = ask.who is not unknown and not (ask.behind and ask.there is nowhere)
    before = resumed(ask.state).status
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
    return tuple(_with(each, again) for each in findings) if again else findings


def _ways(finding: Finding) -> Iterator[Acts]:
    return (acts for acts in (finding.acts, *finding.instead) if acts)


def _revises(ask: Question, acts: Acts) -> bool:
    """Whether one of them makes a new revision of this very change."""
    own = ("", ask.state.id)
    return any(each.action in _REVISING and each.subject in own for each in acts)


def _again(ask: Question, acts: Acts, drafted: Drafted) -> _Anew:
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
    return _Anew(tuple(ways), why, told.complete)


def _draft(state: Change) -> Change:
    """It as an edit leaves it: a draft, without rules and votes; on hold it is resumed first."""
    bare = replace(state, rules=(), votes=(), alarms=(), glass=None)
    if state.hold and state.held:
        return replace(bare, hold=replace(state.hold, status=Status.DRAFT))
    return replace(bare, status=Status.DRAFT)


def _with(finding: Finding, again: dict[Acts, _Anew]) -> Finding:
    """The finding, what helps it told as far as it goes; votes asked for now are so instead."""
    if not finding.status.blocks:
        return finding
    if finding.standing is not None or finding.requirement == "status":
        every = [*again.values()]
        cut = finding.more or not all(each.whole for each in every)
        return or_else(replace(finding, more=cut), *dict.fromkeys(w for e in every for w in e.ways))
    if not any(acts in again for acts in _ways(finding)):
        return finding
    every = [again.get(acts) or _Anew((acts,)) for acts in _ways(finding)]
    why = " ".join(dict.fromkeys(each.why for each in every if each.why))
    first, *others = [way for each in every for way in each.ways] or [()]
    said = finding.message if first else f"{finding.message} {why}"
    cut = finding.more or not all(each.whole for each in every)
    return replace(finding, acts=first, instead=tuple(others), message=said, more=cut)
