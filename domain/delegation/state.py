"""A delegation as it stands, what becomes true of it, and how it folds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.grant.state import Grant, Scope
from domain.kernel import Recorded, Scopes, Text, moved
from domain.term import in_force
from domain.wording import ANY


@dataclass(frozen=True, slots=True)
class Delegation:
    """What the delegator lets the delegate do: use a seat on a board, or a role.

    A role may be narrowed to a value of a scope kind. `max_risk` is the highest risk of a change
    the delegate may decide on, none for every risk.
    """

    id: str
    version: int
    delegator: str
    delegate: str
    board: str | None
    role: str | None
    scope: Scope | None
    value: str | None
    max_risk: str | None
    since: datetime
    until: datetime
    reason: Text
    given_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_reason: Text | None = None

    def lasts(self, at: datetime) -> bool:
        """Whether the delegation is in force at this moment."""
        taken_back = self.revoked_at is not None and self.revoked_at <= at
        return in_force(self.since, self.until, at) and not taken_back

    def lends(self, grant: Grant, scopes: Scopes, kind: str | None = None) -> bool:
        """Whether the delegate may use this grant of the delegator's in these scopes.

        Where it is for one board, `kind` is that of the board, by which rules name boards.
        """
        if grant.role != self.role or grant.person != self.delegator:
            return False
        if self.scope is None:
            return True
        if self.value == ANY:
            return grant.scope == self.scope
        meant = (self.value, kind if self.scope is Scope.BOARD else None)
        return any(scopes.get(self.scope) == frozenset((each,)) for each in meant if each)

    def allows(self, risk: str | None, ascending: tuple[str, ...]) -> bool:
        """Whether a change of this risk is within `max_risk`; an unknown risk is not."""
        if self.max_risk is None:
            return True
        if risk not in ascending or self.max_risk not in ascending:
            return False
        return ascending.index(risk) <= ascending.index(self.max_risk)


# Events.


@dataclass(frozen=True, slots=True)
class Given:
    """A person let another decide in their place."""

    delegate: str
    board: str | None
    role: str | None
    scope: Scope | None
    value: str | None
    max_risk: str | None
    since: datetime
    until: datetime
    reason: Text


@dataclass(frozen=True, slots=True)
class Revoked:
    """The delegator took it back, or the delegate laid it down."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Annulled:
    """Somebody else ended the delegation."""

    reason: Text


def evolve(state: Delegation | None, recorded: Recorded) -> Delegation:
    """Fold one event."""
    event = recorded.event
    if isinstance(event, Given):
        return _given(event, recorded)
    if state is None:
        raise TypeError(f"a delegation does not begin with {type(event).__name__}")
    if not isinstance(event, Revoked | Annulled):
        raise TypeError(f"{type(event).__name__} is no event of a delegation")
    return moved(
        state,
        recorded,
        revoked_at=recorded.at,
        revoked_by=recorded.by,
        revoked_reason=event.reason,
    )


def _given(event: Given, recorded: Recorded) -> Delegation:
    return Delegation(
        id=recorded.subject,
        version=recorded.version,
        delegator=recorded.by,
        delegate=event.delegate,
        board=event.board,
        role=event.role,
        scope=event.scope,
        value=event.value,
        max_risk=event.max_risk,
        since=event.since,
        until=event.until,
        reason=event.reason,
        given_at=recorded.at,
    )
