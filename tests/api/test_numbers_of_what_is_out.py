"""What is out counts, for whoever may not see all of its past, what they are told of."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from api.demo.cast import services
from tests.api.company import Headquarters
from tests.api.patches import Patch, hire

NUMBERS = """query($i: ID!) { release(id: $i) { version revision contributors { handle } }
  history(id: $i, first: 100) { edges { node { kind version details { name value } } } } }"""
ANNOUNCE = """mutation($i: ID!, $seen: Int!) { announceRelease(input: {id: $i, seen: $seen,
  location: "https://about.example/patch"}) { release { version revision }
  problems { code message } } }"""


class Numbers(NamedTuple):
    """What somebody is told of a release in numbers."""

    version: int
    revision: int
    contributors: set[str]
    versions: list[int]
    revisions: list[int]


def numbers(hq: Headquarters, who: str, id: str) -> Numbers:
    """What somebody is told of a release in numbers, oldest first."""
    answer = hq.post(who, NUMBERS, {"i": id}).json()
    assert "errors" not in answer, answer
    told, past = answer["data"]["release"], answer["data"]["history"]["edges"][::-1]
    said = [each for e in past for each in e["node"]["details"] if each["name"] == "revision"]
    return Numbers(
        told["version"],
        told["revision"],
        {each["handle"] for each in told["contributors"]},
        [e["node"]["version"] for e in past],
        [int(each["value"]) for each in said],
    )


@pytest.fixture(scope="session")
def shared(hq: Headquarters) -> tuple[Patch, list[str]]:
    """A patch that is out, and what somebody else had put in meanwhile and is hidden still."""
    hire(hq)
    patch = Patch(hq)
    other, parts = patch.complete()
    fix, made = patch.complete()
    secret = [id for id, _ in parts]
    hq.do("rhea", "LinkSecurityFix", id=other, tracker=patch.id)
    patch.by("rune", "IncludeRelease", mergeRequests=secret)
    hq.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    patch.do("IncludeRelease", mergeRequests=[id for id, _ in made])
    patch.by("rune", "ExcludeRelease", mergeRequests=secret, reason="Not yet.")
    hq.do("rhea", "UnlinkSecurityFix", id=other, reason="Not yet.")
    patch.to_publication(made)
    patch.do("PublishRelease")
    return patch, secret


@pytest.mark.req("S1-12", "X-05")
@pytest.mark.parametrize("who", ["wanda", "nils"])
def test_versions_and_revisions_rise_by_one_for_who_may_not_see_all(
    hq: Headquarters, shared: tuple[Patch, list[str]], who: str
) -> None:
    patch, _ = shared
    told, full = numbers(hq, who, patch.id), numbers(hq, "saga", patch.id)
    assert told.versions == list(range(1, told.version + 1))
    assert told.revisions == list(range(2, told.revision + 1))
    assert (full.version - told.version, full.revision - told.revision) == (2, 2)
    assert full.versions == list(range(1, full.version + 1))
    assert full.revisions == list(range(2, full.revision + 1))
    assert (told.contributors, full.contributors) == ({"rhea"}, {"rhea", "rune"})


@pytest.mark.req("S1-12", "X-05")
def test_who_acts_on_what_is_out_names_the_number_that_they_are_told(
    hq: Headquarters, shared: tuple[Patch, list[str]]
) -> None:
    patch, _ = shared
    who = f"outside-{patch.mark}"
    hq.hire(who, who, services("role:release_manager"))
    told, full = numbers(hq, who, patch.id), numbers(hq, "saga", patch.id)
    assert full.revision == told.revision + 2
    refused = announced(hq, who, patch.id, full.revision)["problems"]
    assert [each["code"] for each in refused] == ["moved_on"]
    assert f"is {told.revision} now" in refused[0]["message"]
    assert announced(hq, who, patch.id, told.revision) == {
        "release": {"version": told.version + 1, "revision": told.revision},
        "problems": [],
    }
    assert hq.ask("saga", "Release", id=patch.id)["revision"] == full.revision


def announced(hq: Headquarters, who: str, id: str, seen: int) -> dict[str, Any]:
    """What somebody is answered who says where a release was announced."""
    answer = hq.post(who, ANNOUNCE, {"i": id, "seen": seen}).json()
    assert "errors" not in answer, answer
    told: dict[str, Any] = answer["data"]["announceRelease"]
    return told
