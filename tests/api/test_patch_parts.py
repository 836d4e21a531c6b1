"""Past its cut-off a patch tells how what its fixes lost comes back, or that they leave it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.company import Headquarters
from tests.api.patches import BRANCHES, Patch, hire

LOST = {"fix_incomplete", "not_authorised", "not_merged", "changes_not_deployed", "carries_hidden"}
CLOSE = """mutation($input: CloseMergeRequestInput!) {
  closeMergeRequest(input: $input) { problems { code } } }"""
REOPEN = """mutation($input: ReopenMergeRequestInput!) {
  reopenMergeRequest(input: $input) { problems { code } } }"""
REVISION = "query($id: ID!) { mergeRequest(id: $id) { revision } }"
Fix = list[tuple[str, str]]


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    """The company with those who take part in patches."""
    hire(hq)
    return hq


def done(hq: Headquarters, who: str, document: str, **given: Any) -> None:
    """Have somebody do what no operation of the front end does."""
    answer = hq.post(who, document, {"input": given}).json()
    (payload,) = answer["data"].values()
    assert payload["problems"] == [], answer


def cut_off(hq: Headquarters) -> tuple[Patch, Fix, str]:
    """A patch of two fixes where all but the last backport of the first is merged; that fix."""
    patch = Patch(hq)
    id, first = patch.linked()
    second = patch.fix()
    patch.aim()
    patch.enter()
    patch.finish("first_steps")
    patch.enter()
    for each in (first, second):
        patch.merge(each[0][0])
    patch.host(first[0][0], second[0][0])
    patch.report("applies", *(head for each in (first, second) for _, head in each[1:]))
    patch.enter()
    for merged, _ in (*first[1:3], *second[1:]):
        patch.merge(merged)
    return patch, first, id


def ways(patch: Patch, act: str) -> list[list[str]]:
    """What each way tells to do, but for what is reported."""
    found = patch.hq.ask("rhea", "ReleaseGate", id=patch.id, action=act)["can"]["explanation"]
    told = [[each["action"] for each in way["acts"]] for way in found["ways"]]
    return [[each for each in way if each != "evidence.report"] for way in told]


def merged_anew(patch: Patch, id: str) -> None:
    """Have what came back signed off anew, and merged."""
    answer = patch.hq.post("mads", REVISION, {"id": id}).json()
    seen = answer["data"]["mergeRequest"]["revision"]
    patch.hq.do("mads", "SignOffMergeRequest", id=id, rule="maintainer", seen=seen)
    patch.hq.do("rhea", "MergeMergeRequest", id=id, seen=seen)


@pytest.mark.req("S1-20", "S1-27", "S1-31", "S1-32")
def test_what_was_closed_is_opened_signed_off_and_merged(crew: Headquarters) -> None:
    patch, fix, _ = cut_off(crew)
    last, _ = fix[3]
    done(crew, "dina", CLOSE, id=last, reason="By mistake.")
    assert patch.codes("ENTER_PHASE") == {"fix_incomplete", "not_authorised"}
    back = ["merge_request.reopen", "merge_request.sign_off", "merge_request.merge"]
    assert ways(patch, "ENTER_PHASE") == [["security_fix.unlink", "release.exclude"], back]
    done(crew, "dina", REOPEN, id=last)
    assert back[1:] in ways(patch, "ENTER_PHASE"), "what its own gate waits for as well"
    merged_anew(patch, last)
    assert patch.enter() == "preparation"


@pytest.mark.req("S1-20", "S1-27", "S1-31", "S1-32")
def test_what_was_aimed_elsewhere_is_aimed_back(crew: Headquarters) -> None:
    patch, fix, _ = cut_off(crew)
    last, head = fix[3]
    crew.do("dina", "RetargetMergeRequest", id=last, target="elsewhere", base="b" * 40)
    assert patch.codes("ENTER_PHASE") == {
        "fix_incomplete",
        "not_authorised",
        "changes_not_deployed",
    }
    back = ["merge_request.retarget", "merge_request.sign_off", "merge_request.merge"]
    assert back in ways(patch, "ENTER_PHASE")
    assert all("release.edit" not in way for way in ways(patch, "ENTER_PHASE")), "no such line is"
    crew.do("dina", "RetargetMergeRequest", id=last, target=BRANCHES[2], base="b" * 40)
    merged_anew(patch, last)
    assert patch.enter() == "preparation"
    assert "evidence_missing" in patch.codes("TAG"), "that it applies there was told before"
    patch.report("applies", head)


@pytest.mark.req("S1-27", "S1-52", "S1-53")
def test_a_fix_of_which_something_was_taken_back_leaves_whole(crew: Headquarters) -> None:
    patch, fix, id = cut_off(crew)
    patch.merge(fix[3][0])
    patch.enter()
    told = {"playbook": "planned_patch", "kind": "revert", "subject": fix[0][0]}
    terms = {"wording": "It takes the service down.", "path": "take_back"}
    back = crew.do("rune", "ProposeAccord", **told, terms=terms)["id"]
    for who, rule in (("saga", "appsec"), ("rhea", "release_managers")):
        crew.do(who, "AgreeToAccord", id=back, rule=rule, seen=1)
    crew.do("rhea", "RevertMergeRequest", id=fix[0][0], reason="It takes the service down.")
    for act in ("TAG", "PUBLISH"):
        assert patch.codes(act) & LOST >= {"not_merged", "changes_not_deployed"}
        first = [each for each in ways(patch, act)[0] if each.startswith("security_fix.")]
        assert first == ["security_fix.unlink"]
        assert ways(patch, act)[0].count("release.exclude") == 1
    assert "carries_hidden" in patch.codes("PUBLISH")
    crew.do("rhea", "UnlinkSecurityFix", id=id, reason="It goes out later.")
    out = {"mergeRequests": [each for each, _ in fix], "reason": "It goes out later."}
    patch.do("ExcludeRelease", **out)
    for act in ("TAG", "PUBLISH"):
        assert patch.codes(act).isdisjoint(LOST)
