"""`verify` tells a log that is whole from one that was altered, and from one it cannot read."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.signing import generate_signing_key
from migrations.append_only import statements
from tests.api.machine import ORIGIN, Machine

DROP = {
    "sqlite": "drop trigger events_keep_update",
    "postgresql": "drop trigger events_keep on events",
}


def tamper(machine: Machine, statement: str) -> None:
    """Change what is stored, as somebody could who holds the database, and cover the traces."""
    with machine.rows() as connection:
        kind = connection.dialect.name
        if "update events" not in statement:
            connection.execute(text(statement))
            return
        dropped = DROP[kind].split()[2]
        made = (each for each in statements(kind) if f"trigger {dropped} " in each)
        for each in (DROP[kind], statement, *made):
            connection.execute(text(each))


def test_a_log_that_is_whole_ends_with_0(machine: Machine, database: str) -> None:
    machine.use(database).found()
    told = machine.run("verify", "--json")
    assert told.status == 0
    assert told.json == {"origin": ORIGIN, "events": machine.size(), "faults": []}


@pytest.mark.parametrize(
    "code,statement",
    [
        ("column_altered", "update events set actor = 'user:eve' where position = 3"),
        ("snapshot_altered", "update credentials set owner = 'user:eve'"),
        ("policy_altered", "update head set policy = 'another'"),
        ("place_altered", "update head set authority_position = 1"),
        ("place_altered", "update head set hiding = 'never'"),
        ("origin_altered", "update head set demo = true"),
        ("head_time_altered", "update head set at = (select at from events where position = 0)"),
        ("head_time_altered", "update head set at = '2999-01-01 00:00:00.000000+00:00'"),
        ("least_writer_altered", "update head set least_writer = 0"),
        ("least_writer_altered", "update head set least_writer = 99"),
    ],
)
def test_a_log_that_was_altered_ends_with_1(
    machine: Machine, database: str, code: str, statement: str
) -> None:
    machine.use(database).found()
    tamper(machine, statement)
    told = machine.run("verify", "--json")
    assert told.status == 1
    assert code in {fault["code"] for fault in told.json["faults"]}
    said = machine.run("verify")
    assert (said.status, code in said.out) == (1, True)
    assert said.err == "changegate: the log is not as it was recorded\n"


def test_a_head_that_cannot_even_be_read_ends_with_1(founded: Machine) -> None:
    tamper(founded, "update head set range = x'00'")
    told = founded.run("verify")
    assert (told.status, "head of the log was altered" in told.err) == (1, True)
    assert founded.run("token", "list").status == 2


def test_an_envelope_that_is_no_bytes_any_more_is_a_fault(founded: Machine) -> None:
    tamper(founded, "update events set envelope = 'words' where position = 7")
    told = founded.run("verify", "--json")
    assert told.status == 1
    assert told.json["faults"][0]["code"] == "unreadable"


def test_a_log_that_is_guarded_no_more_ends_with_1(machine: Machine, database: str) -> None:
    machine.use(database).found()
    with machine.rows() as connection:
        connection.execute(text(DROP[connection.dialect.name]))
    told = machine.run("verify", "--tree-only", "--json")
    assert (told.status, [each["code"] for each in told.json["faults"]]) == (1, ["trigger_missing"])


def test_the_place_of_a_fault_is_told(founded: Machine) -> None:
    tamper(founded, "update events set envelope = x'7b7d' where position = 7")
    faults = founded.run("verify", "--tree-only", "--json").json["faults"]
    assert [(each["code"], each["position"]) for each in faults] == [("envelope_altered", 7)]


def test_only_the_tree_is_looked_at_when_asked_so(founded: Machine) -> None:
    tamper(founded, "update credentials set owner = 'user:eve'")
    assert founded.run("verify", "--tree-only").status == 0
    assert founded.run("verify").status == 1


def test_a_log_under_another_key_cannot_be_read(founded: Machine, tmp_path: Path) -> None:
    generate_signing_key(ORIGIN, tmp_path / "other.key")
    founded.set(CHANGEGATE_SIGNING_KEY=str(tmp_path / "other.key"))
    told = founded.run("verify")
    assert told.status == 2
    assert "CHANGEGATE_SIGNING_KEY" in told.err


def test_a_database_without_a_log_cannot_be_read(machine: Machine, database: str) -> None:
    told = machine.use(database).run("verify")
    assert (told.status, "changegate init" in told.err) == (2, True)


def test_a_server_that_is_not_there_cannot_be_read(machine: Machine, tmp_path: Path) -> None:
    told = machine.use(f"postgresql://nobody:secret@/none?host={tmp_path}").run("verify")
    assert told.status == 2
    assert "database cannot be used" in told.err
    assert "secret" not in told.err


@pytest.mark.parametrize("database", ["mysql://u:p@h/d", "sqlite://", "postgresql:///["])
def test_a_database_of_another_kind_is_refused(machine: Machine, database: str) -> None:
    told = machine.use(database).run("verify")
    assert (told.status, "Traceback" in told.err) == (2, False)
    assert told.err.startswith("changegate: ")
