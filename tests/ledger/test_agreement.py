"""What all writers of one log agree on before each decision: the policy, who may, the states."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.authority import Authority
from domain.kernel import OPERATOR, Scopes
from ledger.databases import write_database
from ledger.heads import HeadSigner
from ledger.request import Answer, Request, Status
from ledger.writer import Writer
from tests.ledger.ground import (
    ANNA,
    BEN,
    KEY,
    MUTE,
    ORIGIN,
    REGISTRY,
    TABLES,
    Ground,
    Librarian,
    LibraryRules,
    Ruling,
    codes,
    done,
    lay,
    request,
)
from tests.ledger.shelf import Book
from tests.ledger.truth import faults

DUE = datetime(2027, 1, 31, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Doorkeeper(Librarian):
    """Lets nobody in whom the text of the policy names."""

    text: str = ""

    def decide(
        self, by: str, action: str, scopes: Scopes, authority: Authority, at: datetime
    ) -> Ruling:
        if by in self.text:
            return Ruling(allowed=False, line=self.text, grant=None, reason="The text names you.")
        return Librarian.decide(self, by, action, scopes, authority, at)


class WrittenRules(LibraryRules):
    """The rules are what the adopted text says."""

    def compile(self, state: Any) -> Librarian:
        return Doorkeeper(text=state.rules)


@pytest.fixture
def two(ground: Ground) -> Iterator[tuple[Writer, Writer]]:
    """Two writers of one log, by written rules."""
    writers = [written_writer(ground) for _ in range(2)]
    yield (writers[0], writers[1])
    for writer in writers:
        writer.close()


def written_writer(ground: Ground, limit: int = 128) -> Writer:
    database = write_database(ground.url, REGISTRY, TABLES)
    return Writer(
        REGISTRY, database, WrittenRules(), HeadSigner(ORIGIN, [KEY]), clock=None, limit=limit
    )


def adoption(ground: Ground, text: str) -> tuple[Request, Request]:
    """What it takes to put another policy into force."""
    with ground.reader.connection() as connection:
        current = ground.reader.head(connection).policy
    proposed = request(
        "policy.propose", by=OPERATOR, model="m", rules=text, based_on=current, reason="A change."
    )
    return proposed, request("policy.adopt", proposed.subject, by=ANNA)


def test_a_suspension_by_one_writer_holds_for_the_others_next_decision(
    two: tuple[Writer, Writer], ground: Ground
) -> None:
    one, other = two
    book = ground.book()
    by_ben = request("book.note", book, by=BEN, text="x")
    done(other.submit(by_ben))
    done(one.submit(request("principal.suspend", BEN, by=OPERATOR, reason="Lost the key.")))
    denied = other.submit(request("book.note", book, by=BEN, text="y"))
    assert denied.status is Status.DENIED
    done(other.submit(request("principal.reinstate", BEN, by=OPERATOR, reason="Found.")))
    done(one.submit(request("book.note", book, by=BEN, text="z")))


def test_a_policy_adopted_by_one_writer_is_the_others_at_once(
    two: tuple[Writer, Writer], ground: Ground
) -> None:
    one, other = two
    book = ground.book()
    for asked in adoption(ground, f"nobody but {BEN}"):
        done(one.submit(asked))
    denied = other.submit(request("book.note", book, by=BEN, text="x"))
    assert (denied.status, denied.problems[0].message) == (Status.DENIED, "The text names you.")
    for asked in adoption(ground, "everybody"):
        done(other.submit(asked))
    done(one.submit(request("book.note", book, by=BEN, text="x")))


def test_a_policy_holds_from_the_next_request_of_its_own_batch(
    two: tuple[Writer, Writer], ground: Ground
) -> None:
    book = ground.book()
    answers = two[0].run(
        [
            request("book.note", book, by=BEN, text="x"),
            *adoption(ground, f"nobody but {BEN}"),
            request("book.note", book, by=BEN, text="y"),
        ]
    )
    assert [each.status.value for each in answers] == ["done", "done", "done", "denied"]


def test_a_policy_whose_batch_failed_was_never_in_force(
    two: tuple[Writer, Writer], ground: Ground
) -> None:
    book = ground.book()
    first = request("book.note", book, text="x")
    twin = request("book.note", book, id=first.id, text="y")
    proposed, adopted = adoption(ground, f"nobody but {BEN}")
    late = request("book.note", book, by=BEN, text="z")
    done(two[0].submit(proposed))
    answers = two[0].run([first, late, twin, adopted])
    assert [each.status.value for each in answers] == ["done", "done", "failed", "done"]


def test_a_suspension_whose_batch_failed_never_held(
    two: tuple[Writer, Writer], ground: Ground
) -> None:
    book = ground.book()
    first = request("book.note", book, text="x")
    twin = request("principal.suspend", BEN, id=first.id, by=OPERATOR, reason="So.")
    answers = two[0].run([first, twin, request("book.note", book, by=BEN, text="y")])
    assert [each.status.value for each in answers] == ["done", "failed", "done"]


# Writers that take turns are as one.


def a_day(chance: random.Random, books: list[str]) -> list[list[Request]]:
    """Batches of many kinds of requests, some of which must be refused."""
    return [[_any(chance, books) for _ in range(chance.randint(1, 9))] for _ in range(60)]


def _any(chance: random.Random, books: list[str]) -> Request:
    book, other = chance.sample(books, 2)
    who = chance.choice([ANNA, ANNA, BEN, BEN, MUTE])
    key = chance.choice([None, None, f"key {chance.randrange(40)}"])
    kind = chance.randrange(14)
    if kind < 5:
        return request("book.note", book, by=who, key=key, text=f"note {chance.randrange(99)}")
    if kind < 7:
        return request("book.lend", book, by=who, seen=chance.randint(1, 2), due=DUE)
    if kind < 9:
        return request("book.shelve", book, by=who, key=key, title="T", embargoed=kind == 7)
    if kind == 9:
        return request("book.lend_two", book, by=who, due=DUE, other=other)
    if kind == 10:
        return request("book.lend_rarest", book, by=who, due=DUE)
    if kind == 11:
        return request("book.reveal", book, by=who)
    act = chance.choice(["suspend", "reinstate"])
    return request(f"principal.{act}", chance.choice([BEN, MUTE]), by=OPERATOR, reason="So.")


def told(answer: Answer) -> tuple[Any, ...]:
    """What an asker learns from an answer, but for the time that a message may name."""
    return (answer.status, answer.subject, answer.version, answer.position, codes(answer))


def check_that_turns_are_as_one(ground: Ground, reference: Ground, seed: int) -> None:
    chance = random.Random(seed)
    books = [f"{number:032x}" for number in range(12)]
    day = a_day(chance, books)
    writers = [written_writer(ground, limit) for limit in (128, 3)]
    single = written_writer(reference, 1)
    for batch in day:
        answers = chance.choice(writers).run(batch)
        assert list(map(told, answers)) == list(map(told, single.run(batch)))
        if chance.random() < 0.3:
            chance.choice(writers).rest()
    for writer in (*writers, single):
        writer.close()
    for book in books:
        assert _timeless(ground.get(Book, book)) == _timeless(reference.get(Book, book))
    assert faults(ground) == faults(reference) == []


def _timeless(book: Book | None) -> Any:
    if book is None:
        return None
    notes = [(note.by, note.text) for note in book.notes]
    return (book.version, book.revision, book.title, book.lent, book.embargoed, notes)


@pytest.mark.parametrize("seed", range(3))
def test_two_writers_in_turns_decide_as_one_would(
    ground: Ground, tmp_path: Path, seed: int
) -> None:
    url = f"sqlite:///{tmp_path / 'reference.sqlite'}"
    lay(url)
    reference = Ground(url)
    check_that_turns_are_as_one(ground, reference, seed)
    reference.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 40))
def test_two_writers_in_turns_decide_as_one_would_on_many_days(
    ground: Ground, tmp_path: Path, seed: int
) -> None:
    test_two_writers_in_turns_decide_as_one_would(ground, tmp_path, seed)
