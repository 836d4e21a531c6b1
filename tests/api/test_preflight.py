"""What keeps the service from starting is told before it starts, and by `/readyz` meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from api.app import create_app
from api.machine import preflight
from api.machine.installation import Installation, Unready
from ledger.request import Answer, Request
from policies.files import FOLDER, shipped
from tests.api.machine import Machine


@pytest.fixture
def laid(machine: Machine, database: str) -> Machine:
    """A founded log on each database."""
    machine.use(database).found()
    return machine


def change(machine: Machine, statement: str) -> None:
    with machine.rows() as connection:
        connection.execute(text(statement))


def found(machine: Machine) -> dict[str, str]:
    with machine.opened() as opened:
        return dict(preflight.faults(opened))


def test_a_log_that_was_just_founded_may_be_served(laid: Machine) -> None:
    assert found(laid) == {}
    with laid.opened() as opened:
        preflight.check(opened)


@pytest.mark.parametrize(
    "check,statement,said",
    [
        ("log", "update head set least_writer = 99", "newer version"),
        ("log", "update head set signed_size = 1, at = '2020-01-01 00:00:00Z'", "not been signed"),
        ("policy", "update head set policy = null", "no policy"),
        ("policy", "update head set policy = 'none'", "cannot be read"),
        ("policy", "update policies set rules = 'p, nonsense'", "understands"),
        ("playbooks", "update playbooks set body = 'format = 99'", "understands"),
        ("snapshots", "update principals set fold = 77", "changegate rebuild --stale"),
        ("snapshots", "delete from grants", "stale"),
    ],
)
def test_what_is_unfit_is_named(laid: Machine, check: str, statement: str, said: str) -> None:
    change(laid, statement)
    faults = found(laid)
    assert list(faults) == [check]
    assert said in faults[check]
    with laid.opened() as opened, pytest.raises(Unready, match=check):
        preflight.check(opened)


def test_a_head_signed_by_nobodys_key_is_named(founded: Machine, tmp_path: Path) -> None:
    with founded.rows() as connection:
        note = connection.execute(text("select checkpoint from head")).scalar_one()
        lines = note.splitlines()
        forged = "\n".join([*lines[:-1], lines[-1][:-8] + "AAAAAAA="]) + "\n"
        connection.execute(text("update head set checkpoint = :note"), {"note": forged})
    assert list(found(founded)) == ["key"]


@pytest.mark.parametrize(
    "revision,said",
    [("9999", "newer than this version knows"), ("0000", "run `changegate migrate`")],
)
def test_another_revision_is_not_even_opened(laid: Machine, revision: str, said: str) -> None:
    change(laid, f"update alembic_version set version_num = '{revision}'")
    with pytest.raises(Unready, match=said):
        Installation.open(laid.settings)
    told = laid.run("verify")
    assert (told.status, said in told.err) == (2, True)


# Ready.


def answer(machine: Machine, submit: Callable[[Request], Answer] | None = None) -> Any:
    """What `/readyz` says; the writer answers in place unless somebody else does."""
    with machine.desk() as desk:
        asked = submit or desk.writer.submit

        async def submitted(request: Request) -> Answer:
            return asked(request)

        app = create_app(Installation.open(machine.settings), submitted)
        with TestClient(app, base_url="http://localhost") as client:
            return client.get("/readyz")


def test_a_service_that_can_do_everything_is_ready(laid: Machine) -> None:
    told = answer(laid)
    names = {"writer", "migration", "log", "key", "clock", "policy", "playbooks"}
    assert told.status_code == 200
    assert told.json() == {"ready": True, "checks": dict.fromkeys(names, "ok"), "notes": {}}


def test_asking_whether_the_writer_answers_writes_nothing(laid: Machine) -> None:
    before = laid.size()
    assert answer(laid).status_code == 200
    assert laid.size() == before


def test_a_writer_that_fails_makes_the_service_unready(founded: Machine) -> None:
    def failing(request: Request) -> Answer:
        raise RuntimeError("secret")

    told = answer(founded, failing)
    assert (told.status_code, told.json()["checks"]["writer"]) == (503, "failed")


def test_files_that_differ_from_what_is_adopted_are_noted_and_harm_nothing(
    founded: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rules = (FOLDER / "policy.csv").read_text() + "# Not adopted yet.\n"
    changed = shipped()
    monkeypatch.setattr(
        preflight,
        "shipped",
        lambda: changed.__class__(changed.model, rules, changed.playbooks[:-1]),
    )
    told = answer(founded)
    missing = changed.playbooks[-1][0]
    assert told.status_code == 200
    assert told.json()["notes"] == {
        "files": f"not as adopted: policy.csv, playbooks/{missing}.toml"
    }


def test_the_clock_that_counts_is_the_databases(laid: Machine) -> None:
    with laid.opened() as opened, opened.reader.connection() as connection:
        assert abs(preflight.now(connection) - datetime.now(UTC)) < timedelta(minutes=1)
        head = opened.reader.head(connection)
        assert preflight.behind(connection, head) is None
