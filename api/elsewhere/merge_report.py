"""The report on merges recorded elsewhere: what the records tell, by project and year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from sqlalchemy import ColumnElement, Row, Table, func, select
from strawberry.types.field import StrawberryField

from api.derived.connections import connection_type
from api.derived.nouns import INPUTS, TYPES
from api.derived.paging import Listing
from api.elsewhere.merge_records import approved_twice
from api.filtered import Filter, filtered_field
from api.hiding.visibility import Sight
from domain.elsewhere.merge_record import MergeRecord, Told

FACTS: Final = (
    "default_branch",
    "merged_by_author",
    "approved_by_author",
    "merged_by_non_approver",
)


@dataclass(frozen=True, slots=True)
class MergeTally:
    """Of how many merges the records say yes, say no, and do not tell; together they are all."""

    yes: Annotated[int, "Of how many the records say yes."]
    no: Annotated[int, "Of how many they say no."]
    unknown: Annotated[int, "Of how many they do not tell; these are in no other column."]


@dataclass(frozen=True, slots=True)
class MergeYear:
    """What the records tell of the merges of one project in one year.

    Only what was recorded counts. A name that is missing where it matters makes the answer
    unknown, never no.
    """

    project: Annotated[str, "The project, by its full path."]
    year: Annotated[int, "The year in which they were merged, by UTC."]
    merges: Annotated[int, "How many merges there are, to whatever branch."]
    default_branch: Annotated[
        MergeTally, "Merged to the default branch: the merge is on its line of first parents."
    ]
    two_approvals: Annotated[
        MergeTally,
        "Approved by two different people or more. Unknown where approvals were not recorded.",
    ]
    merged_by_author: Annotated[
        MergeTally,
        "Merged by one of its authors: the merger is among the recorded authors. "
        "Unknown where the merger or every author is missing.",
    ]
    approved_by_author: Annotated[
        MergeTally,
        "Approved by one of its authors: an approver is among the recorded authors. No if nobody "
        "approved. Unknown where approvals were not recorded, or every author is missing.",
    ]
    merged_by_non_approver: Annotated[
        MergeTally,
        "Merged by somebody who did not approve it, also if nobody did. "
        "Unknown where the merger or approvals were not recorded.",
    ]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which merges are counted: those for which everything given holds."""

    project: Annotated[str | None, "Of this project, by its full path."] = None
    year: Annotated[int | None, "Merged in this year, by UTC."] = None
    security: Annotated[bool | None, "In a mirror for security fixes, or not."] = None
    default_branch: Annotated[
        Told | None, "Merged to the default branch; all branches are counted if left out."
    ] = None


ARGUMENTS: Final = INPUTS.of_fields(Wanted)


def merge_report_field() -> dict[str, StrawberryField]:
    """The query `mergeReport`."""
    which = "Which merges are counted; all if left out."
    narrowed = Filter("MergeReportFilter", "Merge", which, ARGUMENTS)
    TYPES.object(MergeYear)
    connection_type(TYPES, "MergeYear")
    about = "Who merged and approved what elsewhere, in numbers, by project and year."
    return filtered_field("merge_report", "MergeYearConnection", about, narrowed, report)


def report(sight: Sight, wanted: Mapping[str, Any]) -> Listing:
    """The numbers by project and year, counted in one statement."""
    table = sight.reader.snapshot(MergeRecord)
    where = [table.c[name] == getattr(each, "value", each) for name, each in wanted.items()]
    place = (table.c.project, table.c.year)
    statement = (
        select(*place, func.count(), *_counts(table))
        .where(sight.visible(MergeRecord), *where)
        .group_by(*place)
    )
    return Listing("mergeReport", statement, place, _node, dict(wanted))


def _counts(table: Table) -> list[ColumnElement[int]]:
    """Yes, no and unknown of each fact, in the order of `MergeYear`."""
    told = {name: {each: table.c[name] == each.value for each in Told} for name in FACTS}
    twice = {each: approved_twice(table, each) for each in Told}
    first, *others = told.values()
    return [
        func.count().filter(each[answer]) for each in (first, twice, *others) for answer in Told
    ]


def _node(row: Row[Any]) -> MergeYear:
    project, year, merges, *counts = row[: 3 + len(Told) * (len(FACTS) + 1)]
    tallies = [MergeTally(*counts[at : at + len(Told)]) for at in range(0, len(counts), len(Told))]
    return MergeYear(project, year, merges, *tallies)
