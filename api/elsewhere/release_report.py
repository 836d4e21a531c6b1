"""The report on releases recorded elsewhere: by year, with the lineage of every number."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import strawberry
from sqlalchemy import ColumnElement, Table, func, select
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.delivery import lineage as metric_lineage
from api.derived.nouns import TYPES
from api.derived.periods import readable
from api.hiding.visibility import Sight
from domain.elsewhere.commit_record import CommitRecord
from domain.elsewhere.release_record import Cut, ReleaseRecord
from domain.metrics.metrics import Fact
from domain.metrics.releases import Leads, ReleaseYear, Tagged, years

ABOUT: Final = (
    "What the records tell of a project's releases, by the year they were tagged in: releases a "
    "month, how long commits waited for theirs, and how soon patches came. Empty without records."
)


def release_report_field() -> dict[str, StrawberryField]:
    """The query `releaseReport`."""
    metric_lineage.publish()
    TYPES.object(ReleaseYear)

    async def resolver(info: Info, project: str, as_of: Any = None) -> Any:
        readable(asOf=as_of)
        return await info.context.look(lambda _connection, sight: report(sight, project, as_of))

    known = "From what was recorded up to this time; from everything if left out."
    resolver.__annotations__ |= {
        "info": Info,
        "project": Annotated[str, strawberry.argument(description="The project.")],
        "as_of": Annotated[datetime | None, strawberry.argument(description=known)],
    }
    field = strawberry.field(resolver=resolver, description=ABOUT)
    field.type_annotation = TYPES.later("list[ReleaseYear]")
    return {"release_report": field}


def report(sight: Sight, project: str, as_of: datetime | None) -> tuple[ReleaseYear, ...]:
    """The numbers by year, from three statements however many records there are."""
    table = sight.reader.snapshot(ReleaseRecord)
    columns = (table.c.id, table.c.cut, table.c.line, table.c.tagged_at)
    where = _known(sight, ReleaseRecord, table, project, as_of)
    found = sight.connection.execute(select(*columns).where(*where))
    releases = [Tagged(id, Cut(cut), line, at) for id, cut, line, at in found]
    return years(project, releases, _leads(sight, project, as_of)) if releases else ()


def _leads(sight: Sight, project: str, as_of: datetime | None) -> dict[int, Leads]:
    table = sight.reader.snapshot(CommitRecord)
    where = _known(sight, CommitRecord, table, project, as_of)
    year, plain = table.c.released_year, table.c.merge.is_(False)
    facts: dict[int, list[Fact]] = {}
    counted = select(year, table.c.id, table.c.lead).where(*where, plain, table.c.lead >= 0)
    for released, id, lead in sight.connection.execute(counted):
        facts.setdefault(released, []).append(Fact(id, lead))
    out = (
        select(
            year,
            func.count().filter(table.c.merge.is_(True)),
            func.count().filter(plain, table.c.lead < 0),
        )
        .where(*where)
        .group_by(year)
    )
    return {
        released: Leads(tuple(facts.get(released, ())), merges, backwards)
        for released, merges, backwards in sight.connection.execute(out)
    }


def _known(
    sight: Sight, state: type, table: Table, project: str, as_of: datetime | None
) -> list[ColumnElement[bool]]:
    """The records of a project that were claimed by then, and may be seen."""
    where = [sight.visible(state), table.c.project == project]
    return where if as_of is None else [*where, table.c.claimed_at <= as_of]
