"""What becomes true of a grant, and how it folds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.grant.state import Grant, Scope, Status
from domain.kernel import Recorded, Text, moved


@dataclass(frozen=True, slots=True)
class Given:
    """A role was given; an approving one waits for a second person, unless `founding`.

    `founding` is the operator's act while too few people hold the role to give and confirm it.
    `grant` is by what right it was given, which early logs do not tell, and `other_grants` by what
    else it might have been.
    """

    person: str
    role: str
    scope: Scope | None
    value: str
    since: datetime
    until: datetime | None
    approving: bool
    founding: bool
    reason: Text
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupMapped:
    """A role was given because the person belongs to a group of the directory."""

    person: str
    role: str
    scope: Scope | None
    value: str
    since: datetime
    until: datetime
    approving: bool
    group: str
    mapping: str
    grant: str | None = None
    other_grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A second person agreed: the grant is effective from now on."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """The person still belongs to the group: the grant lasts longer."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Revoked:
    """The role was taken away, or its proposal turned down; open votes by it are void."""

    reason: Text


# Folding.


def evolve(state: Grant | None, recorded: Recorded) -> Grant:
    """Fold one event."""
    event = recorded.event
    if isinstance(event, Given):
        return _given(event, recorded)
    if isinstance(event, GroupMapped):
        return _mapped(event, recorded)
    if state is None:
        raise TypeError(f"a grant does not begin with {type(event).__name__}")
    match event:
        case Confirmed():
            second: dict[str, Any] = {"confirmed_by": recorded.by, "confirmed_at": recorded.at}
            return moved(state, recorded, status=Status.ACTIVE, **second)
        case Renewed(until=until):
            return moved(state, recorded, until=until)
        case Revoked(reason=reason):
            ended: dict[str, Any] = {"revoked_by": recorded.by, "revoked_at": recorded.at}
            return moved(state, recorded, status=Status.REVOKED, revoked_reason=reason, **ended)
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a grant")


def _given(event: Given, recorded: Recorded) -> Grant:
    begun = replace(_begun(event, recorded), reason=event.reason)
    if not event.founding:
        return begun
    second: dict[str, Any] = {"confirmed_by": recorded.by, "confirmed_at": recorded.at}
    return replace(begun, status=Status.ACTIVE, **second)


def _mapped(event: GroupMapped, recorded: Recorded) -> Grant:
    return replace(_begun(event, recorded), group=event.group, mapping=event.mapping)


def _begun(event: Given | GroupMapped, recorded: Recorded) -> Grant:
    return Grant(
        id=recorded.subject,
        version=recorded.version,
        person=event.person,
        role=event.role,
        scope=event.scope,
        value=event.value,
        since=event.since,
        until=event.until,
        approving=event.approving,
        reason=None,
        granted_by=recorded.by,
        granted_at=recorded.at,
        granted_behalf=recorded.behalf,
        granted_grant=event.grant,
        granted_grants=event.other_grants,
        status=Status.PROPOSED if event.approving else Status.ACTIVE,
    )
