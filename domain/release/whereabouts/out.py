"""Whether a release is out, and so can be looked back on (S3-11)."""

from __future__ import annotations

from domain.gate import Act
from domain.playbook.circles import brings_out, circle
from domain.process.release import PUBLISH, Matter
from domain.release.fold_acts import seen
from domain.release.gate.question import Question
from domain.release.state import Retrospect
from domain.release.whereabouts.in_use import in_use


def still_to_come(ask: Question) -> tuple[str, ...]:
    """The acts any of which brings it out; none once one did, or where nothing tells which.

    That is to go where people use it, well or not, or to be published; else to go anywhere. None
    either where its playbook asks, before any of these, that it was looked back on.
    """
    return _to_come(ask, seen(ask.state), published=ask.state.published_at is not None)


def was_to_come(ask: Question, review: Retrospect) -> tuple[str, ...]:
    """The same as it was looked back on: before it was out nobody knew how that went."""
    out = ask.state.published_at
    return _to_come(ask, review.seen, published=out is not None and out <= review.at)


def looked_back(ask: Question) -> Retrospect | None:
    """What was said looking back on it, once it was out; None while nothing was."""
    said = ask.state.review
    return None if said is None or was_to_come(ask, said) else said


def _to_come(ask: Question, been: tuple[str, ...], *, published: bool) -> tuple[str, ...]:
    if published:
        return ()
    try:
        kind = ask.kind
    except LookupError:  # nothing tells where it would go
        return ()
    live = [each for each in kind.environments if in_use(ask, each)]
    acts = brings_out(kind, live)
    anywhere = not live and PUBLISH not in acts
    if any(anywhere or in_use(ask, each) for each in been):
        return ()
    asked = [row for row in kind.requirements if row.about is Matter.REVIEW and not row.waivable_by]
    return () if any(True for row in asked for _ in circle(kind, row, acts)) else acts


def in_words(acts: tuple[str, ...]) -> str:
    """What it still has to do, any of these."""
    return " or ".join(f"go to {where}" if where else "be published" for where in _places(acts))


def bringing_out(ask: Question, acts: tuple[str, ...]) -> tuple[Act, ...]:
    """Each of these as what somebody asks for."""
    return tuple(
        ask.act("release.deploy", f"Deploy it to {where}.", where=where)
        if where
        else ask.act("release.publish", "Publish it.")
        for where in _places(acts)
    )


def _places(acts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each.partition(":")[2] for each in acts)
