"""What is told of a patch once it is out says nothing of a fix that was in it and stays hidden."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from api.demo.cast import projects
from api.derived.identity import read_id
from tests.api.company import Headquarters
from tests.api.patches import BRANCHES, Patch, hire
from tests.api.test_hushed import PROOF, logged, saying, told

OFF = "The other hole is not closed yet."
PLACES = """query($i: ID!) { inclusions(filter: {release: $i}, first: 100) {
  edges { node { id reference } } } }"""
REMOVE = """mutation($i: ID!, $m: ID!) { removeSecurityFixMergeRequest(
  input: {id: $i, mergeRequest: $m}) { problems { code } } }"""
STORY = """query($i: ID!) { history(id: $i, first: 100) { totalCount { count }
  edges { node { kind actor { handle } } } }
  %s(id: $i) { onlookers { person { handle } acts } } }"""
GATE = """query($i: ID!) { mergeRequest(id: $i) { can(action: MERGE) { allowed verdict {
  findings { status code message evidence } } explanation { ways { acts { action description
  people { handle } } } } } } }"""
OUTSIDERS = ("nils", "olga", "wanda")
MIXED = 2
"""How many things in the open moved together with what is hidden."""


def moves(hq: Headquarters, who: str, id: str) -> list[Any]:
    """How things moved into a release and out of it, as somebody is told, newest first."""
    kinds = ("release.included", "release.excluded")
    return [each for each in told(hq, who, id) if each["kind"] in kinds]


class Gone(NamedTuple):
    """A patch that is out, and what had been in it and is hidden still: a fix, and its parts."""

    hq: Headquarters
    patch: Patch
    fix: str
    parts: list[tuple[str, str]]


@pytest.fixture(scope="session")
def gone(hq: Headquarters) -> Gone:
    """One fix goes out with a patch, another went in and out, alone and with fixes of bugs."""
    hire(hq)
    patch = Patch(hq)
    good = patch.fix()
    fix, parts = patch.complete()
    hq.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    first, *rest = [id for id, _ in parts]
    bugs = [id for id, _ in patch.bug(*BRANCHES[:MIXED])]
    patch.do("ExcludeRelease", mergeRequests=bugs, reason="Not yet.")
    patch.by("rune", "IncludeRelease", mergeRequests=rest)
    patch.by("rune", "IncludeRelease", mergeRequests=[first, *bugs])
    patch.aim()
    patch.enter()
    hq.do("rhea", "UnlinkSecurityFix", id=fix, reason=OFF)
    patch.by("rune", "ExcludeRelease", mergeRequests=[first, *bugs], reason=OFF)
    patch.by("rune", "ExcludeRelease", mergeRequests=rest, reason=OFF)
    patch.to_preparation(good)
    patch.tag_and_test()
    patch.do("PublishRelease")
    return Gone(hq, patch, fix, parts)


@pytest.mark.req("S1-12", "X-05")
def test_a_patch_that_is_out_tells_nothing_of_a_fix_that_left_it_and_stays_hidden(
    gone: Gone,
) -> None:
    hq, patch, fix, parts = gone
    secret = [word for id, head in parts for word in (id, read_id(id, "MergeRequest"), head)]
    for who in OUTSIDERS:
        story = str(told(hq, who, patch.id))
        assert not [each for each in (OFF, fix, *secret) if str(each) in story]
        mixed_off, mixed, usual, *_ = moves(hq, who, patch.id)
        for each in (mixed_off, mixed, usual):
            kinds = {name for name in saying(each) if name.endswith("kind")}
            assert kinds == {f"items.{at}.kind" for at in range(MIXED)}
        assert saying(mixed_off)["reason"] is None
        assert saying(usual)["reason"] == "Not yet."
        assert (mixed_off["actor"], mixed["actor"]) == ({"handle": "rune"},) * 2
    assert len(moves(hq, "saga", patch.id)) == len(moves(hq, "nils", patch.id)) + 2
    for each in moves(hq, "saga", patch.id)[:4]:
        assert each["actor"] == {"handle": "rune"}
        assert saying(each).get("reason", OFF) == OFF


@pytest.mark.req("X-05", "X-07")
def test_an_auditor_finds_none_that_tells_of_what_is_hidden_and_gets_no_proof_of_it(
    gone: Gone,
) -> None:
    hq, patch = gone.hq, gone.patch
    known = {each["id"]: each["actor"] for each in moves(hq, "wanda", patch.id)}
    by_rune = {e["id"] for e in logged(hq, "wanda", actor=hq.id("rune"), aggregate="release")}
    every = moves(hq, "saga", patch.id)
    for each in every:
        entry = hq.post("wanda", PROOF, {"e": each["id"]}).json()["data"]["proofs"]["entry"]
        assert (entry is not None) == (each["id"] in known)
        assert (each["id"] in by_rune) == (known.get(each["id"]) == {"handle": "rune"})
    found = {e["id"] for e in logged(hq, "wanda", aggregate="release", kind="release.excluded")}
    assert [each["id"] in found for each in every[:2]] == [False, True], "one is of hidden things"


@pytest.mark.req("S1-12", "X-05")
def test_what_else_moved_does_not_say_by_its_number_how_much_there_was(gone: Gone) -> None:
    hq, patch = gone.hq, gone.patch
    for who in OUTSIDERS[:2]:
        found = hq.post(who, PLACES, {"i": patch.id}).json()["data"]["inclusions"]["edges"]
        assert len(found) == len(gone.parts) + MIXED, "what went out, and what else left it"
        for edge in found:
            ids = [each["id"] for each in told(hq, who, edge["node"]["id"])]
            assert {each.rpartition(".")[2] for each in ids} == {"0"}


def both(hq: Headquarters, who: str, patch: str, fix: str) -> list[Any]:
    """What somebody is told of what became of a patch and of its fix, and of who acted on them."""
    found = []
    for id, noun in ((patch, "release"), (fix, "securityFix")):
        answer = hq.post(who, STORY % noun, {"i": id}).json()
        assert "errors" not in answer, answer
        story = answer["data"]["history"]
        rows = [(e["node"]["kind"], e["node"]["actor"]) for e in story["edges"]]
        acts = {e["person"]["handle"]: e["acts"] for e in answer["data"][noun]["onlookers"]}
        found.append([story["totalCount"]["count"], rows, acts])
    return found


def out(hq: Headquarters, *, beside: bool) -> tuple[str, str]:
    """A patch that is out, and its fix; something else was in either of them, or never was."""
    patch = Patch(hq)
    fix, made = patch.complete()
    other, parts = "", list[tuple[str, str]]()
    if beside:
        other, parts = patch.complete()
        stray, _ = patch.request("strict", "master")
        hq.do("dina", "AddSecurityFixMergeRequest", id=fix, mergeRequest=stray)
        told = hq.post("dina", REMOVE, {"i": fix, "m": stray}).json()["data"]
        assert told == {"removeSecurityFixMergeRequest": {"problems": []}}
        hq.do("rhea", "LinkSecurityFix", id=other, tracker=patch.id)
        patch.do("IncludeRelease", mergeRequests=[id for id, _ in parts])
    hq.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    patch.do("IncludeRelease", mergeRequests=[id for id, _ in made])
    if beside:
        patch.do("ExcludeRelease", mergeRequests=[id for id, _ in parts], reason=OFF)
        hq.do("rhea", "UnlinkSecurityFix", id=other, reason=OFF)
    patch.to_publication(made)
    patch.do("PublishRelease")
    return patch.id, fix


@pytest.mark.req("S1-12", "S1-16", "X-05")
def test_no_row_count_or_total_tells_that_something_hidden_was_in_a_patch_or_a_fix(
    hq: Headquarters,
) -> None:
    hire(hq)
    dark, bright = out(hq, beside=True), out(hq, beside=False)
    for who in OUTSIDERS:
        assert both(hq, who, *dark) == both(hq, who, *bright)
    for with_it, without in zip(both(hq, "saga", *dark), both(hq, "saga", *bright), strict=True):
        assert with_it[0] == without[0] + 2, "who may see the other one is told of it"
        assert sum(with_it[2].values()) > sum(without[2].values())


@pytest.mark.req("S1-12", "S1-31")
def test_who_is_cleared_for_another_project_learns_from_no_gate_what_a_hidden_patch_has(
    hq: Headquarters,
) -> None:
    hire(hq)
    elsewhere = "gitlab-org/security/beside"
    hq.hire("xan", "beside", projects("role:cleared", elsewhere))
    patch = Patch(hq)
    part, _ = patch.request("strict", "master", project=elsewhere)

    def gate(who: str) -> Any:
        return hq.post(who, GATE, {"i": part}).json()["data"]["mergeRequest"]["can"]

    without = gate("xan")
    patch.do("IncludeRelease", mergeRequests=[part])
    assert hq.ask("xan", "Release", id=patch.id) is None
    assert gate("xan") == without
    assert gate("rhea") != without
    patch.do("AbortRelease", reason="Another way was found.")
