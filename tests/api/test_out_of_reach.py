"""A database that is away is told as such, by a code of its own; all is well when it is back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from ledger.request import Answer, Request
from tests import postgres
from tests.api.company import Company, Headquarters, content

READ = "{ viewer { handle } }"
TOLD = {"data": {"viewer": {"handle": "ada"}}}
LONG: dict[str, Any] = {"description": "Much. " * 1200}
"""Longer than any room that is left within the file."""
PAYLOAD = "change { id } problems { code }"
OPEN = f"mutation($i: OpenChangeInput!) {{ openChange(input: $i) {{ {PAYLOAD} }} }}"


@contextmanager
def moved_away(hq: Headquarters) -> Iterator[None]:
    """Have a folder where the embedded database's file was."""
    file = Path(str(hq.engine.url.database))
    hq.engine.dispose()
    away = file.rename(file.with_name("away"))
    file.mkdir()
    try:
        yield
    finally:
        file.rmdir()
        away.rename(file)


@contextmanager
def full_disk(hq: Headquarters) -> Iterator[None]:
    """Have no room left for the database."""
    if hq.engine.dialect.name == "postgresql":
        with postgres.full_disk(hq.engine.url.render_as_string(hide_password=False)):
            yield
        return
    database: Any = hq.desk.writer.database
    connection = database._connection
    [most] = connection.execute("pragma max_page_count").fetchone()
    connection.execute("pragma max_page_count = 1")
    try:
        yield
    finally:
        connection.execute(f"pragma max_page_count = {most}")


@pytest.fixture
def shut(hq: Headquarters, request: pytest.FixtureRequest) -> AbstractContextManager[None]:
    """Keeps everybody from the database while it is entered; embedded, whoever reads."""
    if hq.engine.dialect.name == "sqlite":
        return moved_away(hq)
    name = str(hq.engine.url.database)
    return postgres.shut_database(request.getfixturevalue("pg_server"), name)


def test_whoever_asks_while_the_database_is_away_is_told_so_and_answered_when_it_is_back(
    hq: Headquarters, shut: AbstractContextManager[None]
) -> None:
    assert hq.post("ada", READ).json() == TOLD
    with shut:
        answer = hq.post("ada", READ)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        [error] = answer.json()["errors"]
        assert error["extensions"]["code"] == "unavailable"
        assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
        assert hq.client.get(f"/calendar.ics?token={hq.tokens['ada']}").status_code == 503
    assert hq.post("ada", READ).json() == TOLD


def test_readiness_tells_of_a_database_that_is_away(
    hq: Headquarters, shut: AbstractContextManager[None]
) -> None:
    told = "the database cannot be used"
    with TestClient(hq.app()) as client, shut:
        assert client.get("/healthz").status_code == 200
        ready = client.get("/readyz")
        assert ready.status_code == 503
        found = ready.json()["checks"]
        assert {found["log"], found["policy"], found["key"]} == {told}
        away = hq.engine.dialect.name == "sqlite" or found["writer"] == told
        assert away, "an embedded one's writer holds its file open"


def test_connections_that_were_ended_meanwhile_cost_nobody_an_answer(
    hq: Headquarters, shut: AbstractContextManager[None]
) -> None:
    assert hq.post("ada", READ).json() == TOLD
    with shut:
        pass
    assert hq.post("ada", READ).json() == TOLD


def test_a_change_asked_for_while_the_writer_reaches_no_database_is_done_once_by_its_key(
    hq: Headquarters, shut: AbstractContextManager[None]
) -> None:
    about = {"content": content("Away", **LONG), "kind": "normal", "playbook": "itsm"}
    asked = {"i": about | {"idempotencyKey": "away"}}
    before = hq.size()
    with ExitStack() as away:

        async def submit(request: Request) -> Answer:
            away.enter_context(full_disk(hq) if hq.engine.dialect.name == "sqlite" else shut)
            return await hq.submit(request)

        with TestClient(create_app(hq.installation, submit)) as client:
            answer: Any = Company(client, hq.tokens).post("nils", OPEN, asked)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert [each["extensions"]["code"] for each in answer.json()["errors"]] == ["unavailable"]
    assert hq.size() == before
    first, again = [hq.post("nils", OPEN, asked).json() for _ in range(2)]
    assert first["data"]["openChange"]["problems"] == []
    assert first == again


def test_of_what_was_done_in_part_nobody_is_told_to_ask_again(hq: Headquarters) -> None:
    """Whoever asked for all of it again would have the first part twice."""
    about = {"kind": "normal", "playbook": "itsm"}
    asked = {name: about | {"content": content(name, **LONG)} for name in ("Part", "Rest")}
    twice = f"""mutation($Part: OpenChangeInput!, $Rest: OpenChangeInput!) {{
        Part: openChange(input: $Part) {{ {PAYLOAD} }}
        Rest: openChange(input: $Rest) {{ {PAYLOAD} }}
    }}"""
    before = hq.size()
    with ExitStack() as full:

        async def submit(request: Request) -> Answer:
            if b"Rest" in request.arguments:
                full.enter_context(full_disk(hq))
            return await hq.submit(request)

        with TestClient(create_app(hq.installation, submit)) as client:
            answer: Any = Company(client, hq.tokens).post("nils", twice, asked)
    assert (answer.status_code, "retry-after" in answer.headers) == (200, False)
    [error] = answer.json()["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["Rest"], "unavailable")
    assert hq.size() == before + 1


def test_readiness_tells_of_a_full_disk_once_a_write_came_to_nothing_until_there_is_room(
    hq: Headquarters,
) -> None:
    about = {"content": content("Full", **LONG), "kind": "normal", "playbook": "itsm"}
    asked = {"i": about | {"idempotencyKey": "full"}}
    with full_disk(hq):
        assert hq.post("nils", OPEN, asked).status_code == 503
        for _ in range(2):
            with TestClient(hq.app()) as client:
                ready = client.get("/readyz")
            told = ready.json()["checks"]["writer"]
            assert (ready.status_code, told) == (
                503,
                "the database cannot be used just now; nothing was written, ask again",
            )
    with TestClient(hq.app()) as client:
        assert client.get("/readyz").status_code == 200
    assert hq.post("nils", OPEN, asked).json()["data"]["openChange"]["problems"] == []
