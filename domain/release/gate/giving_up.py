"""That a release is given up, where nothing else helps: whatever else was told would be in vain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from domain.gate import Act, Finding, Verdict
from domain.release.gate.question import Question

_GIVE_UP: Final = "release.abort"


def told_alone(ask: Question, said: Verdict) -> Verdict:
    """What a gate says, where giving the release up is told alone if something takes that.

    Who gave it up has nothing more to do, and who did all else would find the gate closed still.
    Approvals are told as they lack.
    """
    if not ask.explained:
        return said
    only = next((each.acts for each in said.blocking if _takes_that(ask, each)), None)
    if only is None:
        return said
    given_up = tuple(each for each in only if _gives_up(ask, each))
    told = (_instead(each, given_up) for each in said.findings)
    return replace(said, findings=tuple(told))


def _takes_that(ask: Question, finding: Finding) -> bool:
    """Whether every way to satisfy it gives the release up."""
    ways = [acts for acts in (finding.acts, *finding.instead) if acts]
    return bool(ways) and all(any(_gives_up(ask, e) for e in acts) for acts in ways)


def _gives_up(ask: Question, act: Act) -> bool:
    return act.action == _GIVE_UP and act.subject in ("", ask.state.id)


def _instead(finding: Finding, acts: Iterable[Act]) -> Finding:
    if not finding.status.blocks or finding.standing is not None or not finding.acts:
        return finding
    return replace(finding, acts=tuple(acts), instead=())
