"""The query `deliveryReport`: how well changes reach production."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.delivery import lineage as metric_lineage
from api.delivery.log import Log
from api.delivery.reading import recorded
from api.derived.nouns import TYPES
from api.derived.periods import check_period, readable
from api.hiding.visibility import Sight
from api.history.past import Then, at_time
from domain.delivery.happening import Period
from domain.delivery.report import DeliveryReport, report
from domain.kernel import Problems

LONGEST: Final = timedelta(days=20 * 366)
LONGEST_TARGET: Final = 7 * 24 * 60
MOST_PLACES: Final = 100
_ARGUMENTS: Final = {
    "since": Annotated[datetime, strawberry.argument(description="When the period begins.")],
    "until": Annotated[
        datetime, strawberry.argument(description="When it ends, itself not included.")
    ],
    "service": Annotated[
        str | None, strawberry.argument(description="The service; all if left out.")
    ],
    "environments": Annotated[
        list[str] | None,
        strawberry.argument(
            description="The environments that count as production, by name; if left out, those "
            "of the kind `production`, kept here or declared by a playbook in force."
        ),
    ],
    "target_minutes": Annotated[
        int, strawberry.argument(description="How long a deployment may take, in minutes.")
    ],
    "as_of": Annotated[
        datetime | None,
        strawberry.argument(
            description="From what was recorded up to this time; from everything if left out."
        ),
    ],
}


def delivery_report_field() -> dict[str, StrawberryField]:
    """The query."""
    TYPES.object(DeliveryReport)

    async def resolver(  # noqa: PLR0917  (Strawberry passes them by name)
        info: Info,
        since: Any,
        until: Any,
        service: Any = None,
        environments: Any = None,
        target_minutes: int = 60,
        as_of: Any = None,
    ) -> Any:
        _check(since, until, environments, target_minutes, as_of)
        now, target = info.context.at, timedelta(minutes=target_minutes)

        def told(sight: Sight) -> DeliveryReport:
            then = _then(sight, as_of, now)
            log, period = _log(sight, then, as_of), Period(since, until, known=then.at)
            found = recorded(log, period, service, environments)
            return report(found, period, service=service, target=target)

        return await info.context.look(lambda _connection, sight: told(sight))

    resolver.__annotations__ = {"info": Info, **_ARGUMENTS, "return": Any}
    about = (
        "How well changes reached production in a period, worked out from recorded events alone; "
        "every number names its definition, the events it comes from, and what does not count."
    )
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = TYPES.later("DeliveryReport")
    return {"delivery_report": field}


def _log(sight: Sight, then: Then, as_of: datetime | None) -> Log:
    return Log(sight, then.until, past=as_of is not None)


def _then(sight: Sight, as_of: datetime | None, now: datetime) -> Then:
    """The place in the log up to which is looked, and its time."""
    if as_of is not None:
        return at_time(sight.reader, sight.connection, as_of, now)
    head = sight.reader.head(sight.connection)
    return Then(head.size, max(now, head.at))


def _check(since: Any, until: Any, environments: Any, target_minutes: int, as_of: Any) -> None:
    readable(since=since, until=until, asOf=as_of)
    problems = Problems()
    check_period(problems, since, until, LONGEST, "Ask about twenty years at most.")
    few = environments is None or len(environments) <= MOST_PLACES
    problems.unless(few, "too_many", f"At most {MOST_PLACES} of these.", "environments")
    good = 1 <= target_minutes <= LONGEST_TARGET
    message = f"From 1 to {LONGEST_TARGET:,}."
    problems.unless(good, "out_of_range", message, "targetMinutes")
    problems.settle()


metric_lineage.publish()
