"""The combined impact of what a release contains, as far as the asker may see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, func, select
from strawberry.types.field import StrawberryField

from api.derived.fields import batched
from api.derived.nouns import TYPES
from api.hiding.visibility import Sight
from domain.change.state import Change
from domain.inclusion import Inclusion
from domain.kernel import refusal
from domain.playbook.aggregate import Playbook, process
from domain.release.impact import Counted, ReleaseImpact, impact
from domain.release.state import Release

MOST: Final = 2_000
"""The most items whose impact is worked out."""


def impacts(_connection: Connection, sight: Sight, found: Sequence[Release]) -> list[ReleaseImpact]:
    """The impact of what may be seen in each release; five statements however many there are."""
    table = sight.reader.snapshot(Inclusion)
    ids = sorted({each.id for each in found})
    inside = (table.c.release.in_(ids), table.c.included, sight.visible(Inclusion))
    number = sight.connection.execute(select(func.count()).where(*inside)).scalar_one()
    if number > MOST:
        message = f"More than {MOST} items are more than can be told at once."
        raise refusal("too_many", message)
    columns = select(table.c.release, table.c.reference, table.c.covered_by).where(*inside)
    items = sight.connection.execute(columns).all()
    named = {each for row in items for each in (row.reference, row.covered_by) if each}
    changes = sight.find(Change, named)
    books = sight.find(Playbook, {each.playbook for each in changes.values()})
    risks = {id: process(book.body).risks for id, book in books.items()}
    return [
        impact(_counted([row for row in items if row.release == each.id], changes, risks))
        for each in found
    ]


def _counted(
    items: Sequence[object], changes: dict[str, Change], risks: dict[str, tuple[str, ...]]
) -> Counted:
    own: dict[str, Change] = {}
    others = 0
    for row in items:
        answers = (row.reference, row.covered_by)  # type: ignore[attr-defined]
        known = next((changes[each] for each in answers if each in changes), None)
        if known is None:
            others += 1
        else:
            own[known.id] = known
    return Counted(own.values(), risks, others)


FIELDS: Final[dict[str, StrawberryField]] = {
    "impact": batched(
        "impact",
        TYPES.object(ReleaseImpact),
        "What everything in it touches together: services, items, risks, windows, overlaps.",
        impacts,
    ),
}
"""What a release has of it."""
