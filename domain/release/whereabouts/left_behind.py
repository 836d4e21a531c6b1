"""Whether what was published is closed no more, since it, or what is in it, was taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from domain.change.state import Outcome
from domain.change.state import Status as ChangeStatus
from domain.gate import Act, Finding, Verdict, or_else
from domain.process.release import CLOSE, Matter
from domain.release.gate.question import Question
from domain.release.state import ENDED, Progress
from domain.release.whereabouts.live import live, living
from domain.release.whereabouts.superseded import not_closed

_BACK: Final = (Progress.FAILED, Progress.ROLLED_BACK)
_STANDS: Final = (Matter.DEPLOYED, Matter.DWELL)
_RUNS: Final = (*_STANDS, Matter.CHANGES_DEPLOYED)
_NOT_DELIVERED: Final = (Outcome.ROLLED_BACK, Outcome.UNSUCCESSFUL)
_SETTLED: Final = frozenset(
    f"release.{verb}" for verb in ("include", "exclude", "edit", "aim", "reschedule")
)
"""What nobody asks of a release that was published: it stays as it was."""
_GIVEN_UP_TOO: Final = frozenset(("ended", "countersigned"))
"""What is asked of what is given up as well."""
_GIVE_UP: Final = "Give it up: what was published and taken back goes out as another release."
_ROLL_BACK: Final = (
    "Roll it back in {} as well, and give it up: what was published and taken back goes out as "
    "another release."
)


def left_behind(ask: Question) -> bool:
    """Whether it was published, and is closed no more, nor where people use it.

    It was taken back, or what is in it was: then it is given up, which closes nothing else.
    """
    return _never_closed(ask) and not live(ask)


def _never_closed(ask: Question) -> bool:
    """Whether it was published, and is never again as closing asks for it.

    It is not where that asks for it, or asks that what is in it, which was taken back, counts.
    """
    if ask.state.published_at is None or ask.state.status in ENDED:
        return False
    try:
        rows = ask.kind.rows(CLOSE)
    except LookupError:  # nothing is known of how it closes
        return False
    gone = taken_back(ask)
    if gone and any(each.about is Matter.CHANGES_AUTHORISED for each in rows):
        return True
    asked = {
        e.environment for e in rows if e.environment and e.about in (_RUNS if gone else _STANDS)
    }
    lost = (each for each in asked if gone or _brought_back(ask, each))
    return any(not_closed(ask, each) for each in lost)


def taken_back(ask: Question) -> bool:
    """Whether anything in it was cancelled, not delivered, or reverted: so it goes nowhere anew.

    So was what a change in it is tied to, where that was reverted.
    """
    undone = any(
        each.status is ChangeStatus.CANCELLED or each.outcome in _NOT_DELIVERED
        for each in ask.changes.values()
    )
    near = (*ask.merge_requests.values(), *ask.tied_to(ask.changes.values()))
    return undone or any(each.reverted_at is not None for each in near)


def passable(ask: Question, gate: str, verdict: Verdict) -> Verdict:
    """The verdict without acts that are refused of what was published; with what is left instead.

    Where what is in it was taken back, it is deployed no more either. Instead of all that closing
    asks for, what was taken back is given up.
    """
    if ask.state.published_at is None or verdict.allowed:
        return verdict
    refused = _SETTLED | ({"release.deploy"} if taken_back(ask) else set())
    named = (act.action for each in verdict.blocking for way in _ways(each) for act in way)
    if refused.isdisjoint(named) and gate != CLOSE:
        return verdict
    way = tuple(_giving_up(ask)) if _never_closed(ask) else ()
    told = (_passable(each, refused, way) for each in verdict.findings)
    closes = (_or(each, way) for each in told) if way and gate == CLOSE else told
    return replace(verdict, findings=tuple(closes))


def _giving_up(ask: Question) -> Iterator[Act]:
    """That it is given up; first that it is rolled back where people use it still."""
    stands = {each.environment: each for each in living(ask)}
    for where, each in stands.items():
        action = "deployment.roll_back" if each.deployment else "release.settle_deployment"
        yield ask.act(action, _ROLL_BACK.format(where))
    if not stands:
        yield ask.act("release.abort", _GIVE_UP)


def _passable(finding: Finding, refused: frozenset[str], way: tuple[Act, ...]) -> Finding:
    if refused.isdisjoint(act.action for each in _ways(finding) for act in each):
        return finding
    kept = tuple(each for each in finding.acts if each.action not in refused)
    others = (each for each in finding.instead if refused.isdisjoint(act.action for act in each))
    left = [each for each in (kept, *others) if each] or [way]
    return replace(finding, acts=left[0], instead=tuple(left[1:]))


def _or(finding: Finding, way: tuple[Act, ...]) -> Finding:
    """The finding with another way, unless that is its own already, or asks for the same."""
    asked = finding.requirement in _GIVEN_UP_TOO
    return finding if asked or way in _ways(finding) else or_else(finding, way)


def _ways(finding: Finding) -> tuple[tuple[Act, ...], ...]:
    return (finding.acts, *finding.instead)


def _brought_back(ask: Question, where: str) -> bool:
    found = ask.state.delivery(where)
    return found is not None and found.progress in _BACK
