"""What may become true of a template, and how that folds into its state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.authorship import actors
from domain.content import Content
from domain.kernel import (
    Recorded,
    Text,
    moved,
)
from domain.template.state import Status, Template


@dataclass(frozen=True, slots=True)
class Proposed:
    """A template was proposed."""

    playbook: str
    kind: str
    content: Content
    risk: str | None
    digest: str
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Revised:
    """Another content was proposed; the version in force stays until it is approved."""

    content: Content
    risk: str | None
    revision: int
    digest: str
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approved:
    """A second person put the proposal into force, by right of this grant.

    Or, where it is `again`, stands by the version in force in the place of who had approved it.
    """

    number: int
    revision: int
    digest: str
    grant: str | None
    comment: Text | None = None
    again: bool = False
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declined:
    """The proposal was turned down; the version in force, if there is one, stays."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Retired:
    """No change may be opened from it, or carried out by it, any more."""

    reason: Text


def evolve(state: Template | None, recorded: Recorded) -> Template:
    """Fold one event; TypeError for one that is no event of a template, or not its first."""
    event = recorded.event
    if isinstance(event, Proposed):
        return _proposed(event, recorded)
    if state is None:
        raise TypeError(f"a template does not begin with {type(event).__name__}")
    changes: dict[str, Any]
    match event:
        case Revised():
            changes = _revised(state, event, recorded)
        case Approved():
            changes = _approved(state, event, recorded)
        case Declined(reason=reason):
            status = Status.ACTIVE if state.approved else Status.DECLINED
            changes = {"proposal": None, "status": status, "declined_because": reason}
            changes |= {"risk": state.approved_risk} if state.approved else {}
        case Retired(reason=reason):
            changes = {"proposal": None, "status": Status.RETIRED, "retired_because": reason}
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a template")
    return moved(state, recorded, **changes)


def _proposed(event: Proposed, recorded: Recorded) -> Template:
    return Template(
        id=recorded.subject,
        version=recorded.version,
        status=Status.PROPOSED,
        playbook=event.playbook,
        kind=event.kind,
        service=event.content.service,
        revision=1,
        digest=event.digest,
        proposal=event.content,
        risk=event.risk,
        proposed_by=recorded.by,
        proposed_at=recorded.at,
        contributors=actors((), recorded),
        proposed_grant=event.grant,
        proposed_grants=event.other_grants,
    )


def _revised(state: Template, event: Revised, recorded: Recorded) -> dict[str, Any]:
    return {
        "status": Status.ACTIVE if state.approved else Status.PROPOSED,
        "service": (state.approved or event.content).service,
        "proposal": event.content,
        "risk": event.risk,
        "revision": event.revision,
        "digest": event.digest,
        "proposed_by": recorded.by,
        "proposed_at": recorded.at,
        "proposed_grant": event.grant,
        "proposed_grants": event.other_grants,
        "contributors": actors(state.contributors, recorded),
        "declined_because": None,
    }


def _approved(state: Template, event: Approved, recorded: Recorded) -> dict[str, Any]:
    by: dict[str, Any] = {"approved_by": recorded.by, "approved_at": recorded.at}
    by |= {"grant": event.grant, "other_grants": event.other_grants}
    if event.again:
        return by
    return by | {
        "service": state.proposal.service if state.proposal else state.service,
        "approved_risk": state.risk,
        "status": Status.ACTIVE,
        "approved": state.proposal,
        "proposal": None,
        "number": event.number,
        "writers": state.contributors,
    }
