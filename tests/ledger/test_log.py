"""What the log proves: every tampering is found, proofs hold, folds rebuild, erasure shows."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from domain.kernel import ERASED
from ledger.checkpoint import open_checkpoint, verify_receipt
from ledger.databases import admin_engine
from ledger.heads import HeadSigner, RolledBack
from ledger.proof import verify_consistency
from ledger.rebuilding import rebuild, stale
from ledger.verifying import verify_contents, verify_tree
from tests.ledger.ground import KEY, ORIGIN, TABLES, Ground, done, request
from tests.ledger.shelf import Book

DUE = datetime(2027, 1, 31, 12, tzinfo=UTC)
VERIFIER = [KEY.verifier]


def busy(ground: Ground, *, seed: int = 7, requests: int = 400) -> list[str]:
    """Many requests of every kind, some of which are refused."""
    chance = random.Random(seed)
    books = [ground.book(owner="Bob", embargoed=chance.random() < 0.2) for _ in range(12)]
    asked = []
    for number in range(requests):
        book, kind = chance.choice(books), chance.randrange(4)
        if kind == 0:
            asked.append(request("book.lend", book, seen=1, due=DUE, tags=["t", str(number)]))
        elif kind == 1:
            asked.append(request("book.reveal", book))
        else:
            asked.append(request("book.note", book, text=f"note {number} ü"))
    asked.append(request("book.note", books[0], text="once", key="once"))
    ground.writer.run(asked)
    ground.writer.rest()
    return books


def faults(ground: Ground) -> list[str]:
    found = [*verify_tree(ground.reader, VERIFIER), *verify_contents(ground.reader)]
    return sorted({fault.code for fault in found})


def test_a_log_that_nobody_touched_verifies(ground: Ground) -> None:
    busy(ground)
    assert faults(ground) == []


@pytest.mark.parametrize("seed", range(3))
def test_every_snapshot_is_the_fold_of_its_events(ground: Ground, seed: int) -> None:
    for book in busy(ground, seed=seed):
        with ground.reader.connection() as connection:
            last = ground.reader.head(connection).size - 1
            folded = ground.reader.as_of(connection, Book, book, position=last)
            assert folded == ground.reader.get(connection, Book, book)


OFF = {
    "sqlite": (
        "drop trigger events_keep_update",
        "drop trigger events_keep_delete",
        "drop trigger event_parts_keep_update",
        "drop trigger event_parts_keep_delete",
    ),
    "postgresql": (
        "alter table events disable trigger all",
        "alter table event_parts disable trigger all",
    ),
}
NOTED = "(select max(position) from event_parts where name = 'note.text')"
SALT = "(select salt from events where position = 3)"
OPEN = "(select min(position) from events where not sealed)"
TAMPERINGS = """
envelope_altered | update events set envelope = facts where position = 8
envelope_altered | update events set leaf = salt where position = 8
column_altered | update events set actor = 'user:ff' where position = 8
column_altered | update events set happened = at where position = 300
column_altered | update events set policy = 'another' where position = 20
column_altered | update events set outcome = 'claimed' where position = 20
parts_altered | update events set facts = salt where position = 8
part_altered | update event_parts set content = salt where position = {noted}
part_altered | update event_parts set salt = content where position = {noted}
part_emptied | update event_parts set content = null, salt = null where position = {noted}
parts_altered | update event_parts set commitment = salt where position = {noted}
parts_altered | delete from event_parts where position = {noted}
gap | delete from events where position = 40
head_size | delete from events where position = (select max(position) from events)
snapshot_altered | update books set lent = not lent
snapshot_altered | update books set version = version + 1
column_stale | update books set tagged = tagged + 1
snapshot_missing | delete from books
snapshot_forged | update books set id = 'forged' where id = (select min(id) from books)
rows_altered | update book_tags set tag = 'forged'
rows_altered | delete from book_tags
rows_forged | insert into book_tags (owner, ordinal, tag, lent) values ('nobody', 0, 't', false)
snapshot_stale | update books set fold = -1
part_forged | insert into event_parts (position, name, commitment) values (999999, 'x', {salt})
part_forged | insert into event_parts (position, name, commitment) values ({open}, 'sealed', {salt})
part_altered | update event_parts set commitment = salt where name = 'sealed'
envelope_unreadable | update event_parts set content = null, salt = null where name = 'sealed'
reply_altered | update replies set version = version + 1
reply_altered | update replies set position = position - 1
reply_altered | update replies set subject = 'another', events = 2
reply_altered | update replies set request = 'another'
reply_altered | update replies set actor = 'user:ff'
reply_altered | update replies set events = 0
tile_forged | insert into tiles select 3, 7, hashes, root from tiles where level = 0 and number = 0
tile_altered | update tiles set hashes = root
tile_altered | update tiles set root = (select leaf from events where position = 3)
checkpoint_unverified | update head set checkpoint = replace(checkpoint, 'books', 'cooks')
checkpoint_altered | update head set signed_size = signed_size - 1
"""


def tamperings() -> list[tuple[str, str]]:
    lines = TAMPERINGS.format(noted=NOTED, salt=SALT, open=OPEN).strip().splitlines()
    return [(code, statement) for code, statement in (each.split(" | ") for each in lines)]


@pytest.mark.parametrize("code, statement", tamperings())
def test_tampering_behind_the_triggers_is_found(ground: Ground, code: str, statement: str) -> None:
    busy(ground)
    ground.execute(*OFF[ground.reader.engine.dialect.name], statement)
    assert code in faults(ground)


def test_another_right_edge_in_the_head_is_found(ground: Ground) -> None:
    busy(ground)
    with ground.reader.connection() as connection:
        count = ground.reader.head(connection).size.bit_count()
    spelled = (bytes(range(32)) * count).hex()
    on_sqlite = ground.reader.engine.dialect.name == "sqlite"
    value = f"x'{spelled}'" if on_sqlite else f"decode('{spelled}', 'hex')"
    ground.execute(f"update head set range = {value}")
    assert faults(ground) == ["head_altered"]


@pytest.mark.parametrize(
    "statement",
    [
        "update events set actor = 'x'",
        "delete from events",
        "update event_parts set content = salt",
        "update event_parts set name = 'other'",
        "delete from event_parts",
        "delete from head",
    ],
)
def test_the_triggers_refuse_what_is_not_an_erasure(ground: Ground, statement: str) -> None:
    ground.book()
    with pytest.raises(DatabaseError):
        ground.execute(statement)


@pytest.mark.parametrize("table", ["events", "event_parts", "head"])
def test_postgresql_refuses_to_truncate_the_log(request: pytest.FixtureRequest, table: str) -> None:
    from tests.ledger.ground import lay

    url = request.getfixturevalue("empty_postgresql_database")
    lay(url)
    ground = Ground(url)
    with pytest.raises(DatabaseError):
        ground.execute(f"truncate {table}")
    ground.close()


def test_a_receipt_stands_alone(ground: Ground) -> None:
    busy(ground)
    answer = done(ground.submit("book.note", ground.book(), text="proven"))
    assert answer.position is not None
    with ground.reader.connection() as connection:
        receipt = ground.reader.receipt(connection, answer.position)
        events = TABLES.events
        leaf = connection.execute(
            select(events.c.leaf).where(events.c.position == answer.position)
        ).scalar_one()
    assert receipt is not None
    checkpoint = verify_receipt(receipt, bytes(leaf), ORIGIN, VERIFIER)
    assert checkpoint.size == answer.position + 1


def test_an_older_tree_is_the_beginning_of_every_newer_one(ground: Ground) -> None:
    busy(ground)
    with ground.reader.connection() as connection:
        head = ground.reader.head(connection)
        new = ground.reader.tree(connection, head.size)
        for old in (1, 2, 255, 256, 257, head.size - 1):
            older = ground.reader.tree(connection, old)
            verify_consistency(old, head.size, new.consistency(old), older.root(), new.root())
        assert new.root() == head.range.root()
        assert head.checkpoint is not None
        assert open_checkpoint(head.checkpoint, ORIGIN, VERIFIER).root == new.root()


def test_a_state_as_of_a_position_and_a_moment(ground: Ground) -> None:
    book = ground.book()
    first = done(ground.submit("book.note", book, text="one"))
    between = ground.get(Book, book).notes[0].at
    done(ground.submit("book.note", book, text="two"))
    with ground.reader.connection() as connection:
        by_position = ground.reader.as_of(connection, Book, book, position=first.position)
        by_moment = ground.reader.as_of(connection, Book, book, at=between)
        before = ground.reader.as_of(connection, Book, book, position=0)
    assert by_position is not None
    assert [note.text for note in by_position.notes] == ["one"]
    assert by_moment == by_position
    assert before is None


def test_a_sealed_envelope_tells_nothing_until_it_is_opened(ground: Ground) -> None:
    hidden = ground.book(embargoed=True)
    with ground.reader.connection() as connection:
        row = connection.execute(
            select(TABLES.events).where(TABLES.events.c.subject == hidden)
        ).one()
    envelope = bytes(row.envelope).decode()
    assert '"kind":"sealed"' in envelope
    assert hidden not in envelope
    assert "book" not in envelope
    assert faults(ground) == []


def test_a_rebuild_paints_every_snapshot_anew(ground: Ground) -> None:
    books = busy(ground)
    before = [ground.get(Book, book) for book in books]
    ground.execute("update books set lent = not lent, version = 77", "delete from book_tags")
    engine = admin_engine(ground.url)
    rebuild(ground.reader, engine, everything=True)
    engine.dispose()
    assert [ground.get(Book, book) for book in books] == before
    assert faults(ground) == []
    done(ground.submit("book.note", books[0], text="the running writer forgot its states"))


def test_only_stale_snapshots_are_painted_when_a_fold_changed(ground: Ground) -> None:
    books = busy(ground)
    ground.execute(f"update books set fold = 0, lent = not lent where id = '{books[0]}'")
    with ground.reader.connection() as connection:
        assert stale(ground.reader, connection) == {"book": 1}
    engine = admin_engine(ground.url)
    assert rebuild(ground.reader, engine, everything=False) == 1
    engine.dispose()
    assert faults(ground) == []


def test_an_erased_part_folds_to_erased(ground: Ground) -> None:
    book = ground.book(owner="Bob")
    ground.execute(
        "update event_parts set content = null, salt = null where name = 'owner' and position in "
        f"(select position from events where subject = '{book}')"
    )
    engine = admin_engine(ground.url)
    rebuild(ground.reader, engine, everything=True)
    engine.dispose()
    assert ground.get(Book, book).owner == ERASED
    assert ground.get(Book, book).title == "Of Logs"


def test_a_database_older_than_what_was_signed_is_refused(ground: Ground, tmp_path: Path) -> None:
    kept = tmp_path / "checkpoint"
    signer = HeadSigner(ORIGIN, [KEY], kept)
    busy(ground)
    with ground.reader.connection() as connection:
        head = ground.reader.head(connection)
        signer.check(ground.reader.tree(connection, head.size))
        signer.sign(head.size, head.range.root())
        signer.rest()
        signer.check(ground.reader.tree(connection, head.size))
        with pytest.raises(RolledBack, match="rolled back"):
            signer.check(ground.reader.tree(connection, head.size - 1))
        with pytest.raises(RolledBack, match="have been signed"):
            signer.sign(head.size - 1, head.range.root())
    other = HeadSigner(ORIGIN, [KEY], kept)
    other.sign(3, b"\x00" * 32)
    other.rest()
    assert other.remembered() == signer.remembered(), "a smaller one never takes a larger's place"
    kept.unlink()
    other.sign(3, b"\x00" * 32)
    other.rest()
    with ground.reader.connection() as connection, pytest.raises(RolledBack, match="not those"):
        other.check(ground.reader.tree(connection, ground.size()))
