"""The list of merges recorded elsewhere: whose separation of duties was broken, or is not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from sqlalchemy import ColumnElement, Table
from strawberry.types.field import StrawberryField

from api.derived.nouns import INPUTS
from api.derived.paging import Listing, listing
from api.elsewhere.merge_record import MergePerson, naming
from api.filtered import Filter, filtered_field
from api.hiding.visibility import Sight
from domain.elsewhere.merge_record import MergeRecord, Told

ENOUGH: Final = 2
"""How many approvals the rule of two asks for (S2-01)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which merges: those for which everything given holds."""

    project: Annotated[str | None, "Of this project, by its full path."] = None
    number: Annotated[int | None, "Of the merge request with this number."] = None
    year: Annotated[int | None, "Merged in this year, by UTC."] = None
    since: Annotated[datetime | None, "Merged at this time or later."] = None
    until: Annotated[datetime | None, "Merged before this time."] = None
    security: Annotated[bool | None, "In a mirror for security fixes, or not."] = None
    default_branch: Annotated[Told | None, "Merged to the line of the default branch."] = None
    two_approvals: Annotated[Told | None, "Approved by two people or more."] = None
    merged_by_author: Annotated[Told | None, "Merged by one of the recorded authors."] = None
    approved_by_author: Annotated[Told | None, "Approved by one of the recorded authors."] = None
    merged_by_non_approver: Annotated[Told | None, "Merged by somebody who had not approved."] = (
        None
    )
    named: Annotated[
        tuple[MergePerson, ...], "That name these people; needs `merge_record.read`."
    ] = ()
    text: Annotated[str | None, "With these words in the title."] = None


ARGUMENTS: Final = INPUTS.of_fields(Wanted)


def merge_records_field() -> dict[str, StrawberryField]:
    """The query `mergeRecords`."""
    which = "Which merges; all if left out."
    narrowed = Filter("MergeRecordFilter", "MergeRecord", which, ARGUMENTS)
    about = "Merges that took place elsewhere, as importers claim them; the latest first."
    return filtered_field("merge_records", "MergeRecordConnection", about, narrowed, listed)


def listed(sight: Sight, wanted: Mapping[str, Any]) -> Listing:
    """The merges that are wanted, the latest first."""
    table = sight.reader.snapshot(MergeRecord)
    where = [each for name in wanted for each in _tests(sight, table, name, wanted[name])]
    by = (table.c.merged_at,)
    return listing(sight, MergeRecord, "mergeRecords", by=by, where=where, filter=wanted)


def _tests(sight: Sight, table: Table, name: str, value: Any) -> list[ColumnElement[bool]]:
    """What one field of the filter asks of the table."""
    match name:
        case "since":
            return [table.c.merged_at >= value]
        case "until":
            return [table.c.merged_at < value]
        case "two_approvals":
            return [approved_twice(table, value)]
        case "named":
            return naming(sight, value)
        case "text":
            words = value.casefold().split()[:10]
            return [table.c.search.contains(word, autoescape=True) for word in words]
        case _:
            return [table.c[name] == getattr(value, "value", value)]


def approved_twice(table: Table, answer: Told) -> ColumnElement[bool]:
    """The rows of which the records say so of two people's approval, or do not tell."""
    number: ColumnElement[Any] = table.c.approvals
    return {
        Told.YES: number >= ENOUGH,
        Told.NO: number < ENOUGH,
        Told.UNKNOWN: number.is_(None),
    }[answer]
