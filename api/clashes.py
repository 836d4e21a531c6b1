"""What stands in a change's way, and the earliest time without it, as fields of a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import strawberry
from sqlalchemy import Connection
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.fields import batched
from api.nouns import TYPES
from api.planned import around
from api.text import Unreadable
from api.visibility import Sight
from domain.change import Change
from domain.change.planned import plan_of
from domain.clash import HORIZON, Cause, Clash, Plan, Severity, Slot, clashes, earliest
from domain.kernel import Problem, Refusal
from domain.playbook import Playbook, process

CLASH: Final = TYPES.object(Clash)
Asked = tuple[Change, datetime, Severity]


def found(
    _connection: Connection, sight: Sight, changes: Sequence[Change]
) -> list[tuple[Clash, ...]]:
    """The clashes of each change with what the asker may see; none without a window."""
    plans = {each.id: plan for each in changes if (plan := plan_of(each))}
    if not plans:
        return [()] * len(changes)
    known = around(sight, tuple(plans.values()))
    graves = _severities(sight, changes)
    return [
        () if each.id not in plans else _told(plans[each.id], known, graves[each.playbook])
        for each in changes
    ]


def _told(plan: Plan, known: Any, severities: Any) -> tuple[Clash, ...]:
    if not known.known:
        return (Clash(Cause.UNKNOWN, severities[Cause.UNKNOWN], plan.since, plan.until),)
    return clashes(plan, known.plans, known.dated, severities)


def _severities(sight: Sight, changes: Sequence[Change]) -> dict[str, Any]:
    """How grave each cause is, by the playbook a change runs under."""
    wanted = sorted({each.playbook for each in changes})
    books = sight.find(Playbook, wanted)
    return {id: process(books[id].body).severities() for id in wanted}


def times(_connection: Connection, sight: Sight, keys: Sequence[Asked]) -> list[Slot]:
    """The earliest time of each change that is asked about."""
    return [_time(sight, *key) for key in keys]


def _time(sight: Sight, change: Change, after: datetime, least: Severity) -> Slot:
    plan = plan_of(change)
    if plan is None:
        return Slot(None, None)
    length = plan.until - plan.since
    wanted = replace(plan, since=after, until=after + length)
    known = around(sight, (wanted,), after + HORIZON + length)
    if not known.known:
        return Slot(None, None, known=False)
    severities = _severities(sight, (change,))[change.playbook]
    return earliest(wanted, known.plans, known.dated, severities=severities, least=least)


def _time_field() -> StrawberryField:
    later = strawberry.argument(description="No earlier than this; from now on if left out.")
    grave = strawberry.argument(description="What must not clash; anything if left out.")

    async def resolver(root: Any, info: Info, after: Any = None, least: Any = None) -> Any:
        if isinstance(after, Unreadable):
            raise Refusal(Problem(after.code, after.message, ("after",)))
        moment = after or info.context.at.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return await info.context.batch(times, (root, moment, Severity(least or Severity.WARN)))

    resolver.__annotations__ = {
        "root": Any,
        "info": Info,
        "after": Annotated[datetime | None, later],
        "least": Annotated[StrawberryOptional(TYPES.enum(Severity)), grave],
        "return": Any,
    }
    about = (
        "The earliest time, as long as the change's window, at which nothing stands in its way "
        "within 90 days, and what stands in the way of each earlier one."
    )
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = StrawberryAnnotation(TYPES.object(Slot))
    return field  # type: ignore[no-any-return]


FIELDS: Final[dict[str, StrawberryField]] = {
    "clashes": batched(
        "clashes",
        StrawberryList(CLASH),
        "Everything planned that stands in its way: other changes, people, the calendar.",
        found,
    ),
    "earliest_time": _time_field(),
}
