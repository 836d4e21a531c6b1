"""Documents are counted with their fragments expanded, in one pass, before they cost anything."""

from typing import Any

import pytest
from graphql import DocumentNode, FieldNode, InlineFragmentNode, build_schema, parse
from graphql import get_introspection_query as introspection
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.http.documents import Documents
from api.http.limits import NOTHING, Scale, Weight, excesses
from api.http.shape import Shape
from api.settings import Limits
from tests.api.small_schema import limited, small_app

SCHEMA = build_schema(
    """
    type Query { change: Change, changes(first: Int, last: Int): Changes, any: Thing }
    type Mutation { approve: Change }
    interface Thing { id: ID, change: Change, changes(first: Int): Changes }
    type Change implements Thing { id: ID, change: Change, changes(first: Int): Changes }
    type Changes { edges: [Edge], total: Int }
    type Edge { node: Change }
    """
)
LIMITS = Limits()
LARGE = Limits(**dict.fromkeys(("fields", "repeats", "aliases", "directives", "cost"), 10**6))


def weight(text: str, limits: Limits = LIMITS, **variables: Any) -> Weight:
    shape = Shape(parse(text))
    scale = Scale(SCHEMA, limits, shape, variables)
    return sum((scale.of_operation(operation) for operation in shape.operations), NOTHING)


def codes(text: str, limits: Limits = LIMITS, **variables: Any) -> list[str]:
    shape = Shape(parse(text))
    found = excesses(shape, SCHEMA, limits, variables)
    return [str((error.extensions or {})["code"]) for error in found]


def visits(text: str) -> int:
    shape = Shape(parse(text))
    scale = Scale(SCHEMA, LARGE, shape, {})
    for operation in shape.operations:
        scale.of_operation(operation)
    return scale.visits


# What is counted.


def test_depth_counts_fields_through_fragments() -> None:
    assert weight("{ change { change { id } } }").depth == 3
    assert weight("{ change { ...A } } fragment A on Change { change { id } }").depth == 3
    assert weight("{ change { ... on Thing { ... { change { id } } } } }").depth == 3


def test_fields_aliases_and_directives_count_wherever_a_fragment_is_spread() -> None:
    found = weight(
        """
        query A($x: Int @a) @b { change @c { ...F ...F @d } other: change { ... @e { ...F } } }
        fragment F on Change @f { a: id change { id @g } }
        """
    )
    assert (found.fields, found.aliases) == (2 + 3 * 3, 1 + 3)
    assert found.directives == 4 + 1 + 3 * 2


def test_cost_multiplies_the_pages_that_stand_in_each_other() -> None:
    assert weight("{ changes(first: 10) { edges { node { id } } } }").cost == 1 + 10 * 3
    assert weight("{ changes(last: 7) { total } }").cost == 1 + 7
    page = "changes(first: 5) { edges { node { id } } }"
    assert weight(f"{{ changes(first: 10) {{ edges {{ node {{ {page} }} }} }} }}").cost == (
        1 + 10 * (2 + 1 + 5 * 3)
    )


def test_a_page_without_a_size_has_the_default_one() -> None:
    assert weight("{ changes { total } }").cost == 1 + LIMITS.page_default
    assert weight("{ change { ...A } } fragment A on Thing { changes { total } }").cost == 22


@pytest.mark.parametrize("size,counted", [(3, 3), (0, 1), (-5, 1), (10**9, 100), (None, 20)])
def test_a_page_may_be_sized_by_a_variable(size: int | None, counted: int) -> None:
    text = "query A($n: Int) { changes(first: $n) { total } }"
    assert weight(text, n=size).cost == 1 + counted
    literal = "null" if size is None else size
    assert weight(f"{{ changes(first: {literal}) {{ total }} }}").cost == 1 + counted


def test_a_variables_default_sizes_the_page_it_leaves_open() -> None:
    text = "query A($n: Int = 50) { changes(first: $n) { total } }"
    assert weight(text).cost == 51
    assert weight(text, n=2).cost == 3


def test_the_same_document_is_counted_anew_for_other_variables() -> None:
    documents = Documents(Limits(cost=100))
    text = "query A($n: Int) { changes(first: $n) { edges { node { id } } } }"
    assert documents.faults(text, SCHEMA, {"n": 10}) == []
    assert len(documents.faults(text, SCHEMA, {"n": 100})) == 1
    assert documents.faults(text, SCHEMA, {"n": 10}) == []


# What is refused.


@pytest.mark.parametrize(
    "text,code",
    [
        ("{" + "change{" * 10 + "id" + "}" * 11, "too_deep"),
        ("{" + "".join(f"a{n}: change{{id}} " for n in range(16)) + "}", "too_many_aliases"),
        ("{ change" + " @x" * 51 + "{ id } }", "too_many_directives"),
        ("{ a: change{id} b: change{id} }" * 2, "too_many_operations"),
        ("{ change { id " + "id " * 10 + "} }", "too_many_repeats"),
        ("mutation {" + "".join(f"a{n}: approve{{id}} " for n in range(6)) + "}",
         "too_many_mutations"),
        ("{ change {" + " ...A" * 41 + "} } fragment A on Change { id }", "too_many_spreads"),
        ("{ change {" + " ...{id}" * 41 + "} }", "too_many_spreads"),
        ("{ ...F0 }" + "".join(f"fragment F{n} on Query {{ change{{id}} }}" for n in range(21)),
         "too_many_fragments"),
        ("{ ...F }" + "fragment F on Query { change{id} }" * 21, "too_many_fragments"),
        ("{ changes(first: 100) { edges { node { changes(first: 50) { total } } } } }",
         "too_costly"),
    ],
)  # fmt: skip
def test_too_much_of_anything_is_refused(text: str, code: str) -> None:
    assert codes(text) == [code]


def test_everything_that_is_too_much_is_named_at_once() -> None:
    page = "changes(first: 100) { edges { node { "
    text = "{" + page * 2 + "".join(f"a{n}: change {{ " for n in range(20)) + "id" + "}" * 27
    assert codes(text) == ["too_deep", "too_many_aliases", "too_costly"]


def test_too_many_fields_are_refused_though_few_are_written() -> None:
    assert codes(bomb(12)) == ["too_deep", "too_many_fields", "too_many_aliases", "too_costly"]


def test_a_mutation_behind_a_fragment_is_a_mutation() -> None:
    spread = "mutation { ...A ... { ...A } } fragment A on Mutation { a: approve b: approve }"
    assert codes(spread, Limits(mutations=3)) == ["too_many_mutations"]


def test_tools_may_ask_for_the_schema_once() -> None:
    full = introspection(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    assert codes(full) == []
    again = full.replace("__schema {", "__schema { ...X } b: __schema {", 1)
    assert codes(again + " fragment X on __Schema { types { ...FullType } }") == ["too_costly"]


def test_introspection_that_goes_round_is_refused() -> None:
    text = "{ __schema { types {" + "fields { type {" * 8 + "name" + "} }" * 8 + "} } }"
    assert codes(text) == ["too_deep", "too_costly"]


def test_introspection_that_goes_round_in_breadth_is_costly() -> None:
    round_once = "a%d: __schema { types { fields { type { fields { type { name } } } } } }"
    assert codes("{ " + round_once % 1 + " }") == []
    many = " ".join(round_once % each for each in range(15))
    assert codes(f"{{ {many} }}") == ["too_costly"]
    possible = many.replace("fields { type", "possibleTypes { ofType")
    assert codes(f"{{ {possible} }}") == ["too_costly"]


def test_cycles_end() -> None:
    assert codes("{ change { ...A } } fragment A on Change { id ...A }") == []
    text = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A change { ...C } }"
    assert codes(f"{text} fragment C on Change {{ ...C ...A }}") == []
    for document in (text, "{ change { ...A } } fragment A on Change { id ...A }"):
        assert Documents(LIMITS).faults(document, SCHEMA, None) != []


def test_what_the_schema_does_not_know_is_left_to_validation() -> None:
    assert codes("{ nothing(first: 5) { more } ...Missing ... on Nowhere { x } }") == []


# What it costs to find out.


def bomb(levels: int) -> str:
    """A short document that asks for 2 to the power of `levels` fields."""
    fragments = "".join(
        f"fragment F{n} on Change {{ a: change {{ ...F{n + 1} }} b: change {{ ...F{n + 1} }} }}"
        for n in range(levels)
    )
    return f"{{ change {{ ...F0 }} }} {fragments} fragment F{levels} on Change {{ id }}"


def test_a_bomb_is_visited_once_for_each_selection_written() -> None:
    assert [visits(bomb(levels)) for levels in (1, 2, 3, 18)] == [7, 11, 15, 75]
    assert weight(bomb(18)).fields > 2**18


@given(st.integers(1, 60), st.integers(0, 19), st.integers(1, 4))
def test_visits_grow_with_the_document_and_nothing_else(
    fields: int, fragments: int, spreads: int
) -> None:
    text = "{ change { ...F0 } }" + "".join(
        f"fragment F{n} on Change {{ {'id ' * fields}"
        + f"...F{n + 1} " * (spreads if n < fragments else 0)
        + "}"
        for n in range(fragments + 1)
    )
    document = parse(text)
    assert visits(text) == selections(document)


def test_a_bomb_is_refused_before_it_is_validated() -> None:
    documents = Documents(LIMITS)
    checked = documents.checked(bomb(18))
    assert documents.faults(bomb(18), SCHEMA, None) != []
    assert checked.errors is None


def test_nesting_cannot_exhaust_the_stack() -> None:
    deep = "{" + "change{" * 190 + "id" + "}" * 191
    inline = "{" + "...{" * 190 + "any{id}" + "}" * 191
    chain = "{ ...F0 }" + "".join(
        f"fragment F{n} on Query {{ {'...{' * 2} ...F{n + 1} {'}' * 2} }}" for n in range(18)
    )
    assert codes(deep) == ["too_deep"]
    assert set(codes(inline)) == {"too_many_spreads", "too_deep"}
    assert codes(chain) == ["too_many_spreads"]


def test_a_document_is_parsed_and_validated_once() -> None:
    documents = Documents(LIMITS)
    first = documents.checked("{ change { id } }")
    documents.faults("{ change { id } }", SCHEMA, None)
    found = first.errors
    assert documents.faults("{ change { id } }", SCHEMA, None) is found
    assert documents.checked("{ change { id } }") is first


def test_documents_remembered_are_limited() -> None:
    documents = Documents(Limits(documents=3))
    for n in range(10):
        documents.checked(f"query A{n} {{ change {{ id }} }}")
    assert documents.checked.cache_info().currsize == 3


@pytest.mark.parametrize(
    "text",
    ["{ change" + "{ id }" + " " * 15_000 + "}", "{ change { " + "id " * 1000 + "} }"],
)
def test_a_long_document_is_refused_by_its_length(text: str) -> None:
    client = TestClient(small_app(), headers={"authorization": "Bearer x"})
    errors = client.post("/graphql", json={"query": text}).json()["errors"]
    assert [error["extensions"]["code"] for error in errors] == ["document_too_long"]


def test_limits_hold_over_http() -> None:
    client = TestClient(small_app(limited(cost=50)), headers={"authorization": "Bearer x"})
    query = "query A($n: Int) { changes(first: $n) { edges { cursor } } }"
    small = client.post("/graphql", json={"query": query, "variables": {"n": 2}})
    large = client.post("/graphql", json={"query": query, "variables": {"n": 99}})
    assert len(small.json()["data"]["changes"]["edges"]) == 2
    assert large.json()["errors"][0]["extensions"] == {"code": "too_costly"}


def selections(document: DocumentNode) -> int:
    """How many selections are written in a document."""
    count, waiting = 0, [definition.selection_set for definition in document.definitions]  # type: ignore[attr-defined]
    while waiting:
        for node in waiting.pop().selections:
            count += 1
            if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                waiting.append(node.selection_set)
    return count
