"""Whether a release is out, and so can be looked back on (S3-11)."""

from __future__ import annotations

from domain.gate import Act
from domain.playbook.circles import brings_out, circle
from domain.process.release import PUBLISH, Matter
from domain.release.gate.question import Question
from domain.release.state import Progress
from domain.release.whereabouts.in_use import in_use


def still_to_come(ask: Question) -> tuple[str, ...]:
    """The acts any of which brings it out; none once one did, or where nothing tells which.

    That is to go where people use it, well or not, or to be published; else to go anywhere. None
    either where its playbook asks, before any of these, that it was looked back on.
    """
    if ask.state.published_at is not None:
        return ()
    try:
        kind = ask.kind
    except LookupError:  # nothing tells where it would go
        return ()
    live = [each for each in kind.environments if in_use(ask, each)]
    acts = brings_out(kind, live)
    ended = (each for each in ask.state.deliveries if each.progress is not Progress.RUNNING)
    seen = {*(each.environment for each in ended), *(each.environment for each in ask.state.stood)}
    anywhere = not live and PUBLISH not in acts
    if any(anywhere or in_use(ask, each) for each in seen):
        return ()
    asked = [row for row in kind.requirements if row.about is Matter.REVIEW and not row.waivable_by]
    return () if any(True for row in asked for _ in circle(kind, row, acts)) else acts


def in_words(acts: tuple[str, ...]) -> str:
    """What it still has to do, any of these."""
    return " or ".join(f"go to {where}" if where else "be published" for where in _places(acts))


def bringing_out(ask: Question, acts: tuple[str, ...]) -> tuple[Act, ...]:
    """Each of these as what somebody asks for."""
    return tuple(
        ask.act("release.deploy", f"Deploy it to {where}.")
        if where
        else ask.act("release.publish", "Publish it.")
        for where in _places(acts)
    )


def _places(acts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each.partition(":")[2] for each in acts)
