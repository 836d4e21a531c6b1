"""Who signs off what is hidden may know of it: those are told, or who clears enough others."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from domain.approval.approval import Standing
from domain.clearance import clearing
from domain.gate import Finding
from domain.gate import Status as Is
from domain.merge_request.question import Question, unknown

READ: Final = "merge_request.read_embargoed"
TITLE: Final = "Enough of those who approve it may know of it"
FEW: Final = "Too few of those who would approve it may know of it: clear one first."


def cleared(ask: Question, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings of the rules, with those alone who may know of it if they are enough (S1-12).

    Where they are too few for a rule, somebody else is cleared first. Nothing of that in the open,
    nor where the gate is decided and not explained.
    """
    if not ask.state.embargoed or ask.who is unknown:
        return findings
    knowing, short = ask.who(READ), frozenset[str]()
    told: list[Finding] = []
    for each in findings:
        unaware = _unaware(each.standing, knowing) if each.standing and each.status.blocks else None
        if each.standing is None or not unaware:
            told.append(each)
        elif len(each.standing.candidates - unaware) < each.standing.missing:
            short |= frozenset(each.standing.accounts.get(who, who) for who in unaware)
            told.append(each)
        else:
            left = each.standing.entitled - unaware
            told.append(replace(each, standing=replace(each.standing, entitled=left)))
    return (_clearance(ask, short), *told) if short else tuple(told)


def _unaware(standing: Standing, knowing: frozenset[str]) -> frozenset[str]:
    """Of the places that may still fill a rule those whose people may not know of it."""
    places = standing.candidates
    return frozenset(each for each in places if standing.accounts.get(each, each) not in knowing)


def _clearance(ask: Question, people: frozenset[str]) -> Finding:
    return Finding(
        "clearance",
        Is.UNSATISFIED,
        TITLE,
        message=FEW,
        code="not_cleared",
        source="S1-12",
        acts=clearing(ask.authority, people, ask.state.project, ask.who, ask.at),
    )
