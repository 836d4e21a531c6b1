"""Whatever is sent, the real application says at once what is wrong with it and writes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.demo.cast import everywhere
from tests.api.company import Headquarters, content, operation

UNKNOWN = "Q2hhbmdlOjAxOTEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNk"
BIG = 2**31


def problems(hq: Headquarters, who: str, name: str, **given: Any) -> set[tuple[str, str]]:
    """The problems of a mutation as code and path; nothing was written."""
    size = hq.size()
    payload = hq.ask(who, name, input=given)
    assert hq.size() == size
    return {(each["code"], ".".join(each["path"])) for each in payload["problems"]}


def error(hq: Headquarters, document: str, variables: Any = None, who: str = "nils") -> str:
    """The code of the only error, of a request that was refused as a whole."""
    size = hq.size()
    response = hq.post(who, document, variables)
    assert response.status_code < 500, response.text
    assert hq.size() == size
    assert response.json().get("data") is None
    (code,) = {each["extensions"]["code"] for each in response.json()["errors"]}
    return str(code)


# Ids.


@pytest.mark.parametrize(
    "id",
    [
        UNKNOWN,
        UNKNOWN.lower(),
        "",
        "x",
        "Q2hhbmdl",
        "Ö" * 20,
        "A" * 5000,
        UNKNOWN + "\n",
        "Q2hhbmdlOg==",
    ],
    ids=range(9),
)
def test_ids_that_name_nothing_are_all_the_same(hq: Headquarters, id: str) -> None:
    assert hq.ask("nils", "Change", id=id) is None
    assert problems(hq, "nils", "CancelChange", id=id, reason="Why not.") == {("not_found", "id")}


# Texts, numbers, times.


@pytest.mark.parametrize(
    "text,code",
    [
        ("a\u202eb", "forbidden_character"),
        ("\x1b[31m", "forbidden_character"),
        ("two\nlines\u0085", "forbidden_character"),
        ("x" * 2000, "text_too_long"),
        ("  ", "text_missing"),
    ],
    ids=["reordering", "escape", "control", "long", "blank"],
)
def test_texts_that_no_text_is_like_are_refused(hq: Headquarters, text: str, code: str) -> None:
    wish = {"playbook": "itsm", "kind": "normal", "content": content(text)}
    assert problems(hq, "nils", "OpenChange", **wish) == {(code, "content.title")}


@pytest.mark.parametrize("text", ["a\0b", "a\ufdd0b", "a\uffffb", "\U0010ffff"], ids=range(4))
def test_what_is_no_character_is_refused_before_anything_is_read(
    hq: Headquarters, text: str
) -> None:
    wish = {"playbook": "itsm", "kind": text, "content": content(text)}
    assert error(hq, operation("OpenChange"), {"input": wish}) == "forbidden_character"
    told = hq.post("nils", operation("OpenChange"), {"input": wish}).json()["errors"][0]
    near = ["variables", "input"]
    assert [each["path"] for each in told["extensions"]["problems"]] == [
        [*near, "kind"],
        [*near, "content", "title"],
    ]
    keyed = {"input": wish | {"kind": [{text: "a"}], "content": {}}}
    told = hq.post("nils", operation("OpenChange"), keyed).json()["errors"][0]
    (problem,) = told["extensions"]["problems"]
    assert (problem["code"], problem["path"]) == ("forbidden_character", [*near, "kind", "0"])


@pytest.mark.parametrize(
    "body,code",
    [
        (b'{"query": "{ viewer { id } }", "variables": {"a": "\\ud800"}}', "bad_json"),
        (b'{"query": "{ viewer { id } }", "variables": {"a": "\\u0000"}}', "forbidden_character"),
        (b'{"query": "\xff"}', "bad_json"),
        (b'{"query": "{ viewer { id } }", "query": "{ log { size } }"}', "doubled_key"),
        (b'{"query": "{ viewer { id } }", "variables": {"a": 1, "a": 2}}', "doubled_key"),
        (b'{"query": "{ viewer { id } }"', "bad_json"),
        (b"[" * 100_000, "json_too_deep"),
        (b'{"a":' * 50_000, "json_too_deep"),
        (b'{"query": "' + b"x" * 70_000 + b'"}', "string_too_long"),
        (b'{"query": 1}', "bad_request"),
        (b'{"query": "{ viewer { id } }", "variables": []}', "bad_request"),
        (b"[]", "bad_request"),
        (b"null", "bad_request"),
        (b"NaN", "bad_json"),
        (b"", "bad_json"),
        (b" " * 300_000, "body_too_large"),
    ],
    ids=range(16),
)
def test_bodies_that_cannot_be_read_are_refused(hq: Headquarters, body: bytes, code: str) -> None:
    headers = {
        "authorization": f"Bearer {hq.tokens['nils']}",
        "content-type": "application/json",
    }
    response = hq.client.post("/graphql", content=body, headers=headers)
    assert 400 <= response.status_code < 500
    assert response.json()["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    "window,code",
    [
        ({"since": "2026-02-02T10:00", "until": "2026-02-02T09:00"}, "window_ends_first"),
        ({"since": "2026-02-02T10:00", "until": "2026-02-02T10:00"}, "window_ends_first"),
        ({"zone": "Europe/Atlantis"}, "unknown_zone"),
        ({"zone": "../../etc/passwd"}, "unknown_zone"),
        ({"zone": ""}, "unknown_zone"),
        ({"since": "2026-02-02T10:00Z"}, "zone_in_time"),
        ({"since": "2026-02-02T10:00+01:00"}, "zone_in_time"),
        ({"since": "tomorrow"}, "unreadable_time"),
        ({"since": "2026-02-30T10:00"}, "unreadable_time"),
        ({"since": "1066-10-14T10:00"}, "time_out_of_range"),
        ({"until": "9999-12-31T23:59"}, "time_out_of_range"),
    ],
    ids=range(11),
)
def test_windows_that_cannot_be_are_refused(
    hq: Headquarters, window: dict[str, str], code: str
) -> None:
    planned = {"since": "2026-02-02T10:00", "until": "2026-02-02T12:00", "zone": "UTC"} | window
    wish = {"playbook": "itsm", "kind": "normal", "content": content("A", window=planned)}
    assert code in {each for each, _ in problems(hq, "nils", "OpenChange", **wish)}


def test_a_time_needs_its_offset(hq: Headquarters) -> None:
    document = operation("Changes")
    naive = {"filter": {"plannedSince": "2026-02-02T10:00:00"}}
    assert error(hq, document, naive) == "naive_time"


def test_everything_wrong_is_told_at_once_where_it_stands(hq: Headquarters) -> None:
    window = {"since": "2026-02-02T10:00Z", "until": "never", "zone": "Nowhere"}
    said = content("a\x07b", window=window, environments=["ok", "b\u202ed"])
    wish = {"playbook": "itsm", "kind": "normal", "content": said, "owner": "nobody"}
    found = problems(hq, "nils", "OpenChange", **wish)
    assert found >= {
        ("forbidden_character", "content.title"),
        ("forbidden_character", "content.environments.1"),
        ("zone_in_time", "content.window.since"),
        ("unreadable_time", "content.window.until"),
        ("unknown_zone", "content.window.zone"),
        ("not_found", "owner"),
    }


def test_nobody_unknown_is_made_responsible(hq: Headquarters) -> None:
    nobody = "UHJpbmNpcGFsOnVzZXI6MDE5MTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2Q="
    wish = {"playbook": "itsm", "kind": "normal", "content": content("A"), "owner": nobody}
    assert problems(hq, "nils", "OpenChange", **wish) == {("unknown_person", "owner")}
    wish = {"playbook": "nothing", "kind": "normal", "content": content("A")}
    assert problems(hq, "nils", "OpenChange", **wish) == {("unknown_playbook", "playbook")}


@pytest.mark.parametrize("seen", [BIG, -BIG - 1, 1.5, "1", None, True, 10**400])
def test_a_number_that_is_no_number_here_is_refused(hq: Headquarters, seen: Any) -> None:
    given = {"input": {"id": UNKNOWN, "seen": seen}}
    assert error(hq, operation("SubmitChange"), given) in {"invalid_variables", "bad_json"}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"id": UNKNOWN},
        {"id": UNKNOWN, "reason": None},
        {"id": UNKNOWN, "reason": ["a"]},
        {"id": UNKNOWN, "reason": {"a": "b"}},
        {"id": {"a": 1}, "reason": "a"},
        {"id": UNKNOWN, "reason": "a", "more": 1},
        "a text",
        [],
    ],
    ids=range(9),
)
def test_input_of_another_shape_is_refused(hq: Headquarters, given: Any) -> None:
    assert error(hq, operation("CancelChange"), {"input": given}) == "invalid_variables"


# Pages.


@pytest.mark.parametrize(
    "page,code",
    [
        ({"first": -1}, "negative_page"),
        ({"first": 101}, "page_too_large"),
        ({"first": BIG - 1}, "page_too_large"),
        ({"after": "garbage"}, "bad_cursor"),
        ({"after": "A" * 3000}, "bad_cursor"),
    ],
    ids=range(5),
)
@pytest.mark.parametrize("name", ["Changes", "ChangesAwaitingMe", "Events", "Comments", "Grants"])
def test_pages_that_cannot_be_are_refused(
    hq: Headquarters, name: str, page: dict[str, Any], code: str
) -> None:
    assert error(hq, operation(name), page, "wanda") == code


def test_a_cursor_belongs_to_its_list_and_filter(hq: Headquarters) -> None:
    for _ in range(2):
        wish = {"playbook": "itsm", "kind": "normal", "content": content("Cursor")}
        hq.do("nils", "OpenChange", **wish)
    page = hq.ask("wanda", "Changes", filter={"text": "Cursor"}, first=1)["pageInfo"]
    after = page["endCursor"]
    hq.ask("wanda", "Changes", filter={"text": "Cursor"}, first=1, after=after)
    for name, given in (
        ("Changes", {"after": after}),
        ("Changes", {"filter": {"text": "Other"}, "after": after}),
        ("Changes", {"filter": {"text": "Cursor"}, "order": "PLANNED", "after": after}),
        ("Grants", {"after": after}),
        ("Events", {"after": after}),
    ):
        assert error(hq, operation(name), given, "wanda") == "bad_cursor", (name, given)


# Documents.


MANY = " ".join(
    (
        *("id", "version", "status", "kind", "path", "risk", "revision", "digest", "voided"),
        *("alarms", "openedAt", "outcome", "startedAt", "finishedAt", "endedAt", "outcomeNote"),
        *("cancelledBecause", "requester { id handle }", "owner { id handle }"),
    )
)
HOSTILE = {
    "deep": "{ " + "viewer { owner { " * 30 + "id" + " }" * 60 + " }",
    "wide": "{ " + " ".join(f"a{n}: viewer {{ id }}" for n in range(400)) + " }",
    "repeated": "{ " + "viewer { id } " * 300 + "}",
    "doubling": "{ ...a0 } "
    + " ".join(f"fragment a{n} on Query {{ ...a{n + 1} ...a{n + 1} }}" for n in range(18))
    + " fragment a18 on Query { viewer { id } }",
    "cycle": "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
    "pages": "{ "
    + " ".join(f"p{n}: changes(first: 100) {{ edges {{ node {{ {MANY} }} }} }}" for n in range(3))
    + " }",
    "directives": "{ viewer { id " + "@include(if: true) " * 200 + "} }",
    "many": " ".join(f"query q{n} {{ viewer {{ id }} }}" for n in range(50)),
    "long": "{ viewer { id } } #" + "x" * 20_000,
    "unknown": "{ nothing }",
    "empty": "",
    "brackets": "{" * 900,
    "mutations": "mutation { "
    + " ".join(
        f'm{n}: cancelChange(input: {{id: "x", reason: "y"}}) {{ problems {{ code }} }}'
        for n in range(20)
    )
    + " }",
    "subscription": "subscription { viewer { id } }",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_documents_that_ask_for_too_much_are_refused(hq: Headquarters, name: str) -> None:
    size = hq.size()
    response = hq.post("nils", HOSTILE[name])
    assert response.status_code in (200, 400)
    answer = response.json()
    assert "data" not in answer, answer
    codes = {each["extensions"]["code"] for each in answer["errors"]}
    assert "internal" not in codes
    assert hq.size() == size
    assert "Traceback" not in json.dumps(answer)


# Everything at once, whatever cannot be read.

NOBODY = "UHJpbmNpcGFsOnVzZXI6MDE5MTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2Q="
ENDS_FIRST = {"since": "2030-02-02T10:00", "until": "2030-02-02T09:00", "zone": "UTC"}
NAIVE = {"since": "2030-02-02T10:00Z", "until": "2030-02-02T12:00", "zone": "UTC"}
NOWHERE = {"since": "2030-02-02T10:00", "until": "2030-02-02T12:00", "zone": "Europe/Atlantis"}


@pytest.fixture(scope="session", autouse=True)
def staff(hq: Headquarters) -> None:
    """Who plans everywhere, and who may ask for nothing."""
    hq.hire("window-mona", "delivery", *everywhere("role:change_manager"))
    hq.hire("window-otto", "delivery")


@pytest.mark.parametrize(
    "window,code,where",
    [
        (ENDS_FIRST, "window_ends_first", "until"),
        (NAIVE, "zone_in_time", "since"),
        (NOWHERE, "unknown_zone", "zone"),
    ],
    ids=["ends first", "naive", "nowhere"],
)
def test_a_faulty_window_of_a_change_hides_nothing_else(
    hq: Headquarters, window: dict[str, str], code: str, where: str
) -> None:
    said = content("", window=window, impact="vast", environments=["b\u202ed"])
    template = "Q2hhbmdlVGVtcGxhdGU6MDE5MTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2Q="
    wish = {"playbook": "itsm", "kind": "normal", "content": said, "owner": NOBODY}
    wish |= {"requester": "no id", "template": template}
    assert problems(hq, "nils", "OpenChange", **wish) == {
        (code, f"content.window.{where}"),
        ("forbidden_character", "content.environments.0"),
        ("not_found", "requester"),
        ("text_missing", "content.title"),
        ("unknown_impact", "content.impact"),
        ("unknown_person", "owner"),
        ("not_found", "template"),
    }


def test_what_cannot_be_read_is_all_that_is_told_to_who_may_not_ask(hq: Headquarters) -> None:
    wish = {"playbook": "itsm", "kind": "normal", "content": content("", window=NAIVE)}
    found = problems(hq, "window-otto", "OpenChange", **wish)
    assert found == {("zone_in_time", "content.window.since")}


def test_a_flawed_request_under_a_key_is_done_by_none_and_mended_under_the_same(
    hq: Headquarters,
) -> None:
    wish = {"playbook": "itsm", "kind": "normal", "idempotencyKey": "mended"}
    flawed = problems(hq, "nils", "OpenChange", content=content("A", window=NAIVE), **wish)
    assert flawed == {("zone_in_time", "content.window.since")}
    done = hq.ask("nils", "OpenChange", input={"content": content("A"), **wish})
    assert done["problems"] == []
    again = problems(hq, "nils", "OpenChange", content=content("A", window=NAIVE), **wish)
    assert again == flawed


def test_a_faulty_window_of_an_entry_of_the_calendar_hides_nothing_else(hq: Headquarters) -> None:
    plan = {"title": " ", "kind": "MAINTENANCE", "window": ENDS_FIRST, "note": "x" * 9000}
    plan |= {"rrule": "FREQ=WEEKLY;BYDAY=SA", "environments": ["", "c\x07d"]}
    assert problems(hq, "window-mona", "PlanCalendarEntry", plan=plan) == {
        ("window_ends_first", "plan.window.until"),
        ("forbidden_character", "plan.environments.1"),
        ("name_unusable", "plan.environments.0"),
        ("text_missing", "plan.title"),
        ("text_too_long", "plan.note"),
        ("service_missing", "plan.service"),
    }


def test_a_naive_time_of_a_lock_hides_nothing_else(hq: Headquarters) -> None:
    said: dict[str, Any] = {
        "title": "",
        "kind": "SOFT",
        "until": "2030-02-02",
        "exempters": [NOBODY],
    }
    said |= {"warningHours": -1, "environments": ["e\u202ef"], "spares": []}
    found = problems(hq, "window-mona", "DeclareLock", terms=said)
    assert found >= {
        ("unreadable_time", "terms.until"),
        ("forbidden_character", "terms.environments.0"),
        ("text_missing", "terms.title"),
        ("unknown_person", "terms.exempters.0"),
    }
