"""A published schema is a promise."""

import pytest

from api.derived.contract import breaking

PUBLISHED = """
type Query { book(id: ID!, shelf: String): Book shelves: [Shelf!]! @deprecated(reason: "Gone.") }
type Book { title: String! author: String @deprecated(reason: "Use writer.") genre: Genre! }
type Shelf { name: String! }
enum Genre { NOVEL ATLAS @deprecated(reason: "Sold.") }
input BookInput { title: String! }
type Mutation { add(input: BookInput!): Book }
"""


@pytest.mark.parametrize(
    "before, after, told",
    [
        ("title: String!", "", "title"),
        ("title: String! author", "title: String author", "title"),
        ("genre: Genre!", "genre: String!", "genre"),
        ("NOVEL ", "", "NOVEL"),
        ("(id: ID!, shelf: String)", "(id: ID!)", "shelf"),
        ("(id: ID!, shelf: String)", "(id: ID!, shelf: String!)", "shelf"),
        ("(id: ID!, shelf: String)", "(id: ID!, shelf: String, new: Int!)", "new"),
        ("input BookInput { title: String! }", "input BookInput { title: Int! }", "title"),
        ("input BookInput {", "input BookInput { isbn: String!", "isbn"),
    ],
)
def test_what_clients_rely_on_may_not_be_broken(before: str, after: str, told: str) -> None:
    assert before in PUBLISHED
    [change] = breaking(PUBLISHED, PUBLISHED.replace(before, after, 1))
    assert told in change


@pytest.mark.parametrize(
    "before, after",
    [
        ('author: String @deprecated(reason: "Use writer.")', ""),
        ('shelves: [Shelf!]! @deprecated(reason: "Gone.")', ""),
        ('ATLAS @deprecated(reason: "Sold.")', ""),
        ("title: String! author", "title: String! isbn: String author"),
        ("(id: ID!, shelf: String)", "(id: ID!, shelf: String, new: Int)"),
        ("input BookInput { title: String! }", "input BookInput { title: String isbn: String }"),
        ("NOVEL", "NOVEL POEM"),
    ],
)
def test_what_was_deprecated_may_go_and_more_may_come(before: str, after: str) -> None:
    assert before in PUBLISHED
    assert breaking(PUBLISHED, PUBLISHED.replace(before, after, 1)) == ()


def test_a_type_only_deprecated_fields_led_to_may_go_with_them() -> None:
    without = PUBLISHED.replace('shelves: [Shelf!]! @deprecated(reason: "Gone.")', "")
    assert breaking(PUBLISHED, without.replace("type Shelf { name: String! }", "")) == ()
    assert breaking(without + "extend type Query { shelf: Shelf }", without)
