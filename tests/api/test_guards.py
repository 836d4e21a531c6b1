"""What comes from the socket is refused early, in plain JSON, and never with a fault of ours."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.to_thread
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Scope

from api.authentication.bearer import Caller
from api.errors import CATALOGUE
from api.http.edge import edge
from api.http.exchange import exchange_of
from api.http.guards import Authenticated, Bodies, Hosts, Outermost, is_json
from api.settings import LOOPBACK, Limits, Settings
from tests.api.small_schema import SECRET, small_app

LIMITS = Limits(body=100, body_seconds=0.05)
SENT: dict[str, Any] = {"headers": {"content-type": "application/json"}}


async def echo(request: Request) -> Response:
    return Response(await request.body())


async def fail(request: Request) -> Response:
    raise RuntimeError(SECRET)


def client(app: ASGIApp) -> TestClient:
    return TestClient(Outermost(app), raise_server_exceptions=True)


def behind_bodies() -> TestClient:
    return client(Bodies(Starlette(routes=[Route("/", echo, methods=["GET", "POST"])]), LIMITS))


def code(response: Any) -> str:
    body = response.json()
    assert list(body) == ["errors"]
    found: str = body["errors"][0]["extensions"]["code"]
    assert body["errors"][0]["message"]
    assert response.status_code == CATALOGUE[found].status
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    return found


# Bodies.


def test_a_body_within_the_limit_arrives_as_it_was_sent() -> None:
    body = b"x" * 100
    assert behind_bodies().post("/", content=body, **SENT).content == body


def test_a_larger_body_is_refused_by_its_announced_length() -> None:
    assert code(behind_bodies().post("/", content=b"x" * 101, **SENT)) == "body_too_large"


def test_a_larger_body_is_refused_when_no_length_is_announced() -> None:
    chunks = (b"x" * 60 for _ in range(2))
    assert code(behind_bodies().post("/", content=chunks, **SENT)) == "body_too_large"


@given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=30))
def test_any_announced_length_is_refused_or_passed(length: str) -> None:
    sent = answered(
        Bodies(Starlette(routes=[Route("/", echo, methods=["POST"])]), LIMITS),
        [("content-type", "application/json"), ("content-length", length)],
        [{"type": "http.request", "body": b"{}", "more_body": False}],
    )
    assert sent[0]["status"] in {200, 413}


def test_a_body_that_never_ends_is_refused_in_time() -> None:
    waiting: list[Message] = [{"type": "http.request", "body": b"{", "more_body": True}]
    sent = answered(Bodies(echo_app, LIMITS), [("content-type", "application/json")], waiting)
    assert sent[0]["status"] == 408


def test_a_client_that_goes_away_is_no_fault() -> None:
    sent = answered(
        Bodies(echo_app, LIMITS),
        [("content-type", "application/json")],
        [{"type": "http.disconnect"}],
    )
    assert sent[0]["status"] == 400


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"',
    ],
)
def test_json_in_utf_8_is_taken(content_type: str) -> None:
    assert is_json([content_type])


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/jsonx",
        "application/json+evil",
        "application/json; charset=utf-16",
        "application/json; boundary=x",
        "multipart/form-data; boundary=application/json",
        "application/json, text/plain",
        "application/x-www-form-urlencoded",
        "application/graphql",
    ],
)
def test_every_other_content_type_is_refused(content_type: str) -> None:
    assert not is_json([content_type])
    headers = {"content-type": content_type} if content_type else {}
    found = code(behind_bodies().post("/", content=b"{}", headers=headers))
    assert found == "unsupported_media_type"


def test_two_content_types_and_encoded_bodies_are_refused() -> None:
    assert not is_json(["application/json", "application/json"])
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    assert code(behind_bodies().post("/", content=b"", headers=headers)) == "unsupported_media_type"


def test_a_query_string_has_a_greatest_length() -> None:
    assert behind_bodies().get("/?q=" + "x" * 1000).status_code == 200
    assert code(behind_bodies().get("/?q=" + "x" * 40_000)) == "uri_too_long"


# Hosts.


def behind_hosts(*allowed: str, direct: bool = False) -> TestClient:
    return client(Hosts(Starlette(routes=[Route("/", echo)]), allowed, direct=direct))


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000"])
def test_the_hosts_named_are_answered(host: str) -> None:
    assert behind_hosts(*LOOPBACK).get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "localhost@evil.example", "127.0.0.1.", "", "[::1"],
)
def test_other_hosts_are_not(host: str) -> None:
    assert code(behind_hosts(*LOOPBACK).get("/", headers={"host": host})) == "unknown_host"


def test_two_host_headers_are_refused() -> None:
    sent = answered(Hosts(echo_app, LOOPBACK), [("host", "localhost"), ("host", "localhost")])
    assert sent[0]["status"] == 421


def test_no_host_named_means_any() -> None:
    assert behind_hosts().get("/", headers={"host": "any.example"}).status_code == 200


@pytest.mark.parametrize(
    "header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"]
)
def test_a_demo_speaks_to_nobody_behind_a_proxy(header: str) -> None:
    named = {"host": "localhost", header: "127.0.0.1"}
    assert code(behind_hosts(*LOOPBACK, direct=True).get("/", headers=named)) == "forwarded"
    assert behind_hosts(*LOOPBACK).get("/", headers=named).status_code == 200


@given(st.lists(st.tuples(st.sampled_from(["host", "forwarded", "x"]), st.binary(max_size=40))))
def test_any_headers_are_answered_without_a_fault(headers: list[tuple[str, bytes]]) -> None:
    named = [(name, value.decode("latin-1")) for name, value in headers]
    assert answered(Hosts(echo_app, LOOPBACK, direct=True), named)[0]["status"] in {200, 400, 421}


# Credentials.


async def ada(authorization: str) -> Caller | None:
    return Caller("token", "token:1", "user:ada") if authorization == "Bearer good" else None


async def who(request: Request) -> Response:
    caller = exchange_of(request.scope).caller
    return JSONResponse(caller.principal if caller else None)


def behind_credentials() -> TestClient:
    inner = Bodies(Starlette(routes=[Route("/", who, methods=["GET", "POST"])]), LIMITS)
    return client(Authenticated(inner, ada))


def test_a_valid_credential_names_the_caller() -> None:
    found = behind_credentials().get("/", headers={"authorization": "Bearer good"})
    assert found.json() == "user:ada"


def test_everyone_else_gets_the_same_answer_to_the_byte() -> None:
    asker = behind_credentials()
    large = {"content-type": "text/plain", "authorization": "Basic x"}
    answers = [
        asker.get("/"),
        asker.get("/nothing/here?q=" + "x" * 40_000),
        asker.post("/", content=b"x" * 1000),
        asker.post("/", content=b"\0", headers=large),
        asker.get("/", headers={"authorization": "Bearer bad"}),
        asker.get("/", headers=[("authorization", "Bearer good")] * 2),
        asker.request("BREW", "/"),
    ]
    for answer in answers:
        answer.headers.pop("x-request-id")
        assert (answer.status_code, answer.headers) == (401, answers[0].headers)
        assert answer.content == answers[0].content
    assert answers[0].headers["www-authenticate"] == 'Bearer realm="changegate"'
    assert code(answers[0]) == "unauthenticated"


# The outermost layer.


def test_a_fault_of_ours_is_answered_with_an_id_and_nothing_else() -> None:
    public = [Route("/fail", fail)]
    whole = edge(echo_app, ada, Settings(hosts=("testserver",)), public)
    response = TestClient(whole).get("/fail")
    assert code(response) == "internal"
    assert SECRET not in response.text
    named = response.json()["errors"][0]["extensions"]["requestId"]
    assert named == response.headers["x-request-id"]


def test_every_answer_forbids_storing_sniffing_and_framing() -> None:
    for path in ("/graphql", "/nothing"):
        headers = TestClient(small_app()).get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["content-security-policy"].startswith("default-src 'none'")


def test_what_is_not_there_is_said_in_json() -> None:
    asker = TestClient(edge(echo_app, ada, Settings(hosts=("testserver",)), [Route("/", echo)]))
    assert code(asker.get("/nothing")) == "not_found"
    assert code(asker.get("/graphql/")) == "not_found"
    assert code(asker.delete("/")) == "method_not_allowed"


def test_no_two_requests_share_an_id() -> None:
    asker = behind_bodies()
    assert len({asker.get("/").headers["x-request-id"] for _ in range(20)}) == 20


def test_an_edge_has_as_many_threads_as_are_set() -> None:
    async def threads(request: Request) -> Response:
        return JSONResponse(anyio.to_thread.current_default_thread_limiter().total_tokens)

    settings = Settings(hosts=("testserver",), threads=7)
    with TestClient(edge(echo_app, ada, settings, [Route("/", threads)])) as asker:
        assert asker.get("/").json() == 7


def test_what_the_application_opens_is_closed_when_the_edge_ends() -> None:
    seen: list[str] = []

    @asynccontextmanager
    async def living(app: Starlette) -> AsyncIterator[None]:
        seen.append("opened")
        yield
        seen.append("closed")

    with TestClient(edge(echo_app, ada, Settings(), lifespan=living)):
        assert seen == ["opened"]
    assert seen == ["opened", "closed"]


# Spoken to directly, for what a client library would not send.


async def echo_app(scope: Scope, receive: Any, send: Any) -> None:
    await Response(json.dumps("echo"))(scope, receive, send)


def answered(
    app: ASGIApp, headers: list[tuple[str, str]], messages: list[Message] | None = None
) -> list[Message]:
    """What an application sends for one POST; the client then says nothing more."""
    sent: list[Message] = []
    waiting = list(messages or [{"type": "http.request", "body": b"", "more_body": False}])
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
    }

    async def receive() -> Message:
        if waiting:
            return waiting.pop(0)
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    anyio.run(Outermost(app), scope, receive, send)
    return sent
