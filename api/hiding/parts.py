"""The kinds of records of which some hide, as one reader sees them, spelled as keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Table

Reach = Mapping[str, Collection[str]] | None
"""The values that a right is held for, by kind of scope; None for everywhere."""
Reached = tuple[tuple[str, tuple[str, ...]], ...] | None
"""The same, so that equal reaches are one key."""


def reached(reach: Reach) -> Reached:
    """A reach as a key."""
    if reach is None:
        return None
    return tuple(sorted((kind, tuple(sorted(values))) for kind, values in reach.items() if values))


class Kind(NamedTuple):
    """A kind of record, and what of it one reader sees where not everybody does."""

    name: str
    table: Table
    reach: Reached
    """How far the right to see it reaches."""
    own: tuple[str, ...] = ()
    """Columns that name who sees a record without a right, as their own."""
    about: Any = ()
    """What one has to know of to see one's own: `Owners`."""


Owners = tuple[tuple[str, tuple[Kind, ...]], ...]
"""The columns that name what a record belongs to, and which kinds that may be."""


class Part(NamedTuple):
    """A kind of record of which some hide, and for most kinds by what it belongs to."""

    kind: Kind
    owners: Owners = ()
    """What it belongs to."""
    full: Owners = ()
    """What has to be seen of that to be told all of it."""
    along: Owners = ()
    """What has to be seen of that by whom it is told along."""
    whose: str | None = None
    """The column that names them."""
    carried: tuple[str, ...] = ()
    """Columns of what hides by itself that name who carries it on meanwhile."""
