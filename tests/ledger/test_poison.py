"""Poisoned batches: what one bad request does to its neighbours, which is nothing."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from ledger.request import Answer, Request, Status
from tests.ledger.ground import Ground, codes, done, request
from tests.ledger.serving import notes
from tests.ledger.shelf import Book
from tests.ledger.truth import assert_log_agrees


def poisons(book: str) -> dict[str, Request]:
    """Requests that no edge would let through, or that meet a fault of ours."""
    fine = request("book.note", book, text="x")
    return {
        "NUL in a text": request("book.note", book, text="a\x00b"),
        "NUL in the subject": request("book.shelve", "a\x00b", title="T"),
        "NUL in an asker": request("book.note", book, by="user:\x00", text="x"),
        "NUL in a tag": request("book.lend", book, seen=1, due="2027-01-31T12:00:00Z", tags=["\0"]),
        "NUL in the request's id": replace(fine, id="a\x00b"),
        "a lone surrogate in a text": replace(fine, arguments=b'{"text":"\\ud800"}'),
        "a lone surrogate in the subject": request("book.shelve", "\ud800", title="T"),
        "a lone surrogate in the id": replace(fine, id="\ud800"),
        "no JSON": replace(fine, arguments=b"{"),
        "no UTF-8": replace(fine, arguments=b'{"text":"\xff"}'),
        "a deep JSON": replace(fine, arguments=b'{"text":' + b"[" * 100_000),
        "an id of odd letters": replace(fine, id="e\u0301"),
        "an endless id": replace(fine, id="x" * 5000),
        "an unknown action": request("book.burn", book),
        "a bug": request("book.note", book, text="bug"),
    }


NAMES = list(poisons(""))


@pytest.mark.parametrize("name", NAMES)
def test_a_poison_fails_alone(ground: Ground, name: str) -> None:
    book = ground.book()
    poison = poisons(book)[name]
    before, after = notes(book, 3), notes(book, 3)
    answers = ground.writer.run([*before, poison, *after])
    assert [each.request for each in answers] == [each.id for each in (*before, poison, *after)]
    assert answers.pop(3).status in (Status.REFUSED, Status.DENIED, Status.FAILED)
    assert len(ground.get(Book, book).notes) == 6
    ground.writer.rest()
    assert_log_agrees(ground, map(done, answers))


def test_a_backslash_and_u0000_is_no_nul(ground: Ground) -> None:
    text = "a regular expression: \\u0000"
    book = ground.book()
    done(ground.submit("book.note", book, text=text))
    assert ground.get(Book, book).notes[0].text == text


@pytest.mark.parametrize(
    "text", ['"', "\\", '\\"', "{}", "NULL", "a,b", "'", "\n\t\x7f", "é😀", ""]
)
def test_any_text_comes_back_as_it_was(ground: Ground, text: str) -> None:
    answers = ground.writer.run(
        [request("book.shelve", title=each, owner=text) for each in (text, f"x{text}x", "plain")]
    )
    stored = [ground.get(Book, done(each).subject) for each in answers]
    assert [each.title for each in stored] == [text, f"x{text}x", "plain"]
    assert {each.owner for each in stored} == {text}


def test_a_request_that_is_there_twice_is_done_once(ground: Ground) -> None:
    book = ground.book()
    asked = notes(book, 4)
    answers = ground.writer.run([*asked, *asked])
    assert [each.status for each in answers] == [Status.DONE] * 4 + [Status.FAILED] * 4
    again = ground.writer.run(asked)
    assert [codes(each) for each in again] == [["internal"]] * 4
    ground.writer.rest()
    assert_log_agrees(ground, answers[:4])


@pytest.mark.parametrize("seed", range(3))
def test_many_poisons_in_many_batches(ground: Ground, seed: int) -> None:
    chance = random.Random(seed)
    book = ground.book()
    good = notes(book, 150)
    bad = [poisons(book)[chance.choice(NAMES)] for _ in range(20)]
    bad = [replace(each, id=each.id + str(n)) for n, each in enumerate(bad)]
    asked = [*good, *bad, *chance.sample(good, 5)]
    chance.shuffle(asked)
    answers = ground.writer.run(asked)
    ground.writer.rest()
    by_status: dict[Status, list[Answer]] = {}
    for answer in answers:
        by_status.setdefault(answer.status, []).append(answer)
    assert {each.request for each in by_status[Status.DONE]} == {each.id for each in good}
    assert len(by_status[Status.DONE]) == 150
    assert_log_agrees(ground, by_status[Status.DONE])
