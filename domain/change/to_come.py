"""How the rules of a change stand, those of phases that are still to come with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from domain.approval.approval import OpenRule, Standings
from domain.change.question import Question
from domain.change.standing import electorate, kind_of, standings
from domain.change.state import Change, Status
from domain.process.process import Path, Phase

_STAGES: Final = 20
"""More stages than a playbook may have; a phase comes after all stages of the one before."""
_LATER: Final = {
    Status.DRAFT: (Phase.ASSESS, Phase.AUTHORIZE),
    Status.ASSESSING: (Phase.AUTHORIZE,),
}


def tallied(ask: Question) -> Standings:
    """How the rules stand, those of phases still to come as they would be opened now."""
    rules = (*ask.state.rules, *_later(ask))
    return standings(replace(ask.state, rules=rules), ask.authority, ask.at)


def _later(ask: Question) -> tuple[OpenRule, ...]:
    status, kind = before_hold(ask.state), kind_of(ask.state, ask.records)
    phases = [each for each in _LATER.get(status, ()) if _passes(ask.state, each)]
    first = 1 if status is Status.ASSESSING else 0
    rules = [
        replace(rule, stage=rule.stage + _STAGES * order)
        for order, phase in enumerate(phases, first)
        for rule in kind.rules(phase, ask.state.risk or "")
    ]
    return electorate(ask.state, ask.authority, ask.at).opened(rules)


def before_hold(state: Change) -> Status:
    """Where it stands, or would stand if it were not on hold."""
    return state.held or state.status


def _passes(state: Change, phase: Phase) -> bool:
    return phase is Phase.AUTHORIZE or state.path is Path.NORMAL
