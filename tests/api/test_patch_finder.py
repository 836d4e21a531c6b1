"""Who found a vulnerability speaks for application security of no patch that mends it."""

from __future__ import annotations

import pytest

from tests.api.company import Headquarters
from tests.api.patches import Patch, hire

ASSESS = {"requirement": "assessment", "gate": "enter_phase:first_steps", "judgement": "HOLDS"}


@pytest.fixture(scope="module")
def crew(hq: Headquarters) -> Headquarters:
    hire(hq)
    return hq


@pytest.mark.req("S1-20", "S1-40", "S1-41")
def test_who_found_it_neither_assesses_nor_agrees_for_a_critical_patch(crew: Headquarters) -> None:
    patch = Patch(crew, "critical_patch")
    patch.fix()
    assert crew.refused(
        "noor", "AttestRelease", id=patch.id, seen=patch.state["revision"], **ASSESS
    ) == ["own_find"]
    when = patch.propose(patch.id)
    agreeing = {"id": when["id"], "seen": when["revision"]}
    told = crew.refused("noor", "AgreeToAccord", rule="appsec", **agreeing)
    assert set(told) == {"own_find", "own_change"}
    crew.do("rune", "AgreeToAccord", rule="release_managers", **agreeing)
    crew.do("saga", "AgreeToAccord", rule="appsec", **agreeing)
    [found] = crew.ask("saga", "Accords", subject=patch.id)["edges"]
    assert found["node"]["agreed"]
    patch.by("saga", "AttestRelease", **ASSESS)
    assert patch.codes("ENTER_PHASE") == set()
    patch.do("AbortRelease", reason="Only asked.")
