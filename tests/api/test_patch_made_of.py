"""Over GraphQL, a patch goes out as what CI says that it is, for every version it must have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.company import Headquarters
from tests.api.patches import PROJECT, Patch, commit, hire

REVEAL = "mutation($i: RevealReleaseInput!) { revealRelease(input: $i) { problems { code } } }"


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    hire(hq)
    return hq


@pytest.fixture
def patch(crew: Headquarters) -> Iterator[Patch]:
    """A patch with one fix, of which nothing but publishing is left."""
    made = Patch(crew)
    made.to_publication(made.fix())
    assert made.codes("PUBLISH") == set()
    yield made
    if made.codes("PUBLISH") - {"published_before"}:
        made.do("AbortRelease", reason="Only asked.")


@pytest.mark.req("X-01", "X-02", "S1-02")
def test_a_patch_is_published_whole_and_as_what_ci_says(patch: Patch) -> None:
    hq, (first, *_) = patch.hq, patch.commits
    commit = patch.commits[first]
    told = hq.post("rhea", REVEAL, {"i": {"id": patch.hosted}}).json()["data"]["revealRelease"]
    assert [each["code"] for each in told["problems"]] == ["carries_hidden"]
    patch.report("contents", commit, manifest=patch.state["manifest"], outcome="FAILED")
    assert patch.codes("PUBLISH") == {"commit_not_included"}
    patch.compare(patch.id, commit)
    assert patch.codes("PUBLISH") == set()
    patch.report("pipeline", commit, outcome="FAILED")
    assert patch.codes("PUBLISH") == {"evidence_failed"}
    plan = {"title": "Patch", "service": "storefront", "versions": [first]}
    plan |= {"project": PROJECT, "notes": "Closes a hole."}
    told = {"id": patch.id, "plan": plan, "seen": patch.state["version"]}
    hq.do("rhea", "EditRelease", **told)
    assert {"line_not_covered", "target_not_covered"} <= patch.codes("PUBLISH")
    seen = patch.state["revision"]
    refused = hq.refused("rhea", "PublishRelease", id=patch.id, seen=seen)
    assert {"line_not_covered", "target_not_covered"} <= set(refused)


@pytest.mark.req("X-01", "S1-34")
def test_a_version_of_a_patch_is_not_aimed_at_one_thing_that_is_in_it(crew: Headquarters) -> None:
    patch = Patch(crew)
    fix = patch.fix()
    patch.aim()
    patch.enter()
    patch.to_preparation(fix)
    for version, (_, head) in zip(patch.commits, fix[1:], strict=True):
        patch.do("AimRelease", releaseVersion=version, commit=head)
        patch.report("package_and_test", head)
    version = next(iter(patch.commits))
    told = {"releaseVersion": version, "name": patch.tag(version)}
    assert patch.codes("TAG") == {"commit_not_included"}
    seen = patch.state["revision"]
    refused = crew.refused("rhea", "TagRelease", id=patch.id, seen=seen, **told)
    assert set(refused) == {"commit_not_included"}
    patch.do("AbortRelease", reason="Only asked.")


@pytest.mark.req("S4-04")
def test_a_version_is_published_once(patch: Patch) -> None:
    hq, versions = patch.hq, tuple(patch.commits)
    other = Patch(hq, versions=versions)
    assert not other.codes("PUBLISH") & {"version_taken"}
    assert other.codes("TAG") & {"version_taken"}, "it is tagged"
    patch.do("PublishRelease")
    assert other.codes("PUBLISH") & {"version_taken"}
    told = {
        "releaseVersion": versions[0],
        "seen": other.state["revision"],
        "name": f"v{versions[0]}-other",
    }
    assert "version_taken" in hq.refused("rhea", "TagRelease", id=other.id, **told)
    other.do("AbortRelease", reason="Only asked.")


@pytest.mark.req("X-01", "X-05")
def test_a_push_takes_back_what_ci_said_of_a_patch_and_merging_does_not(
    crew: Headquarters,
) -> None:
    patch = Patch(crew)
    (first, _), (port, _), *rest = fix = patch.fix()
    patch.aim()
    patch.enter()
    patch.finish("first_steps")
    patch.compare(patch.id, *patch.commits.values())
    before, head = patch.state["manifest"], commit()
    crew.do("dina", "PushMergeRequest", id=port, head=head, base="b" * 40)
    pushed = patch.state["manifest"]
    assert pushed != before
    patch.report("pipeline", head)
    crew.do("mads", "SignOffMergeRequest", id=port, rule="maintainer", seen=2)
    patch.enter()
    patch.merge(first)
    patch.host(first)
    patch.report("applies", head, *(made for _, made in fix[1:]))
    patch.enter()
    crew.do("rhea", "MergeMergeRequest", id=port, seen=2)
    for id, _ in rest:
        patch.merge(id)
    patch.enter()
    for name in ("pipeline", "package_and_test"):
        patch.report(name, *patch.commits.values())
    assert patch.state["manifest"] == pushed, "merging moves nothing"
    assert patch.codes("TAG") == {"commit_not_included"}
    patch.compare(patch.id, *patch.commits.values())
    assert patch.codes("TAG") == set()
    patch.do("AbortRelease", reason="Only asked.")


@pytest.mark.req("S1-32", "X-05")
def test_what_applied_to_one_branch_says_nothing_of_another(crew: Headquarters) -> None:
    patch = Patch(crew)
    (first, _), (one, head), (other, second), (_, third) = patch.fix()
    patch.aim()
    patch.enter()
    patch.finish("first_steps")
    patch.enter()
    patch.merge(first)
    patch.host(first)
    patch.report("applies", head, second, third)
    assert patch.codes("ENTER_PHASE") == set()
    for id, made in ((one, second), (other, head)):
        crew.do("dina", "PushMergeRequest", id=id, head=made, base="b" * 40)
    assert "evidence_missing" in patch.codes("ENTER_PHASE")
    patch.report("applies", head, second)
    assert "evidence_missing" not in patch.codes("ENTER_PHASE")
    patch.do("AbortRelease", reason="Only asked.")


@pytest.mark.req("S1-04", "S1-12", "X-01")
@pytest.mark.parametrize("closed", [True, False])
def test_what_went_live_stays_so_as_something_that_went_with_it_hides(
    crew: Headquarters, closed: bool
) -> None:
    patch = Patch(crew)
    (stays, _), (hides, _) = patch.bug("master", "master")
    hosted = patch.host(stays, hides, embargoed=False)
    plan = {"title": "Monthly", "service": "storefront", "project": PROJECT, "versions": ["17.9.0"]}
    told = {"playbook": "gitlab", "kind": "monthly", "plan": plan}
    monthly = crew.do("rhea", "OpenRelease", **told)["id"]
    crew.do("rhea", "IncludeRelease", id=monthly, mergeRequests=[stays])

    def said(who: str) -> list[str]:
        asked = {"id": monthly, "action": "DEPLOY", "environment": "release"}
        found = crew.ask(who, "ReleaseGate", **asked)["can"]["verdict"]["findings"]
        return [each["code"] for each in found if each["requirement"] == "hosted_first"]

    if closed:
        crew.do("rhea", "CloseRelease", id=hosted)
    assert said("dina") == [""]
    crew.do("saga", "ConcealMergeRequest", id=hides, reason="It is a hole.")
    assert {*said("dina"), *said("rhea"), *said("viktor")} == {""}
    if not closed:
        crew.do("rhea", "CloseRelease", id=hosted)
        assert said("dina") == [""]
    for each in (monthly, patch.id):
        crew.do("rhea", "AbortRelease", id=each, reason="Only asked.")
