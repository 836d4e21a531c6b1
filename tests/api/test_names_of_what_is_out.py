"""Whoever is not cleared learns from no name of what went out that more had been in it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.company import Headquarters
from tests.api.patches import Patch, hire

NAMED = "manifest digest attestations { digest cargo } deliveries { cargo }"
THEN = f"query($i: ID!, $t: AsOf!) {{ release(id: $i, asOf: $t) {{ {NAMED} }} }}"
NOW = f"""query($i: ID!, $commit: String!) {{ release(id: $i) {{ {NAMED} }}
  evidenceReports(first: 50, filter: {{subject: $commit}}) {{
    edges {{ node {{ id name manifest }} }} }}
  history(id: $i, first: 100) {{ edges {{ node {{ kind details {{ name value }} }} }} }} }}"""
SAID = """query($i: ID!) { history(id: $i, first: 100) {
  edges { node { kind details { name value } } } } }"""
NAME = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
OTHER = re.compile(
    r"[0-9a-f]{32,40}(?![0-9a-f])|\d{4}-\d\d-\d\dT[0-9:.+Z]+|[\w\-]{24,}={0,2}|\d{4,}"
)


class World:
    """A patch that is out, what was hidden beside it, and the moments that it went through."""

    def __init__(self, hq: Headquarters, *, beside: bool) -> None:
        """With what stays hidden in the patch for a while, or never in it."""
        self.hq, self.patch, self.beside = hq, Patch(hq), beside
        self.moments: list[str] = []
        other, parts = self.patch.complete()
        fix, made = self.patch.complete()
        self.patch.aim()
        self._beside("LinkSecurityFix", id=other, tracker=self.patch.id)
        hq.do("rhea", "LinkSecurityFix", id=fix, tracker=self.patch.id)
        secret = {"id": self.patch.id, "mergeRequests": [id for id, _ in parts]}
        self._beside("IncludeRelease", **secret)
        self.patch.do("IncludeRelease", mergeRequests=[id for id, _ in made])
        self._look()
        self._beside("ExcludeRelease", **secret, reason="Not yet.")
        self._beside("UnlinkSecurityFix", id=other, reason="Not yet.")
        self.patch.enter()
        self.patch.to_preparation(made)
        self.patch.tag_and_test()
        self._look()
        self.patch.do("PublishRelease")
        self._look()

    def _beside(self, name: str, /, **given: Any) -> None:
        if self.beside:
            self.hq.do("rhea", name, **given)
        self._look()

    def _look(self) -> None:
        """A moment at which CI compares, as it does whenever something may have moved."""
        self.patch.compare(self.patch.id, *self.patch.commits.values())
        self.moments.append(datetime.now(UTC).isoformat())

    def told(self, who: str) -> tuple[list[Any], list[Any]]:
        """How it stood to somebody at each of these moments, and what is told of it now."""
        id, commit = self.patch.id, next(iter(self.patch.commits.values()))
        then = [self._asked(who, THEN, i=id, t={"time": each}) for each in self.moments]
        now = self._asked(who, NOW, i=id, commit=commit)
        reports = (each["node"]["id"] for each in now["evidenceReports"]["edges"])
        said = [self._asked(who, SAID, i=each) for each in reports]
        return _plain(then), _plain([now, *said])

    def _asked(self, who: str, query: str, **given: Any) -> Any:
        answer = self.hq.post(who, query, given).json()
        assert "errors" not in answer, answer
        return answer["data"]


def _plain(told: list[Any]) -> list[Any]:
    """Names as numbers by order of appearance, without what else no two have in common."""
    order: dict[str, int] = {}
    text = NAME.sub(lambda e: f"<{order.setdefault(e[0], len(order))}>", json.dumps(told))
    found: list[Any] = json.loads(OTHER.sub("#", text))
    return found


@pytest.fixture(scope="session")
def worlds(hq: Headquarters) -> tuple[World, World]:
    """A patch in which something hidden was for a while, and one in which nothing was."""
    hire(hq)
    return World(hq, beside=True), World(hq, beside=False)


@pytest.mark.req("S1-12", "X-05")
@pytest.mark.parametrize("who", ["wanda", "nils"])
def test_no_name_tells_that_something_hidden_had_been_in_what_is_out(
    worlds: tuple[World, World], who: str
) -> None:
    (then, now), (plain_then, plain_now) = (each.told(who) for each in worlds)
    assert then == plain_then
    assert json.dumps(now, indent=1).split("\n") == json.dumps(plain_now, indent=1).split("\n")


@pytest.mark.req("S1-12")
def test_who_is_cleared_reads_what_a_commit_was_compared_with(
    worlds: tuple[World, World],
) -> None:
    with_it, _ = worlds
    (then, now), (told, _) = with_it.told("saga"), with_it.told("nils")
    assert len({each["release"]["manifest"] for each in then}) > len(
        {each["release"]["manifest"] for each in told}
    )
    compared = [each["node"] for each in now[0]["evidenceReports"]["edges"]]
    assert all(each["manifest"] for each in compared if each["name"] == "contents")


@pytest.mark.req("S1-12")
def test_a_report_on_what_is_out_already_says_what_it_was_compared_with(
    worlds: tuple[World, World],
) -> None:
    with_it, _ = worlds
    (_, (now, *_)) = with_it.told("nils")
    named = [each["node"]["manifest"] for each in now["evidenceReports"]["edges"]]
    assert now["release"]["manifest"] in named


@pytest.mark.req("S1-12")
def test_no_digest_is_told_that_what_else_is_told_could_be_checked_against(
    worlds: tuple[World, World],
) -> None:
    told = {who: _moves(worlds[0], who) for who in ("nils", "wanda", "saga")}
    assert told == {"nils": [False], "wanda": [False], "saga": [True] * 3}


def _moves(world: World, who: str) -> list[bool]:
    """Of each move that somebody is told of, whether they are told the digest of the contents."""
    edges = world.told(who)[1][0]["history"]["edges"]
    moves = (e["node"] for e in edges if e["node"]["kind"].endswith(("included", "excluded")))
    return [any(each["name"] == "contents" for each in move["details"]) for move in moves]
