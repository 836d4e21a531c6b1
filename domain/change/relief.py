"""Where nobody can any more: whom others merely named may say so, and then they can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from domain.approval.approval import Standings, Standpoint
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
"""In this order: who asked for it has a hand in it, and so does not decline to answer for it."""


@dataclass(frozen=True, slots=True)
class Relief:
    """What those whom others named have to say, and the change as it stands then."""

    acts: tuple[Act, ...]
    state: Change


def reliefs(ask: Question) -> Iterator[Relief]:
    """Every one thing that somebody may say, then more and more of them, as far as it goes (X-04).

    The commands themselves tell who may say what.
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
    """What the rules tallied say; where nobody can fill one, with what gives it enough people.

    Such a finding stands as its rule will stand once that was said.
    """
    now = tally(ask.state)
    findings = approval_findings(now)
    if not _beyond(now):
        return findings
    for each in reliefs(ask):
        then = tally(each.state)
        if not _beyond(then):
            pairs = zip(findings, then.rules, strict=True)
            return tuple(_helped(finding, each.acts, standing) for finding, standing in pairs)
    return findings


def _helped(finding: Finding, acts: tuple[Act, ...], standing: Any) -> Finding:
    then = replace(finding, standing=standing)
    if finding.code != "quorum_impossible":
        return then
    return replace(then, acts=acts, message=f"{finding.message} {HELP}")


def _beyond(now: Standings) -> bool:
    return any(each.status is Standpoint.IMPOSSIBLE for each in now.rules)


def _said(ask: Question) -> Iterator[Relief]:
    """What may be said as the change stands, each once, by whoever may say it."""
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
    """What is recorded of somebody's saying so, and what comes of it; None where they may not."""
    if not is_person(person) or ask.authority.suspended(person):
        return None
    context = Context(ask.at, person, ask.state.id, ask.records, ask.authority)
    try:
        event, *_ = command(ask.state, context)
    except Refusal:
        return None
    return event, foreseen(ask.state, context, event)
