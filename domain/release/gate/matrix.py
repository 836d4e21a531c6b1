"""The requirement matrix: every requirement at every gate, as it stands now or will at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Final

from domain.authority import Authority
from domain.gate import Finding, Requirement, evaluate
from domain.gate import Status as Is
from domain.kernel import Records
from domain.process.release import Matter, RequirementRow
from domain.release.checks.by_matter import CHECKS
from domain.release.gate.question import Question
from domain.release.gate.waiving import or_waived
from domain.release.state import Baseline, Release

NOT_ASKED: Final = "-"
_LETTERS: Final = {status: status.value[0] for status in Is}
_STATUSES: Final = {letter: status for status, letter in _LETTERS.items()}
_SOMETHING: Final = Requirement("", "", lambda: Finding("", Is.SATISFIED, ""))
_WORST: Final = (
    Is.ERROR,
    Is.UNSATISFIED,
    Is.BYPASSED,
    Is.WAIVED,
    Is.SATISFIED,
    Is.NOT_APPLICABLE,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """How a requirement stands at one gate: the worst of its findings."""

    gate: Annotated[str, "The act: tag, deploy:ENVIRONMENT, publish or close."]
    status: Annotated[Is, "How the requirement stands there."]
    findings: Annotated[tuple[Finding, ...], "What was found, with what counted for it."]


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One requirement of a release, and how it stands at each gate that asks for it."""

    requirement: Annotated[str, "The requirement, in the playbook's words."]
    title: Annotated[str, "What it demands."]
    about: Annotated[Matter, "What it is about."]
    source: Annotated[str | None, "Where it comes from."]
    waivable_by: Annotated[str | None, "The role that may waive it; null if nobody may."]
    cells: Annotated[tuple[Cell, ...], "How it stands, in the order of the gates."]


@dataclass(frozen=True, slots=True)
class MatrixDifference:
    """A cell that stands otherwise than when the release was approved."""

    requirement: Annotated[str, "The requirement, in the playbook's words."]
    gate: Annotated[str, "The act: tag, deploy:ENVIRONMENT, publish or close."]
    before: Annotated[Is | None, "How it stood then; null if it was not asked."]
    now: Annotated[Is | None, "How it stands now; null if it is not asked any more."]


def requirement(ask: Question, row: RequirementRow, gate: str) -> Requirement:
    """A row at a gate, as a gate asks it; a waiver lifts what would block, or would do that."""

    def check() -> Finding | tuple[Finding, ...]:
        found = CHECKS[row.about](ask, row, gate)
        every = found if isinstance(found, tuple) else (found,)
        findings = of_row(row, every)
        waiver = ask.waived(row, gate) if any(each.status.blocks for each in findings) else None
        if waiver is None:
            return or_waived(ask, row, gate, findings)
        until = f"Waived until {waiver.expires_at.isoformat()}"
        message = f"{until}, which is soon." if waiver.warns(ask.at, ask.authority) else f"{until}."
        return Finding(row.name, Is.WAIVED, row.title, (waiver.id,), (), message, source=row.source)

    return Requirement(row.name, row.title, check, row.source)


def of_row(row: RequirementRow, found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings as those of the row, whatever asked them."""
    return tuple(replace(each, requirement=row.name) for each in found)


def matrix(ask: Question) -> tuple[MatrixRow, ...]:
    """Every requirement of the release's kind, at every gate that asks for it."""
    gates = ask.kind.gates
    return tuple(
        MatrixRow(
            row.name,
            row.title,
            row.about,
            row.source,
            row.waivable_by,
            tuple(_cell(ask, row, gate) for gate in gates if gate in row.gates),
        )
        for row in ask.kind.requirements
    )


def _cell(ask: Question, row: RequirementRow, gate: str) -> Cell:
    """The row's own findings; beside it something holds, so that the row alone is told."""
    *findings, _ = evaluate((requirement(ask, row, gate), _SOMETHING)).findings
    return Cell(gate, worst(findings), tuple(findings))


def worst(findings: Iterable[Finding]) -> Is:
    """The status that a cell has when its findings differ."""
    found = {each.status for each in findings}
    return next((status for status in _WORST if status in found), Is.ERROR)


def baseline(
    state: Release, at: datetime, authority: Authority, records: Records
) -> tuple[Baseline, ...]:
    """The matrix as a release keeps it when it is approved: a letter for each cell."""
    ask = Question(state, at, authority, records)
    return tuple(_letters(row, ask.kind.gates) for row in matrix(ask))


def _letters(row: MatrixRow, gates: tuple[str, ...]) -> Baseline:
    cells = {cell.gate: _LETTERS[cell.status] for cell in row.cells}
    return Baseline(row.requirement, "".join(cells.get(gate, NOT_ASKED) for gate in gates))


def difference(ask: Question) -> tuple[MatrixDifference, ...]:
    """What stands otherwise than when the release was approved last; nothing if it never was."""
    if not ask.state.baseline:
        return ()
    gates = ask.kind.gates
    now = {each.requirement: each.statuses for each in (_letters(r, gates) for r in matrix(ask))}
    then = {each.requirement: each.statuses for each in ask.state.baseline}
    nowhere = NOT_ASKED * len(gates)
    return tuple(
        MatrixDifference(name, gate, _STATUSES.get(before), _STATUSES.get(after))
        for name in dict.fromkeys((*then, *now))
        for gate, before, after in zip(
            gates, then.get(name, nowhere), now.get(name, nowhere), strict=False
        )
        if before != after
    )
