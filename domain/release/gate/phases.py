"""What a gate waits for that opens in a later phase: what keeps it from each phase up to that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from domain.gate import Answer, Finding, Requirement, evaluate
from domain.gate import Status as Is
from domain.process.release import ENTER_PHASE, Matter, RequirementRow
from domain.release.gate.matrix import of_row, requirement
from domain.release.gate.phase_gate import NEXT, NOT_REACHED, entering, to_enter
from domain.release.gate.question import Question
from domain.release.gate.waiving import or_waived


def in_turn(rows: Iterable[RequirementRow]) -> tuple[RequirementRow, ...]:
    """The rows of a gate, those that wait for a phase after what phases ask as well."""
    asked = tuple(rows)
    last = max((nth for nth, each in enumerate(asked) if _of_phases(each)), default=-1)
    if last < 0:
        return asked
    later = tuple(each for each in asked[:last] if each.about is Matter.PHASE)
    before = tuple(each for each in asked[: last + 1] if each not in later)
    return (*before, *later, *asked[last + 1 :])


def _of_phases(row: RequirementRow) -> bool:
    return any(each.startswith(ENTER_PHASE) for each in row.gates)


def reaching(ask: Question, row: RequirementRow, gate: str) -> Requirement:
    """A row that waits for a phase, which tells before each that is entered what that waits for.

    Whoever went on as they were told would be refused otherwise.
    """
    asked = requirement(ask, row, gate)

    def check() -> Answer:
        answer = asked.check()
        lacking = (answer,) if isinstance(answer, Finding) else tuple(answer)
        if gate.startswith(ENTER_PHASE) or any(each.code != NOT_REACHED for each in lacking):
            return lacking
        told: list[Finding] = []
        coming = to_enter(ask.state, ask.kind, row.phase or "")
        for phase, enter in zip(coming, lacking, strict=True):
            first = of_row(row, evaluate(_before(ask, phase.name, gate)).blocking)
            told += (*or_waived(ask, row, gate, first), enter)
        return told

    return replace(asked, check=check)


def up_to(ask: Question, name: str) -> Iterator[Finding]:
    """What each phase waits for up to one that is still to be entered, and that it is entered."""
    for phase in to_enter(ask.state, ask.kind, name):
        yield from evaluate(_before(ask, phase.name, "")).blocking
        message = f"It is in {ask.state.phase}, and has to go on to {phase.name}."
        act = ask.act("release.enter_phase", f"Go on to the phase {phase.name}.")
        enters = Finding("phase", Is.UNSATISFIED, "It goes on", message=message, acts=(act,))
        yield replace(enters, code=NOT_REACHED)


def _before(ask: Question, phase: str, gate: str) -> Iterator[Requirement]:
    """What a phase waits for, but for being the next one, and for what the gate asks anyhow."""
    yield from (each for each in entering(ask, phase) if each.name != NEXT)
    own = frozenset(e.name for e in ask.kind.rows(gate) if not ask.waived(e, gate))
    into = f"{ENTER_PHASE}:{phase}"
    yield from (requirement(ask, e, into) for e in ask.kind.rows(into) if e.name not in own)
