"""Bug fixes go out with the current version, and further back by agreement alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.company import Headquarters
from tests.api.patches import BRANCHES, NUMBERS, PROJECT, SIGNERS, Patch, hire

OUTSIDE, OLD = "17-3-stable-ee", "17.3.8"


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    """The company with those who take part in patches."""
    hire(hq)
    return hq


@pytest.mark.req("S1-01", "S1-06", "S1-14", "S1-17", "S1-32")
def test_a_patch_with_bug_fixes_alone_is_published_with_the_current_version_alone(
    crew: Headquarters,
) -> None:
    patch = Patch(crew, versions=(f"17.6.{next(NUMBERS)}",))
    first, port = patch.bug("master", BRANCHES[0])
    patch.aim()
    assert patch.enter() == "first_steps"
    patch.finish("first_steps")
    assert patch.enter() == "early_merge"
    patch.report("applies", port[1])
    assert patch.codes("ENTER_PHASE") == {"changes_not_deployed"}
    patch.host(first[0], embargoed=False)
    assert patch.enter() == "backports"
    assert patch.enter() == "preparation"
    patch.tag_and_test()
    assert patch.codes("PUBLISH") == set()
    patch.do("PublishRelease")
    assert patch.enter() == "final"


@pytest.mark.req("S1-01", "S1-03")
def test_a_bug_fix_that_goes_further_back_is_named_and_stops_the_patch(crew: Headquarters) -> None:
    patch = Patch(crew)
    _, *ports = patch.bug("master", *BRANCHES)
    asked = {"id": patch.id, "action": "TAG"}
    found = crew.ask("rhea", "ReleaseGate", **asked)["can"]["verdict"]["findings"]
    beyond = [each for each in found if each["code"] == "line_not_supported"]
    named = [id for each in beyond for id in each["missing"]]
    assert named == [id for id, _ in ports[1:]]


OUTSIDE = "17-3-stable-ee"
OLD = "17.3.8"


def asked(crew: Headquarters, act: str, noun: str, *, by: str = "rhea", **given: Any) -> Any:
    """The noun after a mutation for which front ends have no operation."""
    name = f"{act[0].upper()}{act[1:]}Input"
    document = f"""mutation($i: {name}!) {{
      {act}(input: $i) {{ {noun} {{ id version }} problems {{ code }} }} }}"""
    payload = crew.post(by, document, {"i": given}).json()["data"][act]
    assert payload["problems"] == []
    return payload[noun]


def put_on_duty(crew: Headquarters, who: str) -> None:
    """One of the release managers is on duty for the product."""
    named = {"name": "Release managers", "service": "storefront"}
    rotation = asked(crew, "establishRotation", "rotation", **named)
    since = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    layer = {"name": "weeks", "people": [crew.id(who)], "zone": "UTC", "frequency": "WEEKLY"}
    layer["localStart"] = since.replace(tzinfo=None).isoformat()
    given = {"id": rotation["id"], "seen": rotation["version"], "layers": [layer]}
    asked(crew, "arrangeRotation", "rotation", **given)


def agree_anew(crew: Headquarters, told: dict[str, Any], added: dict[str, str]) -> None:
    """A developer proposes it, who is on duty revises the terms, and both agree to those."""
    accord = crew.do("dina", "ProposeAccord", **told)["id"]
    terms = {**told["terms"], "wording": "Two customers cannot."}
    asked(crew, "reviseAccord", "accord", by="rune", id=accord, seen=2, terms=terms)
    crew.do("rune", "AgreeToAccord", id=accord, rule="release_managers", seen=2)
    assert crew.refused("dina", "AddSecurityFixMergeRequest", **added) == ["unsupported_version"]
    mine = {"id": accord, "rule": "requester", "seen": 2}
    assert crew.refused("rhea", "AgreeToAccord", **mine) == ["not_entitled"]
    crew.do("dina", "AgreeToAccord", **mine)


@pytest.mark.req("S1-02", "S1-03", "S1-20", "S1-21", "S1-27", "X-02", "X-05")
def test_a_security_fix_goes_to_an_older_version_by_agreement_from_accord_to_publication(
    crew: Headquarters,
) -> None:
    put_on_duty(crew, "rune")
    patch = Patch(crew, versions=(*(f"17.{each}.{next(NUMBERS)}" for each in (6, 5, 4)), OLD))
    fix, made = patch.complete()
    port, head = patch.request("backport", OUTSIDE)
    patch.ready(port, head, *SIGNERS[1:])
    added = {"id": fix, "mergeRequest": port}
    assert crew.refused("dina", "AddSecurityFixMergeRequest", **added) == ["unsupported_version"]
    terms = {"wording": "A customer cannot upgrade.", "versions": [OLD]}
    told = {"playbook": "planned_patch", "kind": "beyond_policy", "subject": port, "terms": terms}
    assert crew.refused("wanda", "ProposeAccord", **told) == ["unknown_subject"]
    assert crew.refused("rune", "ProposeAccord", **told) == ["nobody_on_duty"], "one is not two"
    agree_anew(crew, told, added)
    crew.do("dina", "AddSecurityFixMergeRequest", **added)
    found = crew.ask("rhea", "SecurityFixCompleteness", id=fix)["completeness"]
    [slot] = [each for each in found["slots"] if each["branch"] == OUTSIDE]
    assert (slot["version"], slot["complete"], slot["mergeRequest"]["id"]) == ("17.3", True, port)
    assert found["versions"] == ["17.6", "17.5", "17.4", "17.3"]
    crew.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    every = [*made, (port, head)]
    patch.do("IncludeRelease", mergeRequests=[id for id, _ in every])
    patch.aim()
    assert patch.enter() == "first_steps"
    patch.to_preparation(every)
    patch.tag_and_test()
    patch.do("PublishRelease")
    shown = crew.ask("wanda", "SecurityFixCompleteness", id=fix)
    assert shown["status"] == "RELEASED"


def came_out(crew: Headquarters, line: str) -> Any:
    """A line of the product that came out just now, as two say."""
    at = datetime.now(UTC).isoformat()
    found = asked(
        crew, "enterStableLine", "stableLine", service="storefront", line=line, releasedAt=at
    )
    agree(crew, found)
    return found


def agree(crew: Headquarters, line: Any) -> None:
    """A second person says the same of a line."""
    asked(crew, "agreeStableLine", "stableLine", by="rune", id=line["id"])


OURS = {"line_not_covered", "line_not_supported", "backport_missing", "target_not_covered"}


@pytest.mark.req("S1-02", "S1-21", "S1-22", "S1-27", "X-02")
def test_a_patch_that_was_planned_before_a_line_came_out_goes_out_with_what_it_covers(
    crew: Headquarters,
) -> None:
    patch = Patch(crew)
    line = came_out(crew, "17.7")
    try:
        later = Patch(crew)
        fix, made = patch.complete(label=False)
        linked = crew.do("dina", "LabelSecurityFix", id=fix, label="security-target")
        assert linked["tracker"] != {"id": later.id}, "it has no version of 17.7"
        if linked["tracker"]:
            crew.do("rhea", "UnlinkSecurityFix", id=fix, reason="Let us see.")
        told = {"id": fix, "tracker": later.id}
        missing = crew.refused("rhea", "LinkSecurityFix", **told)
        assert set(missing) == {"merge_request_missing", "unsupported_version", "line_missing"}
        crew.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
        found = crew.ask("rhea", "SecurityFixCompleteness", id=fix)["completeness"]
        assert (found["complete"], found["versions"]) == (True, ["17.6", "17.5", "17.4"])
        [beside] = [each for each in found["slots"] if each["version"] == "17.7"]
        assert [each["status"] for each in beside["findings"]] == ["NOT_APPLICABLE"]
        patch.do("IncludeRelease", mergeRequests=[id for id, _ in made])
        assert patch.codes("TAG").isdisjoint(OURS)
    finally:
        given = {"id": line["id"], "reason": "It never came out."}
        asked(crew, "withdrawStableLine", "stableLine", **given)
        agree(crew, line)


@pytest.mark.req("S1-02", "S1-21", "S1-22", "S1-27", "S1-32", "S1-37", "X-02")
def test_a_line_that_came_out_while_a_patch_was_under_way_gets_the_fix_by_one_that_follows(
    crew: Headquarters,
) -> None:
    patch = Patch(crew)
    first, made = patch.complete()
    crew.do("rhea", "LinkSecurityFix", id=first, tracker=patch.id)
    patch.do("IncludeRelease", mergeRequests=[id for id, _ in made])
    patch.aim()
    patch.enter()
    patch.finish("first_steps")
    told = {"playbook": "planned_patch", "kind": "vulnerability", "service": "storefront"}
    told |= {"project": PROJECT, "title": "Close the hole in 17.7", "follows": first}
    assert patch.enter() == "early_merge"
    line = came_out(crew, "17.7")
    try:
        assert crew.refused("noor", "OpenSecurityFix", **told) == ["unknown_fix"], "not out yet"
        merged(patch, made)
        patch.do("PublishRelease")
        late = Patch(crew, versions=(f"17.7.{next(NUMBERS)}",))
        fix = crew.do("noor", "OpenSecurityFix", **told)["id"]
        goes_out(late, *followed(late, fix))
        for release, causes in ((patch.id, ["OPENED_LATER"]), (late.id, [])):
            told = crew.ask("saga", "SecurityFixOutcome", id=fix, release=release)["outcome"]
            assert told["causes"] == causes
        assert crew.ask("wanda", "SecurityFixCompleteness", id=fix)["status"] == "RELEASED"
    finally:
        given = {"id": line["id"], "reason": "It never came out."}
        asked(crew, "withdrawStableLine", "stableLine", **given)
        agree(crew, line)


def merged(patch: Patch, fix: list[tuple[str, str]]) -> None:
    """From early merging to where nothing but publishing it is left."""
    (first, _), *ports = fix
    patch.merge(first)
    patch.host(first)
    patch.report("applies", *(head for _, head in ports))
    assert patch.enter() == "backports"
    for id, _ in ports:
        patch.merge(id)
    assert patch.enter() == "preparation"
    patch.tag_and_test()


def followed(late: Patch, fix: str) -> tuple[str, str]:
    """Complete the fix for 17.7 and link it to a patch of that; its backport, with its head."""
    crew = late.hq
    crew.do("saga", "AssessSecurityFix", id=fix, severity="high")
    for item in ("private", "assessed", "tested", "backported", "advisory"):
        crew.do("dina", "TickSecurityFix", id=fix, item=item)
    crew.do("dina", "LabelSecurityFix", id=fix, label="security-target")
    lacking = crew.refused("rhea", "LinkSecurityFix", id=fix, tracker=late.id)
    assert set(lacking) == {"nothing_ported", "merge_request_missing"}
    assert len(lacking) == 2, "for the new line alone"
    port, head = late.request("backport", "17-7-stable-ee")
    crew.do("dina", "AddSecurityFixMergeRequest", id=fix, mergeRequest=port)
    late.ready(port, head, *SIGNERS[1:])
    crew.do("rhea", "LinkSecurityFix", id=fix, tracker=late.id)
    late.do("IncludeRelease", mergeRequests=[port])
    return port, head


def goes_out(late: Patch, port: str, head: str) -> None:
    """From the first steps to publication, with one backport alone."""
    late.aim()
    late.enter()
    late.finish("first_steps")
    assert late.enter() == "early_merge"
    late.report("applies", head)
    assert late.codes("ENTER_PHASE") == set(), "what it is ported from runs there already"
    assert late.enter() == "backports"
    late.merge(port)
    assert late.enter() == "preparation"
    late.tag_and_test()
    assert late.codes("PUBLISH") == set()
    late.do("PublishRelease")
