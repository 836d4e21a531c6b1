"""The published schema: complete, described, cheap to execute, and as promised."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLSchema,
    get_named_type,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_introspection_type,
    is_leaf_type,
    is_object_type,
    is_specified_scalar_type,
    validate_schema,
)

from api.derived.nouns import TYPES
from api.frontend import PUBLISHED, broken, publish, stale, write
from api.schema import EXPOSED, make_schema, sdl
from domain.kernel import Mark

RESOLVED_LEAVES = {
    "attempts": "counted beside the log, for all on a page at once",
    "receipt": "proved from the log, and only for who may read it",
    "entry": "the same",
    "consistency": "the same",
    "root": "the same",
    "givenAwayAt": "known by what became of the program, for all on a page at once",
    "holds": "depends on the time it is asked",
    "endsSoon": "the same",
    "agreed": "counted from votes whenever it is asked, for all on a page at once",
    "itemCount": "counted as far as the reader sees it, for all on a page at once",
    "stateName": "read from the playbook, for all on a page at once",
    "missing": "named as far as the reader sees it, for all on a page at once",
    "records": "the same",
    "manifest": "made of what is in it and where that stands, for all on a page at once",
    "unknownEnvironments": "depends on what is kept and declared now, for all on a page at once",
}
"""Leaves that are no plain attributes, and why."""


BY_HAND = {"createToken"}
"""Mutations that no command alone is behind."""


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return make_schema()._schema


def own_types(schema: GraphQLSchema) -> Iterator[Any]:
    """The types that are not GraphQL's own."""
    for kind in schema.type_map.values():
        if not is_introspection_type(kind) and not is_specified_scalar_type(kind):
            yield kind


def fields(schema: GraphQLSchema) -> Iterator[tuple[Any, str, Any]]:
    """Every field of every type, with its type and name."""
    for kind in own_types(schema):
        if is_object_type(kind) or is_interface_type(kind) or is_input_object_type(kind):
            for name, field in kind.fields.items():
                yield kind, name, field


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    assert stale() == (), "make schema"


def test_what_was_published_is_not_broken_without_a_deprecation() -> None:
    assert broken() == ()


def test_a_broken_promise_is_not_published(tmp_path: Path) -> None:
    write(tmp_path)
    assert stale(tmp_path) == ()
    promised = sdl() + "\ntype Gone { title: String! }\n"
    promised = promised.replace("type Query {", "type Query {\n  gone: Gone", 1)
    (tmp_path / PUBLISHED).write_text(promised)
    assert publish(tmp_path) == broken(tmp_path) != ()
    assert (tmp_path / PUBLISHED).read_text() == promised
    (tmp_path / PUBLISHED).write_text(sdl())
    assert publish(tmp_path) == ()


def test_the_schema_is_valid(schema: GraphQLSchema) -> None:
    assert validate_schema(schema) == []


def test_everything_is_described(schema: GraphQLSchema) -> None:
    bare = [kind.name for kind in own_types(schema) if not kind.description]
    bare += [f"{kind}.{name}" for kind, name, field in fields(schema) if not field.description]
    bare += [
        f"{kind}.{name}({argument})"
        for kind, name, field in fields(schema)
        for argument, given in getattr(field, "args", {}).items()
        if not given.description
    ]
    bare += [
        f"{kind}.{name}"
        for kind in own_types(schema)
        if is_enum_type(kind)
        for name, value in kind.values.items()
        if not value.description
    ]
    assert bare == []


def test_descriptions_are_for_clients(schema: GraphQLSchema) -> None:
    told = [kind.description for kind in own_types(schema)]
    told += [field.description for _, _, field in fields(schema)]
    for text in told:
        assert "Raises " not in text
        assert "Null once erased. Null" not in text
        assert text[0].isupper() or text[0] == "`", text
        assert text.rstrip()[-1] in ".:)", text


def test_closed_sets_are_upper_case(schema: GraphQLSchema) -> None:
    for kind in own_types(schema):
        if isinstance(kind, GraphQLEnumType):
            assert all(name == name.upper() for name in kind.values), kind


COUNTED = {f"{kind}.version" for kind in ("Release", "SecurityFix", "MergeRequest", "LoggedEvent")}
"""Counted as far as the reader is told of it, once something of that kind has been hidden."""


def test_leaves_are_plain_attributes(schema: GraphQLSchema) -> None:
    resolved = {
        f"{kind}.{name}"
        for kind, name, field in fields(schema)
        if is_object_type(kind)
        and is_leaf_type(get_named_type(field.type))
        and not getattr(field.resolve, "_is_default", False)
        and kind.name not in ("Query", "Mutation")
    }
    apart = COUNTED | {"Release.revision", "Release.digest"}
    assert {e for e in resolved if e.split(".")[1] not in RESOLVED_LEAVES} == apart


def test_every_mutation_takes_one_input_and_answers_a_payload(schema: GraphQLSchema) -> None:
    assert schema.mutation_type is not None
    for name, field in schema.mutation_type.fields.items():
        assert list(field.args) == ["input"], name
        payload = get_named_type(field.type)
        told = {"problems"} if name in BY_HAND else {"problems", "verdict", "receipt"}
        assert told < set(payload.fields), name


def test_every_noun_can_be_found_again(schema: GraphQLSchema) -> None:
    nodes = {kind.name for kind in schema.get_possible_types(schema.type_map["Node"])}  # type: ignore[arg-type]
    assert nodes == {TYPES.name(one.aggregate.state) for one in EXPOSED}


def test_nothing_that_a_mark_hides_is_shown() -> None:
    from api.derived.hints import HIDDEN, hints, marks_of

    declared = {"handle", "name", "credit"}
    for kind, made in TYPES.made.items():
        definition = getattr(made, "__strawberry_definition__", None)
        if definition is None:
            continue
        shown = {field.python_name for field in definition.fields}
        hidden = {name for name, hint in hints(kind).items() if marks_of(hint) & HIDDEN}
        assert not (shown & hidden) - declared, kind
    assert Mark.SECRET in HIDDEN


def test_no_consequence_and_no_act_of_the_operator_can_be_asked_for(
    schema: GraphQLSchema,
) -> None:
    assert schema.mutation_type is not None
    asked = {each.action for one in EXPOSED for each in one.commands}
    for one in EXPOSED:
        for command in one.aggregate.commands:
            assert not (command.internal and one.aggregate.action(command) in asked)
    assert len(asked) == len(schema.mutation_type.fields.keys() - BY_HAND)
