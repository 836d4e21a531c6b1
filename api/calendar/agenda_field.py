"""The query `calendar`: what a period holds, for who asks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.calendar.agenda import Wish, agenda
from api.calendar.agenda_items import Agenda
from api.derived.nouns import TYPES
from api.derived.periods import readable

_ARGUMENTS: Final = {
    "since": Annotated[datetime, strawberry.argument(description="The first moment.")],
    "until": Annotated[
        datetime, strawberry.argument(description="The last, not included; 366 days at most.")
    ],
    "service": Annotated[
        str | None,
        strawberry.argument(description="Only what is of this service, and what concerns it."),
    ],
    "mine": Annotated[
        bool, strawberry.argument(description="Only changes and releases in which one has a part.")
    ],
    "team": Annotated[
        str | None,
        strawberry.argument(
            description="Only changes and releases in which somebody of this team has a part."
        ),
    ],
}


def _field() -> StrawberryField:
    async def resolver(
        info: Info,
        since: Any,
        until: Any,
        *,
        service: Any = None,
        mine: Any = False,
        team: Any = None,
    ) -> Any:
        readable(since=since, until=until)
        person = info.context.asker.principal if mine else None
        wish = Wish(since, until, service, person, team)
        return await info.context.look(lambda _connection, sight: agenda(sight, wish))

    resolver.__annotations__ = {"info": Info, **_ARGUMENTS, "return": Any}
    about = (
        "What a period holds, in order: changes, releases with what is due by them, locks, entries "
        "of the calendar, dates of cadences."
    )
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = StrawberryAnnotation(TYPES.object(Agenda))
    return field  # type: ignore[no-any-return]


FIELDS: Final[dict[str, StrawberryField]] = {"calendar": _field()}
"""The query `calendar`."""
