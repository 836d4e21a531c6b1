"""Merges recorded elsewhere: whom the records name, for those who answer for the project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from sqlalchemy import ColumnElement, Connection, Table, exists, false, true
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField

from api.derived.fields import batched
from api.derived.nouns import TYPES
from api.hiding.visibility import Sight
from domain.elsewhere.merge_record import MergeRecord, Part
from domain.kernel import ERASED

READ: Final = "merge_record.read"
"""What it takes to see whom a record names."""


@dataclass(frozen=True, slots=True)
class MergePeople:
    """Whom the records name, by their names in the system they come from.

    They are nobody's account here.
    """

    authors: Annotated[
        tuple[str, ...] | None, "Who wrote it; null if nobody was recorded, empty once erased."
    ]
    approvers: Annotated[
        tuple[str, ...] | None,
        "Who approved it; null if that was not recorded, empty if nobody did or once erased.",
    ]
    reviewers: Annotated[
        tuple[str, ...] | None, "Who reviewed it; null if nobody was recorded, empty once erased."
    ]
    merger: Annotated[str | None, "Who merged it; null if that was not recorded, or once erased."]


def people(
    _connection: Connection, sight: Sight, found: Sequence[MergeRecord]
) -> list[MergePeople | None]:
    """Whom each of the records names, None where the asker may not see it."""
    reach = sight.reach(READ)
    projects = None if reach is None else reach.get("project", ())
    return [_of(each) if projects is None or each.project in projects else None for each in found]


def _of(record: MergeRecord) -> MergePeople:
    merger = None if record.merged_by == ERASED else record.merged_by
    return MergePeople(record.authors, record.approved_by, record.reviewed_by, merger)


FIELDS: Final[dict[str, StrawberryField]] = {
    "people": batched(
        "people",
        StrawberryOptional(TYPES.object(MergePeople)),
        "Whom the records name; null unless you hold `merge_record.read` for the project.",
        people,
    ),
}


# Looking for people.


@dataclass(frozen=True, slots=True)
class MergePerson:
    """Somebody whom records name."""

    name: Annotated[str, "The name in the system the records come from."]
    part: Annotated[Part | None, "Their part in the merge; any if left out."] = None


def naming(sight: Sight, people: Sequence[MergePerson]) -> list[ColumnElement[bool]]:
    """The records that name all of these people, of those whose people the asker may see."""
    if not people:
        return []
    records = sight.reader.snapshot(MergeRecord)
    rows = sight.reader.tables.rows["merge_record_people"]
    return [_shown(sight, records), *(_names(records, rows, each) for each in people)]


def _names(records: Table, rows: Table, wanted: MergePerson) -> ColumnElement[bool]:
    found = exists().where(rows.c.owner == records.c.id, rows.c.person == wanted.name)
    return found if wanted.part is None else found.where(rows.c.part == wanted.part.value)


def _shown(sight: Sight, records: Table) -> ColumnElement[bool]:
    reach: Mapping[str, Any] | None = sight.reach(READ)
    if reach is None:
        return true()
    projects = sorted(reach.get("project", ()))
    return records.c.project.in_(projects) if projects else false()
