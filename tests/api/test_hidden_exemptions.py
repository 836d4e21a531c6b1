"""A hidden release goes past a lock by an exemption that hides with it; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.derived.identity import global_id
from tests.api.company import Headquarters
from tests.api.patches import Patch, hire

NOTHING: dict[str, Any] = {"totalCount": {"count": 0}, "edges": []}
EXEMPTIONS = """query($l: ID!) { exemptions(filter: {lock: $l}) {
  totalCount { count } edges { node { id reason } } } }"""
ONE = "query($i: ID!) { node(id: $i) { id } exemption(id: $i) { reason } }"


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    """The company with those who take part in patches."""
    hire(hq)
    return hq


def locked(hq: Headquarters) -> str:
    """A lock of where patches go out, from which somebody exempts who is cleared, or is not."""
    until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    exempters = [hq.id("saga"), hq.id("kofi")]
    terms = {"title": "Stop", "kind": "HARD", "until": until, "environments": ["release"]}
    given = {**terms, "exempters": exempters}
    return str(hq.do("rhea", "DeclareLock", terms=given)["id"])


@pytest.mark.req("S1-12", "S0-12", "S0-13")
def test_a_hidden_patch_is_exempt_and_nobody_else_sees_that_it_is(crew: Headquarters) -> None:
    hq, patch, lock = crew, Patch(crew), locked(crew)
    wish = {"lock": lock, "release": patch.id, "reason": "The hole is being used."}
    unknown = {**wish, "release": global_id("Release", "0" * 32)}
    for who in ("olga", "kofi", "wanda"):
        for each in (wish, unknown):
            assert hq.refused(who, "RequestExemption", **each) == ["unknown_subject"]
    assert "hard_locked" in patch.codes("DEPLOY", environment="release")
    known = {"filter": {"aggregate": "exemption"}, "first": 50}
    before = hq.ask("wanda", "Events", **known)
    exemption = hq.do("dina", "RequestExemption", **wish)["id"]
    never = global_id("Exemption", "0" * 32)
    for who in ("olga", "kofi", "wanda"):
        told = hq.post(who, EXEMPTIONS, {"l": lock}).json()["data"]["exemptions"]
        assert told == NOTHING
        for id in (exemption, never):
            assert hq.refused(who, "ApproveExemption", id=id) == ["not_found"]
            told = hq.post(who, ONE, {"i": id}).json()["data"]
            assert told == {"node": None, "exemption": None}
            assert hq.ask(who, "History", id=id, first=9)["edges"] == []
    assert "hard_locked" in patch.codes("DEPLOY", environment="release")
    hq.do("saga", "ApproveExemption", id=exemption)
    assert "hard_locked" not in patch.codes("DEPLOY", environment="release")
    assert hq.ask("wanda", "Events", **known) == before
    shown = hq.post("saga", EXEMPTIONS, {"l": lock}).json()["data"]["exemptions"]
    assert [each["node"]["id"] for each in shown["edges"]] == [exemption]
    patch.do("AbortRelease", reason="Only asked.")
    hq.do("rhea", "LiftLock", id=lock, reason="Only asked.")
