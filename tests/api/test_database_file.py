"""An embedded database that several processes use at once loses nothing, whoever comes and goes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from api.machine.installation import Unready, database_file
from api.settings import Settings
from tests.api.machine import Machine

VISIT = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('select 1 from t'); c.close()"
)


def settings(file: Path) -> Settings:
    return Settings(database=str(file))


def test_looking_at_a_database_in_use_lets_go_of_none_of_its_locks(tmp_path: Path) -> None:
    """Else the next process to end removes the write-ahead log that we still commit to."""
    file = tmp_path / "gate.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as ours:
        ours.execute("pragma journal_mode = wal")
        ours.execute("create table t (n integer)")
        assert database_file(settings(file)) == file
        subprocess.run([sys.executable, "-c", VISIT, file], check=True)
        ours.execute("insert into t values (1)")
        seen = (
            "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute('select n from t'))"
        )
        told = subprocess.run(
            [sys.executable, "-c", seen, file], check=True, capture_output=True, text=True
        )
    assert told.stdout == "(1,)\n"


def test_commands_beside_a_writer_lose_nothing_of_what_it_writes(founded: Machine) -> None:
    """A writer in this process, a command in this process too, and one in another."""
    with founded.opened() as opened:
        writer = opened.writer()
        founded.done("token", "list")
        visit = [sys.executable, "-c", VISIT.replace("from t", "from head"), str(founded.database)]
        subprocess.run(visit, check=True)
        writer.close()
    founded.crowd(3)
    assert founded.run("verify").status == 0


@pytest.mark.parametrize("size", [1, 16, 511])
def test_a_file_too_short_for_a_database_is_left_alone(tmp_path: Path, size: int) -> None:
    file = tmp_path / "gate.sqlite"
    file.write_bytes(b"SQLite format 3\0".ljust(size, b"\0")[:size])
    with pytest.raises(Unready, match="not a database"):
        database_file(settings(file))
    assert file.stat().st_size == size


def test_an_empty_file_may_become_a_database(tmp_path: Path) -> None:
    file = tmp_path / "a name with # in it.sqlite"
    file.touch()
    assert database_file(settings(file)) == file
