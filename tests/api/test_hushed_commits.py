"""A change tied to the bare commit of a merge request hides that tie as the merge request hides."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from api.demo.cast import Role
from tests.api import fixes
from tests.api.company import Headquarters, content
from tests.api.counted import statements
from tests.api.test_hushed import LINKED, REVEAL, TIE, UNTIE, saying, told
from tests.api.test_journey_paths import opened

OUTSIDERS = ("nils", "olga", "wanda")
MOST = 3
"""How many statements read merge requests for the ties of a page."""


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Numbers for merge requests, each used once."""
    return count(52000)


def tied(hq: Headquarters, *commits: str) -> str:
    """A change that is tied to commits; its id."""
    change = opened(hq, "nils", "normal", content("Mend it"))
    for commit in commits:
        hq.do("nils", "LinkChange", id=change, kind="COMMIT", reference=commit)
    return change


def links(hq: Headquarters, who: str, change: str) -> list[str]:
    """The commits that somebody finds a change tied to, alone and in the list."""
    answer = hq.post(who, LINKED, {"i": change}).json()
    assert "errors" not in answer, answer
    listed = {e["node"]["id"]: e["node"]["links"] for e in answer["data"]["changes"]["edges"]}
    found = [each["reference"] for each in answer["data"]["change"]["links"]]
    assert [each["reference"] for each in listed[change]] == found
    return found


def code(hq: Headquarters, document: str, change: str, commit: str) -> list[str]:
    """Why somebody without a clearance ties or unties nothing; nothing if they do."""
    given = {"id": change, "kind": "COMMIT", "reference": commit}
    [payload] = hq.post("nils", document, {"l": given}).json()["data"].values()
    return [each["code"] for each in payload["problems"]]


def hole(hq: Headquarters, numbers: Iterator[int]) -> tuple[str, str]:
    """A merge request in the open; its id and its head."""
    number = next(numbers)
    return fixes.merge_request(hq, number, "master", embargoed=False), f"{number:040x}"


@pytest.mark.req("S1-12", "X-05")
@pytest.mark.parametrize("how", ["conceal", "fix", "push"])
def test_a_change_names_no_commit_of_a_merge_request_that_was_hidden_since(
    hq: Headquarters, numbers: Iterator[int], how: str
) -> None:
    request, head = hole(hq, numbers)
    other = f"{next(numbers):040x}"
    change = tied(hq, head, other)
    before = hq.ask("nils", "Change", id=change)
    if how == "fix":
        fixes.lines(hq)
        fix = fixes.fix(hq)["id"]
        hq.do("quinn", "AddSecurityFixMergeRequest", id=fix, mergeRequest=request)
    else:
        hq.do("quinn", "ConcealMergeRequest", id=request, reason="It is a hole.")
    if how == "push":
        pushed = f"{next(numbers):040x}"
        hq.do("elif", "PushMergeRequest", id=request, head=pushed, base="b" * 40)
    for who in OUTSIDERS:
        assert links(hq, who, change) == [other]
        assert head not in str(told(hq, who, change))
        assert [saying(e)["link.reference"] for e in told(hq, who, change)[:2]] == [other, None]
    assert links(hq, "quinn", change) == [head, other]
    assert head in str(told(hq, "quinn", change))
    after = hq.ask("nils", "Change", id=change)
    assert [after[each] for each in ("revision", "digest")] == [
        before[each] for each in ("revision", "digest")
    ]
    if how != "fix":
        for who in ("noor", "viktor"):
            hq.post(who, REVEAL, {"i": request})
        assert links(hq, "nils", change) == [head, other]


@pytest.mark.req("S1-12", "X-05")
def test_a_tie_that_hides_answers_as_one_that_never_was_and_may_be_made_again(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    request, head = hole(hq, numbers)
    change = tied(hq, head)
    hq.do("quinn", "ConcealMergeRequest", id=request, reason="It is a hole.")
    for commit in (head, f"{next(numbers):040x}"):
        assert code(hq, UNTIE, change, commit) == ["not_linked"]
        assert code(hq, TIE, change, commit) == []
        assert commit in links(hq, "olga", change), "who ties to it now knew of it elsewhere"
        assert code(hq, UNTIE, change, commit) == []
        assert links(hq, "olga", change) == []
    kinds = [(e["kind"], saying(e).get("link.reference") == head) for e in told(hq, "olga", change)]
    assert kinds[2:5] == [
        ("change.unlinked", True),
        ("change.linked", True),
        ("change.linked", False),
    ]


@pytest.mark.req("S1-12", "X-05")
def test_who_is_cleared_cuts_a_tie_that_hides_and_it_stays_untold(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    request, head = hole(hq, numbers)
    change = tied(hq, head)
    hq.do("quinn", "ConcealMergeRequest", id=request, reason="It is a hole.")
    if "tilda" not in hq.tokens:
        asking = Role("role:requester", "service", content("Mend it")["service"])
        hq.hire("tilda", "product", asking, fixes.CLEARED)
    hq.do("tilda", "UnlinkChange", id=change, kind="COMMIT", reference=head)
    for who in OUTSIDERS:
        assert head not in str(told(hq, who, change))
    assert head in str(told(hq, "quinn", change)[0])


@pytest.mark.req("X-05")
def test_a_tie_to_what_everybody_knows_or_that_was_made_afterwards_stays(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    request, head = hole(hq, numbers)
    twin = fixes.merge_request(hq, next(numbers), "17-1-stable", embargoed=False, head=head)
    change = tied(hq, head)
    hq.do("quinn", "ConcealMergeRequest", id=request, reason="It is a hole.")
    assert links(hq, "nils", change) == [head]
    hq.do("quinn", "ConcealMergeRequest", id=twin, reason="It is the same.")
    assert links(hq, "nils", change) == []
    assert links(hq, "nils", tied(hq, head)) == [head], "else whoever guesses it would be told"


@pytest.mark.req("X-05")
def test_what_hides_is_asked_once_for_all_changes_and_not_at_all_without_a_commit(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    page = "{ changes(first: 50) { edges { node { id links { reference } } } } }"
    one = "query($i: ID!) { change(id: $i) { links { reference } } }"
    asked: list[Any] = []
    for document, commits in ((one, 0), (page, 1), (page, 2)):
        change = tied(hq, *(f"{next(numbers):040x}" for _ in range(commits)))
        given = {"i": change} if document == one else None
        with statements(hq.engine) as seen:
            assert "errors" not in hq.post("nils", document, given).json()
        asked.append([each for each in seen if "earlier_heads" in each])
    none, once, again = map(len, asked)
    assert none == 0
    assert 0 < once == again <= MOST, "what hides, and where something does, whether all know of it"
