"""How drafting, editing and submitting fold into a change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain.authorship import actors
from domain.change import events as e
from domain.change.declined import OwnershipDeclined, RequestDeclined
from domain.change.state import Change, Link, LinkKind, Naming, Since, Status, without
from domain.kernel import Recorded, distinct

Changes = dict[str, Any]
"""The fields an event sets."""
Folds = Mapping[type, Callable[[Change, Any, Recorded], Changes]]
"""How each event of a change changes it."""


def opened(event: e.Opened, recorded: Recorded) -> Change:
    """The change as it was drafted."""
    return Change(
        id=recorded.subject,
        version=recorded.version,
        status=Status.DRAFT,
        kind=event.kind,
        path=event.path,
        playbook=event.playbook,
        content=event.content,
        risk=event.risk,
        revision=1,
        digest=event.digest,
        requester=event.requester,
        owner=event.owner,
        author=recorded.by,
        opened_at=recorded.at,
        contributors=actors((), recorded),
        template=event.template,
        namings=_named((), recorded, event.owner),
    )


def revised(state: Change, event: e.Edited | e.Linked | e.Unlinked | e.Returned) -> Changes:
    """A new revision starts in draft, without votes, rules, alarms or a wish to break the glass."""
    return {
        "status": Status.DRAFT,
        "revision": event.revision,
        "digest": event.digest,
        "rules": (),
        "votes": (),
        "voided": state.voided + len(state.votes),
        "alarms": (),
        "glass": None,
    }


def _edited(state: Change, event: e.Edited, recorded: Recorded) -> Changes:
    return revised(state, event) | {
        "content": event.content,
        "risk": event.risk,
        "contributors": actors(state.contributors, recorded),
    }


def _assigned(state: Change, event: e.Assigned, recorded: Recorded) -> Changes:
    """Who takes it upon themselves, or hands it on, has a hand in it; whom others named has none.

    By which accounts that was is kept, for whoever asks behind which of them one person stands.
    """
    taken = event.owner in actors((), recorded)
    return {
        "owner": event.owner,
        "former_owners": distinct((*state.former_owners, state.owner)),
        "namings": _named(state.namings, recorded, state.owner, event.owner),
        "contributors": actors(state.contributors, recorded) if taken else state.contributors,
    }


def _declined(state: Change, event: OwnershipDeclined, recorded: Recorded) -> Changes:
    """Who answered for it before leaves it with whom it is."""
    named = event.former_owners or (recorded.by,)
    return {
        "owner": event.owner,
        "former_owners": distinct((*state.former_owners, *named)),
        "declined_owners": distinct((*state.declined_owners, *named)),
    }


def _not_asked(_state: Change, event: RequestDeclined, _recorded: Recorded) -> Changes:
    return {"requester": event.requester}


def _named(before: tuple[Naming, ...], recorded: Recorded, *owners: str) -> tuple[Naming, ...]:
    new = (Naming(owner, by) for owner in owners for by in actors((), recorded))
    return distinct((*before, *new))


def _linked(state: Change, event: e.Linked, recorded: Recorded) -> Changes:
    links: tuple[Link, ...] = (*without(state.links, event.link), event.link)
    commits = _since(state, event.link)
    if event.link.kind is LinkKind.COMMIT:
        commits = (*commits, Since(event.link.reference, recorded.at))
    return _tied(state, event, recorded) | {"links": links, "commits": commits}


def _unlinked(state: Change, event: e.Unlinked, recorded: Recorded) -> Changes:
    told = {"links": without(state.links, event.link), "commits": _since(state, event.link)}
    return _tied(state, event, recorded) | told


def _since(state: Change, link: Link) -> tuple[Since, ...]:
    """Since when it is tied to other commits than that of a tie."""
    if link.kind is not LinkKind.COMMIT:
        return state.commits
    return tuple(each for each in state.commits if each.commit != link.reference)


def _tied(state: Change, event: e.Linked | e.Unlinked, recorded: Recorded) -> Changes:
    if not event.link.kind.binding:
        return {}
    return revised(state, event) | {"contributors": actors(state.contributors, recorded)}


def _submitted(state: Change, event: e.Submitted, recorded: Recorded) -> Changes:
    contributors = actors(state.contributors, recorded)
    return {"status": event.status, "rules": event.rules, "contributors": contributors}


def _preapproved(state: Change, _event: e.Preapproved, recorded: Recorded) -> Changes:
    return {"status": Status.SCHEDULED, "contributors": actors(state.contributors, recorded)}


FOLDS: Final[Folds] = {
    e.Edited: _edited,
    e.Assigned: _assigned,
    OwnershipDeclined: _declined,
    RequestDeclined: _not_asked,
    e.Linked: _linked,
    e.Unlinked: _unlinked,
    e.Submitted: _submitted,
    e.Preapproved: _preapproved,
}
