"""Where deployments moved the components of a package, and how long merges had waited for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, NamedTuple

import strawberry
from sqlalchemy import ColumnElement, Connection, func, select
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.derived.lists import filter_type, read_filter
from api.derived.nouns import INPUTS, TYPES
from api.hiding.visibility import Sight
from domain.deployment.state import Deployment, Direction


@dataclass(frozen=True, slots=True)
class DeploymentMoves:
    """The moves of one component in one direction, and the waits of the merges they brought."""

    component: Annotated[str, "The part of the package that moved."]
    direction: Annotated[Direction, "Where it moved."]
    deployments: Annotated[int, "How many deployments moved it so."]
    merges: Annotated[int, "How many merges they brought."]
    median_wait_seconds: Annotated[
        int | None,
        "The median of how long these merges had waited, in whole seconds; null without any.",
    ]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deployments are counted: those for which everything given holds."""

    environment: Annotated[str | None, "To this environment."] = None
    service: Annotated[str | None, "Of a package of this service."] = None
    claimed: Annotated[bool | None, "That took place elsewhere, or did not."] = None
    since: Annotated[datetime | None, "That ended at this time or later."] = None
    until: Annotated[datetime | None, "That ended before this time."] = None


ARGUMENTS: Final = INPUTS.of_fields(Wanted)


class Question(NamedTuple):
    """What was asked, as something that can be looked up by."""

    wanted: tuple[tuple[str, Any], ...]


def moves(connection: Connection, sight: Sight, wanted: Mapping[str, Any]) -> list[DeploymentMoves]:
    """The moves by component and direction, in order, in two statements whatever there is."""
    counted, waited = _counted(connection, sight, wanted), _waited(connection, sight, wanted)
    return [
        DeploymentMoves(
            part, Direction(direction), number, *waited.get((part, direction), (0, None))
        )
        for part, direction, number in counted
    ]


def _counted(connection: Connection, sight: Sight, wanted: Mapping[str, Any]) -> Sequence[Any]:
    rows, table = sight.reader.tables.rows["deployment_moves"], sight.reader.snapshot(Deployment)
    statement = (
        select(rows.c.part, rows.c.direction, func.count())
        .join(table, table.c.id == rows.c.owner)
        .where(sight.visible(Deployment), *_tests(table, wanted))
        .group_by(rows.c.part, rows.c.direction)
        .order_by(rows.c.part, rows.c.direction)
    )
    return connection.execute(statement).all()


def _waited(
    connection: Connection, sight: Sight, wanted: Mapping[str, Any]
) -> dict[tuple[str, str], tuple[int, int]]:
    """How many merges each kind of move brought, and the median of their waits."""
    rows, table = sight.reader.tables.rows["deployment_waits"], sight.reader.snapshot(Deployment)
    of = (rows.c.part, rows.c.direction)
    place = func.row_number().over(partition_by=of, order_by=rows.c.seconds).label("place")
    total = func.count().over(partition_by=of).label("total")
    ranked = (
        select(*of, rows.c.seconds, place, total)
        .join(table, table.c.id == rows.c.owner)
        .where(sight.visible(Deployment), *_tests(table, wanted))
        .subquery()
    )
    twice = 2 * ranked.c.place  # the middle one, or the middle two
    middle = (twice >= ranked.c.total, twice <= ranked.c.total + 2)
    ends = (func.min(ranked.c.seconds), func.max(ranked.c.seconds))
    grouped = (ranked.c.part, ranked.c.direction, ranked.c.total)
    found = connection.execute(select(*grouped, *ends).where(*middle).group_by(*grouped))
    return {(row[0], row[1]): (int(row[2]), (int(row[3]) + int(row[4])) // 2) for row in found}


def _tests(table: Any, wanted: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    bounds = {
        "since": lambda value: table.c.ended_at >= value,
        "until": lambda value: table.c.ended_at < value,
    }
    return [
        bounds[name](value) if name in bounds else table.c[name] == value
        for name, value in wanted.items()
    ]


def _answers(
    connection: Connection, sight: Sight, questions: Sequence[Question]
) -> list[list[DeploymentMoves]]:
    return [moves(connection, sight, dict(each.wanted)) for each in questions]


def deployment_moves_field() -> dict[str, StrawberryField]:
    """The query `deploymentMoves`."""
    kind = filter_type(INPUTS, "DeploymentMovesFilter", "Deployment", ARGUMENTS)
    described = strawberry.argument(description="Which deployments are counted; all if left out.")

    async def resolver(info: Info, filter: Any = strawberry.UNSET) -> Any:
        wanted = read_filter(ARGUMENTS, filter or {})
        return await info.context.batch(_answers, Question(tuple(sorted(wanted.items()))))

    resolver.__annotations__ = {
        "info": Info,
        "filter": Annotated[StrawberryOptional(kind), described],
        "return": Any,
    }
    about = "Where deployments moved components, and how long merges had waited, in numbers."
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = StrawberryAnnotation(StrawberryList(TYPES.object(DeploymentMoves)))
    return {"deployment_moves": field}
