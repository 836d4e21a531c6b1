"""What a waiver says beyond its fields: whether it lifts its requirement now, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, exists, select

from api.derived.fields import batched
from api.hiding.visibility import Sight
from domain.authority import Authority
from domain.release.state import ENDED, Release
from domain.waiver.state import WARNED, Waiver, granted_by_second

_TOLD: Final = ("approved_by", "grant", "other_grants", "requested_by", "requested_at")
"""What says of a waiver whether who granted it is a second person, whose word counts."""


def holding(_connection: Connection, sight: Sight, found: Sequence[Waiver]) -> list[bool]:
    """Whether each lifts its requirement now."""
    lifts = _lifting(sight, found)
    return [each.id in lifts for each in found]


def ending(_connection: Connection, sight: Sight, found: Sequence[Waiver]) -> list[bool]:
    """Whether each will run out within a day."""
    lifts = _lifting(sight, found)
    at, authority = sight.moment, sight.held.authority
    return [each.id in lifts and each.warns(at, authority) for each in found]


def _lifting(sight: Sight, found: Sequence[Waiver]) -> set[str]:
    """Those of a release that goes on and is as it was then, by who granted it still."""
    at, authority = sight.moment, sight.held.authority
    held = [each for each in found if each.holds(at, authority)]
    releases = sight.find(Release, {each.release for each in held}) if held else {}
    return {each.id for each in held if (own := releases.get(each.release)) and each.of(own)}


def lifting(sight: Sight) -> ColumnElement[bool]:
    """The same of those that were granted, as a condition, in one statement more."""
    table, releases = sight.reader.snapshot(Waiver), sight.reader.snapshot(Release)
    given = [table.c[each] for each in _TOLD]
    soon = table.c.expires_at.between(sight.at, sight.at + WARNED)
    every = sight.connection.execute(select(table.c.id, *given).where(soon))
    known = sight.held.authority
    lost = [id for id, *told in every if not _second(known, *told)]
    going = releases.c.status.not_in([each.value for each in ENDED])
    same = (releases.c.id == table.c.release, releases.c.digest == table.c.digest, going)
    return and_(exists().where(*same), table.c.id.not_in(lost))


def _second(authority: Authority, who: str | None, *told: Any) -> bool:
    """Whether it was granted by the word of a second person, which counts."""
    grant, packed, asked, since = told
    others = msgspec.json.decode(packed, type=tuple[str, ...]) if packed else ()
    wished = (asked, since)
    return who is not None and granted_by_second(who, (grant, *others), wished, authority)


FIELDS: Final = {
    "holds": batched("holds", bool, "Whether it lifts its requirement now.", holding),
    "ends_soon": batched(
        "ends_soon", bool, "Whether it holds and will run out within 24 hours.", ending
    ),
}
