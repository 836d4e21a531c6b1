"""How the events of an accord fold into its state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain.accord import events as e
from domain.accord.state import Accord, Status
from domain.approval.approval import Choice
from domain.approval.casting import cast
from domain.kernel import Context, Recorded, moved

Changes = dict[str, Any]


def evolve(state: Accord | None, recorded: Recorded) -> Accord:
    """Fold one event; TypeError for one that is none of an accord's, or not its first."""
    event = recorded.event
    if isinstance(event, e.Proposed):
        return _proposed(event, recorded)
    fold = _FOLDS.get(type(event))
    if state is None or fold is None:
        raise TypeError(f"{type(event).__name__} does not belong here")
    return moved(state, recorded, **fold(state, event, recorded))


def foreseen(state: Accord, context: Context, event: Any) -> Accord:
    """The accord as it would stand after this event."""
    version = state.version + 1
    recorded = Recorded(event, "", state.id, version, context.at, context.by, context.behalf)
    return evolve(state, recorded)


def _proposed(event: e.Proposed, recorded: Recorded) -> Accord:
    return Accord(
        id=recorded.subject,
        version=recorded.version,
        status=Status.OPEN,
        kind=event.kind,
        playbook=event.playbook,
        about=event.about,
        subject=event.subject,
        service=event.service,
        project=event.project,
        terms=event.terms,
        revision=1,
        digest=event.digest,
        requested_by=recorded.by,
        opened_at=recorded.at,
        excluded=event.excluded,
        rules=event.rules,
        embargoed=event.embargoed,
    )


def _revised(state: Accord, event: e.Revised, _recorded: Recorded) -> Changes:
    return {
        "terms": event.terms,
        "rules": event.rules,
        "revision": event.revision,
        "digest": event.digest,
        "votes": (),
        "voided": state.voided + len(state.votes),
    }


def _agreed(state: Accord, event: e.Agreed, recorded: Recorded) -> Changes:
    return {"votes": cast(state.votes, event, Choice.APPROVE, recorded)}


def _objected(state: Accord, event: e.Objected, recorded: Recorded) -> Changes:
    return {"votes": cast(state.votes, event, Choice.REJECT, recorded)}


def _withdrawn(_state: Accord, event: e.Withdrawn, _recorded: Recorded) -> Changes:
    return {"status": Status.WITHDRAWN, "withdrawn_because": event.reason}


def _superseded(_state: Accord, _event: e.Superseded, _recorded: Recorded) -> Changes:
    return {"status": Status.SUPERSEDED}


def _concealed(_state: Accord, _event: e.Concealed, _recorded: Recorded) -> Changes:
    return {"embargoed": True, "revealed_at": None}


def _revealed(_state: Accord, _event: e.Revealed, recorded: Recorded) -> Changes:
    return {"embargoed": False, "revealed_at": recorded.at}


_FOLDS: Final[Mapping[type, Callable[[Accord, Any, Recorded], Changes]]] = {
    e.Revised: _revised,
    e.Agreed: _agreed,
    e.Objected: _objected,
    e.Withdrawn: _withdrawn,
    e.Superseded: _superseded,
    e.Concealed: _concealed,
    e.Revealed: _revealed,
}
EVENTS: Final = (e.Proposed, *_FOLDS)
"""Every event of an accord."""
