"""One aggregate as GraphQL: its type, its look-up, its list, and a mutation for each command."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from strawberry.types.field import StrawberryField

from api.derived.connections import connection_type
from api.derived.inputs import Inputs
from api.derived.lists import list_field
from api.derived.lookups import lookup_field
from api.derived.mutations import Mutation, make_mutation, mutation_field
from api.derived.payload import payload
from api.derived.types import Types
from domain.kernel import Aggregate


@dataclass(frozen=True, slots=True)
class Exposed:
    """What an aggregate adds to the schema."""

    aggregate: Aggregate[Any]
    node: type
    queries: dict[str, StrawberryField]
    mutations: dict[str, StrawberryField]
    commands: tuple[Mutation, ...]


def expose(
    inputs: Inputs,
    aggregate: Aggregate[Any],
    *,
    more: Mapping[str, StrawberryField] | None = None,
    hidden: Collection[str] = (),
    listed: bool = True,
) -> Exposed:
    """Derive everything from an aggregate.

    Commands that run only as consequences are left out, and those named in `hidden`, which only
    the operator may ask for. `more` are further fields of its type. `listed` is false where a file
    of its own declares the list.
    """
    types: Types = inputs.types
    node = types.node(aggregate.state, more)
    noun = types.name(aggregate.state)
    connection_type(types, noun)
    answers = payload(types, aggregate)
    asked = [each for each in aggregate.commands if not each.internal and each.name not in hidden]
    commands = tuple(make_mutation(inputs, aggregate, each) for each in asked)
    queries = lookup_field(types, aggregate)
    if listed:
        queries |= list_field(inputs, aggregate)
    return Exposed(
        aggregate,
        node,
        queries,
        {each.name: mutation_field(inputs, each, answers) for each in commands},
        commands,
    )
