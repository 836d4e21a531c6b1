"""Anybody may ask whether the server lives and is ready, and learns no more than that."""

import threading

import pytest
from starlette.testclient import TestClient

from api.http import health
from api.http.edge import edge
from api.http.endpoint import graphql_app
from api.http.health import Check, Readiness, health_routes
from api.settings import Settings
from tests.api.small_schema import SECRET, anybody, exchange_as_context, make_schema


def asker(readiness: Readiness) -> TestClient:
    settings = Settings(hosts=("testserver",))
    endpoint = graphql_app(make_schema(settings), exchange_as_context, settings)
    return TestClient(edge(endpoint, anybody, settings, health_routes(readiness)))


def ready(**checks: Check) -> tuple[int, dict[str, str]]:
    answer = asker(Readiness(checks)).get("/readyz")
    return answer.status_code, answer.json()["checks"]


def test_a_live_process_says_so_whatever_is_broken() -> None:
    answer = asker(Readiness({"log": lambda: "broken"})).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"alive": True})


def test_a_server_is_ready_when_every_check_is_well() -> None:
    assert ready(log=lambda: None, policy=lambda: None) == (200, {"log": "ok", "policy": "ok"})


def test_one_failing_check_names_its_reason() -> None:
    assert ready(log=lambda: None, clock=lambda: "61 seconds behind the log") == (
        503,
        {"log": "ok", "clock": "61 seconds behind the log"},
    )


def test_a_check_that_raises_tells_nobody_why() -> None:
    def broken() -> str | None:
        raise RuntimeError(SECRET)

    assert ready(database=broken) == (503, {"database": "failed"})


def test_a_reason_is_short() -> None:
    assert len(ready(log=lambda: "x" * 1000)[1]["log"]) == 200


def test_a_check_that_hangs_counts_as_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECONDS", 0.05)
    released = threading.Event()

    def hanging() -> str | None:
        released.wait(30)
        return None

    assert ready(database=hanging) == (503, {"database": "took too long"})
    released.set()


def test_asking_often_looks_once() -> None:
    now = [0.0]
    looked: list[float] = []
    readiness = Readiness({"log": lambda: looked.append(now[0])}, clock=lambda: now[0])
    client = asker(readiness)
    for _ in range(5):
        client.get("/readyz")
    assert looked == [0.0]
    now[0] = 1.5
    client.get("/readyz")
    assert looked == [0.0, 1.5]


def test_a_server_that_is_ending_is_not_ready() -> None:
    readiness = Readiness({"log": lambda: None})
    client = asker(readiness)
    assert client.get("/readyz").status_code == 200
    readiness.stopping = True
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["stopping"] == "the server is ending"
