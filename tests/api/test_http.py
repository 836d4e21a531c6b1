"""GraphQL over HTTP: what is asked, refused, masked and bounded, as a client sees it."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from strawberry.http import GraphQLRequestData

from api.errors import CATALOGUE, PASSING
from api.http.endpoint import NEW, OLD, Rejected, negotiated, operation_name
from api.settings import Settings
from tests.api.small_schema import SECRET, limited, small_app

SIGNED_IN = {"authorization": "Bearer x"}
CLIENT = TestClient(small_app(), headers=SIGNED_IN)


def ask(query: str, client: TestClient = CLIENT, **parts: Any) -> Any:
    headers = {"accept": NEW}
    return client.post("/graphql", json={"query": query, **parts}, headers=headers)


def only_error(response: Any) -> dict[str, Any]:
    errors: list[dict[str, Any]] = response.json()["errors"]
    assert len(errors) == 1
    return errors[0]


def code(response: Any) -> str:
    found: str = only_error(response)["extensions"]["code"]
    return found


# Media types and methods.


@pytest.mark.parametrize(
    "accept,chosen",
    [
        ([], OLD),
        (["*/*"], OLD),
        (["application/*"], OLD),
        ([NEW], NEW),
        ([OLD], OLD),
        ([f"{OLD}, {NEW}"], OLD),
        ([f"{OLD};q=0.5, {NEW}"], NEW),
        ([OLD + ";q=0.5", NEW], NEW),
        ([f"text/html, {NEW};q=0.1, */*;q=0.01"], NEW),
        ([f"{NEW}; charset=utf-8"], NEW),
        ([f"{NEW};Q=1.0"], NEW),
        (["text/event-stream, application/json"], OLD),
    ],
)
def test_the_answer_is_of_the_type_the_client_likes_best(accept: list[str], chosen: str) -> None:
    assert negotiated(accept) == chosen


@pytest.mark.parametrize("accept", ["text/html", f"{NEW};q=0", "application/json;q=2", ";", "*"])
def test_a_client_that_takes_no_json_gets_406(accept: str) -> None:
    with pytest.raises(Rejected):
        negotiated([accept])
    response = CLIENT.get("/graphql?query={__typename}", headers={"accept": accept})
    assert (response.status_code, code(response)) == (406, "not_acceptable")


@given(st.text())
def test_any_accept_header_is_understood_or_rejected(accept: str) -> None:
    with suppress(Rejected):
        assert negotiated([accept]) in {OLD, NEW}


def test_queries_come_by_get_and_mutations_do_not() -> None:
    assert CLIENT.get("/graphql", params={"query": "{ hello }"}).json() == {
        "data": {"hello": "Hello world"}
    }
    response = CLIENT.get("/graphql", params={"query": 'mutation { approve(id: "1") { id } }'})
    assert (response.status_code, code(response)) == (405, "method_not_allowed")
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(method: str) -> None:
    response = CLIENT.request(method, "/graphql")
    assert (response.status_code, code(response)) == (405, "method_not_allowed")


def test_get_takes_variables_as_json() -> None:
    asked = {"query": "query A($n: Int!) { times(n: $n) }", "variables": '{"n": 7}'}
    assert CLIENT.get("/graphql", params=asked).json() == {"data": {"times": 7}}
    for variables in ("{", "[]", "[" * 50, '{"n": "\\u0000"}', "\0"):
        response = CLIENT.get("/graphql", params={**asked, "variables": variables})
        assert response.status_code == 400


# Requests that are none.


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"5",
        b'"{ hello }"',
        b'[{"query": "{ hello }"}]',
        b"{}",
        b'{"query": ""}',
        b'{"query": null}',
        b'{"query": 5}',
        b'{"query": ["{ hello }"]}',
        b'{"query": "{ hello }", "variables": []}',
        b'{"query": "{ hello }", "variables": "{}"}',
        b'{"query": "{ hello }", "operationName": ["A"]}',
        b'{"query": "{ hello }", "operationName": {}}',
        b'{"query": "{ hello }", "extensions": 1}',
        b'{"query": "{ hello \xff }"}',
    ],
)
def test_what_is_no_graphql_request_is_refused(body: bytes) -> None:
    response = CLIENT.post("/graphql", content=body, headers={"content-type": OLD})
    assert response.status_code == 400
    assert code(response) in {"bad_request", "bad_json"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.sampled_from(["query", "variables", "operationName", "extensions", "other"]),
)
def test_no_part_of_a_request_makes_a_fault(value: Any, part: str) -> None:
    asked = {"query": "query A($n: Int) { times(n: $n) }", part: value}
    body = json.dumps(asked).encode()
    response = CLIENT.post("/graphql", content=body, headers={"content-type": OLD})
    assert response.status_code in {200, 400}
    assert "internal" not in response.text


@given(st.text(st.sampled_from('{}()[]:$@!.#"\\ \nabu0d_1'), max_size=60) | st.text())
def test_no_document_makes_a_fault(query: str) -> None:
    body = json.dumps({"query": query}).encode()
    response = CLIENT.post("/graphql", content=body, headers={"content-type": OLD})
    assert response.status_code in {200, 400}
    assert "internal" not in response.text


# Requests that are refused before anything is executed.


@pytest.mark.parametrize(
    "query,parts,expected",
    [
        ("{", {}, "syntax_error"),
        ("{ nothing }", {}, "invalid_document"),
        ("query A { hello }", {"operationName": "B"}, "unknown_operation"),
        ("query A($n: Int!) { times(n: $n) }", {}, "invalid_variables"),
        ("query A($n: Int!) { times(n: $n) }", {"variables": {"n": "x"}}, "invalid_variables"),
        ("query A($n: Int!) { times(n: $n) }", {"variables": {"n": 2**40}}, "invalid_variables"),
        (
            "query A($w: Window!) { window(of: $w) }",
            {"variables": {"w": {"starts": "yesterday"}}},
            "invalid_variables",
        ),
        ("subscription { hello }", {}, "bad_request"),
        ('{ hello(name: "\\u0000") }', {}, "forbidden_character"),
        ('{ hello(name: "\\u{1FFFE}") }', {}, "forbidden_character"),
    ],
)
def test_a_refused_request_has_a_code_and_no_data(
    query: str, parts: dict[str, Any], expected: str
) -> None:
    response = ask(query, **parts)
    assert (response.status_code, code(response)) == (400, expected)
    assert "data" not in response.json()


def test_the_older_media_type_answers_refusals_with_200() -> None:
    response = CLIENT.post("/graphql", json={"query": "{ nothing }"}, headers={"accept": OLD})
    assert response.status_code == 200
    assert "data" not in response.json()


@pytest.mark.parametrize(
    "query,variables",
    [
        ("{ helo }", {}),
        ("{ hello(nam: 1) }", {}),
        ("{ ...on Chang { id } }", {}),
        ("query A($r: Rsk) { hello }", {}),
        ('{ window(of: {starts: "2026-11-20T00:00:00Z", risk: HIG}) }', {}),
        (
            "query A($w: Window!) { window(of: $w) }",
            {"w": {"starts": "2026-11-20T00:00:00Z", "risk": "HIG"}},
        ),
        (
            "query A($w: Window!) { window(of: $w) }",
            {"w": {"start": "2026-11-20T00:00:00Z"}},
        ),
    ],
)
def test_no_refusal_suggests_what_else_there_is(query: str, variables: dict[str, Any]) -> None:
    response = ask(query, variables=variables)
    assert response.status_code == 400
    assert "Did you mean" not in response.text


def test_a_message_does_not_repeat_a_long_value() -> None:
    response = ask("query A($n: Int!) { times(n: $n) }", variables={"n": "x" * 5000})
    assert len(only_error(response)["message"]) <= 500


def test_introspection_can_be_switched_off() -> None:
    closed = TestClient(small_app(Settings(introspection=False)), headers=SIGNED_IN)
    assert ask("{ __typename }", closed).json() == {"data": {"__typename": "Query"}}
    assert ask("{ __schema { queryType { name } } }", closed).status_code == 400


# Errors while executing.


@pytest.mark.parametrize("field", ["broken", "bare"])
def test_a_fault_of_ours_is_masked_and_can_be_found_by_its_id(field: str) -> None:
    response = ask(f"{{ hello {field} }}")
    error = only_error(response)
    assert response.status_code == 200
    assert response.json()["data"] == {"hello": "Hello world", field: None}
    assert error["message"] == CATALOGUE["internal"].message
    assert error["path"] == [field]
    assert error["extensions"] == {
        "code": "internal",
        "requestId": response.headers["x-request-id"],
    }
    assert SECRET not in response.text


def test_a_missing_value_is_a_fault_of_ours() -> None:
    response = ask("{ hollow }")
    assert code(response) == "internal"
    assert response.json()["data"] is None
    assert response.status_code == 200


def test_an_error_with_a_code_is_told_as_it_is() -> None:
    error = only_error(ask("{ coded }"))
    assert error["message"] == "The cursor is not ours."
    assert error["extensions"] == {"code": "bad_cursor"}


def test_a_refusal_tells_all_its_problems() -> None:
    assert only_error(ask("{ refused }"))["extensions"] == {
        "code": "page_too_large",
        "problems": [
            {"code": "page_too_large", "message": "At most 100.", "path": ["first"]},
            {"code": "bad_cursor", "message": "Not ours.", "path": ["after"]},
        ],
    }


def test_an_argument_that_turns_out_null_is_the_clients_fault() -> None:
    response = ask("query A($n: Int) { times(n: $n) }", variables={"n": None})
    assert code(response) == "invalid_argument"


def test_at_most_five_errors_are_shown() -> None:
    errors = ask("{" + "".join(f" a{n}: broken" for n in range(9)) + "}").json()["errors"]
    assert len(errors) == 6
    assert errors[-1]["extensions"]["code"] == "more_errors"
    assert errors[-1]["message"] == "More errors are not shown."


def test_at_most_five_errors_are_shown_of_a_document() -> None:
    errors = ask("{" + "".join(f" a{n}" for n in range(50)) + "}").json()["errors"]
    assert len(errors) == 6


def test_execution_ends_in_time() -> None:
    hurried = TestClient(small_app(limited(seconds=0.05)), headers=SIGNED_IN)
    response = ask("{ slow }", hurried)
    assert (response.status_code, code(response)) == (503, "timeout")


@pytest.mark.parametrize("passing", sorted(PASSING))
def test_what_came_to_nothing_for_a_while_is_asked_again(passing: str) -> None:
    response = ask("mutation($c: String!) { hurry(code: $c) { id } }", variables={"c": passing})
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert (response.json()["data"], code(response)) == (None, passing)


def test_what_will_not_pass_is_not_asked_again() -> None:
    response = ask('mutation { hurry(code: "clock_behind") { id } }')
    assert (response.status_code, "retry-after" in response.headers) == (200, False)


def test_an_answer_of_which_a_part_is_there_is_an_answer() -> None:
    response = ask("{ away hello }")
    assert (response.status_code, code(response)) == (200, "unavailable")
    assert response.json()["data"] == {"away": None, "hello": "Hello world"}


def test_what_waits_runs_in_a_thread() -> None:
    assert "worker" in ask("{ thread }").json()["data"]["thread"].lower()


# The name that is logged.


@pytest.mark.parametrize(
    "query,given_name,logged",
    [
        ("query Inbox { hello }", None, "Inbox"),
        (" mutation  Approve($id: ID!) { x }", None, "Approve"),
        ("# What waits.\n# For me.\nquery Inbox { hello }", None, "Inbox"),
        ("# query Inbox { hello }", None, None),
        ("{ hello }", None, None),
        ("query Inbox { hello }", "Inbox", "Inbox"),
        ("query Inbox { hello }", "In box\n", None),
        ("query Inbox { hello }", "x" * 101, None),
        ('{ hello(name: "query Secret") }', None, None),
    ],
)
def test_only_a_plain_name_is_logged(query: str, given_name: str | None, logged: str) -> None:
    assert operation_name(GraphQLRequestData(query, None, given_name, None)) == logged
