"""A database goes up and down the revisions, keeps its triggers, and never meets older code."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from api.deployment import TABLES
from api.machine import migrating, revision
from ledger.rebuilding import rebuild
from tests.api.machine import Machine
from tests.api.served import ROOT

KEPT = {
    "sqlite": {
        "events_keep_update",
        "events_keep_delete",
        "event_parts_keep_update",
        "event_parts_keep_delete",
        "head_keep_delete",
    },
    "postgresql": {
        "events_keep",
        "events_keep_all",
        "event_parts_keep",
        "event_parts_keep_all",
        "event_parts_keep_update",
        "head_keep",
        "head_keep_all",
    },
}
NAMES = {
    "sqlite": "select name from sqlite_master where type = 'trigger'",
    "postgresql": "select tgname from pg_trigger where not tgisinternal",
}


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def triggers(url: str) -> set[str]:
    with connected(url) as connection:
        return set(connection.execute(text(NAMES[connection.dialect.name])).scalars())


def _upgrade(url: str, number: str) -> None:
    with migrating.connected(url) as connection:
        command.upgrade(migrating.config(connection), number)


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each script is read from its file once, and not whenever one more is run."""
    scripts = ScriptDirectory(str(revision.FOLDER.parent))
    monkeypatch.setattr(ScriptDirectory, "from_config", lambda _config: scripts)


def revisions() -> list[str]:
    return sorted(each.name[:4] for each in revision.FOLDER.glob("[0-9]*.py"))


@pytest.mark.usefixtures("read_once")
def test_the_triggers_stand_after_every_revision(empty_database: str) -> None:
    """Batch operations copy a table on SQLite and drop its triggers with the old one."""
    for number in revisions():
        _upgrade(empty_database, number)
        with connected(empty_database) as connection:
            kind = connection.dialect.name
            assert revision.current(connection) == number
        assert triggers(empty_database) == KEPT[kind], number


@pytest.mark.usefixtures("read_once")
def test_a_log_stays_what_it_was_down_and_up_again(machine: Machine, empty_database: str) -> None:
    """Each revision but the first, which holds the log, is taken back and made again."""
    machine.use(empty_database).found()
    before = machine.envelopes()
    for number in revisions()[:0:-1]:
        migrating.downgrade(machine.settings.url)
        assert machine.envelopes() == before, number
        _upgrade(machine.settings.url, number)
        assert machine.envelopes() == before, number
        migrating.downgrade(machine.settings.url)
    with pytest.raises(RuntimeError, match="not undone"):
        migrating.downgrade(machine.settings.url)
    assert machine.done("migrate")
    assert machine.envelopes() == before
    assert migrating.drift(machine.settings.url) == []


@pytest.mark.parametrize("kept", [0, 0.25, 0.5, 0.75, 0.9])
def test_a_log_verifies_after_many_revisions_were_taken_back(
    machine: Machine, empty_database: str, kept: float
) -> None:
    machine.use(empty_database).found()
    before = machine.envelopes()
    back = len(revisions()) - max(1, round(len(revisions()) * kept))
    migrating.downgrade(machine.settings.url, back)
    assert machine.done("migrate")
    assert machine.done("verify").endswith(" 0 faults\n")
    assert machine.envelopes() == before


@pytest.mark.parametrize("table", ["events", "event_parts", "head"])
def test_nothing_of_the_log_is_deleted(machine: Machine, empty_database: str, table: str) -> None:
    machine.use(empty_database).found()
    kept = machine.envelopes()
    statements = [f"delete from {table}"]
    if table == "events":
        statements.append("update events set actor = 'eve'")
    if empty_database.startswith("postgresql"):
        statements.append(f"truncate {table} cascade")
    for statement in statements:
        with pytest.raises(DBAPIError, match=r"append-only|one head"), machine.rows() as connection:
            connection.execute(text(statement))
    assert machine.envelopes() == kept


# At the command line.


def test_an_empty_database_is_migrated_and_told_what_is_next(
    machine: Machine, empty_database: str
) -> None:
    said = machine.use(empty_database).done("migrate")
    assert revision.needed() in said
    assert "changegate init" in said
    machine.found()


def test_a_database_that_is_current_stays_as_it_is(machine: Machine, empty_database: str) -> None:
    machine.use(empty_database).found()
    before = machine.envelopes()
    assert "0 snapshots were rebuilt" in machine.done("migrate")
    assert machine.envelopes() == before


def test_a_newer_database_is_left_alone(machine: Machine, empty_database: str) -> None:
    machine.use(empty_database).found()
    before = machine.envelopes()
    with machine.rows() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
        tables = set(inspect(connection).get_table_names())
    told = machine.run("migrate")
    assert (told.status, "does not know" in told.err) == (2, True)
    assert "Traceback" not in told.err
    with machine.rows() as connection:
        assert set(inspect(connection).get_table_names()) == tables
    assert machine.envelopes() == before


def test_snapshots_of_an_older_fold_are_rebuilt(machine: Machine, empty_database: str) -> None:
    machine.use(empty_database).found()
    with machine.rows() as connection:
        connection.execute(text("update principals set fold = 77, handle = null"))
        connection.execute(text("delete from grants"))
    assert "4 snapshots were rebuilt" in machine.done("migrate")
    assert machine.done("verify").endswith(" 0 faults\n")
    assert machine.person("ada")


def test_migrating_needs_no_key(founded: Machine) -> None:
    founded.beside(".key").unlink()
    founded.done("migrate")


def test_a_rebuild_that_was_interrupted_goes_on(machine: Machine, empty_database: str) -> None:
    machine.use(empty_database).found()
    machine.crowd(450)
    painted: list[int] = []

    def killed(done: int) -> None:
        painted.append(done)
        raise KeyboardInterrupt

    with machine.opened() as opened:
        engine = create_engine(machine.settings.url)
        with pytest.raises(KeyboardInterrupt):
            rebuild(opened.reader, engine, everything=True, progress=killed)
        engine.dispose()
    with machine.opened() as opened, opened.reader.connection() as connection:
        tables = [opened.reader.tables.snapshots[name] for name in TABLES.snapshots]
        stale = sum(
            connection.execute(
                text(f"select count(*) from {each.name} where fold = -1")
            ).scalar_one()
            for each in tables
        )
    assert stale > 0
    said = machine.done("rebuild", "--stale")
    assert said == f"{stale} snapshots were rebuilt.\n"
    assert machine.done("verify").endswith(" 0 faults\n")


def test_everything_can_be_rebuilt(founded: Machine) -> None:
    before = founded.envelopes()
    assert not founded.done("rebuild").startswith("0 ")
    assert founded.envelopes() == before
    assert founded.done("verify").endswith(" 0 faults\n")


def test_a_migrated_database_of_another_program_is_not_taken_for_ours(
    machine: Machine, empty_database: str
) -> None:
    machine.use(empty_database)
    with machine.rows() as connection:
        connection.execute(text("create table head (id integer)"))
    told = machine.run("init", "--admin", "ada")
    assert (told.status, "Traceback" in told.err) == (2, False)


def test_the_next_revision_is_written_from_what_the_tables_became(tmp_path: Path) -> None:
    """In a process of its own, since it writes where the revisions are."""
    ask = (
        "import api.machine.migrating as m, api.machine.revision as r, shutil, sys, pathlib;"
        "m.FOLDER = pathlib.Path(sys.argv[1]); print(m.write_revision('say nothing'))"
    )
    folder = tmp_path / "migrations"
    subprocess.run(["cp", "-r", ROOT / "migrations", folder], check=True)
    made = subprocess.run(
        [sys.executable, "-c", ask, folder], cwd=ROOT, capture_output=True, text=True, check=True
    )
    written = Path(made.stdout.strip().splitlines()[-1])
    assert written.parent == folder / "versions"
    assert "pass" in written.read_text()
