"""Whether a role is held for what an action touches, at a moment."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from domain.authority import Key, Values
from domain.holdings import grant_in_force
from domain.kernel import Scopes
from domain.wording import ANY

NOWHERE: Final[frozenset[str]] = frozenset()
NOTHING: Final[dict[Key, Values]] = {}


def covering(place: Values, values: frozenset[str], at: datetime) -> str | None:
    """The grant that covers every value, where it takes several that for the first value.

    Without values only a grant for `any` does, since what is touched is then not known.
    """
    for holding in place.get(ANY, ()):
        if holding.since <= at and (holding.until is None or at < holding.until):
            return holding.grant
    if len(values) == 1:  # as nearly always; a decision is made many times for each write
        for value in values:
            for holding in place.get(value, ()):
                if holding.since <= at and (holding.until is None or at < holding.until):
                    return holding.grant
        return None
    grants = [grant_in_force(place.get(value, ()), at) for value in sorted(values)]
    return grants[0] if grants and all(grants) else None


def touching(place: Values | None, kind: str | None, scopes: Scopes, at: datetime) -> str | None:
    """The grant for any of the values, or for `any`.

    Without values every grant of the kind does: nobody knows that it does not.
    """
    if place is None:
        return None
    values = scopes.get(kind, NOWHERE) if kind else NOWHERE
    for value in (ANY, *sorted(values)) if values else sorted(place):
        grant = grant_in_force(place.get(value, ()), at)
        if grant is not None:
            return grant
    return None


def values_held(place: Values, at: datetime) -> frozenset[str]:
    """The values held at the moment, `any` among them if it is."""
    return frozenset(value for value, held in place.items() if grant_in_force(held, at))
