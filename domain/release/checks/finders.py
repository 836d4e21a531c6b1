"""Whether what was attested on the way was said by others than who found what is fixed (S1-40)."""

from __future__ import annotations

from collections.abc import Iterator

from domain.finders import OWN_FIND
from domain.gate import Finding
from domain.process.release import ENTER_PHASE, Matter, RequirementRow
from domain.release.checks.word import attesting
from domain.release.gate.question import Question, found
from domain.release.gate.voters import finders, keeps_out


def spoken(ask: Question, row: RequirementRow) -> Iterator[Finding]:
    """What was attested for phases that were entered before it was known what is fixed.

    Whoever found that may have attested it then, unknown to the gate, and have taken it back since:
    another attests it anew.
    """
    names = [phase.name for phase in ask.kind.phases]
    reached = [f"{ENTER_PHASE}:{each}" for each in names[: names.index(ask.state.phase) + 1]]
    for about in ask.kind.requirements:
        asked = about.about is Matter.ATTESTATION and about.only_if_failed is None
        if asked and keeps_out(about):
            for gate in reached:
                if gate in about.gates:
                    yield _said(ask, row, about, gate)


def _said(ask: Question, row: RequirementRow, about: RequirementRow, gate: str) -> Finding:
    title = f"{about.title}: said by another than who found what is fixed"
    key = (about.name, gate)
    said = [e.person for e in ask.state.attestations if (e.requirement, e.gate) == key]
    act = attesting(ask, about)
    if not said:
        message = f"What was attested of {about.name} at {gate} was taken back."
        return found(row, title, None, "attestation_missing", message, act)
    own = finders(ask).issuperset(said)
    message = f"{about.name} at {gate} was attested. {OWN_FIND}"
    return found(row, title, not own, "own_find", message, act)
