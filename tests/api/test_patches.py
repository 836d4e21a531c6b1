"""A planned and a critical patch travel over GraphQL, each from draft to close."""

from __future__ import annotations

from typing import Any

import pytest

from api.demo.cast import Role
from tests.api import fixes
from tests.api.company import Headquarters
from tests.api.patches import ADDRESS, BRANCHES, PROJECT, Patch, hire

CONTENTS = {"fix_not_included", "fix_not_linked"}


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    """The company with those who take part in patches."""
    hire(hq)
    return hq


def still_counted(patch: Patch) -> set[str]:
    """How what was reported of a patch stands."""
    matrix = {each["requirement"]: each["cells"] for each in patch.state["matrix"]}
    return {cell["status"] for name in ("green", "qa") for cell in matrix[name]}


@pytest.mark.req("S1-06", "S1-29", "S1-30", "S1-31", "S1-32", "S1-33", "S1-34", "S1-35")
@pytest.mark.req("S1-36", "S1-37", "S1-38", "S1-39", "S1-55", "X-01")
def test_a_planned_patch_travels_from_draft_to_close(crew: Headquarters) -> None:
    patch = Patch(crew)
    fix = patch.fix()
    patch.aim()
    assert patch.enter() == "first_steps"
    assert crew.refused("rhea", "EnterReleasePhase", id=patch.id) == ["tasks_open"]
    patch.to_preparation(fix)
    told = {"id": patch.id, "mergeRequests": [patch.request("strict", "master")[0]]}
    assert crew.refused("rhea", "IncludeRelease", **told) == ["past_cut_off"]
    patch.tag_and_test()
    assert patch.codes("ENTER_PHASE") == {"not_published"}
    assert crew.ask("wanda", "Release", id=patch.hosted) is None
    patch.propose(patch.hosted)
    assert crew.ask("wanda", "Accords", subject=patch.hosted)["edges"] == []
    patch.do("PublishRelease")
    assert crew.ask("wanda", "Release", id=patch.hosted)["itemCount"] == 1
    assert len(crew.ask("wanda", "Accords", subject=patch.hosted)["edges"]) == 1
    seen = crew.ask("wanda", "ReleaseGate", id=patch.id, action="PUBLISH")["can"]["verdict"]
    assert "changes_not_deployed" not in {each["code"] for each in seen["findings"]}
    assert patch.enter() == "final"
    assert patch.codes("CLOSE") == {"not_announced", "not_in_sync", "tasks_open"}
    assert patch.do("AnnounceRelease", location=ADDRESS)["announcement"] == ADDRESS
    patch.sync(master="e" * 40)
    assert "not_in_sync" in patch.codes("CLOSE")
    patch.sync()
    patch.finish("final")
    assert patch.do("CloseRelease")["status"] == "CLOSED"
    assert still_counted(patch) == {"SATISFIED"}, "what counted while it was hidden counts shown"
    reports = [each["node"] for each in crew.ask("wanda", "Syncs", release=patch.id)["edges"]]
    told_by = [(each["repository"], each["reporter"]["handle"]) for each in reports]
    assert told_by == [(PROJECT, "patchbot")] * 2


@pytest.mark.req("S1-11", "S1-27", "S1-30", "S1-51")
def test_a_fix_that_is_linked_and_left_out_stops_the_patch_and_so_does_one_slipped_in(
    crew: Headquarters,
) -> None:
    patch = Patch(crew)
    fix, made = patch.complete()
    crew.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    assert patch.codes("PUBLISH") & CONTENTS == {"fix_not_included"}
    parts = [id for id, _ in made]
    patch.do("IncludeRelease", mergeRequests=parts[:-1])
    assert patch.codes("PUBLISH") & CONTENTS == {"fix_not_included"}
    patch.do("IncludeRelease", mergeRequests=parts[-1:])
    assert patch.codes("PUBLISH").isdisjoint(CONTENTS)
    stray, _ = patch.request("strict", "master")
    patch.do("IncludeRelease", mergeRequests=[stray])
    assert patch.codes("PUBLISH") & CONTENTS == {"fix_not_linked"}
    patch.do("ExcludeRelease", mergeRequests=[stray], reason="It is part of no complete fix.")
    assert patch.enter() == "first_steps"
    patch.finish("first_steps")
    assert patch.enter() == "early_merge"
    late, _ = patch.complete(label=False)
    told = {"id": late, "tracker": patch.id}
    assert crew.refused("rhea", "LinkSecurityFix", **told) == ["past_cut_off"]
    crew.do("rhea", "UnlinkSecurityFix", id=fix, reason="It breaks something.")
    assert patch.codes("PUBLISH") & CONTENTS == {"fix_not_linked"}


@pytest.mark.req("S1-19", "S1-20", "S1-21", "S1-27")
def test_a_fix_that_is_linked_stays_as_it_was_reviewed_or_stops_the_patch(
    crew: Headquarters,
) -> None:
    patch = Patch(crew)
    fix, made = patch.complete()
    crew.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    patch.do("IncludeRelease", mergeRequests=[id for id, _ in made])
    last, other = made[-1][0], patch.request("bug_fix", "master")[0]
    for act, part in (("add", other), ("remove", last)):
        told = asked(crew, f"{act}SecurityFixMergeRequest", id=fix, mergeRequest=part)
        assert told == ["linked"]
    assert "fix_incomplete" not in patch.codes("PUBLISH")
    assert asked(crew, "untickSecurityFix", id=fix, item="tested") == []
    assert asked(crew, "closeMergeRequest", id=last, reason="It does not apply.") == []
    gate = {"id": patch.id, "action": "PUBLISH"}
    found = crew.ask("rhea", "ReleaseGate", **gate)["can"]["verdict"]["findings"]
    [lost] = [each for each in found if each["code"] == "fix_incomplete"]
    assert lost["missing"] == [fix]
    assert ("boxes" in lost["message"], BRANCHES[-1] in lost["message"]) == (True, True)
    assert asked(crew, "tickSecurityFix", id=fix, item="tested") == []
    assert asked(crew, "reopenMergeRequest", id=last) == []
    assert "fix_incomplete" not in patch.codes("PUBLISH")


@pytest.mark.req("S1-12", "X-05")
def test_a_report_that_hides_has_nothing_in_the_open_ask_for_more(crew: Headquarters) -> None:
    patch = Patch(crew)
    bug, head = patch.request("bug_fix", BRANCHES[0], embargoed=False)
    patch.report("package_and_test", head, outcome="FAILED", manifest=patch.state["manifest"])
    told = {who: followed(crew, who, bug, head) for who in ("wanda", "olga", "rhea")}
    assert told == {"wanda": ([], 0), "olga": ([], 0), "rhea": ([], 1)}
    patch.report("package_and_test", head, outcome="FAILED")
    told = {who: followed(crew, who, bug, head) for who in ("wanda", "olga", "rhea")}
    assert told == {"wanda": (["patchci"], 1), "olga": (["patchci"], 1), "rhea": (["patchci"], 2)}


def followed(crew: Headquarters, who: str, id: str, head: str) -> tuple[list[str], int]:
    """Because of whom more reviews were demanded, and how many reports somebody sees."""
    document = """query($i: ID!, $h: String) {
      history(id: $i) { edges { node { kind actor { handle } } } }
      evidenceReports(filter: {subject: $h}) { edges { node { id } } } }"""
    found = crew.post(who, document, {"i": id, "h": head}).json()["data"]
    events = [each["node"] for each in found["history"]["edges"]]
    demanded = [each for each in events if each["kind"] == "merge_request.review_demanded"]
    return [each["actor"]["handle"] for each in demanded], len(found["evidenceReports"]["edges"])


def asked(crew: Headquarters, act: str, **given: Any) -> list[str]:
    """Why something is not done for the developer, for which front ends have no operation."""
    name = f"{act[0].upper()}{act[1:]}Input"
    document = f"mutation($i: {name}!) {{ {act}(input: $i) {{ problems {{ code }} }} }}"
    payload = crew.post("dina", document, {"i": given}).json()["data"][act]
    return [each["code"] for each in payload["problems"]]


@pytest.mark.req("S1-07", "S1-40", "S1-42", "S1-46", "S1-47", "S1-48", "S1-49")
def test_a_critical_patch_travels_from_draft_to_close(crew: Headquarters) -> None:
    patch = Patch(crew, "critical_patch")
    fix = patch.fix()
    patch.aim()
    refused = crew.refused("rhea", "EnterReleasePhase", id=patch.id)
    assert set(refused) == {"attestation_missing", "not_agreed"}
    patch.agree()
    told = {"requirement": "assessment", "gate": "enter_phase:first_steps", "judgement": "HOLDS"}
    patch.by("saga", "AttestRelease", **told)
    assert patch.enter() == "first_steps"
    patch.to_preparation(fix)
    patch.tag_and_test()
    assert patch.codes("PUBLISH") == {"attestation_missing"}
    one = next(iter(patch.commits.values()))
    patch.report("unit_tests", one, outcome="FAILED")
    assert patch.codes("PUBLISH") == {"attestation_missing", "evidence_failed"}
    patch.report("unit_tests", one)
    told = {"requirement": "announcement", "gate": "publish", "judgement": "HOLDS"}
    patch.by("saga", "AttestRelease", **told)
    patch.do("PublishRelease")
    assert patch.enter() == "final"
    patch.do("AnnounceRelease", location=ADDRESS)
    patch.sync()
    patch.finish("final")
    assert patch.do("CloseRelease")["status"] == "CLOSED"


REVERTING = """query($id: ID!) { mergeRequest(id: $id) { can(action: REVERT) {
  allowed explanation { impossibleReason ways { acts { action rule count description total
    people { handle } } } } } } }"""


def helping(crew: Headquarters, id: str) -> list[tuple[Any, set[str]]]:
    """The acts that would help to take it back, all of them, and who may."""
    told = crew.post("rhea", REVERTING, {"id": id}).json()["data"]["mergeRequest"]["can"]
    assert not told["allowed"]
    assert told["explanation"]["impossibleReason"] is None
    [way] = told["explanation"]["ways"]
    return [(act, {each["handle"] for each in act["people"]}) for act in way["acts"]]


def merged(crew: Headquarters) -> str:
    """A fix that was merged to the default branch."""
    patch = Patch(crew)
    (first, _), *_ = patch.fix()
    patch.enter()
    patch.finish("first_steps")
    patch.enter()
    patch.merge(first)
    return first


@pytest.mark.req("S1-52", "S1-53", "S1-54")
def test_who_could_have_a_merged_fix_taken_back_is_named_with_the_ways(crew: Headquarters) -> None:
    first = merged(crew)
    (act, people), *agreeing = helping(crew, first)
    assert [(e["action"], e["rule"], e["count"]) for e, _ in agreeing] == [
        ("accord.agree", "appsec", 1),
        ("accord.agree", "release_managers", 1),
    ]
    assert all(who and who.isdisjoint({"dina", "wanda"}) for _, who in agreeing), "nor who wrote it"
    assert (act["action"], act["count"]) == ("accord.propose", 1)
    ways = ("fix_in_the_open", "replace_the_fix", "take_back")
    assert all(f"({each})" in act["description"] for each in ways)
    assert {"rune", "rhea", "saga", "dina"} <= people
    assert people.isdisjoint({"wanda", "patchbot", "patchci"})
    told = {"playbook": "planned_patch", "kind": "revert", "subject": first}
    terms = {"wording": "It takes the service down.", "path": "take_back"}
    crew.do("rune", "ProposeAccord", **told, terms=terms)
    both = helping(crew, first)
    assert {(act["action"], act["count"]) for act, _ in both} == {("accord.agree", 1)}
    parties = {act["rule"]: people for act, people in both}
    assert parties.keys() == {"appsec", "release_managers"}
    assert "saga" in parties["appsec"]
    assert "rhea" in parties["release_managers"]
    for people in parties.values():
        assert people.isdisjoint({"rune", "dina", "wanda"}), "neither who asks nor who wrote it"


@pytest.mark.req("S1-52", "S1-53", "S1-54")
def test_a_merged_fix_is_taken_back_by_agreement_and_never_alone(crew: Headquarters) -> None:
    first = merged(crew)
    given = {"id": first, "reason": "It takes the service down."}
    assert crew.refused("rhea", "RevertMergeRequest", **given) == ["not_agreed"]
    told = {"playbook": "planned_patch", "kind": "revert", "subject": first}
    terms = {"wording": "It takes the service down.", "path": "take_back"}
    back = crew.do("rune", "ProposeAccord", **told, terms=terms)["id"]
    own = {"id": back, "rule": "release_managers", "seen": 1, "reason": "It is mine."}
    assert crew.refused("dina", "ObjectToAccord", **own) == ["not_found"]
    crew.do("saga", "ObjectToAccord", id=back, rule="appsec", seen=1, reason="Wait a little.")
    for who, rule in (("saga", "appsec"), ("rhea", "release_managers")):
        crew.do(who, "AgreeToAccord", id=back, rule=rule, seen=1)
    assert crew.refused("rhea", "AgreeToAccord", id=back, rule="appsec", seen=2) == ["moved_on"]
    [found] = crew.ask("saga", "Accords", subject=first)["edges"]
    assert found["node"]["agreed"]
    assert crew.ask("wanda", "Accords", subject=first)["edges"] == []
    other = terms | {"path": "replace_the_fix"}
    crew.do("rune", "ReviseAccord", id=back, terms=other, seen=found["node"]["version"])
    assert crew.refused("rhea", "RevertMergeRequest", **given) == ["not_agreed"]
    for who, rule in (("saga", "appsec"), ("rhea", "release_managers")):
        crew.do(who, "AgreeToAccord", id=back, rule=rule, seen=2)
    assert crew.do("rhea", "RevertMergeRequest", **given)["revertedAt"]


@pytest.mark.req("S1-50")
def test_the_next_patch_is_told_to_those_who_are_cleared(crew: Headquarters) -> None:
    patch = Patch(crew)
    patch.fix()
    asked = {"service": "storefront", "kind": "planned_patch", "first": 100}
    for who in ("rhea", "saga"):
        found = [each["node"] for each in crew.ask(who, "NextPatches", **asked)["edges"]]
        [told] = [each for each in found if each["id"] == patch.id]
        assert told["plan"]["versions"] == list(patch.commits)
        assert (told["status"], told["itemCount"], told["publishedAt"]) == ("PLANNING", 4, None)
        assert told["scheduled"] is not None
        missing = {
            each["requirement"] for each in told["can"]["verdict"]["findings"] if each["code"]
        }
        assert {"hosted_first", "authorised", "tagged", "qa"} <= missing
        dates = [each["scheduled"] for each in found]
        assert dates == sorted(dates), "the soonest first"
        assert "CLOSED" not in {each["status"] for each in found}
    open_to_all = [each["node"] for each in crew.ask("wanda", "NextPatches", **asked)["edges"]]
    assert patch.id not in {each["id"] for each in open_to_all}
    patch.do("AbortRelease", reason="Nothing is left of it.")
    left = [each["node"] for each in crew.ask("rhea", "NextPatches", **asked)["edges"]]
    assert patch.id not in {each["id"] for each in left}


@pytest.mark.req("X-07")
def test_a_clearance_elsewhere_shows_nothing_of_a_hidden_release_without_a_project(
    crew: Headquarters,
) -> None:
    crew.hire("zara", "elsewhere", Role("role:appsec", "project", "else/where"))
    plan = {"title": "Close it", "service": "storefront", "versions": ["17.9.202603021200"]}
    told = {"playbook": "gitlab", "kind": "auto_deploy", "plan": plan, "embargoed": True}
    id = crew.do("rhea", "OpenRelease", **told)["id"]
    crew.do("rhea", "IncludeRelease", id=id, commits=[{"commit": "c" * 40}])
    assert len(crew.ask("rhea", "Inclusions", release=id)["edges"]) == 1
    for who in ("zara", "wanda"):
        assert crew.ask(who, "Inclusions", release=id)["edges"] == []


@pytest.mark.req("X-05", "S1-41")
def test_who_could_help_a_hidden_patch_is_told_of_those_who_may_know_of_it(
    crew: Headquarters,
) -> None:
    patch = Patch(crew, "critical_patch")
    asked = {"id": patch.id, "action": "TAG"}
    told = patch.hq.ask("rhea", "ReleaseGate", **asked)["can"]["explanation"]
    assert told["impossibleReason"] is None
    slots = [slot for way in told["ways"] for slot in way["acts"]]
    named = {slot["action"]: {each["handle"] for each in slot["people"]} for slot in slots}
    assert "patchci" in named["evidence.report"]
    assert "patchbot" not in named["evidence.report"], "its word would not count"
    assert "patchbot" not in named["release.aim"], "it is not cleared: it finds no such release"
    phase = patch.hq.ask("rhea", "ReleaseGate", id=patch.id, action="ENTER_PHASE")["can"]
    assert phase["explanation"]["impossibleReason"] is None, "everybody may propose an accord"
    patch.do("AbortRelease", reason="Only asked.")


@pytest.mark.req("S1-12")
def test_who_could_see_a_hidden_release_is_told_to_who_can(crew: Headquarters) -> None:
    patch = Patch(crew)
    patch.fix()
    found = crew.ask("rhea", "ReleaseOnlookers", id=patch.id)["onlookers"]
    told = {e["person"]["handle"]: (e["grant"] and e["grant"]["role"], e["acts"]) for e in found}
    assert told["saga"] == ("role:appsec", 0)
    assert told["rhea"][1] >= 2, "opened it, and put the fix in"
    assert not {"wanda", "nils", "uma"} & told.keys()
    assert crew.ask("wanda", "ReleaseOnlookers", id=patch.id) is None
    plain = fixes.monthly(crew)
    assert crew.ask("wanda", "ReleaseOnlookers", id=plain)["onlookers"] == []
