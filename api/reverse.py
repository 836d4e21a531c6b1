"""The reverse question: who could do this, now or at a past moment, and by what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

import strawberry
from sqlalchemy import Connection
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.context import READ_LOG
from api.derived.identity import read_id
from api.derived.nouns import INPUTS, TYPES
from api.derived.text import Unreadable
from api.hiding.visibility import Sight
from api.rules import actions, unknown_action
from domain.grant.aggregate import Scope
from domain.kernel import Problems, Refusal, refusal
from ledger.store import Standing

SHOWN: Final = 500
"""How many people are named."""


@dataclass(frozen=True, slots=True)
class Within:
    """A thing that an act would touch."""

    scope: Annotated[Scope, "What kind of thing it is."]
    value: Annotated[str, "The thing, such as the name of a service, or a board by its id."]


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who may ask for an act, by which grant and which line of the policy."""

    person: Annotated[str, "Who may ask."]
    grant: Annotated[str, "The grant by which they may."]
    line: Annotated[str, "The line of the policy that allows it."]


@dataclass(frozen=True, slots=True)
class Holders:
    """Who may ask for an act. What the act's own rules say comes on top of that."""

    everyone: Annotated[bool, "Whether the policy lets every known person ask."]
    holders: Annotated[tuple[Holder, ...], "Those who may by a grant; the first 500."]
    total: Annotated[int, "How many may by a grant."]


ACT: Final = Annotated[str, strawberry.argument(description="The act, such as change.approve.")]
THEN: Final = Annotated[
    datetime | None,
    strawberry.argument(description="Who could then, instead of who can now; needs `log.read`."),
]


def who_field() -> dict[str, StrawberryField]:
    """The query `whoMay`."""
    touched = StrawberryOptional(StrawberryList(INPUTS.of_class(Within).kind))
    described = strawberry.argument(description="Everything the act would touch.")

    async def resolver(
        info: Info, action: str, within: Any = strawberry.UNSET, at: Any = strawberry.UNSET
    ) -> Any:
        return await who_may(info.context, action, scopes_of(within or ()), at or None)

    resolver.__annotations__ |= {
        "info": Info,
        "action": ACT,
        "within": Annotated[touched, described],
        "at": THEN,
    }
    about = "Who may ask for an act, by the policy and the grants in force."
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = TYPES.later(TYPES.name(Holders))
    TYPES.object(Holder, {"grant": TYPES.relation("grant", "grant", "The grant by which.")})
    TYPES.object(Holders)
    return {"who_may": field}


async def who_may(
    context: Any,
    action: str,
    scopes: dict[str, frozenset[str]],
    at: datetime | Unreadable | None,
) -> Holders:
    """Who may ask for an action, now or at a past moment."""
    problems = Problems()
    if action not in actions():
        problems.append(unknown_action("action"))
    if isinstance(at, Unreadable):
        problems.add(at.code, at.message, "at")
        raise Refusal(*problems)
    problems.settle()

    def question(connection: Connection, sight: Sight) -> Holders:
        if at is not None:
            sight.require(READ_LOG)
        standing = sight.standing if at is None else _standing_at(sight, connection, at)
        return holders(standing, action, scopes, at or sight.at)

    found: Holders = await context.look(question)
    return found


def _standing_at(sight: Sight, connection: Connection, at: datetime) -> Standing:
    return sight.reader.standing_then(connection, sight.reader.after(connection, at))


def scopes_of(within: Any) -> dict[str, frozenset[str]]:
    """What an act would touch, by kind of scope; a board by the id that the API tells, too."""
    found: dict[str, frozenset[str]] = {}
    for each in within:
        kind, value = each["scope"].value, each["value"]
        board = read_id(value, "Board") if each["scope"] is Scope.BOARD else None
        found[kind] = found.get(kind, frozenset()) | {board or value}
    return found


def holders(
    standing: Standing, action: str, scopes: dict[str, frozenset[str]], at: datetime
) -> Holders:
    """Who may ask for an action under a policy, with the grants that were in force."""
    judge: Any = standing.judge
    if judge is None:
        raise refusal("unknown_action", "No policy was in force.", "action")
    found = judge.who(action, scopes, standing.authority, at)
    people = [
        Holder(person, right.grant, right.line.text) for person, right in found.people.items()
    ]
    return Holders(found.everyone is not None, tuple(people[:SHOWN]), len(people))
