"""Looking one object up: by its id, as it stands or as it stood."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.context import READ_LOG
from api.derived.identity import read_global_id, read_id
from api.derived.meanings import camel, spaced
from api.derived.text import Unreadable
from api.derived.types import Node, Types
from api.hiding.visibility import Sight
from api.history.past import Then, at_position, at_time
from domain.kernel import Aggregate, Problem, Refusal, refusal


@strawberry.input(description="A past moment: a time, or a position of the log.", one_of=True)
class AsOf:
    """Exactly one of the two."""

    time: strawberry.Maybe[datetime] = strawberry.field(
        description="After everything recorded up to this time."
    )
    position: strawberry.Maybe[int] = strawberry.field(
        description="After the event at this position; needs `log.read`."
    )


def lookup_field(types: Types, aggregate: Aggregate[Any]) -> dict[str, StrawberryField]:
    """The query that looks one object of an aggregate up."""
    noun = types.name(aggregate.state)
    words = spaced(noun)

    async def resolver(info: Info, id: str, as_of: Any = strawberry.UNSET) -> Any:
        found = read_id(id, noun)
        if found is None:
            return None
        if not as_of:
            return await info.context.load(aggregate.state, found)
        past = info.context.past(info.path, await moment(info.context, as_of))
        return await past.load(aggregate.state, found)

    resolver.__annotations__ = {
        "info": Info,
        "id": Annotated[strawberry.ID, strawberry.argument(description=f"The {words}'s id.")],
        "as_of": Annotated[
            AsOf | None,
            strawberry.argument(description="How it stood then; left out, how it stands now."),
        ],
        "return": Any,
    }
    about = f"The {words} with this id; null if there is none to be seen."
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = types.later(f"Optional[{noun}]")
    return {camel(aggregate.name): field}


async def moment(context: Any, as_of: AsOf) -> Then:
    """The moment asked for; raises Refusal for one that is not in the past."""
    if as_of.position is not None:
        return await _after_event(context, as_of.position.value)
    time: Any = as_of.time.value if as_of.time else None
    if isinstance(time, Unreadable):
        raise Refusal(Problem(time.code, time.message, ("asOf", "time")))
    reader = context.access.reader
    found: Then = await context.look(
        lambda connection, _sight: at_time(reader, connection, time, context.at)
    )
    return found


async def _after_event(context: Any, position: int) -> Then:
    if position < 0:
        raise refusal("negative_position", "Positions count from 0.", "asOf", "position")
    reader = context.access.reader

    def question(connection: Connection, sight: Sight) -> Then:
        sight.require(READ_LOG)
        return at_position(reader, connection, position)

    found: Then = await context.look(question)
    return found


def node_field(types: Types) -> StrawberryField:
    """The query that finds whatever has a global id again."""
    states = {types.name(state): state for state in types.states.values()}

    async def resolver(info: Info, id: str) -> Any:
        found = read_global_id(id, states)
        return None if found is None else await info.context.load(states[found[0]], found[1])

    resolver.__annotations__ = {
        "info": Info,
        "id": Annotated[strawberry.ID, strawberry.argument(description="Any global id.")],
        "return": Node | None,
    }
    about = "The object with this global id; null if there is none to be seen."
    return strawberry.field(resolver=resolver, description=about)  # type: ignore[no-any-return]
