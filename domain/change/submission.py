"""Submitting a change: to its first phase, or straight to the schedule when approved in advance."""

from __future__ import annotations

from typing import Any, Final

from domain.change.events import Preapproved, Submitted
from domain.change.evolve import foreseen
from domain.change.gates import passed
from domain.change.progress import alarms
from domain.change.standing import electorate, kind_of
from domain.change.state import Change, Status
from domain.kernel import Context
from domain.process.process import Path, Phase

_FIRST: Final = {
    Path.NORMAL: (Status.ASSESSING, Phase.ASSESS),
    Path.EMERGENCY: (Status.AUTHORIZING, Phase.AUTHORIZE),
}


def submit(state: Change, context: Context) -> list[Any]:
    """Put the draft before those who decide; a standard change is scheduled at once (S3-14).

    An emergency goes straight to authorizing. Who submits has a hand in it and may not decide.
    """
    evidence = passed(state, context, "submit")
    if state.path is Path.STANDARD:
        return [Preapproved(evidence)]
    status, phase = _FIRST[state.path]
    rules = kind_of(state, context.records).rules(phase, state.risk or "")
    submitted = foreseen(state, context, Submitted(status, (), evidence))
    voters = electorate(submitted, context.authority, context.at)
    event = Submitted(status, voters.opened(rules), evidence)
    return [event, *alarms(foreseen(state, context, event), context)]
