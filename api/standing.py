"""What stands where, or stood there at a past moment: brought by deployments and by releases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated, Any, Final, NamedTuple

import strawberry
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.base import StrawberryList
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.derived.nouns import REFERENCES, TYPES
from api.derived.periods import readable
from api.hiding.visibility import Sight
from api.records import KnownRecords
from domain.deployment.state import Deployment
from domain.package import Package
from domain.release.evidence.made_of import packages_of
from domain.release.state import Release
from domain.release.whereabouts.by_hand import set_off

MOST_FIXES: Final = 20
"""How many fixes, one after the other, are looked behind for what was planned."""


class Lies(Enum):
    """Where what was planned lies: it is what stands there, is beneath that, or is nowhere."""

    HERE = "here"
    BENEATH = "beneath"
    NOWHERE = "nowhere"


Lying = Callable[[Release, str, datetime], Lies]
"""By the release that brought something to an environment, and when it set out for there."""


@dataclass(frozen=True, slots=True)
class StandingPackage:
    """What stood in an environment for a service at a moment, and since when."""

    environment: Annotated[str, "The name of the environment."]
    deployment: Annotated[str | None, "The deployment that brought it."]
    label: Annotated[str, "The version, as the package's builder or the release calls it."]
    since: Annotated[datetime, "Since when it stood there."]
    claimed: Annotated[bool, "Whether that is only told of by an importer."]
    service: Annotated[str, "The service it is of; services stand side by side."]
    release: Annotated[str | None, "The release that brought it by hand, without a deployment."]


REFERENCES[StandingPackage] = {"deployment": "deployment", "release": "release"}


def held(spans: Any, at: datetime) -> tuple[ColumnElement[bool], ...]:
    """The spans that hold at a moment."""
    return (spans.c.since <= at, or_(spans.c.until.is_(None), at < spans.c.until))


def standing_at(
    connection: Connection, sight: Sight, at: datetime, *, claims: bool = True
) -> list[StandingPackage]:
    """What stood for each service in each environment at a moment, in order; the latest to come.

    What an importer tells of is told where nothing is known here. What a rollback put back came
    there when it first did, beneath what came by hand since. Of releases only those are told that
    may be seen. Without `claims`, only what took place here.
    """
    deployed = _deployed(sight, at)
    if not claims:
        deployed = deployed.where(sight.reader.snapshot(Deployment).c.claimed.is_(False))
    came = union_all(deployed, _released(sight, at)).subquery()
    place = func.row_number().over(
        partition_by=(came.c.environment, came.c.service),
        order_by=(came.c.claimed, came.c.arrived.desc(), came.c.deployment, came.c.release),
    )
    ranked = select(came, place.label("place")).subquery()
    columns = [each for each in ranked.c if each.name not in {"arrived", "place"}]
    latest = select(*columns).where(ranked.c.place == 1)
    statement = latest.order_by(ranked.c.environment, ranked.c.service)
    return [StandingPackage(*row) for row in connection.execute(statement)]


class Ran(NamedTuple):
    """A version that stood somewhere, and the digests that it was made of, as far as is known."""

    version: str
    digests: frozenset[str]


def running(
    sight: Sight,
    service: str,
    environments: Iterable[str],
    at: datetime,
    lies: Lying | None = None,
) -> dict[str, Ran]:
    """What of a service stood in each of these environments at a moment, where that is known.

    Of what a release brought, `lies` tells where that lies which is meant.
    """
    found = _standing_of(sight, service, at)
    planned = (_planned(sight, found.get(each), lies) for each in environments)
    return {e.environment: Ran(e.label, _digests(sight.records, e)) for e in planned if e}


def _standing_of(sight: Sight, service: str, at: datetime) -> dict[str, StandingPackage]:
    found = standing_at(sight.connection, sight, at, claims=False)
    return {each.environment: each for each in found if each.service == service}


def _planned(
    sight: Sight,
    there: StandingPackage | None,
    lies: Lying | None,
) -> StandingPackage | None:
    """What stands there, or did before as many fixes as are looked behind."""
    for _ in range(MOST_FIXES):
        brought = _brought(sight, there) if there and lies else None
        if there is None or lies is None or brought is None:
            break
        where = lies(brought.release, there.environment, brought.began)
        if where is not Lies.BENEATH:
            return there if where is Lies.HERE else None
        before = brought.arrived - timedelta(microseconds=1)
        there = _standing_of(sight, there.service, before).get(there.environment)
    return there


class _Brought(NamedTuple):
    """The release that brought something, when that set out, and when it came there first.

    What a rollback put back lies where it lay before: over what stood there when it first came.
    """

    release: Release
    began: datetime
    arrived: datetime


def _brought(sight: Sight, there: StandingPackage) -> _Brought | None:
    """By which release it came, if by one that may be seen."""
    id, began, arrived = there.release, there.since, there.since
    came = sight.get(Deployment, there.deployment) if there.deployment else None
    if came is not None:
        id, arrived = came.wish.belongs_to, came.arrived or arrived
        began = came.started_at or arrived
    release = sight.get(Release, id) if id else None
    if release is None:
        return None
    spans = (one for one in release.stood if there.release and one.since == there.since)
    own = next((one for one in spans if one.environment == there.environment), None)
    return _Brought(release, set_off(own) if own else began, arrived)


def _digests(records: KnownRecords, standing: StandingPackage) -> frozenset[str]:
    brought = records.get(Deployment, standing.deployment) if standing.deployment else None
    if brought is not None:
        package = records.get(Package, brought.package)
        return frozenset(filter(None, (package.digest if package else None,)))
    release = records.get(Release, standing.release) if standing.release else None
    if release is None:
        return frozenset()
    made = (each for every in packages_of(release, records).values() for each in every)
    return frozenset(filter(None, (each.digest for each in made)))


def _deployed(sight: Sight, at: datetime) -> Select[Any]:
    table = sight.reader.snapshot(Deployment)
    spans = sight.reader.tables.rows["deployment_stands"]
    told = (spans.c.environment, spans.c.owner.label("deployment"), table.c.label, spans.c.since)
    every = spans.alias()
    first = select(func.min(every.c.since)).where(every.c.owner == spans.c.owner).scalar_subquery()
    more = (null().label("release"), first.label("arrived"))
    return (
        select(*told, table.c.claimed, table.c.service, *more)
        .join(table, table.c.id == spans.c.owner)
        .where(*held(spans, at), sight.visible(Deployment))
    )


def _released(sight: Sight, at: datetime) -> Select[Any]:
    """What releases brought by hand; theirs that a deployment brought is the deployment's."""
    table = sight.reader.snapshot(Release)
    spans = sight.reader.tables.rows["release_stood"]
    told = (spans.c.environment, null().label("deployment"), spans.c.label, spans.c.since)
    firsthand = literal(value=False).label("claimed")
    more = (spans.c.owner.label("release"), spans.c.since.label("arrived"))
    return (
        select(*told, firsthand, table.c.service, *more)
        .join(table, table.c.id == spans.c.owner)
        .where(*held(spans, at), sight.visible(Release))
    )


def _standing(
    connection: Connection, sight: Sight, moments: Sequence[datetime | None]
) -> list[list[StandingPackage]]:
    return [standing_at(connection, sight, each or sight.at) for each in moments]


def standing_field() -> dict[str, StrawberryField]:
    """The query `standingPackages`."""

    async def resolver(info: Info, at: Any = strawberry.UNSET) -> Any:
        readable(at=at)
        return await info.context.batch(_standing, at or None)

    when = strawberry.argument(description="At this moment; left out, now.")
    resolver.__annotations__ = {
        "info": Info,
        "at": Annotated[datetime | None, when],
        "return": Any,
    }
    about = "What stands in each environment for each service, or stood there at a past moment."
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = StrawberryAnnotation(StrawberryList(TYPES.object(StandingPackage)))
    return {"standing_packages": field}
