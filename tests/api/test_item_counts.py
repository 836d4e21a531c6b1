"""A release counts for everybody what its list has for them, now and as it stood."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

import pytest

from tests.api import fixes
from tests.api.company import Headquarters
from tests.api.counted import statements

COUNTED = """query($i: ID!) { release(id: $i) { itemCount }
  inclusions(filter: {release: $i}, first: 100) { totalCount { count } edges { node { included } } }
}"""
THEN = "query($i: ID!, $t: DateTime!) { release(id: $i, asOf: {time: $t}) { itemCount } }"
MANY = "query($n: Int!) { releases(first: $n) { edges { node { itemCount } } } }"


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Numbers for merge requests, each used once."""
    return count(45000)


def counted(hq: Headquarters, who: str, release: str) -> tuple[int, int]:
    """How much somebody is told to be in a release, and how much they find in it."""
    data = hq.post(who, COUNTED, {"i": release}).json()["data"]
    found = [each["node"]["included"] for each in data["inclusions"]["edges"]]
    return data["release"]["itemCount"], sum(found)


def stood(hq: Headquarters, who: str, release: str, at: str) -> int:
    """How much was in it at a moment."""
    told = hq.post(who, THEN, {"i": release, "t": at}).json()["data"]
    return int(told["release"]["itemCount"])


def now() -> str:
    return datetime.now(UTC).isoformat()


@pytest.mark.req("S1-12", "S3-03", "X-05")
@pytest.mark.parametrize("out", [True, False])
@pytest.mark.parametrize("as_commit", [True, False])
def test_a_release_counts_what_its_list_has(
    hq: Headquarters, numbers: Iterator[int], out: bool, as_commit: bool
) -> None:
    number = next(numbers)
    hole, other = (
        fixes.merge_request(hq, each, "master", embargoed=False) for each in (number, next(numbers))
    )
    release = fixes.monthly(hq)
    empty = now()
    commit = {"commit": f"{number:040x}", "coveredBy": hole}
    whole = {"commits": [commit], "mergeRequests": [other]}
    inside = whole if as_commit else {"mergeRequests": [hole, other]}
    hq.do("viktor", "IncludeRelease", id=release, **inside)
    filled = now()
    assert {counted(hq, who, release) for who in ("nils", "quinn")} == {(2, 2)}
    if out:
        hq.do("viktor", "AbortRelease", id=release, reason="It is not wanted.")
    hq.do("quinn", "ConcealMergeRequest", id=hole, reason="It is a hole.")
    kept = 2 if out else 1
    assert counted(hq, "nils", release) == (1, 1)
    assert counted(hq, "quinn", release) == (kept, kept)
    for who, before in (("nils", 1), ("quinn", 2)):
        assert [stood(hq, who, release, at) for at in (empty, filled)] == [0, before], who


def test_many_releases_are_counted_at_once(hq: Headquarters) -> None:
    for _ in range(3):
        fixes.monthly(hq)
    taken = []
    for many in (1, 3):
        hq.post("nils", MANY, {"n": many})
        with statements(hq.engine) as seen:
            hq.post("nils", MANY, {"n": many})
        taken.append(len(seen))
    assert taken[0] == taken[1]
