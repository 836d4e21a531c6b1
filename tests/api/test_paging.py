"""Lists in pages, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import chain
from typing import Any

import pytest

from tests.api.counted import statements
from tests.api.derived import derive
from tests.api.shelf_ledger import Library

PAGE = """
query($f: BookFilter, $first: Int, $last: Int, $after: String, $before: String) {
  books(filter: $f, first: $first, last: $last, after: $after, before: $before) {
    edges { cursor node { title } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
TITLES = [f"Book {number:02}" for number in range(25)]
NEWEST_FIRST = TITLES[::-1]


@pytest.fixture
def library(empty_database: str) -> Iterator[Library]:
    library = Library(empty_database, derive()[0])
    yield library
    library.close()


@pytest.fixture
def shelf(library: Library) -> Library:
    """Twenty-five books on two shelves."""

    async def fill() -> None:
        for number, title in enumerate(TITLES):
            await library.add(title, shelf="AB"[number % 2])

    asyncio.run(fill())
    return library


async def page(library: Library, **asked: Any) -> tuple[list[str], dict[str, Any]]:
    """The titles and the page info of one page."""
    books = (await library.data(PAGE, **asked))["books"]
    return [edge["node"]["title"] for edge in books["edges"]], books["pageInfo"]


async def pages(library: Library, **asked: Any) -> AsyncIterator[list[str]]:
    """Every page, in the direction that is asked for."""
    way, end, more = (
        ("after", "endCursor", "hasNextPage")
        if "first" in asked
        else ("before", "startCursor", "hasPreviousPage")
    )
    while True:
        titles, about = await page(library, **asked)
        yield titles
        if not about[more]:
            return
        asked[way] = about[end]


@pytest.mark.parametrize("size", [1, 4, 24, 25, 26, 100])
def test_pages_forwards_show_everything_once_in_order(shelf: Library, size: int) -> None:
    async def walk() -> list[list[str]]:
        return [titles async for titles in pages(shelf, first=size)]

    found = asyncio.run(walk())
    assert list(chain(*found)) == NEWEST_FIRST
    assert all(len(each) == size for each in found[:-1])


@pytest.mark.parametrize("size", [3, 25])
def test_pages_backwards_show_everything_once_in_the_same_order(shelf: Library, size: int) -> None:
    async def walk() -> list[list[str]]:
        return [titles async for titles in pages(shelf, last=size)]

    assert list(chain(*reversed(asyncio.run(walk())))) == NEWEST_FIRST


def test_a_page_has_twenty_unless_asked_and_may_be_empty(shelf: Library) -> None:
    async def look() -> None:
        titles, about = await page(shelf)
        assert titles == NEWEST_FIRST[:20]
        assert about["hasNextPage"]
        assert not about["hasPreviousPage"]
        titles, about = await page(shelf, first=0)
        assert titles == []
        assert about == {
            "hasNextPage": True,
            "hasPreviousPage": False,
            "startCursor": None,
            "endCursor": None,
        }

    asyncio.run(look())


def test_between_two_cursors_lies_what_lies_between(shelf: Library) -> None:
    async def look() -> None:
        edges = (await shelf.data(PAGE, first=25))["books"]["edges"]
        between = {"after": edges[3]["cursor"], "before": edges[9]["cursor"]}
        assert (await page(shelf, **between))[0] == NEWEST_FIRST[4:9]
        assert (await page(shelf, last=2, **between))[0] == NEWEST_FIRST[7:9]

    asyncio.run(look())


def test_a_filter_narrows_pages_and_counts(shelf: Library) -> None:
    counted = (
        "query($f: BookFilter) { books(filter: $f, first: 1) { totalCount { count capped } } }"
    )

    async def look() -> None:
        found = [titles async for titles in pages(shelf, first=5, f={"shelf": "B"})]
        assert list(chain(*found)) == NEWEST_FIRST[1::2]
        count = await shelf.data(counted, f={"shelf": "B", "genre": "NOVEL"})
        assert count["books"]["totalCount"] == {"count": 12, "capped": False}
        assert (await page(shelf, f={"genre": "ATLAS"}))[0] == []

    asyncio.run(look())


def test_a_page_is_one_statement_and_a_count_one_more(shelf: Library) -> None:
    both = "{ books(first: 5) { edges { cursor node { title successor { title } } } %s } }"

    async def look() -> None:
        await page(shelf)
        with statements(shelf.reader.engine) as seen:
            await shelf.data(both % "")
        assert len([each for each in seen if " books" in each]) == 1
        assert len(seen) == 2, "the page, and the head that says whose grants are in force"
        with statements(shelf.reader.engine) as seen:
            await shelf.data(both % "totalCount { count }")
        assert len([each for each in seen if " books" in each]) == 2

    asyncio.run(look())


def test_a_relation_of_a_whole_page_is_one_statement(shelf: Library) -> None:
    async def look() -> None:
        edges = (await shelf.data("{ books(first: 5) { edges { node { id version } } } }"))["books"]
        ids = [edge["node"]["id"] for edge in edges["edges"]]
        edit = "mutation($i: EditBookInput!) { editBook(input: $i) { problems { code } } }"
        for book, successor in zip(ids, ids[1:] + ids[:1], strict=True):
            await shelf.data(edit, i={"id": book, "seen": 1, "successor": successor})
        deep = "{ books(first: 5) { edges { node { successor { successor { title } } } } } }"
        with statements(shelf.reader.engine) as seen:
            found = (await shelf.data(deep))["books"]["edges"]
        assert [each["node"]["successor"]["successor"]["title"] for each in found] == [
            NEWEST_FIRST[(number + 2) % 5] for number in range(5)
        ]
        assert len([each for each in seen if " books" in each]) == 2, (
            "a level of known books is free"
        )

    asyncio.run(look())


@pytest.mark.parametrize(
    "asked, codes",
    [
        ({"first": -1}, ["negative_page"]),
        ({"last": -5}, ["negative_page"]),
        ({"first": 101}, ["page_too_large"]),
        ({"first": 1, "last": 101}, ["first_and_last", "page_too_large"]),
        ({"after": "bm90IG91cnM="}, ["bad_cursor"]),
        ({"before": "\x00"}, ["bad_cursor"]),
        (
            {"f": {"shelf": "\x00", "addedAt": "yesterday"}},
            ["forbidden_character", "unreadable_time"],
        ),
        ({"f": {"successor": "nobody"}}, ["not_found"]),
    ],
)
def test_a_page_that_cannot_be_is_refused_with_every_code(
    library: Library, asked: dict[str, Any], codes: list[str]
) -> None:
    result = asyncio.run(library.ask(PAGE, **asked))
    assert result.errors is not None
    [error] = result.errors
    problems = error.original_error.problems  # type: ignore[union-attr]
    assert sorted(problem.code for problem in problems) == codes


def test_a_cursor_of_another_list_or_filter_is_refused(shelf: Library) -> None:
    async def look() -> None:
        _, about = await page(shelf, first=2)
        for foreign in ({"shelf": "A"}, {"genre": "ATLAS"}):
            result = await shelf.ask(PAGE, after=about["endCursor"], f=foreign)
            assert result.errors is not None

    asyncio.run(look())
