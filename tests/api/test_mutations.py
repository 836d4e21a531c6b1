"""Commands as mutations, as a client would ask for them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.context import new_id
from api.derived.identity import global_id
from domain.kernel import Problem, Refusal
from ledger.request import Answer, Request, Status
from tests.api.derived import derive
from tests.api.shelf_ledger import Library

ADD = """
mutation($i: AddBookInput!) {
  addBook(input: $i) {
    book { id title version lending { since localSince sinceClock zone zoneData } }
    problems { code message path } verdict { findings { requirement } } receipt
  }
}
"""
EDIT = """
mutation($i: EditBookInput!) {
  editBook(input: $i) {
    book { title version notes successor { title } } problems { code message path }
  }
}
"""
PRAISE = """
mutation($i: PraiseBookInput!) { praiseBook(input: $i) { problems { code path } } }
"""
BOOK = "query($i: ID!, $then: AsOf) { book(id: $i, asOf: $then) { title version } }"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(f"sqlite:///{tmp_path / 'library.sqlite'}", derive()[0])
    yield library
    library.close()


def ask(library: Library, document: str, **given: Any) -> Any:
    """The only payload of a mutation."""
    [payload] = asyncio.run(library.data(document, i=given)).values()
    return payload


def codes(payload: Any) -> list[tuple[str, str]]:
    """Codes and paths of a payload's problems."""
    return [(each["code"], ".".join(each["path"])) for each in payload["problems"]]


def added(library: Library, title: str = "Emma", **more: Any) -> str:
    """The global id of a new book."""
    return asyncio.run(library.add(title, **more))


def test_a_command_is_done_and_its_object_answered(library: Library) -> None:
    window = {"since": "2026-03-29T02:30", "until": "2026-03-29T12:00", "zone": "Europe/Berlin"}
    payload = ask(library, ADD, title="Cafe\u0301", shelf="A", lending=window)
    assert payload["problems"] == []
    assert payload["book"]["title"] == "Caf\u00e9"
    assert payload["book"]["lending"]["since"] == "2026-03-29T01:30:00+00:00"
    assert payload["book"]["lending"]["localSince"] == "2026-03-29T02:30:00"
    assert payload["book"]["lending"]["sinceClock"] == "SKIPPED"
    assert payload["verdict"] is None


def test_everything_wrong_with_an_input_is_told_at_once_and_nothing_is_done(
    library: Library,
) -> None:
    payload = ask(
        library,
        ADD,
        title="\x00",
        shelf="x" * 1001,
        imprint={"place": "a\nb", "printed": "2026-11-20T19:00:00"},
        lending={"since": "2026-11-20T19:00", "until": "2026-11-20T18:00", "zone": "Mars"},
        idempotencyKey="\u202e",
    )
    assert payload["book"] is None
    assert codes(payload) == [
        ("forbidden_character", "title"),
        ("too_long", "shelf"),
        ("forbidden_character", "imprint.place"),
        ("naive_time", "imprint.printed"),
        ("unknown_zone", "lending.zone"),
        ("window_ends_first", "lending.until"),
        ("forbidden_character", "idempotencyKey"),
    ]
    assert len(library.requests[-1].flaws) == 7
    assert asyncio.run(library.data("{ books { edges { node { id } } } }")) == {
        "books": {"edges": []}
    }


def test_what_the_domain_refuses_is_told_at_once_too(library: Library) -> None:
    payload = ask(library, ADD, title=" ", shelf=" ")
    assert codes(payload) == [("untitled", "title"), ("shelfless", "shelf")]


def test_an_edit_keeps_what_is_left_out_and_clears_what_is_null(library: Library) -> None:
    id = added(library)
    payload = ask(library, EDIT, id=id, seen=1, successor=id, notes=["one", "two"])
    assert payload["book"]["successor"] == {"title": "Emma"}
    payload = ask(library, EDIT, id=id, seen=2, title="Emma II")
    assert payload["book"] == {
        "title": "Emma II",
        "version": 3,
        "notes": ["one", "two"],
        "successor": {"title": "Emma II"},
    }
    payload = ask(library, EDIT, id=id, seen=3, successor=None)
    assert payload["book"]["successor"] is None
    assert codes(ask(library, EDIT, id=id, seen=4, title=None)) == [("null_not_allowed", "title")]


def test_an_edit_of_what_has_moved_on_is_refused_with_the_object_as_it_stands(
    library: Library,
) -> None:
    id = added(library)
    ask(library, EDIT, id=id, seen=1, title="Emma II")
    payload = ask(library, EDIT, id=id, seen=1, title="Emma III")
    assert codes(payload) == [("moved_on", "seen")]
    assert payload["book"]["version"] == 2
    assert payload["book"]["title"] == "Emma II"


def test_unknown_hidden_foreign_and_malformed_ids_are_answered_alike(library: Library) -> None:
    hidden = added_hidden(library)
    foreign = global_id("Principal", library.ann)
    ids = [hidden, global_id("Book", new_id()), foreign, "nonsense", "", "\x00"]
    answers = [asyncio.run(library.data(EDIT, i={"id": id, "seen": 1, "title": "x"})) for id in ids]
    assert answers[0]["editBook"] == {
        "book": None,
        "problems": [{"code": "not_found", "message": "There is no such record.", "path": ["id"]}],
    }
    assert all(answer == answers[0] for answer in answers)
    assert all(asyncio.run(library.data(BOOK, i=id)) == {"book": None} for id in ids)
    node = "query($i: ID!) { node(id: $i) { id } }"
    assert all(
        asyncio.run(library.data(node, i=id)) == {"node": None} for id in ids if id != foreign
    )


def added_hidden(library: Library) -> str:
    """The global id of a book under embargo, which nobody is cleared for."""
    document = (
        "mutation($i: AddBookInput!) { addBook(input: $i) { book { id } problems { code } } }"
    )
    given = {"title": "Secret", "shelf": "A", "embargoed": True}
    payload = asyncio.run(library.data(document, i=given))["addBook"]
    assert payload == {"book": None, "problems": []}
    return global_id("Book", library.requests[-1].subject)


def test_what_is_hidden_is_absent_from_lists_counts_and_relations(library: Library) -> None:
    id = added(library)
    ask(library, EDIT, id=id, seen=1, successor=added_hidden(library))
    found = asyncio.run(
        library.data("{ books { edges { node { successor { title } } } totalCount { count } } }")
    )
    assert found["books"] == {
        "edges": [{"node": {"successor": None}}],
        "totalCount": {"count": 1},
    }


def test_a_decision_carries_what_was_seen_and_for_whom(library: Library) -> None:
    id = added(library)
    bob = library.person("bob")
    payload = ask(library, PRAISE, id=id, seen=1, stars=3)
    assert codes(payload) == [("not_read", "stars")]
    payload = ask(library, PRAISE, id=id, seen=1, stars=3, onBehalfOf=global_id("Principal", bob))
    assert codes(payload) == [("forbidden", "")]
    assert library.requests[-1].behalf == bob
    payload = ask(library, PRAISE, id=id, seen=7, stars=3, onBehalfOf="nobody")
    assert codes(payload) == [("not_found", "onBehalfOf"), ("moved_on", "seen")]


def test_a_retry_under_the_same_key_does_nothing_twice(library: Library) -> None:
    given = {"title": "Emma", "shelf": "A", "idempotencyKey": "k1"}
    first, again = (ask(library, ADD, **given) for _ in range(2))
    assert first == again
    assert len({request.subject for request in library.requests[-2:]}) == 2, "ids are made anew"
    payload = ask(library, ADD, **{**given, "title": "Persuasion"})
    assert codes(payload) == [("key_reused", "idempotencyKey")]


def test_an_object_is_shown_as_it_stood(library: Library) -> None:
    id = added(library)
    between = asyncio.run(library.data("query($i: ID!) { book(id: $i) { addedAt } }", i=id))
    ask(library, EDIT, id=id, seen=1, title="Emma II")
    then = {"time": between["book"]["addedAt"]}
    stood = asyncio.run(library.data(BOOK, i=id, then=then))
    assert stood["book"] == {"title": "Emma", "version": 1}
    ancient = {"time": "1999-01-01T00:00:00Z"}
    assert asyncio.run(library.data(BOOK, i=id, then=ancient)) == {"book": None}


@pytest.mark.parametrize(
    "then, code",
    [
        ({"position": 1}, "forbidden"),
        ({"position": -1}, "negative_position"),
        ({"time": "2026-11-20T19:00:00"}, "naive_time"),
        ({"time": "2199-12-31T23:59:59.999999Z"}, "in_the_future"),
        ({"time": "2200-01-01T00:00:00Z"}, "time_out_of_range"),
    ],
)
def test_a_past_moment_that_cannot_be_asked_for_is_refused(
    library: Library, then: dict[str, Any], code: str
) -> None:
    result = asyncio.run(library.ask(BOOK, i=added(library), then=then))
    assert result.errors is not None
    assert [each.code for each in result.errors[0].original_error.problems] == [code]  # type: ignore[union-attr]


def test_a_hidden_object_is_not_shown_as_it_stood_either(library: Library) -> None:
    hidden = added_hidden(library)
    then = {"time": datetime.now(UTC).isoformat()}
    assert asyncio.run(library.data(BOOK, i=hidden, then=then)) == {"book": None}


@pytest.mark.parametrize("code", ["writer_unavailable", "internal"])
def test_a_writer_that_fails_is_told_apart_from_a_refusal(library: Library, code: str) -> None:
    async def fail(request: Request) -> Answer:
        problem = Problem(code, "It did not answer.")
        return Answer(request.id, Status.FAILED, request.subject, problems=(problem,))

    library.access.submit = fail
    result = asyncio.run(library.ask(ADD, i={"title": "Emma", "shelf": "A"}))
    assert result.data is None
    assert result.errors is not None
    cause = result.errors[0].original_error
    assert isinstance(cause, Refusal) is (code != "internal")


def test_what_is_read_after_a_mutation_is_read_anew(library: Library) -> None:
    id = added(library)
    document = """
      mutation($one: EditBookInput!, $two: EditBookInput!) {
        one: editBook(input: $one) { book { title } }
        two: editBook(input: $two) { book { title } }
      }
    """
    one = {"id": id, "seen": 1, "title": "One"}
    two = {"id": id, "seen": 2, "title": "Two"}
    found = asyncio.run(library.data(document, one=one, two=two))
    assert found == {"one": {"book": {"title": "One"}}, "two": {"book": {"title": "Two"}}}
