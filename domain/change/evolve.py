"""How the events of a change fold into its state."""

from __future__ import annotations

from typing import Any, Final

from domain.change import fold_draft, fold_votes, fold_work
from domain.change.events import Opened
from domain.change.fold_draft import Folds
from domain.change.state import Change
from domain.kernel import Context, Recorded, moved

_FOLDS: Final[Folds] = {**fold_draft.FOLDS, **fold_votes.FOLDS, **fold_work.FOLDS}
EVENTS: Final = (Opened, *_FOLDS)
"""Every event of a change."""


def evolve(state: Change | None, recorded: Recorded) -> Change:
    """Fold one event; TypeError for one that is no event of a change, or not its first."""
    event = recorded.event
    if isinstance(event, Opened):
        return fold_draft.opened(event, recorded)
    fold = _FOLDS.get(type(event))
    if state is None or fold is None:
        raise TypeError(f"{type(event).__name__} does not belong here")
    return moved(state, recorded, **fold(state, event, recorded))


def foreseen(state: Change, context: Context, *events: Any) -> Change:
    """The change as it would stand after these events, so that a command sees what follows."""
    for event in events:
        if context.folds is not None:
            state = context.folds(state, event)
            continue
        version = state.version + 1
        recorded = Recorded(
            event, "", context.subject, version, context.at, context.by, context.behalf
        )
        state = evolve(state, recorded)
    return state
