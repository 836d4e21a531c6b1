"""What is told of a patch once it is out says nothing of a fix that was in it and stays hidden."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from api.derived.identity import read_id
from tests.api.company import Headquarters
from tests.api.patches import BRANCHES, Patch, hire
from tests.api.test_hushed import PROOF, logged, saying, told

OFF = "The other hole is not closed yet."
PLACES = """query($i: ID!) { inclusions(filter: {release: $i}, first: 100) {
  edges { node { id reference } } } }"""
OUTSIDERS = ("nils", "olga", "wanda")
MIXED = 2
"""How many things in the open moved together with what is hidden."""


def moves(hq: Headquarters, who: str, id: str) -> list[Any]:
    """How things moved into a release and out of it, as somebody is told, newest first."""
    kinds = ("release.included", "release.excluded")
    return [each for each in told(hq, who, id) if each["kind"] in kinds]


def nameless(event: Any) -> bool:
    """Whether nothing is told of an event but when it was, and which revision followed."""
    said = saying(event)
    wordless = said.pop("reason", None) is None
    bare = said.keys() == {"contents", "revision", "digest"}
    return bare and wordless and event["actor"] is None and event["behalf"] is None


class Gone(NamedTuple):
    """A patch that is out, and what had been in it and is hidden still: a fix, and its parts."""

    hq: Headquarters
    patch: Patch
    fix: str
    parts: list[tuple[str, str]]


@pytest.fixture(scope="module")
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
        off, mixed_off, mixed, alone, usual, *_ = moves(hq, who, patch.id)
        assert [nameless(off), nameless(alone)] == [True, True], (off, alone)
        for each in (mixed_off, mixed, usual):
            kinds = {name for name in saying(each) if name.endswith("kind")}
            assert kinds == {f"items.{at}.kind" for at in range(MIXED)}
        assert saying(mixed_off)["reason"] is None
        assert saying(usual)["reason"] == "Not yet."
        assert (mixed_off["actor"], mixed["actor"]) == ({"handle": "rune"},) * 2
    for each in moves(hq, "saga", patch.id)[:4]:
        assert each["actor"] == {"handle": "rune"}
        assert saying(each).get("reason", OFF) == OFF


@pytest.mark.req("X-05", "X-07")
def test_an_auditor_finds_no_nameless_one_by_who_asked_for_it_and_gets_no_proof_of_it(
    gone: Gone,
) -> None:
    hq, patch = gone.hq, gone.patch
    known = moves(hq, "wanda", patch.id)
    by_rune = {e["id"] for e in logged(hq, "wanda", actor=hq.id("rune"), aggregate="release")}
    for seen, true in zip(known, moves(hq, "saga", patch.id), strict=True):
        entry = hq.post("wanda", PROOF, {"e": true["id"]}).json()["data"]["proofs"]["entry"]
        assert (entry is None) == nameless(seen)
        assert (true["id"] in by_rune) == (seen["actor"] == {"handle": "rune"})
    assert by_rune.isdisjoint(each["id"] for each in known if nameless(each))


@pytest.mark.req("S1-12", "X-05")
def test_what_else_moved_does_not_say_by_its_number_how_much_there_was(gone: Gone) -> None:
    hq, patch = gone.hq, gone.patch
    for who in OUTSIDERS[:2]:
        found = hq.post(who, PLACES, {"i": patch.id}).json()["data"]["inclusions"]["edges"]
        assert len(found) == len(gone.parts) + MIXED, "what went out, and what else left it"
        for edge in found:
            ids = [each["id"] for each in told(hq, who, edge["node"]["id"])]
            assert {each.rpartition(".")[2] for each in ids} == {"0"}
