"""Whether a role is held for what an action touches, at a moment."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from domain.authority import Holding, Key, Place
from domain.grant.holdings import grant_in_force, values_in
from domain.kernel import Scopes
from domain.wording import ANY

NOWHERE: Final[frozenset[str]] = frozenset()
NOTHING: Final[dict[Key, Place]] = {}


def covering(place: Place, values: frozenset[str], at: datetime) -> str | None:
    """The grant that covers every value, where it takes several that for the first value.

    Without values only a grant for `any` does, since what is touched is then not known.
    """
    if type(place) is Holding:  # as nearly always; a decision is made many times for each write
        value = place.value
        if (value == ANY or (value in values and len(values) == 1)) and place.since <= at:
            until = place.until
            return place.grant if until is None or at < until else None
        return None
    held = values_in(place)
    grant = grant_in_force(held.get(ANY, ()), at)
    if grant is not None:
        return grant
    grants = [grant_in_force(held.get(value, ()), at) for value in sorted(values)]
    return grants[0] if grants and all(grants) else None


def touching(place: Place | None, kind: str | None, scopes: Scopes, at: datetime) -> str | None:
    """The grant for any of the values, or for `any`.

    Without values every grant of the kind does: nobody knows that it does not.
    """
    if place is None:
        return None
    held = values_in(place)
    values = scopes.get(kind, NOWHERE) if kind else NOWHERE
    for value in (ANY, *sorted(values)) if values else sorted(held):
        grant = grant_in_force(held.get(value, ()), at)
        if grant is not None:
            return grant
    return None


def values_held(place: Place, at: datetime) -> frozenset[str]:
    """The values held at the moment, `any` among them if it is."""
    held = values_in(place)
    return frozenset(value for value, several in held.items() if grant_in_force(several, at))
