"""The writer process at its socket: batches, answers, who may ask, and how much may wait."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from domain.kernel import OPERATOR
from ledger import writer
from ledger.request import Answer, Status
from tests.ledger.ground import (
    Ground,
    codes,
    done,
    request,
)
from tests.ledger.serving import (
    Caller,
    holding_the_head,
    notes,
    serving,
)
from tests.ledger.shelf import Book
from tests.ledger.truth import assert_log_agrees, commits, requests_in

# Batches.


def test_what_waits_is_committed_together(
    ground: Ground, socket_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "CLOSES_AFTER_S", 60.0)
    asked = notes(ground.book(), 100)
    with serving(ground.writer, socket_path):
        caller = Caller(socket_path)
        with holding_the_head(ground.url):
            caller.send(*asked)
        answers = caller.answers(100)
        assert {done(answers[each.id]).subject for each in asked} == {asked[0].subject}
        assert commits(ground, answers.values()) <= 2
        caller.close()
    assert_log_agrees(ground, answers.values())


def test_everybody_gets_the_answers_to_their_own_requests(
    ground: Ground, socket_path: Path
) -> None:
    books = [ground.book() for _ in range(4)]
    with serving(ground.writer, socket_path):
        callers = [Caller(socket_path) for _ in books]
        asked = [notes(book, 25) for book in books]
        for caller, requests in zip(callers, asked, strict=True):
            caller.send(*requests)
        for caller, requests in zip(callers, asked, strict=True):
            answers = caller.answers(25)
            assert [answers[each.id].subject for each in requests] == [
                each.subject for each in requests
            ]
            caller.close()
    for book in books:
        assert [each.text for each in ground.get(Book, book).notes] == [
            f"note {number}" for number in range(25)
        ]


def test_the_order_of_one_peer_is_kept(sqlite_ground: Ground, socket_path: Path) -> None:
    book = request("book.shelve", title="T")
    with serving(sqlite_ground.writer, socket_path):
        caller = Caller(socket_path)
        caller.send(book, *notes(book.subject, 3))
        answers = caller.answers(4)
        caller.close()
    assert [answer.version for answer in answers.values()] == [1, 2, 3, 4]


def test_a_request_sent_twice_while_it_waits_is_done_once(
    ground: Ground, socket_path: Path
) -> None:
    ground.writer.limit = 1
    first, second = notes(ground.book(), 2)
    with serving(ground.writer, socket_path):
        one, other = Caller(socket_path), Caller(socket_path)
        with holding_the_head(ground.url):
            one.send(first, second)
            other.send(first, second, again=True)
        answers = [one.answers(2), other.answers(2)]
        assert uncertified(answers[0]) == uncertified(answers[1])
        one.close()
        other.close()
    assert_log_agrees(ground, answers[0].values())


def uncertified(answers: dict[str, Answer]) -> dict[str, Answer]:
    """The answers without checkpoints: what is found in the log again is answered without one."""
    return {id: replace(answer, checkpoint=None) for id, answer in answers.items()}


def test_another_request_with_the_id_of_a_waiting_one_is_refused(
    sqlite_ground: Ground, socket_path: Path
) -> None:
    sqlite_ground.writer.limit = 1
    first, second, third = notes(sqlite_ground.book(), 3)
    twin = request("book.note", second.subject, id=second.id, text="another")
    with serving(sqlite_ground.writer, socket_path):
        caller = Caller(socket_path)
        caller.send(first, second, twin, third)
        answers = [caller.answer() for _ in range(4)]
        caller.close()
    assert [codes(each) for each in answers if each.status is Status.FAILED] == [
        ["duplicate_request"]
    ]
    assert len(requests_in(sqlite_ground)) == sqlite_ground.size()


def test_a_request_that_was_done_before_is_answered_from_the_log(
    ground: Ground, socket_path: Path
) -> None:
    asked = request("book.note", ground.book(), text="once")
    with serving(ground.writer, socket_path):
        caller = Caller(socket_path)
        first, again = done(caller.ask(asked)), done(caller.ask(asked, again=True))
        caller.close()
    assert (again.position, again.version, again.events) == (
        first.position,
        first.version,
        first.events,
    )
    assert len(ground.get(Book, asked.subject).notes) == 1


# Who asks.


@pytest.mark.parametrize("who", [OPERATOR, f"{OPERATOR}:root"])
def test_nobody_acts_as_operator_over_the_socket(
    sqlite_ground: Ground, socket_path: Path, who: str
) -> None:
    before = sqlite_ground.size()
    asked = request("principal.suspend", f"user:{2:032x}", by=who, reason="No.")
    with serving(sqlite_ground.writer, socket_path):
        caller = Caller(socket_path)
        assert codes(caller.ask(asked)) == ["forbidden"]
        caller.close()
    assert sqlite_ground.size() == before


def test_the_socket_is_its_users_own(sqlite_ground: Ground, socket_path: Path) -> None:
    with serving(sqlite_ground.writer, socket_path):
        assert stat.S_IMODE(socket_path.stat().st_mode) == 0o600
        assert stat.S_ISSOCK(socket_path.stat().st_mode)


# Bounds.


def test_more_than_may_wait_is_told_to_come_back(ground: Ground, socket_path: Path) -> None:
    asked = notes(ground.book(), 20)
    with serving(ground.writer, socket_path, queue=5):
        caller = Caller(socket_path)
        with holding_the_head(ground.url):
            caller.send(*asked)
        answers = caller.answers(20)
        caller.close()
    busy = [each for each in answers.values() if each.status is Status.FAILED]
    assert {code for each in busy for code in codes(each)} == {"busy"}
    assert len(busy) >= 9
    assert len(answers) - len(busy) >= 5
    assert_log_agrees(ground, answers.values())


def test_what_nobody_waits_for_any_more_is_not_run(
    sqlite_ground: Ground, socket_path: Path
) -> None:
    book = sqlite_ground.book()
    with serving(sqlite_ground.writer, socket_path):
        caller = Caller(socket_path)
        late, timely = notes(book, 2)
        assert codes(caller.ask(late, deadline=0.0)) == ["deadline_passed"]
        answers = {late.id: caller.ask(late, deadline=0.0), timely.id: caller.ask(timely)}
        done(answers[timely.id])
        caller.close()
    assert_log_agrees(sqlite_ground, answers.values())


def test_an_answer_from_the_log_comes_even_late(sqlite_ground: Ground, socket_path: Path) -> None:
    asked = request("book.shelve", title="T")
    with serving(sqlite_ground.writer, socket_path):
        caller = Caller(socket_path)
        done(caller.ask(asked))
        assert done(caller.ask(asked, deadline=0.0, again=True)).events
        caller.close()
