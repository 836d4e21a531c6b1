"""Deployments as people ask for them: lists, gates, and what stood in which environment when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from sqlalchemy import ColumnElement, exists
from strawberry.types.field import StrawberryField

from api.can import can_field
from api.derived.nouns import INPUTS
from api.derived.paging import Listing, listing
from api.filtered import Filter, filtered_field
from api.gates import Gates, Moment
from api.hiding.visibility import Sight
from api.standing import held, standing_field
from domain.deployment.aggregate import AGGREGATE
from domain.deployment.gates import GATES as ACTS
from domain.deployment.gates import verdict
from domain.deployment.state import Deployment, Status
from domain.gate import Verdict


def _ask(state: Deployment, act: str, moment: Moment) -> Verdict:
    touched = {name: frozenset((getattr(state, name),)) for name in ("environment", "service")}

    def who(action: str) -> frozenset[str]:
        return moment.who(action, touched)

    return verdict(
        state,
        act,
        at=moment.at,
        authority=moment.standing.authority,
        records=moment.records,
        now=moment.now,
        who=who,
        there=moment.who,
    )


GATES: Final = Gates(AGGREGATE, tuple(ACTS), _ask, "deployment.countersign")
FIELDS: Final[dict[str, StrawberryField]] = can_field(GATES)


# The list.


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deployments: those for which everything given holds."""

    environment: Annotated[str | None, "To this environment."] = None
    statuses: Annotated[tuple[Status, ...], "In one of these states."] = ()
    package: Annotated[str | None, "Of this package."] = None
    service: Annotated[str | None, "Of a package of this service."] = None
    current: Annotated[bool | None, "That stand in their environment now, or do not."] = None
    overridden: Annotated[bool | None, "That went on in spite of a blocker, or did not."] = None
    claimed: Annotated[bool | None, "That took place elsewhere, or did not."] = None
    since: Annotated[datetime | None, "Requested at this time or later."] = None
    until: Annotated[datetime | None, "Requested before this time."] = None
    stood_at: Annotated[datetime | None, "That stood in their environment at this time."] = None


ARGUMENTS: Final = INPUTS.of_fields(Wanted)


def _deployments_field() -> dict[str, StrawberryField]:
    which = "Which deployments; all if left out."
    narrowed = Filter("DeploymentFilter", "Deployment", which, ARGUMENTS)
    about = "The deployments to be seen, the latest requested first."
    return filtered_field("deployments", "DeploymentConnection", about, narrowed, listed)


def listed(sight: Sight, wanted: Mapping[str, Any]) -> Listing:
    """The deployments that are wanted, the latest requested first."""
    table = sight.reader.snapshot(Deployment)
    where = [_test(sight, table, name, value) for name, value in wanted.items()]
    by = (table.c.requested_at,)
    return listing(sight, Deployment, "deployments", by=by, where=where, filter=wanted)


def _test(sight: Sight, table: Any, name: str, value: Any) -> ColumnElement[bool]:
    match name:
        case "statuses":
            found: ColumnElement[bool] = table.c.status.in_([str(each) for each in value])
        case "since":
            found = table.c.requested_at >= value
        case "until":
            found = table.c.requested_at < value
        case "stood_at":
            stands = sight.reader.tables.rows["deployment_stands"]
            found = exists().where(stands.c.owner == table.c.id, *held(stands, value))
        case _:
            found = table.c[name] == getattr(value, "value", value)
    return found


QUERIES: Final[dict[str, StrawberryField]] = {**_deployments_field(), **standing_field()}
