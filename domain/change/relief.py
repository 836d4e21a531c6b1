"""Where nobody can decide any more: people whom others merely named say so, and are free to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from domain.approval.approval import Standing, Standings
from domain.approval.dead_end import too_few
from domain.change.answering import decline_ownership, decline_request
from domain.change.evolve import foreseen
from domain.change.question import Question
from domain.change.state import Change
from domain.gate import Act, Finding, approval_findings
from domain.kernel import Context, Refusal, is_person

HELP: Final = "Whom others merely named as having asked for it or answering for it may say so."
_SAYING: Final[tuple[tuple[str, Callable[..., list[Any]], str], ...]] = (
    ("change.decline_request", decline_request, "Say that you did not ask for it."),
    ("change.decline_ownership", decline_ownership, "Say that you do not answer for it."),
)
"""In this order: who asked for a change has a hand in it, and may not decline to answer for it."""


@dataclass(frozen=True, slots=True)
class Relief:
    """What people whom others named have to say, and the change as it would stand after that."""

    acts: tuple[Act, ...]
    state: Change


def reliefs(ask: Question) -> Iterator[Relief]:
    """Each single thing that somebody may say, and then ever more of them together (X-04).

    Who may say what is found by trying the commands themselves.
    """
    every = list(_said(ask))
    yield from every
    acts: tuple[Act, ...] = ()
    found = every[:1]
    while found:
        acts = (*acts, *found[0].acts)
        if len(acts) > 1:
            yield Relief(acts, found[0].state)
        found = list(_said(replace(ask, state=found[0].state)))[:1]


def relieved(ask: Question, tally: Callable[[Change], Standings]) -> tuple[Finding, ...]:
    """The findings of the rules; where too few can fill one, it tells who may free enough people.

    The finding then shows its rule as it will stand once those people have spoken.
    """
    now = tally(ask.state)
    findings = approval_findings(now)
    if not too_few(now.rules, ask.may):
        return findings
    if freed := relief(ask, tally):
        acts, then = freed
        short = [e for e in findings if e.code == "quorum_impossible"] or _short(findings, ask)
        pairs = zip(findings, then.rules, strict=True)
        return tuple(_helped(e, standing, acts if e in short else ()) for e, standing in pairs)
    return findings


def relief(
    ask: Question, tally: Callable[[Change], Standings]
) -> tuple[tuple[Act, ...], Standings] | None:
    """What has to be said so that enough people may decide, and how the rules stand after that.

    What nobody may say is told only where nothing else would help.
    """
    vain = None
    for each in reliefs(ask):
        then = tally(each.state)
        if not too_few(then.rules, ask.may):
            if all(act.people for act in each.acts):
                return each.acts, then
            vain = vain or (each.acts, then)
    return vain


def _short(findings: tuple[Finding, ...], ask: Question) -> list[Finding]:
    """The findings that block of whose rules the policy lets too few approve, or all that block."""
    blocking = [each for each in findings if each.status.blocks and each.standing]
    alone = [e for e in blocking if e.standing and too_few((e.standing,), ask.may)]
    return alone or blocking


def _helped(finding: Finding, standing: Standing, acts: tuple[Act, ...]) -> Finding:
    then = replace(finding, standing=standing)
    return replace(then, acts=acts, message=f"{finding.message} {HELP}") if acts else then


def _said(ask: Question) -> Iterator[Relief]:
    """What may be said of the change as it stands, each thing once, with all who may say it."""
    state = ask.state
    named = frozenset((state.requester, state.owner, *state.answered))
    people = sorted(named.union(*(ask.authority.linked(each) for each in named)))
    for action, command, description in _SAYING:
        by_outcome: dict[Any, tuple[set[str], Change]] = {}
        for person in people:
            if (said := _tried(ask, command, person)) is not None:
                event, then = said
                by_outcome.setdefault(event, (set(), then))[0].add(person)
        for able, then in by_outcome.values():
            acting = ask.who(action) & able
            yield Relief((Act(action, acting, description=description),), then)


def _tried(
    ask: Question, command: Callable[..., list[Any]], person: str
) -> tuple[Any, Change] | None:
    """The event if this person says so, and the change after it; None where they may not."""
    if not is_person(person) or ask.authority.suspended(person):
        return None
    context = Context(ask.at, person, ask.state.id, ask.records, ask.authority)
    try:
        event, *_ = command(ask.state, context)
    except Refusal:
        return None
    return event, foreseen(ask.state, context, event)
