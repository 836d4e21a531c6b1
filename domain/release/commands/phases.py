"""Entering the next phase of a release, through its gate."""

from __future__ import annotations

from typing import Any

from domain.kernel import Context, refusal
from domain.process.release import ENTER_PHASE
from domain.release.events import PhaseEntered
from domain.release.gate.gates import passed
from domain.release.gate.phase_gate import following
from domain.release.standing import kind_of
from domain.release.state import ENDED, Release


def enter_phase(state: Release, context: Context) -> list[Any]:
    """Go on to the next phase, once it may begin and the tasks of this one are settled."""
    if state.status in ENDED:
        raise refusal("ended", "The release has ended.")
    phase = following(state, kind_of(state, context.records))
    if phase is None:
        raise refusal("last_phase", "There is no phase after this one; close the release.")
    evidence = passed(state, context, f"{ENTER_PHASE}:{phase.name}")
    return [PhaseEntered(phase.name, phase.status, evidence)]
