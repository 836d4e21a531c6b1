"""Requirements about where a release is: that it works there, and has been there long enough."""

from __future__ import annotations

from domain.deployment.dwelling import INTERRUPTED, NOT_WORKING, left
from domain.gate import Act, Finding, either
from domain.process.release import CLOSE, RequirementRow
from domain.release.gate.question import Question, found
from domain.release.whereabouts.mending import mending, staying
from domain.release.whereabouts.out_of_turn import gave_way, held, ripe
from domain.release.whereabouts.superseded import not_closed
from domain.release.whereabouts.there import NOT_THERE, in_place


def deployed(ask: Question, row: RequirementRow, gate: str) -> Finding:
    """This very release is in the environment, and was not found not to work there."""
    where = row.environment or ""
    lacking = not_closed(ask, where) if gate == CLOSE else in_place(ask, where)
    code, message = lacking or (NOT_THERE, "")
    answer = found(row, row.title, lacking is None, code, message)
    return either(answer, mending(ask, where, code))


def dwell(ask: Question, row: RequirementRow, gate: str) -> Finding:
    """It has been in the environment for long enough, without interruption (S4-07, S4-19)."""
    where = row.environment or ""
    delivery, lacking = ask.state.reached(where), in_place(ask, where)
    if delivery is None or (lacking and lacking.code == NOT_WORKING):
        code = lacking.code if lacking else NOT_THERE
        return either(deployed(ask, row, gate), staying(ask, where, code, row.hours or 0))
    spans = held(ask, delivery)
    if (at := ripe(spans, row.hours or 0)) is None:
        since = left(each for group in spans for each in group)
        told = since.isoformat() if since else "once"
        message = f"Something else took its place in {where} at {told}, too early: it begins anew."
        if gave_way(ask, delivery):
            message = f"A fix took its place in {where} at {told}: it goes on once it is back."
        lost = found(row, row.title, None, INTERRUPTED, message)
        return either(lost, staying(ask, where, INTERRUPTED, row.hours or 0))
    message = f"It has to stay there until {at.isoformat()}."
    act = Act("release.wait", count=0, description=message)
    return found(row, row.title, ask.at >= at, "dwell_too_short", message, act)
