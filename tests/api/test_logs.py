"""A log line says who asked what and how it went, and never what was in it."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from starlette.testclient import TestClient

from api.http.logs import QUIET, configure, described, log, log_bug
from api.settings import Settings
from tests.api.small_schema import SECRET, small_app


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    configure(Settings(), written)
    yield written
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level
    for name in QUIET:
        logging.getLogger(name).disabled = False


def read(lines: io.StringIO) -> list[dict[str, Any]]:
    text = lines.getvalue()
    assert text.isascii()
    return [json.loads(line) for line in text.splitlines()]


def ask(query: str, **parts: Any) -> Any:
    client = TestClient(small_app(), headers={"authorization": "Bearer hunter2"})
    return client.post("/graphql?secret=hunter2", json={"query": query, **parts})


def test_a_request_is_one_line_without_its_payload(lines: io.StringIO) -> None:
    answer = ask("query Greet($n: String!) { hello(name: $n) }", variables={"n": "hunter2"})
    assert "hunter2" in answer.text
    (line,) = read(lines)
    assert line["event"] == "request"
    assert line["request"] == answer.headers["x-request-id"]
    assert (line["method"], line["path"], line["status"]) == ("POST", "/graphql", 200)
    assert (line["principal"], line["operation"]) == ("user:ada", "Greet")
    assert line["codes"] == []
    assert line["ms"] >= 0
    assert "hunter2" not in lines.getvalue()


def test_a_refused_request_is_logged_with_its_codes(lines: io.StringIO) -> None:
    ask("{ coded refused }")
    assert read(lines)[0]["codes"] == ["bad_cursor", "page_too_large"]


def test_a_fault_is_logged_once_with_the_place_it_rose(lines: io.StringIO) -> None:
    answer = ask("{ broken }")
    bug, request = read(lines)
    assert bug["event"] == "bug"
    assert bug["request"] == request["request"] == answer.headers["x-request-id"]
    assert bug["error"] == ["RuntimeError"]
    assert "small_schema.py" in bug["frames"][0]
    assert bug["path"] == ["broken"]
    assert SECRET not in lines.getvalue()


def test_no_line_can_be_forged_or_obeyed_by_a_terminal(lines: io.StringIO) -> None:
    log.info("odd", name='x\n{"event": "forged"}\x1b[2J\x9b2J\u202e')
    (line,) = read(lines)
    assert line["event"] == "odd"
    assert "\x1b" not in lines.getvalue()


def test_values_are_cut(lines: io.StringIO) -> None:
    log.info("long", text="x" * 5000, many=list(range(100)), deep={"a": "y" * 5000})
    assert len(lines.getvalue()) < 1500


def test_libraries_write_lines_too_without_messages_of_errors(lines: io.StringIO) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("It broke.")
    logging.getLogger("strawberry.execution").error(SECRET)
    (line,) = read(lines)
    assert (line["event"], line["error"]) == ("It broke.", ["ValueError"])
    assert SECRET not in lines.getvalue()


def test_causes_and_groups_are_named() -> None:
    inner = KeyError(SECRET)
    group = ExceptionGroup("several", [ValueError(SECRET)])
    outer = RuntimeError(SECRET)
    outer.__cause__ = inner
    inner.__context__ = group
    assert described(outer)["error"] == [
        "RuntimeError",
        "KeyError",
        "ExceptionGroup",
        "ValueError",
    ]


def test_an_error_that_causes_itself_ends(lines: io.StringIO) -> None:
    error = RuntimeError(SECRET)
    error.__cause__ = error
    log_bug(None, error)
    assert len(read(lines)) == 1


def test_a_console_shows_the_same_without_json() -> None:
    written = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure(Settings(log_format="console", log_level="warning"), written)
    log.info("quiet")
    log.warning("loud", name="x")
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level
    assert "loud" in written.getvalue()
    assert "quiet" not in written.getvalue()
