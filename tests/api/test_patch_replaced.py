"""Past the cut-off a patch takes what stands in for what was taken back, and nothing else."""

from __future__ import annotations

import pytest

from tests.api.company import Headquarters
from tests.api.patches import BRANCHES, Patch, hire

WHY = {"reason": "It was a slip."}


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    hire(hq)
    return hq


def take_back(crew: Headquarters, id: str) -> None:
    """Have both parties agree that another fix takes its place, and revert it."""
    told = {"playbook": "planned_patch", "kind": "revert", "subject": id}
    terms = {"wording": "It takes the service down.", "path": "replace_the_fix"}
    back = crew.do("rune", "ProposeAccord", **told, terms=terms)["id"]
    for who, rule in (("saga", "appsec"), ("rhea", "release_managers")):
        crew.do(who, "AgreeToAccord", id=back, rule=rule, seen=1)
    crew.do("rhea", "RevertMergeRequest", id=id, reason="It takes the service down.")


def ported(crew: Headquarters) -> tuple[Patch, str, list[tuple[str, str]]]:
    """A patch in preparation with a fix: both, and the merge requests of that."""
    patch = Patch(crew)
    fix, made = patch.complete()
    crew.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    patch.do("IncludeRelease", mergeRequests=[id for id, _ in made])
    patch.aim()
    patch.enter()
    patch.to_preparation(made)
    return patch, fix, made


@pytest.mark.req("S1-11", "S1-27")
def test_a_fix_that_was_taken_off_by_mistake_is_linked_once_more(crew: Headquarters) -> None:
    patch, fix, made = ported(crew)
    crew.do("saga", "UnlinkSecurityFix", id=fix, **WHY)
    crew.do("saga", "LinkSecurityFix", id=fix, tracker=patch.id)
    patch.do("ExcludeRelease", mergeRequests=[id for id, _ in made], **WHY)
    crew.do("saga", "UnlinkSecurityFix", id=fix, **WHY)
    crew.do("saga", "LinkSecurityFix", id=fix, tracker=patch.id)
    patch.do("IncludeRelease", mergeRequests=[id for id, _ in made])
    late, others = patch.complete(label=False)
    told = {"id": late, "tracker": patch.id}
    assert crew.refused("rhea", "LinkSecurityFix", **told) == ["past_cut_off"]
    put = {"id": patch.id, "mergeRequests": [others[1][0]]}
    assert crew.refused("rhea", "IncludeRelease", **put) == ["past_cut_off"]
    patch.do("AbortRelease", reason="Only asked.")


@pytest.mark.req("S1-11", "S1-27", "S1-52", "S1-54")
def test_another_fix_takes_the_place_of_what_was_taken_back(crew: Headquarters) -> None:
    patch, fix, made = ported(crew)
    link, old = {"id": fix, "tracker": patch.id}, made[1][0]
    take_back(crew, old)
    assert {"fix_incomplete", "not_merged"} <= patch.codes("PUBLISH")
    new, head = patch.request("backport", BRANCHES[0])
    asked = {"id": patch.id, "mergeRequests": [new]}
    assert crew.refused("rhea", "IncludeRelease", **asked) == ["past_cut_off"]
    crew.do("rhea", "UnlinkSecurityFix", id=fix, **WHY)
    crew.do("dina", "AddSecurityFixMergeRequest", id=fix, mergeRequest=new)
    assert crew.refused("rhea", "IncludeRelease", **asked) == ["past_cut_off"], "not linked"
    assert "approvals_missing" in crew.refused("rhea", "LinkSecurityFix", **link)
    patch.ready(new, head, ("mads", "maintainer"))
    crew.do("rhea", "LinkSecurityFix", **link)
    patch.do("IncludeRelease", mergeRequests=[new])
    patch.do("ExcludeRelease", mergeRequests=[old], **WHY)
    patch.merge(new)
    patch.report("applies", head)
    patch.tag_and_test()
    assert patch.codes("PUBLISH") == set()
    patch.do("PublishRelease")
