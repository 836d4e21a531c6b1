"""What follows in the open from something hidden tells nobody else from what, by whom or why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from api.derived.identity import global_id, read_id
from tests.api import fixes
from tests.api.company import Headquarters, content
from tests.api.counted import statements
from tests.api.test_journey_paths import opened

HISTORY = """query($i: ID!, $n: Int! = 50) {
  history(id: $i, first: $n) { totalCount { count } edges { node {
  id kind version request outcome actor { handle } behalf { handle } policy { id } subject { id }
  details { name value } } } } }"""
EVENTS = """query($f: EventFilter) { events(first: 100, filter: $f) { edges { node {
  id kind aggregate request position actor { handle } details { name value } } } } }"""
PROOF = "query($e: String!) { proofs { entry(event: $e) receipt(event: $e) } }"
LINKED = """query($i: ID!) { change(id: $i) { links { kind reference } }
  changes(first: 50) { edges { node { id links { reference } } } } }"""
TIE = "mutation($l: LinkChangeInput!) { linkChange(input: $l) { problems { code path } } }"
UNTIE = "mutation($l: UnlinkChangeInput!) { unlinkChange(input: $l) { problems { code } } }"
HANDS = "query($i: ID!) { release(id: $i) { contributors { handle } } }"
REVEAL = "mutation($i: ID!) { revealMergeRequest(input: {id: $i}) { problems { code } } }"
FORM = re.compile(r"0[0-9a-f]{11}7[0-9a-f]{3}[89ab][0-9a-f]{15}")
"""Of the id of a request: a UUID of version 7, without hyphens."""


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Numbers for merge requests, each used once."""
    return count(41000)


def told(hq: Headquarters, who: str, id: str) -> list[Any]:
    """What somebody reads in the history of a release, newest first."""
    answer = hq.post(who, HISTORY, {"i": id}).json()
    assert "errors" not in answer, answer
    return [edge["node"] for edge in answer["data"]["history"]["edges"]]


def logged(hq: Headquarters, who: str, **wanted: Any) -> list[Any]:
    """What somebody finds in the log."""
    answer = hq.post(who, EVENTS, {"f": wanted}).json()
    assert "errors" not in answer, answer
    return [edge["node"] for edge in answer["data"]["events"]["edges"]]


def left(hq: Headquarters, numbers: Iterator[int], how: str) -> tuple[str, str, str]:
    """A release that two merge requests left, one as it was hidden; its id and theirs."""
    hole, other = (
        fixes.merge_request(hq, next(numbers), "master", embargoed=False) for _ in range(2)
    )
    release = fixes.monthly(hq)
    hq.do("viktor", "IncludeRelease", id=release, mergeRequests=[hole, other])
    reason = "It has no tests."
    hq.do("viktor", "ExcludeRelease", id=release, mergeRequests=[other], reason=reason)
    if how == "conceal":
        hq.do("quinn", "ConcealMergeRequest", id=hole, reason="It is a hole.")
    else:
        fixes.lines(hq)
        fix = fixes.fix(hq)["id"]
        hq.do("quinn", "AddSecurityFixMergeRequest", id=fix, mergeRequest=hole)
    return release, hole, other


def saying(event: Any) -> dict[str, Any]:
    """What an event says, by name."""
    return {each["name"]: each["value"] for each in event["details"]}


def of(id: str) -> str:
    """The id as the log has it."""
    return read_id(id, "MergeRequest") or ""


@pytest.mark.req("S1-12", "X-05", "X-07")
@pytest.mark.parametrize("how", ["conceal", "fix"])
def test_a_release_tells_that_something_left_it_and_neither_what_nor_who_took_it_out(
    hq: Headquarters, numbers: Iterator[int], how: str
) -> None:
    release, hole, other = left(hq, numbers, how)
    hidden: Any = None
    for who in ("nils", "olga", "wanda"):
        hidden, usual, put = (
            next(each for each in told(hq, who, release)[at:] if each["kind"] == kind)
            for at, kind in (
                (0, "release.excluded"),
                (1, "release.excluded"),
                (2, "release.included"),
            )
        )
        assert hole not in str(told(hq, who, release))
        assert of(hole) not in str(told(hq, who, release))
        assert saying(usual)["reason"] == "It has no tests."
        assert saying(usual)["items.0.reference"] == of(other)
        assert saying(put)["items.0.reference"] == of(other)
        assert "items.1.kind" not in saying(put), "nor how many more there were"
        assert usual["actor"] == {"handle": "viktor"}
        assert hidden["actor"] is None
        assert hidden["behalf"] is None
        for each in (hidden, usual):
            assert FORM.fullmatch(each["request"]), each
            assert each["id"] == each["request"] + ".0"
            assert each["request"][:4] == usual["request"][:4], "it begins with the time"
        told_of = saying(hidden)
        assert told_of.keys() == {"contents", "reason", "revision", "digest"}
        assert told_of["reason"] is None
        assert {hidden[key] == usual[key] for key in ("outcome", "policy", "subject")} == {True}
        assert hidden["version"] == usual["version"] + 1
        assert told(hq, who, release)[0] == hidden, "it goes by the same name whenever it is read"
    seen = told(hq, "viktor", release)[0]
    assert seen["actor"] == {"handle": "quinn"}
    assert saying(seen)["items.0.reference"] == of(hole)
    assert seen["request"] != hidden["request"]
    if how == "conceal":
        for who in ("noor", "viktor"):
            hq.post(who, REVEAL, {"i": hole})
        assert told(hq, "nils", release) == told(hq, "viktor", release)


@pytest.mark.req("S1-12", "X-05", "X-07")
@pytest.mark.parametrize(
    "how, why", [("conceal", "It is a hole."), ("fix", "It became part of a security fix.")]
)
def test_who_hides_something_stands_in_no_release_and_why_is_told_to_the_cleared(
    hq: Headquarters, numbers: Iterator[int], how: str, why: str
) -> None:
    release, _, _ = left(hq, numbers, how)
    for who in ("nils", "wanda", "viktor"):
        found = hq.post(who, HANDS, {"i": release}).json()["data"]["release"]
        assert found == {"contributors": [{"handle": "viktor"}]}
        seen = told(hq, who, release)[0]
        assert seen["kind"] == "release.excluded"
        assert saying(seen)["reason"] == (why if who == "viktor" else None)


@pytest.mark.req("S1-12", "X-05", "X-07")
def test_an_auditor_finds_nothing_by_who_hid_it_or_by_the_request(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    release, hole, _ = left(hq, numbers, "conceal")
    true = told(hq, "viktor", release)[0]
    named = told(hq, "wanda", release)[0]
    assert true["id"] not in str(logged(hq, "wanda", aggregate="release"))
    assert named["id"] in str(logged(hq, "wanda", aggregate="release"))
    hers = str(logged(hq, "wanda", actor=hq.id("quinn")))
    assert true["id"] not in hers
    assert named["id"] not in hers
    for request in (true["request"], named["request"]):
        assert logged(hq, "wanda", request=request) == []
    for aggregate in ("release", "inclusion"):
        for each in logged(hq, "wanda", aggregate=aggregate):
            assert of(hole) not in str(each)
    proof = hq.post("wanda", PROOF, {"e": named["id"]}).json()["data"]["proofs"]
    assert proof == {"entry": None, "receipt": None}


@pytest.mark.req("X-05", "X-07")
def test_an_auditor_gets_no_proof_of_an_event_that_is_hidden_from_them(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    hole = fixes.merge_request(hq, next(numbers), "master", embargoed=False)
    [opened_] = told(hq, "wanda", hole)

    def entry(event: str) -> Any:
        return hq.post("wanda", PROOF, {"e": event}).json()["data"]["proofs"]["entry"]

    assert opened_["id"] in entry(opened_["id"])
    hq.do("quinn", "ConcealMergeRequest", id=hole, reason="It is a hole.")
    ids = [each["id"] for each in told(hq, "quinn", hole)]
    assert opened_["id"] in ids
    assert [entry(each) for each in (*ids, f"{'0' * 32}.0")] == [None] * (len(ids) + 1)


@pytest.mark.req("X-05", "X-07")
def test_what_follows_from_something_hidden_is_sealed_in_the_log(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    release, _, _ = left(hq, numbers, "conceal")
    events = hq.installation.reader.tables.events
    request = told(hq, "viktor", release)[0]["request"]
    with hq.engine.connect() as connection:
        rows = connection.execute(select(events).where(events.c.request == request)).all()
    assert {each.kind for each in rows} == {
        "merge_request.concealed",
        "release.excluded",
        "inclusion.removed",
    }
    for each in rows:
        assert each.sealed
        assert request not in bytes(each.envelope).decode()
        assert b'"actor":null' in bytes(each.envelope)


@pytest.mark.req("S1-12", "X-05")
def test_a_commit_of_what_is_hidden_leaves_a_release_with_it_and_is_not_named(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    number = next(numbers)
    hole = fixes.merge_request(hq, number, "master", embargoed=False)
    commit, stranger = f"{number:040x}", f"{next(numbers):040x}"
    release = fixes.monthly(hq)
    inside = [{"commit": commit, "coveredBy": hole}, {"commit": stranger}]
    hq.do("viktor", "IncludeRelease", id=release, commits=inside)
    hq.do("quinn", "ConcealMergeRequest", id=hole, reason="It is a hole.")
    for who in ("nils", "olga", "wanda"):
        gone, put = told(hq, who, release)[:2]
        assert (gone["kind"], put["kind"]) == ("release.excluded", "release.included")
        assert commit not in str((gone, put))
        assert saying(put)["items.0.reference"] == stranger
        page = hq.ask(who, "Inclusions", release=release)["edges"]
        assert [each["node"]["reference"] for each in page] == [stranger]
    assert commit in str(told(hq, "quinn", release)[0])
    before = hq.ask("quinn", "MergeRequestExposure", id=hole)["shownBefore"]
    assert "inclusion.added" in {each["kind"] for each in before}


def test_whose_words_are_told_is_asked_once_for_a_page(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    release, _, _ = left(hq, numbers, "conceal")
    taken = []
    for many in (1, 50):
        hq.post("nils", HISTORY, {"i": release, "n": many})
        with statements(hq.engine) as seen:
            hq.post("nils", HISTORY, {"i": release, "n": many})
        taken.append([each for each in seen if "SELECT secret.id" in each and "IN (" in each])
    assert len(taken[0]) == len(taken[1]) > 0


@pytest.mark.req("S1-12", "X-05")
def test_a_change_names_no_merge_request_that_was_hidden_since(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    hidden, number = next(numbers), next(numbers)
    hole, other = (
        fixes.merge_request(hq, each, "master", embargoed=False) for each in (hidden, number)
    )
    commit = f"{hidden:040x}"
    change = opened(hq, "nils", "normal", content("Mend it"))
    tie = {"id": change, "kind": "MERGE_REQUEST"}
    for reference in (hole, other):
        hq.do("nils", "LinkChange", **tie, reference=reference)
    hq.do("nils", "LinkChange", id=change, kind="INCIDENT", reference=of(hole))
    cut = {"kind": "COMMIT", "reference": commit}
    hq.do("nils", "LinkChange", id=change, **cut)
    hq.post("nils", UNTIE, {"l": {"id": change, **cut}})
    incident = {"kind": "INCIDENT", "reference": of(hole)}
    hq.do("quinn", "ConcealMergeRequest", id=hole, reason="It is a hole.")
    every = [{"kind": "MERGE_REQUEST", "reference": each} for each in (hole, other)] + [incident]
    for who, seen in (("nils", every[1:]), ("wanda", every[1:]), ("quinn", every)):
        answer = hq.post(who, LINKED, {"i": change}).json()
        assert "errors" not in answer, answer
        assert answer["data"]["change"]["links"] == seen
        assert (hole in str(answer["data"]["changes"])) == (who == "quinn")
    for reference in (hole, global_id("MergeRequest", "0" * 32)):
        given = {"l": {**tie, "reference": reference}}
        assert hq.post("nils", UNTIE, given).json()["data"] == {
            "unlinkChange": {"problems": [{"code": "not_linked"}]}
        }
        assert hq.post("nils", TIE, given).json()["data"] == {
            "linkChange": {"problems": [{"code": "unknown_merge_request", "path": ["reference"]}]}
        }
    before = hq.ask("quinn", "MergeRequestExposure", id=hole)["shownBefore"]
    ties = [each["record"] for each in before if each["kind"] == "change.linked"]
    assert ties == [change] * 3
    for who in ("noor", "viktor"):
        hq.post(who, REVEAL, {"i": hole})
    assert hq.post("nils", LINKED, {"i": change}).json()["data"]["change"]["links"] == every
