"""Stories of templates, and of standard changes opened from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.change.aggregate import AGGREGATE as CHANGE
from domain.content import Content
from domain.template.aggregate import AGGREGATE
from tests.domain.organisation import (
    ANN,
    ENG,
    LOW,
    MAX,
    WORLD,
    Story,
)

PLAN = replace(LOW, window=None)


def proposed(content: Content = PLAN) -> Story:
    story = Story(AGGREGATE, WORLD, subject="7" * 32)
    story.ask(ANN, "propose", playbook="itsm", kind="standard", content=content)
    return story


def active() -> Story:
    story = proposed()
    story.ask(MAX, "approve", comment="Routine.")
    return story


def standard(
    content: Content = LOW, story: Story | None = None, world: tuple[Any, ...] = WORLD
) -> Story:
    """A draft of a standard change opened from a template that is in force."""
    template = (story or active()).state
    change = Story(CHANGE, (*world, template))
    change.ask(ENG, "open", playbook="itsm", kind="standard", content=content, template=template.id)
    return change
