"""Who found a vulnerability speaks for application security of no patch that mends it."""

from __future__ import annotations

import pytest

from api.demo.cast import projects
from tests.api.company import Headquarters
from tests.api.patches import Patch, hire

ASSESS = {"requirement": "assessment", "gate": "enter_phase:first_steps", "judgement": "HOLDS"}


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    hire(hq)
    if "mona" not in hq.tokens:
        hq.hire("mona", "patch mona", projects("role:maintainer"))
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


@pytest.mark.req("S1-20", "S1-27", "X-04")
def test_others_approve_anew_what_its_finder_had_approved(crew: Headquarters) -> None:
    patch = Patch(crew)
    fix, made = patch.linked()
    patch.aim()
    patch.enter()
    patch.finish("first_steps")
    crew.do("mads", "ClaimSecurityFixFind", id=fix, reason="It was me.")
    assert patch.codes("ENTER_PHASE") == {"fix_incomplete"}
    ways = ways_of(patch, "ENTER_PHASE")
    assert {action for action, _ in ways} == {"merge_request.sign_off"}
    assert len(ways) == len(made)
    assert all("mona" in people and "mads" not in people for _, people in ways)
    for id, _ in made:
        crew.do("mona", "SignOffMergeRequest", id=id, rule="maintainer", seen=1)
    assert patch.enter() == "early_merge"
    patch.merge(made[0][0])
    patch.host(made[0][0])
    patch.report("applies", *(head for _, head in made[1:]))
    assert patch.enter() == "backports"
    assert crew.ask("saga", "SecurityFixCompleteness", id=fix)["completeness"]["complete"]
    patch.do("AbortRelease", reason="Only asked.")


def ways_of(patch: Patch, action: str) -> list[tuple[str, set[str]]]:
    """What the explanation of a gate names, each act with those who may."""
    told = {"id": patch.id, "action": action}
    [way] = patch.hq.ask("rhea", "ReleaseGate", **told)["can"]["explanation"]["ways"]
    return [(act["action"], {each["handle"] for each in act["people"]}) for act in way["acts"]]
