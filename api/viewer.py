"""Who you are, and people by the name they are called by."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.derived.nouns import TYPES
from domain.principal.aggregate import Principal


def viewer_fields() -> dict[str, StrawberryField]:
    """The queries `viewer` and `person`."""
    return {"viewer": _viewer(), "person": _person()}


def _viewer() -> StrawberryField:
    async def resolver(info: Info) -> Any:
        return await info.context.load(Principal, info.context.asker.principal)

    field = strawberry.field(resolver=resolver, description="Whoever asks.")
    field.type_annotation = TYPES.later("Optional[Principal]")
    return field  # type: ignore[no-any-return]


def _person() -> StrawberryField:
    async def resolver(
        info: Info,
        handle: Annotated[str, strawberry.argument(description="The handle, in any case.")],
    ) -> Any:
        found = await info.context.look(
            lambda _connection, sight: sight.standing.authority.named(handle)
        )
        return None if found is None else await info.context.load(Principal, found)

    about = "The person or program with this handle; null if there is none."
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = TYPES.later("Optional[Principal]")
    return field  # type: ignore[no-any-return]
