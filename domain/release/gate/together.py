"""What helps where another release that is made of the same keeps this one from going out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from domain.gate import Act, Finding, or_else
from domain.release.evidence.made_of import named
from domain.release.gate.owed import countersigned
from domain.release.gate.question import Question
from domain.release.state import ENDED, Progress
from domain.release.whereabouts.live import live_since
from domain.verdict import throughout


def of_another(ask: Question, finding: Finding) -> Finding:
    """The finding about the release that is asked about, for the gate of another one.

    Every act tells which release it is about, and beside them that this is made of the same no
    more, where nothing of it is out or on its way.
    """
    if not finding.status.blocks:
        return finding
    name = named((ask.state,))
    ways = (*(_told(acts, name) for acts in (finding.acts, *finding.instead)), *_apart(ask, name))
    acts, *more = list(filter(None, ways)) or [()]
    vain = () if acts else finding.vain
    return or_else(replace(finding, acts=acts, instead=(), vain=vain), *more)


def _told(acts: tuple[Act, ...], name: str) -> tuple[Act, ...]:
    def of_it(act: Act) -> Act:
        return replace(act, description=f"For {name}: {act.description}")

    return tuple(throughout(each, of_it) for each in acts)


def _apart(ask: Question, name: str) -> Iterator[tuple[Act, ...]]:
    """That it is given up, or aimed at something else."""
    state = ask.state
    running = any(each.progress is Progress.RUNNING for each in state.deliveries)
    owed = any(each.status.blocks for each in countersigned(ask))
    out = state.published_at is not None or live_since(ask, state) is not None
    if running or owed or out or state.status in ENDED:
        return
    acts = [ask.act("release.abort", f"Give up {name}.")]
    if not state.tags:
        acts.append(
            ask.act(
                "release.aim", f"Aim {name} at another commit, and another package or none yet."
            )
        )
    yield from ((replace(each, subject=state.id),) for each in acts if each.people)
