"""A clock that went back stops the writing until an operator has looked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient

from api.app import create_app
from api.machine.preflight import faults
from ledger.request import Answer, Request
from tests.api.machine import Machine

AHEAD = timedelta(hours=1)


def ahead(machine: Machine) -> None:
    """Record something while the clock is an hour fast."""
    with machine.desk() as desk:
        desk.writer.clock = lambda: datetime.now(UTC) + AHEAD
        person = "user:" + "f" * 32
        desk.ask("principal.register", person, kind="human", handle="zoe", name="Zoe")


def test_writing_waits_for_the_operators_word(machine: Machine, database: str) -> None:
    machine.use(database).found()
    ahead(machine)
    size = machine.size()
    refused = machine.run("token", "create", "ada", "--name", "x")
    assert (refused.status, "clock_behind" in refused.err) == (1, True)
    assert machine.size() == size
    assert "3600 s behind" in machine.done("clock", "accept", "--reason", "It was fast.").replace(
        "3599", "3600"
    )
    machine.done("token", "create", "ada", "--name", "x")
    log = machine.log()
    assert log.clocks == 1
    assert machine.done("verify").endswith(" 0 faults\n")


def test_a_clock_that_is_right_needs_no_word(founded: Machine) -> None:
    before = founded.size()
    told = founded.run("clock", "accept", "--reason", "To be sure.")
    assert (told.status, "not behind" in told.err) == (1, True)
    assert founded.size() == before


def test_the_service_neither_starts_nor_is_ready(machine: Machine, database: str) -> None:
    machine.use(database).found()
    ahead(machine)
    with machine.desk() as desk, machine.opened() as opened:
        assert [name for name, _ in faults(opened)] == ["clock"]

        async def submit(request: Request) -> Answer:
            return desk.writer.submit(request)

        with TestClient(create_app(opened, submit), base_url="http://localhost") as client:
            answer = client.get("/readyz")
            assert answer.status_code == 503
            checks = answer.json()["checks"]
            assert "changegate clock accept" in checks["clock"]
            assert "behind the log" in checks["writer"]
