"""A backup is whole or refused, moves between databases, and its restore shows for ever."""

from __future__ import annotations

import gzip
import json
import shutil
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from api.commands.saying import Stop
from api.deployment import TABLES
from api.machine import restoring
from ledger.checkpoint import open_checkpoint
from ledger.proof import Tree
from ledger.signing import generate_signing_key
from tests.api.machine import ORIGIN, Machine
from tests.api.served import command

OTHER = {"sqlite": "empty_postgresql_database", "postgresql": "empty_sqlite_database"}


def erase(machine: Machine) -> None:
    """Let somebody's name be erased, as the privacy officer would."""
    machine.done("appoint", "ada", "--role", "role:privacy_officer")
    machine.ask(
        "erasure.erase",
        by=machine.person("ada"),
        aggregate="principal",
        subject=machine.person("p7"),
        parts=["name"],
        ground="GDPR 17, asked for by the person.",
    )


@pytest.fixture
def saved(founded: Machine, tmp_path: Path) -> Path:
    """A backup of a founded log; the log goes on afterwards."""
    founded.crowd(300)
    founded.done("backup", tmp_path / "log.backup")
    return tmp_path / "log.backup"


def emptied(machine: Machine) -> Machine:
    """The same machine whose database was lost."""
    for ending in ("", "-wal", "-shm"):
        machine.beside(ending).unlink(missing_ok=True)
    return machine


def rows(machine: Machine) -> int:
    """How many rows there are in all tables."""
    with machine.rows() as connection:
        tables = TABLES.metadata.sorted_tables
        counts = (connection.execute(text(f"select count(*) from {each}")) for each in tables)
        return sum(int(each.scalar_one()) for each in counts)


# What comes back.


@pytest.mark.parametrize("other", [False, True], ids=["same kind", "other kind"])
def test_what_was_saved_comes_back_byte_for_byte(
    machine: Machine,
    database: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    *,
    other: bool,
) -> None:
    machine.use(database).found()
    machine.crowd(300)
    erase(machine)
    before = machine.envelopes()
    size = machine.run("backup", tmp_path / "log.backup", "--json").json["events"]
    assert size == len(before)
    kind = "sqlite" if database.startswith("sqlite") else "postgresql"
    if other:
        machine.use(request.getfixturevalue(OTHER[kind]))
    elif kind == "sqlite":
        machine.use(f"sqlite:///{tmp_path / 'again.sqlite'}")
    else:
        with machine.rows() as connection:
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
    machine.done("restore", tmp_path / "log.backup", "--reason", "A drill.")
    assert machine.envelopes()[:-1] == before
    assert machine.done("verify").endswith(" 0 faults\n")
    with machine.rows() as connection:
        gone = text("select count(*) from event_parts where content is null and salt is null")
        assert connection.execute(gone).scalar_one() == 1


def test_a_restore_is_the_next_event(founded: Machine, saved: Path) -> None:
    size = founded.size()
    emptied(founded).done("restore", saved, "--reason", "The disk died.")
    log = founded.log()
    assert (log.restores, log.restored_size, log.restored_reason) == (1, size, "The disk died.")
    with founded.rows() as connection:
        last = connection.execute(text("select kind, actor from events order by position desc"))
        assert tuple(last.first() or ()) == ("log.restored", "operator")


def test_the_fork_shows_and_is_explained(founded: Machine, saved: Path) -> None:
    founded.ask("principal.register", "user:" + "f" * 32, kind="human", handle="zoe", name="Zoe")
    lost = founded.beside(".checkpoint").read_text()
    emptied(founded).done("restore", saved, "--reason", "The disk died.")
    founded.ask("principal.register", "user:" + "e" * 32, kind="human", handle="yan", name="Yan")
    with founded.opened() as opened, opened.reader.connection() as connection:
        seen = open_checkpoint(lost, ORIGIN, [opened.key.verifier])
        head = opened.reader.head(connection)
        now = opened.reader.tree(connection, head.size)
        assert head.size > seen.size
        assert Tree(seen.size, now.read_tile, now.read_edge).root() != seen.root
    log = founded.log()
    assert log.restored_size is not None
    assert log.restored_size < seen.size, "the event says up to where both are the same"
    kept = founded.beside(".checkpoint.before-restore-1")
    assert kept.read_text() == lost


def test_every_restore_keeps_what_was_signed_before(founded: Machine, saved: Path) -> None:
    for _ in range(2):
        emptied(founded).done("restore", saved, "--reason", "A drill.")
    assert founded.beside(".checkpoint.before-restore-2").exists()


def test_rights_and_tokens_come_back(founded: Machine, saved: Path) -> None:
    emptied(founded).done("restore", saved, "--reason", "A drill.")
    told = founded.run("policy", "explain", "ada", "grant.give", "--json")
    assert told.json["allowed"] is True
    owners = {each["owner"] for each in founded.run("token", "list", "--json").json}
    assert owners == {founded.person("ada"), founded.person("ben")}


def test_a_backup_is_of_one_moment_while_others_write(
    machine: Machine, database: str, tmp_path: Path
) -> None:
    machine.use(database).found()
    with machine.desk() as desk:
        stop = threading.Event()

        def write() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                given: dict[str, Any] = {"kind": "human", "handle": f"w{number}", "name": "W"}
                desk.ask("principal.register", f"user:{number:032x}", **given)

        writing = threading.Thread(target=write)
        writing.start()
        try:
            sizes = [
                machine.run("backup", tmp_path / f"{each}.backup", "--json").json["events"]
                for each in range(3)
            ]
        finally:
            stop.set()
            writing.join()
    assert sizes == sorted(set(sizes)), "the log grew meanwhile"
    machine.use(f"sqlite:///{tmp_path / 'again.sqlite'}")
    machine.done("restore", tmp_path / "1.backup", "--reason", "A drill.")
    assert machine.size() == sizes[1] + 1
    assert machine.done("verify").endswith(" 0 faults\n")


# What is refused.


def changed(file: Path, change: Callable[[list[Any]], object]) -> None:
    """Write a backup again with its lines changed."""
    lines = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    change(lines)
    file.write_bytes(gzip.compress(b"".join(json.dumps(each).encode() + b"\n" for each in lines)))


def of(lines: list[Any], table: str) -> list[dict[str, Any]]:
    """The rows of a table."""
    return [line["row"] for line in lines if line.get("table") == table]


def twice(lines: list[Any]) -> None:
    """Let a row stand there twice, and be counted."""
    lines.insert(5, lines[5])
    lines[-1]["rows"] += 1


def fewer(lines: list[Any]) -> None:
    """Leave the last event out, and do not count it."""
    lines.remove(next(line for line in reversed(lines) if line.get("table") == "events"))
    lines[-1]["rows"] -= 1


NO_ROW, UNFIT = "its line {} is no row of a table", "what it holds does not fit together"
CHANGES: dict[str, Callable[[list[Any]], object]] = {
    "no end": lambda lines: lines.pop(),
    "a row less": lambda lines: lines.pop(5),
    "a row twice": twice,
    "an event less": fewer,
    "another actor": lambda lines: of(lines, "events")[9].update(actor="user:eve"),
    "another text": lambda lines: of(lines, "event_parts")[3].update(content="ZXZl"),
    "another role": lambda lines: of(lines, "grants")[0].update(role="role:emperor"),
    "another policy": lambda lines: of(lines, "head")[0].update(policy="eve"),
    "no demo": lambda lines: of(lines, "head")[0].update(demo=True),
    "another checkpoint": lambda lines: of(lines, "head")[0].update(checkpoint="eve"),
    "another version": lambda lines: lines[0].update(revision="9999"),
    "another format": lambda lines: lines[0].update(format=2),
    "another origin": lambda lines: lines[0].update(origin="eve.example"),
    "another size": lambda lines: of(lines, "head")[0].update(size=3),
    "an unknown table": lambda lines: lines[7].update(table="sqlite_master"),
    "an unknown column": lambda lines: lines[7]["row"].clear(),
    "a text for a number": lambda lines: of(lines, "head")[0].update(generation=[]),
    "a list for a row": lambda lines: lines[7].update(row=[]),
    "a number beyond all": lambda lines: of(lines, "head")[0].update(generation=2**80),
    "a text without a row": lambda lines: lines[7].update(row="eve"),
    "a table without a name": lambda lines: lines[7].pop("table"),
    "a table that is a list": lambda lines: lines[7].update(table=[]),
    "no base64": lambda lines: of(lines, "events")[0].update(envelope="*"),
    "a list for a line": lambda lines: lines.__setitem__(4, []),
    "nothing": list.clear,
}


WORDS: dict[str, str] = {
    "a row twice": UNFIT,
    "an unknown table": NO_ROW.format(8),
    "an unknown column": NO_ROW.format(8),
    "a text for a number": UNFIT,
    "a number beyond all": UNFIT,
    "a list for a row": NO_ROW.format(8),
    "a text without a row": NO_ROW.format(8),
    "a table without a name": NO_ROW.format(8),
    "a table that is a list": NO_ROW.format(8),
}
"""What is said of some of these changes; of the others, what was altered or is not of this log."""


@pytest.mark.parametrize("change", CHANGES, ids=list(CHANGES))
def test_a_backup_that_was_changed_is_refused_whole(
    founded: Machine, saved: Path, change: str
) -> None:
    good = saved.with_name("good.backup")
    shutil.copy(saved, good)
    changed(saved, CHANGES[change])
    emptied(founded)
    refused = founded.run("restore", saved, "--reason", "A drill.")
    assert (refused.status, "Traceback" in refused.err) == (2, False), refused
    assert WORDS.get(change, "") in refused.err
    assert "Error" not in refused.err, "it says so in words of its own"
    assert not founded.database.exists() or rows(founded) == 0
    founded.done("restore", good, "--reason", "A drill.")


@pytest.mark.parametrize("kept", [0, 1, 10, 500, 0.5, 0.99])
def test_a_backup_that_was_cut_short_is_refused_whole(
    founded: Machine, saved: Path, kept: float
) -> None:
    whole = saved.read_bytes()
    saved.write_bytes(whole[: kept if isinstance(kept, int) else int(len(whole) * kept)])
    refused = emptied(founded).run("restore", saved, "--reason", "A drill.")
    assert (refused.status, "Traceback" in refused.err) == (2, False), refused
    assert not founded.database.exists() or rows(founded) == 0


def unpacked(backup: bytes | bytearray) -> bytes | None:
    """What a backup holds, if it can be read."""
    try:
        return gzip.decompress(backup)
    except (gzip.BadGzipFile, zlib.error, EOFError):
        return None


def test_a_backup_with_a_flipped_bit_is_refused(founded: Machine, saved: Path) -> None:
    whole = bytearray(saved.read_bytes())
    emptied(founded)
    for place in range(20, len(whole), len(whole) // 12):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        if unpacked(damaged) == unpacked(whole):  # as by a copy of the same from farther back
            continue
        saved.write_bytes(damaged)
        assert founded.run("restore", saved, "--reason", "A drill.").status == 2
    saved.write_bytes(whole)
    founded.done("restore", saved, "--reason", "A drill.")


def test_a_forged_history_needs_the_logs_own_key(
    founded: Machine, saved: Path, tmp_path: Path
) -> None:
    generate_signing_key(ORIGIN, tmp_path / "other.key")
    emptied(founded).set(CHANGEGATE_SIGNING_KEY=str(tmp_path / "other.key"))
    refused = founded.run("restore", saved, "--reason", "A drill.")
    assert (refused.status, "another key" in refused.err) == (2, True)
    assert rows(founded) == 0


def test_nothing_is_restored_over_a_log(founded: Machine, saved: Path) -> None:
    before = founded.envelopes()
    refused = founded.run("restore", saved, "--reason", "A drill.")
    assert (refused.status, "holds a log" in refused.err) == (2, True)
    assert founded.envelopes() == before


def test_a_backup_never_replaces_a_file(founded: Machine, saved: Path) -> None:
    before = saved.read_bytes()
    refused = founded.run("backup", saved)
    assert (refused.status, str(saved) in refused.err) == (2, True)
    assert saved.read_bytes() == before


def test_a_backup_that_fails_leaves_no_file(
    founded: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Iterator[Any]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("api.machine.backups._rows", full)
    assert "no space left" in founded.run("backup", tmp_path / "log.backup").err
    assert not (tmp_path / "log.backup").exists()


@pytest.mark.parametrize("arguments", [(), ("log.backup", "--accept")])
def test_either_a_file_or_the_database_itself_is_restored(
    founded: Machine, arguments: tuple[str, ...]
) -> None:
    assert founded.run("restore", *arguments, "--reason", "A drill.").status == 2


def test_a_file_that_is_not_there_is_named(machine: Machine, tmp_path: Path) -> None:
    machine.found()
    told = emptied(machine).run("restore", tmp_path / "none.backup", "--reason", "A drill.")
    assert (told.status, "none.backup" in told.err) == (2, True)


# Interrupted, and put back by other means.


def test_a_restore_that_was_not_recorded_is_noticed(
    founded: Machine, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> int:
        raise Stop("killed")

    with monkeypatch.context() as patch:
        patch.setattr(restoring, "accept", killed)
        emptied(founded).run("restore", saved, "--reason", "A drill.")
    assert founded.log().restores == 0
    refused = founded.run("token", "create", "ada", "--name", "x")
    assert (refused.status, "changegate restore --accept" in refused.err) == (2, True)
    founded.done("restore", "--accept", "--reason", "The disk died.")
    assert founded.log().restores == 1
    founded.done("token", "create", "ada", "--name", "x")


def test_an_older_copy_that_was_put_back_is_not_written_to(
    founded: Machine, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(founded.database, copy)
    founded.done("token", "create", "ada", "--name", "x")
    size = founded.size()
    emptied(founded)
    shutil.copy(copy / founded.database.name, founded.database)
    refused = founded.run("token", "create", "ada", "--name", "y")
    assert refused.status == 2
    assert f"{size} have been signed: it was rolled back" in refused.err
    assert founded.size() == size - 1, "and nothing was written"
    served = command("serve", CHANGEGATE_DATABASE=str(founded.database), CHANGEGATE_PORT="0")
    assert (served.returncode, "rolled back" in served.stderr) == (2, True)
    founded.done("restore", "--accept", "--reason", "The disk died.")
    assert founded.log().restored_size == size - 1
    founded.done("token", "create", "ada", "--name", "y")
    assert founded.done("verify").endswith(" 0 faults\n")
