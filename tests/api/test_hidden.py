"""What is under embargo answers as if it had never been, to the byte."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from api.demo.cast import Role, projects
from api.derived.identity import PERSON, read_id
from api.hiding import veil as hiding
from domain.aggregates import AGGREGATES
from domain.belonging import BELONGING
from domain.comment import About
from domain.inclusion import ItemKind
from domain.kernel import Audience
from tests.api.company import Headquarters

NEVER = "TWVyZ2VSZXF1ZXN0OjAxOTEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNk"
"""The id of a merge request that never was."""
CHANGING = {"date", "x-request-id"}


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Numbers for merge requests, each used once."""
    return count(9000)


@pytest.fixture
def hidden(hq: Headquarters, numbers: Iterator[int]) -> str:
    """An embargoed merge request, opened by somebody with clearance."""
    if "vera" not in hq.tokens:
        hq.hire("vera", "gitaly", projects("role:developer"), projects("role:maintainer"))
    wish = {
        "playbook": "security",
        "kind": "strict",
        "project": "gitlab-org/security/gitaly",
        "number": next(numbers),
        "title": "Close the hole",
        "head": "9f2c1d7e5b3a4c6d8e0f1a2b3c4d5e6f7a8b9c0d",
        "target": "refs/heads/master",
        "base": "1a2b3c4d5e6f7a8b9c0d9f2c1d7e5b3a4c6d8e0f",
        "embargoed": True,
    }
    return str(hq.do("vera", "OpenMergeRequest", **wish)["id"])


ASKED = {
    "node": "query($i: ID!) { node(id: $i) { id } }",
    "mergeRequest": "query($i: ID!) { mergeRequest(id: $i) { id title } }",
    "past": """query($i: ID!) {
        mergeRequest(id: $i, asOf: {time: "2026-01-01T00:00:00Z"}) { id title }
    }""",
    "lately": """query($i: ID!) {
        mergeRequest(id: $i, asOf: {time: "%s"}) {
            id signOffs { status } can(action: MERGE) { allowed }
        }
    }""",
    "position": """query($i: ID!) {
        mergeRequest(id: $i, asOf: {position: 40}) { id can(action: MERGE) { allowed } }
    }""",
    "beyond": """query($i: ID!) {
        mergeRequest(id: $i, asOf: {position: 2147483647}) { id }
    }""",
    "erasures": """query($i: ID!) {
        erasures(filter: {subject: $i}) { totalCount { count } edges { cursor } }
    }""",
    "history": "query($i: ID!) { history(id: $i, first: 5) { totalCount { count } } }",
    "comments": "query($i: ID!) { comments(filter: {subject: $i}) { totalCount { count } } }",
    "signOff": """mutation($i: ID!) {
        signOffMergeRequest(input: {id: $i, rule: "appsec", seen: 1}) {
            problems { code message path }
        }
    }""",
    "merge": """mutation($i: ID!) {
        mergeMergeRequest(input: {id: $i, seen: 7}) {
            mergeRequest { id }
            problems { code message path }
        }
    }""",
    "push": """mutation($i: ID!) {
        pushMergeRequest(input: {id: $i, head: "x", base: "y"}) { problems { code message path } }
    }""",
    "reveal": """mutation($i: ID!) {
        revealMergeRequest(input: {id: $i}) { problems { code message path } }
    }""",
    "comment": """mutation($i: ID!) {
        writeComment(input: {about: MERGE_REQUEST, subject: $i, body: "?"}) {
            problems { code message path }
        }
    }""",
}


@pytest.mark.parametrize("question", ASKED)
@pytest.mark.parametrize("who", ["nils", "tara", "wanda", "carla"])
def test_hidden_and_unknown_answer_alike_to_the_byte(
    hq: Headquarters, hidden: str, who: str, question: str
) -> None:
    document = ASKED[question].replace("%s", datetime.now(UTC).isoformat())
    hq.post(who, document, {"i": NEVER})
    absent = hq.post(who, document, {"i": NEVER})
    present = hq.post(who, document, {"i": hidden})
    assert present.content == absent.content
    assert present.status_code == absent.status_code
    shown, unknown = (
        {name: value for name, value in each.headers.items() if name not in CHANGING}
        for each in (present, absent)
    )
    assert shown == unknown


def test_those_with_clearance_see_it(hq: Headquarters, hidden: str) -> None:
    seen = hq.post("quinn", ASKED["mergeRequest"], {"i": hidden}).json()
    assert seen["data"]["mergeRequest"]["title"] == "Close the hole"


def erased(hq: Headquarters, hidden: str) -> None:
    """The title of the merge request is erased by somebody with clearance."""
    if "piet" not in hq.tokens:
        hq.hire("piet", "privacy", Role("role:privacy_officer"), projects("role:appsec"))
    subject = read_id(hidden, "MergeRequest")
    ground = "Article 17."
    about: dict[str, Any] = {"aggregate": "merge_request", "parts": ["title"], "ground": ground}
    by = read_id(hq.id("piet"), PERSON)
    hq.desk.ask("erasure.erase", by=by or "", subject=subject, **about)


def test_an_erasure_does_not_tell_of_what_is_hidden(hq: Headquarters, hidden: str) -> None:
    listed = """{ erasures { edges { node { subject } } }
      events(filter: {kind: "erasure.erased"}) { edges { node { details { value } } } } }"""
    before = hq.post("wanda", listed).json()
    erased(hq, hidden)
    assert hq.post("wanda", listed).json() == before
    [told] = hq.post("piet", "{ erasures(first: 1) { edges { node { subject } } } }").json()[
        "data"
    ]["erasures"]["edges"]
    assert told["node"]["subject"] == hidden


def test_what_is_revealed_is_shown_as_it_stood_but_for_what_was_erased(
    hq: Headquarters, hidden: str
) -> None:
    then = datetime.now(UTC).isoformat()
    asked = """query($i: ID!, $t: DateTime!) {
      mergeRequest(id: $i, asOf: {time: $t}) { embargoed title author { handle } } }"""
    for who, found in (("wanda", None), ("quinn", "Close the hole")):
        told = hq.post(who, asked, {"i": hidden, "t": then}).json()["data"]["mergeRequest"]
        assert (told and told["title"]) == found
    erased(hq, hidden)
    reveal = """mutation($i: ID!) { revealMergeRequest(input: {id: $i}) {
      mergeRequest { embargoed revealProposals { proposedBy { handle } revision } }
      problems { code } } }"""
    by = [{"proposedBy": {"handle": "quinn"}, "revision": 1}]
    for who, embargoed, said in (("quinn", True, by), ("quinn", True, by), ("noor", False, [])):
        answer = hq.post(who, reveal, {"i": hidden}).json()["data"]["revealMergeRequest"]
        stands = {"embargoed": embargoed, "revealProposals": said}
        assert answer == {"mergeRequest": stands, "problems": []}
        assert hq.post("wanda", asked, {"i": hidden, "t": then}).text.count("vera") != embargoed
    told = hq.post("wanda", asked, {"i": hidden, "t": then}).json()["data"]["mergeRequest"]
    assert told == {"embargoed": True, "title": None, "author": {"handle": "vera"}}


STRANGE = {
    "nothing": "{}",
    "both": '{time: "2026-01-01T00:00:00Z", position: 1}',
    "no time": "{time: null}",
    "no position": "{position: null}",
    "a naive time": '{time: "2026-01-01T00:00:00"}',
    "a time to come": '{time: "2199-12-31T23:59:59.999999Z"}',
    "a time after all": '{time: "9999-12-31T23:59:59.999999Z"}',
    "a negative position": "{position: -1}",
    "a position to come": "{position: 2147483647}",
    "no position at all": "{position: 2147483648}",
    "a word": '{position: "1"}',
}


@pytest.mark.parametrize("then", STRANGE)
@pytest.mark.parametrize("who", ["nils", "wanda"])
def test_a_strange_moment_is_refused_and_tells_nothing(
    hq: Headquarters, hidden: str, who: str, then: str
) -> None:
    document = f"query($i: ID!) {{ mergeRequest(id: $i, asOf: {STRANGE[then]}) {{ id }} }}"
    absent, present = (hq.post(who, document, {"i": each}) for each in (NEVER, hidden))
    assert present.content == absent.content
    answer = present.json()
    assert answer["errors"]
    codes = [each.get("extensions", {}).get("code") for each in answer["errors"]]
    assert "internal" not in codes
    assert "internal" not in present.text


def test_the_log_begins_with_nothing_in_it(hq: Headquarters) -> None:
    account, board = hq.id("carla"), hq.ask("wanda", "Boards")["edges"][0]["node"]["id"]
    document = """query($i: ID!, $b: ID!, $t: AsOf!) {
      principal(id: $i, asOf: $t) { id } board(id: $b, asOf: $t) { id } }"""
    for then in ({"position": 0}, {"time": "1970-01-01T00:00:00Z"}):
        told = hq.post("wanda", document, {"i": account, "b": board, "t": then}).json()
        assert told == {"data": {"principal": None, "board": None}}


def test_comments_on_all_that_may_be_hidden_are_hidden_with_it() -> None:
    """What may be commented on, and hides, is what comments are looked up in before they show."""
    registry = {each.name: each for each in AGGREGATES}
    hiding = {
        about.value for about in About if registry[about.value].audience is Audience.EMBARGOED
    }
    assert hiding == set(BELONGING["comment"]["subject"])
    hiding = {
        kind.value
        for kind in ItemKind
        if kind.value in registry and registry[kind.value].audience is Audience.EMBARGOED
    }
    assert hiding == set(BELONGING["inclusion"]["reference"])


def test_what_is_worded_of_one_reader_names_the_same_secrets_however_often(
    hq: Headquarters,
) -> None:
    """Statements that two requests word at once, or that outlive a cache, still fit together."""
    told = """{ events(first: 5) { edges { node { id } } }
      accesses(first: 5) { edges { node { id } } }
      erasures(first: 5) { edges { node { id } } } }"""
    for keep in (False, True, False):
        if not keep:
            hiding.veil.cache_clear()
        answer = hq.post("wanda", told).json()
        assert "errors" not in answer, answer
