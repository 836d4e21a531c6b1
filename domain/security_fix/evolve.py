"""How the events of a security fix fold into its state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from domain.authorship import actors, follows
from domain.kernel import Context, Recorded, distinct, moved
from domain.security_fix import events as e
from domain.security_fix.state import (
    ENDED,
    FinderProposal,
    Item,
    Part,
    Review,
    SecurityFix,
    Status,
    TakenOff,
)
from domain.word import said_anew

Changes = dict[str, Any]


def evolve(state: SecurityFix | None, recorded: Recorded) -> SecurityFix:
    """Fold one event; TypeError for one that is none of a fix's, or not its first."""
    event = recorded.event
    if isinstance(event, e.Opened):
        return _opened(event, recorded)
    fold = _FOLDS.get(type(event))
    if state is None or fold is None:
        raise TypeError(f"{type(event).__name__} does not belong here")
    return moved(state, recorded, **fold(state, event, recorded))


def foreseen(state: SecurityFix, context: Context, event: Any) -> SecurityFix:
    """The fix as it would stand after this event."""
    version = state.version + 1
    recorded = Recorded(event, "", state.id, version, context.at, context.by, context.behalf)
    return evolve(state, recorded)


def _opened(event: e.Opened, recorded: Recorded) -> SecurityFix:
    reported = follows(recorded)  # a report that is accepted tells by itself who found it
    told = reported or (event.follows is not None and not event.proposed)
    named = () if told or event.reporter is None else (event.reporter,)
    return SecurityFix(
        id=recorded.subject,
        version=recorded.version,
        status=Status.ASSESSING,
        kind=event.kind,
        playbook=event.playbook,
        service=event.service,
        project=event.project,
        title=event.title,
        description=event.description,
        component=event.component,
        dependency=event.dependency,
        severity=None,
        opened_by=recorded.by,
        opened_at=recorded.at,
        known_since=event.known_since,
        due_at=None,
        items=tuple(Item(box.name, box.title) for box in event.items),
        report=event.report,
        reporter=event.reporter,
        credit=event.credit,
        finder_proposals=tuple(_said(who, recorded, who == recorded.by) for who in named),
        finder_agreed=reported or event.finder_agreed,
        follows=event.follows,
        kept_before=event.kept_out,
    )


def _said(reporter: str, recorded: Recorded, of_self: bool) -> FinderProposal:
    return FinderProposal(reporter, recorded.by, recorded.at, of_self)


def _proposed(state: SecurityFix, event: e.FinderProposed, recorded: Recorded) -> Changes:
    """One's word takes the place of one's last; what one said of oneself nobody takes back."""
    others = (
        each for each in state.finder_proposals if each.of_self or each.proposed_by != recorded.by
    )
    said = _said(event.reporter, recorded, event.of_self)
    return {"finder_proposals": (*others, said)} | _unassessed(state, event.unassessed)


def _edited(_state: SecurityFix, event: e.Edited, _recorded: Recorded) -> Changes:
    return {field.name: getattr(event, field.name) for field in fields(event)}


def _assessed(state: SecurityFix, event: e.Assessed, recorded: Recorded) -> Changes:
    begun = state.status is Status.ASSESSING
    return {
        "status": Status.FIXING if begun else state.status,
        "severity": event.severity,
        "rank": event.rank,
        "due_at": event.due_at,
        "assessed_by": recorded.by,
    }


def _found(state: SecurityFix, event: e.FinderNamed, recorded: Recorded) -> Changes:
    """Events of old are the word of one, but never of who counted as the finder."""
    agreed = event.agreed or recorded.by != state.opened_by
    found: Changes = {"reporter": event.reporter, "finder_proposals": (), "finder_agreed": agreed}
    found |= {"kept_before": ()}
    return found | _unassessed(state, event.unassessed)


def _unassessed(state: SecurityFix, void: bool) -> Changes:
    """What its finder said of the severity is gone, if they did."""
    if not void:
        return {}
    again = state.status is Status.FIXING
    gone: Changes = dict.fromkeys(("severity", "rank", "due_at", "assessed_by"))
    return gone | {"status": Status.ASSESSING if again else state.status}


def _ticked(state: SecurityFix, event: e.Ticked, recorded: Recorded) -> Changes:
    return _item(state, event.item, recorded.by, recorded.at)


def _unticked(state: SecurityFix, event: e.Unticked, _recorded: Recorded) -> Changes:
    return _item(state, event.item, None, None)


def _item(state: SecurityFix, name: str, by: Any, at: Any) -> Changes:
    items = (
        replace(each, ticked_by=by, ticked_at=at) if each.name == name else each
        for each in state.items
    )
    return {"items": tuple(items)}


def _added(state: SecurityFix, event: e.MergeRequestAdded, recorded: Recorded) -> Changes:
    others = (part for part in state.parts if part.merge_request != event.merge_request)
    added = Part(event.merge_request, recorded.by, recorded.at, event.related)
    return {"parts": (*others, added)}


def _removed(state: SecurityFix, event: e.MergeRequestRemoved, _recorded: Recorded) -> Changes:
    gone = event.merge_request
    return {"parts": tuple(part for part in state.parts if part.merge_request != gone)}


def _labelled(state: SecurityFix, event: e.Labelled, _recorded: Recorded) -> Changes:
    return {"labels": distinct((*state.labels, event.label))}


def _unlabelled(state: SecurityFix, event: e.Unlabelled, _recorded: Recorded) -> Changes:
    return {"labels": tuple(each for each in state.labels if each != event.label)}


def _reviewed(_state: SecurityFix, event: e.Reviewed, recorded: Recorded) -> Changes:
    return {"review": Review(recorded.at, event.complete, event.codes)}


def _linked(_state: SecurityFix, event: e.Linked, recorded: Recorded) -> Changes:
    return {
        "status": Status.LINKED,
        "tracker": event.tracker,
        "versions": event.versions,
        "linked_by": recorded.by,
        "linked_at": recorded.at,
    }


def _unlinked(state: SecurityFix, event: e.Unlinked, recorded: Recorded) -> Changes:
    status = state.status if state.status in ENDED else Status.FIXING
    gone: Changes = dict.fromkeys(("tracker", "linked_by", "linked_at"))
    before = (each for each in state.unlinked if each.tracker != event.tracker)
    right = (recorded.at, event.grant, event.other_grants)
    off = (TakenOff(event.tracker, who, *right) for who in actors((), recorded))
    return gone | {"status": status, "versions": (), "unlinked": (*before, *off)}


def _dismissed(_state: SecurityFix, event: e.Dismissed, recorded: Recorded) -> Changes:
    told = {"dismissed_because": event.reason, "dismissed_by": recorded.by}
    right = {"dismissed_grant": event.grant, "dismissed_grants": event.other_grants}
    return told | right | {"status": Status.DISMISSED}


def _reveal_proposed(state: SecurityFix, event: e.RevealProposed, recorded: Recorded) -> Changes:
    return {"reveal_proposals": said_anew(state.reveal_proposals, event, recorded)}


def _revealed(state: SecurityFix, _event: e.Revealed, recorded: Recorded) -> Changes:
    dismissed = state.status is Status.DISMISSED
    status = Status.DISMISSED if dismissed else Status.RELEASED
    shown = {"embargoed": False, "revealed_at": recorded.at, "reveal_proposals": ()}
    return shown | {"status": status}


_FOLDS: Final[Mapping[type, Callable[[SecurityFix, Any, Recorded], Changes]]] = {
    e.Edited: _edited,
    e.Assessed: _assessed,
    e.FinderNamed: _found,
    e.FinderProposed: _proposed,
    e.Ticked: _ticked,
    e.Unticked: _unticked,
    e.MergeRequestAdded: _added,
    e.MergeRequestRemoved: _removed,
    e.Labelled: _labelled,
    e.Unlabelled: _unlabelled,
    e.Reviewed: _reviewed,
    e.Linked: _linked,
    e.Unlinked: _unlinked,
    e.Dismissed: _dismissed,
    e.RevealProposed: _reveal_proposed,
    e.Revealed: _revealed,
}

EVENTS: Final = (e.Opened, *_FOLDS)
"""Every event of a security fix."""
