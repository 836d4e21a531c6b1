"""The newest checkpoint: whatever becomes of it, what was committed stays done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ledger.databases import write_database
from ledger.heads import HeadSigner
from ledger.sqlite import SqliteDatabase
from ledger.writer import Writer
from ledger.writes import Busy
from tests.ledger.ground import KEY, ORIGIN, REGISTRY, TABLES, Ground, LibraryRules, done, request
from tests.ledger.truth import assert_log_agrees, faults


def writer_with(ground: Ground, signer: HeadSigner) -> Writer:
    database = write_database(ground.url, REGISTRY, TABLES)
    return Writer(REGISTRY, database, LibraryRules(), signer)


def signed(ground: Ground) -> int:
    with ground.reader.connection() as connection:
        return ground.reader.head(connection).signed_size


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "checkpoint"


def test_every_answer_bears_a_checkpoint_that_covers_it(ground: Ground, kept: Path) -> None:
    writer = writer_with(ground, HeadSigner(ORIGIN, [KEY], kept))
    for _ in range(3):  # on a busy machine four of them may take more than one batch
        answers = writer.run([request("book.shelve", title="T") for _ in range(4)])
        for each in map(done, answers):
            assert int((each.checkpoint or "").split("\n")[1]) > (each.position or 0)
    writer.close()
    assert kept.read_text(encoding="utf-8").split("\n")[1] == str(ground.size())


def test_a_file_that_cannot_be_written_takes_nothing_back(ground: Ground, tmp_path: Path) -> None:
    writer = writer_with(ground, HeadSigner(ORIGIN, [KEY], tmp_path / "nowhere" / "checkpoint"))
    answer = done(writer.submit(request("book.shelve", title="T")))
    writer.close()
    assert answer.checkpoint is not None
    assert signed(ground) == ground.size()
    assert_log_agrees(ground, [answer])


@dataclass(slots=True)
class Forgetful(HeadSigner):
    """Cannot find the key now and then."""

    tries: Iterator[bool] = field(default_factory=lambda: iter([True, False, True]))

    def sign(self, size: int, root: bytes) -> str:
        if not next(self.tries):
            raise OSError("the key is not to be found")
        return HeadSigner.sign(self, size, root)


def test_a_head_that_is_not_signed_is_covered_by_the_next(ground: Ground) -> None:
    writer = writer_with(ground, Forgetful(ORIGIN, [KEY]))
    answers = [writer.run([request("book.shelve", title="T")])[0] for _ in range(3)]
    assert [done(each).checkpoint is not None for each in answers] == [True, False, True]
    writer.close()
    assert signed(ground) == ground.size()
    assert faults(ground) == []


class Hesitant(SqliteDatabase):
    """Lets no checkpoint in at first."""

    refusals = 2

    def sign(self, size: int, checkpoint: str) -> None:
        if self.refusals:
            self.refusals -= 1
            raise Busy
        SqliteDatabase.sign(self, size, checkpoint)


def test_a_checkpoint_that_finds_no_room_is_kept_later(sqlite_ground: Ground) -> None:
    database = Hesitant(sqlite_ground.url.removeprefix("sqlite:///"), REGISTRY, TABLES)
    writer = Writer(REGISTRY, database, LibraryRules(), HeadSigner(ORIGIN, [KEY]))
    answer = done(writer.submit(request("book.shelve", title="T")))
    assert signed(sqlite_ground) < sqlite_ground.size()
    writer.rest()
    writer.rest()
    assert signed(sqlite_ground) == sqlite_ground.size()
    writer.close()
    assert_log_agrees(sqlite_ground, [answer])
