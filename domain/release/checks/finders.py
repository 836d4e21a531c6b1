"""Whether what was attested on the way was said by others than who found what is fixed (S1-40)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from domain.gate import Finding
from domain.process.release import ENTER_PHASE, Matter, RequirementRow
from domain.release.checks.word import rightly, told_of, weighed
from domain.release.gate.question import Question
from domain.release.gate.voters import keeps_out
from domain.release.state import Entered


def spoken(ask: Question, row: RequirementRow) -> Iterator[Finding]:
    """What was attested for phases that were entered before it was known what is fixed.

    Whoever found that may have attested it then, unknown to the gate, and have taken it back since:
    another attests it anew. Whoever says by now that it fails is heard, too.
    """
    for about in ask.kind.requirements:
        asked = about.about is Matter.ATTESTATION and about.only_if_failed is None
        if asked and keeps_out(about):
            for entered in ask.state.entered:
                if f"{ENTER_PHASE}:{entered.phase}" in about.gates:
                    yield _said(ask, row, about, entered)


def _said(ask: Question, row: RequirementRow, about: RequirementRow, entered: Entered) -> Finding:
    """That it holds, by words on what the release was as the phase was entered, or later ones."""
    gate = f"{ENTER_PHASE}:{entered.phase}"
    said = tuple(
        each
        for each in told_of(ask, about, gate)
        if (each.cargo == entered.cargo or each.at >= entered.at) and rightly(ask, about, each)
    )
    none = f"Nobody whose word counts has attested {about.name} at {gate}, or it was taken back."
    answer = weighed(ask, about, said, none, f" It is about {about.name} at {gate}.")
    title = f"{about.title}: said by another than who found what is fixed"
    return replace(answer, requirement=row.name, title=title, source=row.source)
