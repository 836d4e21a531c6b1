"""Peers of the writer process that misbehave: each is let go alone, or waited for alone."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from domain.kernel import OPERATOR, Problem
from ledger import peers
from ledger.databases import write_database
from ledger.heads import HeadSigner
from ledger.request import Answer, Status
from ledger.wire import LENGTH, MAX_FRAME, MOST_PROBLEMS, frame
from ledger.writer import Writer
from tests.ledger.ground import (
    KEY,
    ORIGIN,
    REGISTRY,
    TABLES,
    Ground,
    LibraryRules,
    codes,
    done,
    request,
)
from tests.ledger.serving import (
    Caller,
    holding_the_head,
    notes,
    serving,
    spelled,
)
from tests.ledger.shelf import Book


@pytest.mark.parametrize(
    "broken",
    [
        LENGTH.pack(MAX_FRAME + 1),
        LENGTH.pack(2**32 - 1) + b"x" * 100,
        LENGTH.pack(3) + b"\xc1\xc1\xc1",
        LENGTH.pack(1) + b"\x90",
        LENGTH.pack(2) + b"\x91\x2a",
        LENGTH.pack(0),
        LENGTH.pack(100_002) + b"\x94" + b"\x91" * 100_000 + b"\x01",
        frame(Answer("an answer is no request", Status.DONE)),
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=["long", "longer", "junk", "short", "typed", "empty", "deep", "answer", "http"],
)
def test_a_peer_that_speaks_otherwise_is_let_go_alone(
    sqlite_ground: Ground, socket_path: Path, broken: bytes
) -> None:
    with serving(sqlite_ground.writer, socket_path):
        good, bad = Caller(socket_path), Caller(socket_path)
        bad.socket.sendall(broken)
        assert bad.is_let_go()
        done(good.ask(request("book.shelve", title="T")))
        good.close()
        bad.close()


def test_a_request_may_arrive_in_pieces(sqlite_ground: Ground, socket_path: Path) -> None:
    asked = request("book.shelve", title="T")
    with serving(sqlite_ground.writer, socket_path):
        slow, quick = Caller(socket_path), Caller(socket_path)
        for byte in spelled(asked):
            slow.socket.send(bytes([byte]))
        done(quick.ask(request("book.shelve", title="T")))
        done(slow.answer())
        slow.close()
        quick.close()


def test_a_peer_that_does_not_read_keeps_nobody_waiting(
    sqlite_ground: Ground, socket_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "MOST_UNREAD", 10_000)
    asked = [request("book.note", by=OPERATOR, text="x") for _ in range(5000)]
    with serving(sqlite_ground.writer, socket_path):
        lazy, good = Caller(socket_path), Caller(socket_path)
        sending = threading.Thread(target=lazy.send, args=asked)
        sending.start()
        for _ in range(20):
            done(good.ask(request("book.shelve", title="T")))
        assert set(lazy.answers(5000)) == {each.id for each in asked}
        sending.join()
        lazy.close()
        good.close()


def test_who_leaves_before_the_answer_harms_nobody(ground: Ground, socket_path: Path) -> None:
    asked = notes(ground.book(), 10)
    with serving(ground.writer, socket_path):
        with holding_the_head(ground.url):
            gone = Caller(socket_path)
            gone.send(*asked)
            gone.close()
        other = Caller(socket_path)
        done(other.ask(request("book.shelve", title="T")))
        other.close()
    assert len(ground.get(Book, asked[0].subject).notes) in (0, 10)


def test_too_many_connections_are_refused_one_by_one(
    sqlite_ground: Ground, socket_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "MOST_PEERS", 2)
    with serving(sqlite_ground.writer, socket_path):
        welcome = [Caller(socket_path), Caller(socket_path)]
        answers = [done(each.ask(request("book.shelve", title="T"))) for each in welcome]
        assert len(answers) == 2
        refused = Caller(socket_path)
        assert refused.is_let_go()
        for each in (*welcome, refused):
            each.close()


class TalkativeRules(LibraryRules):
    """Finds more problems than a frame can hold."""

    def check(self, action: str, arguments: bytes) -> tuple[Problem, ...]:
        return (Problem("broken_line", "x" * 2000),) * 3000


def test_an_answer_that_fits_no_frame_is_shortened(
    sqlite_ground: Ground, socket_path: Path
) -> None:
    database = write_database(sqlite_ground.url, REGISTRY, TABLES)
    talkative = Writer(REGISTRY, database, TalkativeRules(), HeadSigner(ORIGIN, [KEY]))
    with serving(talkative, socket_path):
        caller = Caller(socket_path)
        answer = caller.ask(request("book.shelve", title="T"))
        caller.close()
    assert answer.status is Status.REFUSED
    assert codes(answer) == ["broken_line"] * MOST_PROBLEMS
    assert set(map(len, (each.message for each in answer.problems))) == {1000}
