"""A whole schema from exposed aggregates and the fields that files of their own declare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField

from api.context import MomentInfo
from api.derived.expose import Exposed
from api.derived.fields import build
from api.derived.lookups import node_field
from api.derived.scalars import SCALARS
from api.derived.types import Types


def assemble(
    types: Types,
    exposed: Sequence[Exposed],
    *,
    queries: Mapping[str, StrawberryField] | None = None,
    mutations: Mapping[str, StrawberryField] | None = None,
    extensions: Iterable[Any] = (),
) -> strawberry.Schema:
    """The schema of these aggregates, and of further queries and mutations."""
    asks = {"node": node_field(types)}
    acts: dict[str, StrawberryField] = {}
    for one in exposed:
        asks |= one.queries
        acts |= one.mutations
    asks |= queries or {}
    acts |= mutations or {}
    return strawberry.Schema(
        query=build("Query", "Everything that can be looked up.", asks),
        mutation=build("Mutation", "Everything that can be asked for.", acts),
        types=[one.node for one in exposed],
        config=StrawberryConfig(
            scalar_map=SCALARS, disable_field_suggestions=True, info_class=MomentInfo
        ),
        extensions=list(extensions),
    )
