"""What is under embargo answers as if it had never been, to the byte."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from api.demo.cast import projects
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
    hq.post(who, ASKED[question], {"i": NEVER})
    absent = hq.post(who, ASKED[question], {"i": NEVER})
    present = hq.post(who, ASKED[question], {"i": hidden})
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
