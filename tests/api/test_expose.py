"""What is derived from a noun, and what is not."""

from dataclasses import fields, is_dataclass

import pytest
import strawberry

from api.derived.expose import Exposed
from api.derived.inputs import Inputs, read_arguments
from api.derived.types import Types
from domain.kernel import Problems
from tests.api.derived import derive, fields_of
from tests.api.shelf import BOOK, Book, Genre, Imprint


@pytest.fixture(scope="module")
def derived() -> tuple[strawberry.Schema, Exposed]:
    return derive()


@pytest.fixture(scope="module")
def schema(derived: tuple[strawberry.Schema, Exposed]) -> strawberry.Schema:
    return derived[0]


def test_a_state_shows_every_field_that_no_mark_hides(schema: strawberry.Schema) -> None:
    assert fields_of(schema, "Book") == {
        "id": "ID!",
        "version": "Int!",
        "revision": "Int!",
        "digest": "String!",
        "title": "String",
        "genre": "BookGenre!",
        "shelf": "String!",
        "imprint": "BookImprint",
        "tags": "[String!]!",
        "notes": "[String]!",
        "addedAt": "DateTime!",
        "successor": "Book",
        "embargoed": "Boolean!",
        "lending": "Window",
    }


def test_marks_hide_in_nested_values_too(schema: strawberry.Schema) -> None:
    assert fields_of(schema, "BookImprint") == {
        "place": "String!",
        "printed": "DateTime",
        "blurb": "String",
    }


def test_a_command_becomes_an_input_with_what_it_must_have_seen(
    schema: strawberry.Schema,
) -> None:
    assert fields_of(schema, "AddBookInput") == {
        "title": "String!",
        "shelf": "String!",
        "genre": "BookGenre!",
        "imprint": "BookImprintInput",
        "tags": "[String!]",
        "lending": "WindowInput",
        "embargoed": "Boolean!",
        "idempotencyKey": "String",
    }
    assert fields_of(schema, "EditBookInput") == {
        "id": "ID!",
        "title": "String",
        "imprint": "BookImprintInput",
        "successor": "ID",
        "notes": "[String!]",
        "seen": "Int!",
        "idempotencyKey": "String",
    }
    assert fields_of(schema, "PraiseBookInput") == {
        "id": "ID!",
        "stars": "Int!",
        "seen": "Int!",
        "onBehalfOf": "ID",
        "idempotencyKey": "String",
    }


def test_consequences_and_acts_of_the_operator_are_no_mutations(
    schema: strawberry.Schema,
) -> None:
    assert list(fields_of(schema, "Mutation")) == ["addBook", "editBook", "praiseBook"]
    assert fields_of(schema, "Query") == {
        "node": "Node",
        "book": "Book",
        "books": "BookConnection!",
    }


def test_a_docstring_and_an_annotation_are_published(schema: strawberry.Schema) -> None:
    types = schema._schema.type_map
    assert types["Book"].description == "A book on the shelf."
    assert types["BookImprint"].fields["place"].description == "The town."  # type: ignore[attr-defined]
    assert types["Mutation"].fields["addBook"].description == "Put a book on the shelf."  # type: ignore[attr-defined]
    title = types["AddBookInput"].fields["title"]  # type: ignore[attr-defined]
    assert title.description == "What stands on the cover."


def test_the_domain_is_left_as_it_was(derived: tuple[strawberry.Schema, Exposed]) -> None:
    for kind in (Book, Imprint, Genre):
        assert not hasattr(kind, "__strawberry_definition__")
    assert is_dataclass(Book)
    assert Book.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert not hasattr(Imprint("Ulm"), "__dict__")
    assert len(fields(Book)) == 18


def test_two_types_may_not_share_a_name() -> None:
    types = Types((BOOK,), names={Imprint: "Same", Genre: "Same"})
    with pytest.raises(ValueError, match="Same"):
        types.node(Book)


def test_what_has_no_type_in_graphql_is_refused_when_it_is_derived() -> None:
    types = Types((BOOK,))
    with pytest.raises(TypeError, match="choice"):
        types.output(int | str)
    with pytest.raises(TypeError):
        types.output(dict[str, int])
    with pytest.raises(TypeError):
        types.output(bytes)
    with pytest.raises(TypeError, match="always there"):
        types.output(tuple[str | None, ...])


# Reading.


def arguments() -> Inputs:
    return Inputs(Types((BOOK,)), references={"successor": "book"})


def test_every_problem_of_an_input_is_told_at_once() -> None:
    add = next(each for each in BOOK.commands if each.name == "add")
    found = arguments().of_command(add.run, Book, "book.add")
    problems = Problems()
    read_arguments(
        found,
        {
            "title": "x" * 70_000,
            "shelf": "a\x00",
            "imprint": {"place": "\u202e", "blurb": "\ud800"},
            "tags": ["fine", "not\nfine"],
        },
        problems,
    )
    assert [(one.code, ".".join(one.path)) for one in problems] == [
        ("too_long", "title"),
        ("forbidden_character", "shelf"),
        ("forbidden_character", "imprint.place"),
        ("forbidden_character", "imprint.blurb"),
        ("forbidden_character", "tags.1"),
    ]


def test_left_out_is_not_empty() -> None:
    edit = next(each for each in BOOK.commands if each.name == "edit")
    found = arguments().of_command(edit.run, Book, "book.edit")
    problems = Problems()
    assert read_arguments(found, {}, problems) == {}
    assert read_arguments(found, {"successor": None}, problems) == {"successor": None}
    assert not problems
    read_arguments(found, {"title": None, "successor": "nonsense"}, problems)
    assert [(one.code, one.path) for one in problems] == [
        ("null_not_allowed", ("title",)),
        ("not_found", ("successor",)),
    ]


def test_null_is_what_stands_there_when_nothing_else_is_said() -> None:
    add = next(each for each in BOOK.commands if each.name == "add")
    found = arguments().of_command(add.run, Book, "book.add")
    given = {"title": "Emma", "shelf": "A", "genre": Genre.NOVEL}
    nested = {"place": "Ulm", "printed": None, "blurb": None, "printer": None}
    problems = Problems()
    read = read_arguments(found, given | {"imprint": nested, "tags": None}, problems)
    assert not problems
    assert read == given | {"imprint": Imprint("Ulm")}


def test_what_has_to_be_there_is_never_null() -> None:
    add = next(each for each in BOOK.commands if each.name == "add")
    found = arguments().of_command(add.run, Book, "book.add")
    problems = Problems()
    read_arguments(found, {"shelf": "A"}, problems)
    assert [(one.code, one.message) for one in problems] == [
        ("null_not_allowed", "It cannot be null.")
    ]


def test_a_list_of_an_input_is_capped() -> None:
    edit = next(each for each in BOOK.commands if each.name == "edit")
    found = arguments().of_command(edit.run, Book, "book.edit")
    problems = Problems()
    read_arguments(found, {"notes": ["x"] * 501}, problems)
    assert [(one.code, one.path) for one in problems] == [("too_many", ("notes",))]
