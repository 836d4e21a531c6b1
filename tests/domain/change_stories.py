"""Stories of changes up to the point where a test begins."""

from __future__ import annotations

from typing import Any

from domain.change.aggregate import AGGREGATE
from domain.change.state import Outcome
from domain.content import Content
from tests.domain.organisation import (
    ANN,
    ASA,
    CAB_ONE,
    CAB_TWO,
    CONTENT,
    DUTY,
    ECAB_ONE,
    ENG,
    OWEN,
    WINDOW,
    Story,
)

WHY = {"reason": "Bookings have stopped."}


def drafted(content: Content = CONTENT, kind: str = "normal", **more: Any) -> Story:
    """A change that Ann opened and Owen answers for."""
    story = Story(AGGREGATE)
    story.ask(ANN, "open", playbook="itsm", kind=kind, content=content, owner=OWEN, **more)
    return story


def submitted(content: Content = CONTENT, kind: str = "normal") -> Story:
    """A change before the people of its first phase."""
    story = drafted(content, kind)
    story.ask(ANN, "submit")
    return story


def assessed(content: Content = CONTENT) -> Story:
    """A change before those who authorize it."""
    story = submitted(content)
    story.ask(ASA, "approve", rule="assessment")
    return story


def scheduled(content: Content = CONTENT) -> Story:
    """A change of moderate risk that two members of the board approved."""
    story = assessed(content)
    story.ask(CAB_ONE, "approve", rule="cab_two")
    story.ask(CAB_TWO, "approve", rule="cab_two")
    return story


def under_way() -> Story:
    """A change being carried out by an engineer, in its window."""
    story = scheduled()
    story.at = WINDOW.since
    story.ask(ENG, "implement")
    return story


def reviewing(outcome: Outcome = Outcome.SUCCESSFUL) -> Story:
    """A change whose work is over."""
    story = under_way()
    note = None if outcome is Outcome.SUCCESSFUL else "It took longer."
    story.ask(ENG, "finish", outcome=outcome, note=note)
    return story


def emergency() -> Story:
    """An emergency that is still a draft."""
    return drafted(kind="emergency")


def emergency_scheduled() -> Story:
    """An emergency of moderate risk that the emergency board approved."""
    story = submitted(kind="emergency")
    story.ask(ECAB_ONE, "approve", rule="ecab")
    return story


def broken() -> Story:
    """An emergency whose glass was broken by an engineer and the person on duty."""
    story = emergency()
    story.ask(ENG, "break_glass", second=DUTY, **WHY)
    story.ask(DUTY, "confirm_break_glass")
    return story


def broken_and_over() -> Story:
    """The same emergency once its work is over."""
    story = broken()
    story.ask(ENG, "finish", outcome=Outcome.SUCCESSFUL)
    return story
