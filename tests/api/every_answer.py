"""Every query and every mutation, worded from the schema itself, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    get_named_type,
)

from api.derived.meanings import camel
from api.derived.nouns import INPUTS, TYPES
from api.schema import sdl

SCHEMA: Final = build_schema(sdl())
PLAIN: Final = frozenset(("edges", "node", "totalCount"))
"""What is looked into without going deeper."""
UNTOLD: Final = frozenset(("cursor", "startCursor", "endCursor"))
"""Opaque and encrypted; other tests look at them."""
WORDS: Final[Mapping[str, Any]] = {
    "action": "merge_request.merge",
    "branch": "17-6-stable",
    "commit": "e" * 40,
    "cycle": "monthly",
    "head": "e" * 40,
    "base": "b" * 40,
    "kind": "monthly",
    "handle": "rita",
    "playbook": "gitlab",
    "policy": "maintenance",
    "project": "group/app",
    "role": "role:developer",
    "service": "app",
    "title": "Anything",
}
"""What a text says, by the name of the field; anything else is a word."""
VALUES: Final[Mapping[str, Any]] = {
    "String": "Anything",
    "Int": 1,
    "Boolean": True,
    "DateTime": "2030-01-01T00:00:00Z",
    "LocalDateTime": "2030-01-01T10:00",
}
OPTIONAL: Final[Mapping[str, Mapping[str, Any]]] = {
    "onDuty": {"handle": "rita"},
    "packageSchedule": {"playbook": "monthly_train", "cadence": "packages"},
    "releaseCycle": {"playbook": "mozilla", "cycle": "two_week"},
    "securityFixReport": {"playbook": "security"},
    "shortCircuits": {"playbook": "mozilla"},
}
"""What a query is given beside, and instead of what stands above."""
NOW: Final = datetime.now(UTC)
CHOSEN: Final[Mapping[str, Any]] = {
    "since": (NOW - timedelta(days=20)).isoformat(),
    "until": (NOW + timedelta(days=20)).isoformat(),
    "mine": False,
}
"""What anything but a text is, by the name of the field."""


def fields(kind: GraphQLObjectType | None) -> dict[str, GraphQLField]:
    """The fields of Query or of Mutation."""
    assert kind is not None
    return dict(kind.fields)


QUERIES: Final = fields(SCHEMA.query_type)
MUTATIONS: Final = fields(SCHEMA.mutation_type)


def noun(type_name: str) -> str:
    """What a type of payload, connection or edge is of."""
    return type_name.removesuffix("Payload").removesuffix("Connection")


def selection(kind: Any, depth: int) -> str:
    """Everything that a type tells so many levels deep, each of its gates among it."""
    if not isinstance(kind, GraphQLObjectType):
        return "{ __typename id }" if kind.name == "Node" else ""
    parts = [
        part
        for name, field in kind.fields.items()
        if name not in UNTOLD
        for part in _told(name, field, depth)
    ]
    return f"{{ {' '.join(parts) or '__typename'} }}"


def _told(name: str, field: GraphQLField, depth: int) -> Iterator[str]:
    below = get_named_type(field.type)
    needed = [each for each in field.args.items() if isinstance(each[1].type, GraphQLNonNull)]
    flat = not isinstance(below, GraphQLObjectType) and below.name != "Node"
    deeper = depth if name in PLAIN else depth - 1
    if deeper < 0 and not flat:
        return
    told = "" if flat else f" {selection(below, deeper)}"
    if not needed:
        yield f"{name}{told}"
        return
    kinds = [get_named_type(each.type) for _, each in needed]
    if name == "can" and len(needed) == 1 and isinstance(kinds[0], GraphQLEnumType):
        for act in sorted(kinds[0].values):
            gate = "{ allowed verdict { allowed findings { requirement status code missing } } }"
            where = ', environment: "production"' if act == "DEPLOY" else ""
            yield f"can{act}: can({needed[0][0]}: {act}{where}) {gate}"


def question(name: str, *, shallow: bool = False) -> tuple[str, dict[str, Any]]:
    """A document that asks one query for all it tells, and what it is given.

    A `shallow` one asks of what is listed only what it says by itself.
    """
    field = QUERIES[name]
    given = {
        arg: value(each.type, arg, {})
        for arg, each in field.args.items()
        if isinstance(each.type, GraphQLNonNull) and get_named_type(each.type).name != "ID"
    }
    given |= OPTIONAL.get(name, {})
    given |= {"first": 100} if "first" in field.args else {}
    taken = "".join(f"${arg}: {field.args[arg].type} " for arg in given)
    told = ", ".join(f"{arg}: ${arg}" for arg in given)
    asked = f"{name}({told})" if given else name
    about = f"query({taken})" if taken else "query"
    kind = get_named_type(field.type)
    depth = (1 if kind.name.endswith("Connection") else 2) - shallow
    return f"{about} {{ {asked} {selection(kind, depth)} }}", given


def by_id() -> dict[str, str]:
    """The queries that are asked for one object, and the argument that names it."""
    return {
        name: arg
        for name, field in QUERIES.items()
        for arg, each in field.args.items()
        if isinstance(each.type, GraphQLNonNull) and get_named_type(each.type).name == "ID"
    }


def filters() -> Iterator[tuple[str, str]]:
    """The queries that may be narrowed to what has to do with one object, and by which field."""
    for name, field in QUERIES.items():
        kind = get_named_type(field.args["filter"].type) if "filter" in field.args else None
        if isinstance(kind, GraphQLInputObjectType):
            for each, filtered in kind.fields.items():
                if get_named_type(filtered.type).name == "ID":
                    yield name, each


# What is given.

REFERENCES: Final = {
    camel(name.rpartition(".")[2]): TYPES.name(TYPES.states[aggregate])
    for name, aggregate in INPUTS.references.items()
}
"""What an argument of this name is an id of."""
KNOWN: Final = frozenset(("id", "onBehalfOf", *REFERENCES))


def value(kind: Any, name: str, ids: Mapping[str, str], about: str = "") -> Any:
    """A value that the schema takes; ids are those of what an argument is of, or is said to be."""
    if isinstance(kind, GraphQLNonNull):
        return value(kind.of_type, name, ids, about)
    if isinstance(kind, GraphQLList):
        return [value(kind.of_type, name, ids, about)]
    if isinstance(kind, GraphQLEnumType):
        return min(kind.values)
    if isinstance(kind, GraphQLInputObjectType):
        return _input(kind, ids, about)
    if kind.name == "ID":
        return ids[REFERENCES.get(name, about) if name != "id" else about]
    return CHOSEN.get(name, VALUES[kind.name]) if kind.name != "String" else _word(name)


def _word(name: str) -> str:
    return str(WORDS.get(name, VALUES["String"]))


def _input(kind: GraphQLInputObjectType, ids: Mapping[str, str], about: str) -> dict[str, Any]:
    """What an input needs, and every id that it takes; one field of a choice."""
    if kind.is_one_of:
        name, field = next(iter(kind.fields.items()))
        return {name: value(field.type, name, ids, about)}
    return {
        name: value(field.type, name, ids, about)
        for name, field in kind.fields.items()
        if name != "onBehalfOf"
        and (isinstance(field.type, GraphQLNonNull) or get_named_type(field.type).name == "ID")
    }


def unclear(name: str) -> bool:
    """Whether a mutation takes an id without saying of what, so that it may be of anything."""
    kind = get_named_type(MUTATIONS[name].args["input"].type)
    return isinstance(kind, GraphQLInputObjectType) and any(
        get_named_type(each.type).name == "ID" and field not in KNOWN
        for field, each in kind.fields.items()
    )


def wish(name: str, ids: Mapping[str, str], about: str = "") -> Any:
    """What a mutation is given; ids that could be of anything are `about` that noun."""
    kind = MUTATIONS[name].args["input"].type
    own = noun(get_named_type(MUTATIONS[name].type).name)
    given = value(kind, "input", ids, own)
    taken = get_named_type(kind)
    assert isinstance(taken, GraphQLInputObjectType)
    for field, each in taken.fields.items():
        if about and get_named_type(each.type).name == "ID" and field not in KNOWN:
            given[field] = ids[about]
    return given
