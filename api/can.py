"""The field `can` of a guarded object: which gates an operation asks, many of them in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, NamedTuple

import strawberry
from sqlalchemy import Connection
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.derived.meanings import spaced
from api.derived.nouns import TYPES
from api.gates import Gates, Moment, Possibility, moments_of, read_time
from api.hiding.visibility import Sight
from api.selection import selects
from domain.gate import Finding, Status, Verdict

THEN: Final = (
    "At this moment to come instead of now: what would block then, as far as is known now."
)
AT: Final = Annotated[datetime | None, strawberry.argument(description=THEN)]


class Asked(NamedTuple):
    """One `can` of an operation: of what state, which act, when, and whether to explain it."""

    state: Any
    act: str
    at: datetime | None
    explained: bool


def asking(info: Info, state: Any, act: str, at: Any) -> Asked:
    """What a field `can` asks; how a gate would open is made out only where that is selected.

    So it is by the acts of its findings as well as by its explanation.
    """
    return Asked(state, act, read_time(at), selects(info, "explanation", "acts"))


def asked_by(sight: Sight, asked: Sequence[Asked]) -> list[Moment]:
    """With what each of these is asked."""
    found = moments_of(sight, ((each.state, each.at) for each in asked))
    told = zip(asked, found, strict=True)
    return [moment if key.explained else replace(moment, explained=False) for key, moment in told]


def can_field(gates: Gates) -> dict[str, StrawberryField]:
    """The field `can(action)` of a guarded object: many of them are answered in one go."""
    noun = TYPES.name(gates.aggregate.state)

    def question(_connection: Connection, sight: Sight, keys: Sequence[Asked]) -> list[Possibility]:
        partly = sight.partial([each.state for each in keys])
        apart = replace(gates, ask=_apart)
        return [
            (apart if key.state.id in partly else gates).possibility(key.state, key.act, moment)
            for key, moment in zip(keys, asked_by(sight, keys), strict=True)
        ]

    async def resolver(root: Any, info: Info, action: Any, at: Any = strawberry.UNSET) -> Any:
        return await info.context.batch(question, asking(info, root, action.value, at))

    resolver.__annotations__ = {
        "root": Any,
        "info": Info,
        "action": Annotated[
            act_enum(f"{noun}Act", noun, gates.acts),
            strawberry.argument(description="The guarded act."),
        ],
        "at": AT,
        "return": Any,
    }
    about = "Whether a guarded act is possible, and if not, who can unblock it by doing what."
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = StrawberryAnnotation(TYPES.object(Possibility))
    return {"can": field}


def act_enum(name: str, noun: str, acts: Sequence[str]) -> StrawberryEnumDefinition:
    """The enum of an aggregate's guarded acts."""
    kind = StrEnum(name, {act.upper(): act for act in acts})  # type: ignore[misc]
    words = [act.replace("_", " ").capitalize() for act in acts]
    values = [
        EnumValue(act.upper(), act, description=f"{word} the {spaced(noun)}.")
        for act, word in zip(acts, words, strict=True)
    ]
    made = StrawberryEnumDefinition(kind, name, values, f"The guarded acts on a {spaced(noun)}.")
    TYPES.publish(name, made)
    return made


def _apart(_state: Any, _act: str, _moment: Moment) -> Verdict:
    """What a gate says of a hidden record to whose own it is: what it looks at is not for them."""
    message = "What it waits for is told to who is cleared."
    title = "You may know of what the gate looks at"
    told = Finding("clearance", Status.ERROR, title, message=message, code="needs_clearance")
    return Verdict((told,))
