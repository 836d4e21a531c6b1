"""Why a fix did not go out with a release is told by what the release had when it took no more."""

from __future__ import annotations

from typing import Any

import pytest

from api.derived.identity import global_id
from tests.api.company import Headquarters
from tests.api.patches import SIGNERS, Patch, commit, hire


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    """The company with those who release patches."""
    hire(hq)
    return hq


def outcome(crew: Headquarters, fix: str, release: str, who: str = "saga") -> Any:
    """What somebody is told of a fix and a release."""
    found = crew.ask(who, "SecurityFixOutcome", id=fix, release=release)
    return found and found["outcome"]


def causes(crew: Headquarters, fix: str, release: str) -> set[str]:
    """Why it does not go out with it."""
    told = outcome(crew, fix, release)
    assert told["included"] is not bool(told["causes"])
    return set(told["causes"])


def lacking(told: Any) -> set[str]:
    """What the fix itself lacked when the release took no more."""
    return {each["code"] for each in told["completeness"]["findings"] if each["code"]}


@pytest.mark.req("S1-18", "S1-27")
def test_a_release_tells_what_it_has_of_a_fix(crew: Headquarters) -> None:
    patch, other = Patch(crew), Patch(crew)
    fix, made = patch.complete()
    assert causes(crew, fix, patch.id) == {"NOT_LINKED"}
    crew.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    parts = [id for id, _ in made]
    patch.do("IncludeRelease", mergeRequests=parts[:-1])
    told = outcome(crew, fix, patch.id)
    assert (told["causes"], told["takenUntil"]) == (["NOT_INCLUDED"], None)
    assert [each["id"] for each in told["mergeRequests"]] == parts[-1:]
    patch.do("IncludeRelease", mergeRequests=parts[-1:])
    assert outcome(crew, fix, patch.id)["included"]
    assert causes(crew, fix, other.id) == {"LINKED_ELSEWHERE"}
    patch.do("AbortRelease", reason="Another one is made.")
    told = outcome(crew, fix, patch.id)
    assert (told["causes"], told["settledAt"] is None) == (["GIVEN_UP"], False)
    crew.do("rhea", "UnlinkSecurityFix", id=fix, reason="It breaks something.")
    assert outcome(crew, fix, patch.id)["tracker"] == {"id": patch.id}, "as it was by then"


@pytest.mark.req("S1-18", "S1-27")
def test_a_release_has_of_a_fix_what_it_has_as_a_commit_of_it(crew: Headquarters) -> None:
    before, patch = Patch(crew), Patch(crew)
    fix, made = before.complete()
    crew.do("rhea", "LinkSecurityFix", id=fix, tracker=before.id)
    (main, head), *ports = made
    before.do("IncludeRelease", mergeRequests=[id for id, _ in made])
    before.enter()
    before.finish("first_steps")
    assert before.enter() == "early_merge"
    before.merge(main)
    crew.do("rhea", "UnlinkSecurityFix", id=fix, reason="It waits for the next.")
    crew.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    patch.do("IncludeRelease", mergeRequests=[id for id, _ in ports])
    patch.do("IncludeRelease", commits=[{"commit": commit(), "coveredBy": main}])
    told = outcome(crew, fix, patch.id)
    assert [each["id"] for each in told["mergeRequests"]] == [main]
    assert "fix_not_included" in patch.codes("PUBLISH")
    patch.do("IncludeRelease", commits=[{"commit": head, "coveredBy": main}])
    assert outcome(crew, fix, patch.id)["included"]
    assert "fix_not_included" not in patch.codes("PUBLISH")


@pytest.mark.req("S1-11", "S1-18", "S1-27")
def test_a_release_tells_what_fixes_lacked_when_it_took_no_more(crew: Headquarters) -> None:
    patch, _next = Patch(crew), Patch(crew)
    patch.fix()
    late, _ = patch.complete(label=False)
    taken, _ = patch.complete()
    crew.do("rhea", "LinkSecurityFix", id=taken, tracker=patch.id)
    crew.do("rhea", "UnlinkSecurityFix", id=taken, reason="It breaks something.")
    patch.enter()
    patch.finish("first_steps")
    assert patch.enter() == "early_merge"
    never, _ = patch.complete()
    crew.do("dina", "LabelSecurityFix", id=late, label="security-target")
    assert crew.ask("saga", "SecurityFixCompleteness", id=late)["completeness"]["complete"]
    told = outcome(crew, late, patch.id)
    assert lacking(told) == {"label_missing"}
    assert told["causes"] == ["LINKED_ELSEWHERE", "INCOMPLETE"], "the label linked it to the next"
    assert told["takenUntil"] is not None
    assert told["settledAt"] is None
    assert causes(crew, taken, patch.id) == {"UNLINKED"}
    off = outcome(crew, taken, patch.id)["unlinkedAt"]
    assert (off < told["takenUntil"], told["unlinkedAt"]) == (True, None)
    assert causes(crew, never, patch.id) == {"OPENED_LATER"}
    assert outcome(crew, never, patch.id)["completeness"] is None


@pytest.mark.req("S1-18", "S1-27")
def test_what_a_release_took_is_told_as_it_was_once_that_is_out(crew: Headquarters) -> None:
    patch = Patch(crew)
    taken, made = patch.linked()
    left, _ = patch.complete()
    patch.to_publication(made)
    before = {fix: outcome(crew, fix, patch.id) for fix in (taken, left)}
    assert (before[taken]["causes"], before[left]["causes"]) == ([], ["NOT_LINKED"])
    patch.do("PublishRelease")
    for fix, told in before.items():
        now = outcome(crew, fix, patch.id)
        assert now["settledAt"] is not None
        assert now["completeness"]["complete"]
        assert now["causes"] == told["causes"]
        assert now["completeness"] == told["completeness"]


def test_nobody_learns_of_a_release_or_a_fix_by_asking(crew: Headquarters) -> None:
    patch = Patch(crew)
    fix, _ = patch.complete(label=False)
    assert outcome(crew, fix, global_id("Release", "0" * 32)) is None
    assert outcome(crew, fix, fix) is None
    assert outcome(crew, fix, patch.id, "wanda") is None
    monthly = crew.do(
        "rhea",
        "OpenRelease",
        playbook="gitlab",
        kind="monthly",
        plan={"title": "Another", "service": "billing", "versions": ["17.9.0"]},
    )["id"]
    assert causes(crew, fix, monthly) == {"OTHER_PRODUCT", "OTHER_KIND", "INCOMPLETE"}


@pytest.mark.req("S1-18", "S1-27", "S1-51")
def test_why_a_fix_was_in_none_is_one_query_and_stays_as_each_release_was_settled(
    crew: Headquarters,
) -> None:
    given_up, first, last = Patch(crew), Patch(crew), Reopened(crew)
    taken, made = first.linked()
    fix, parts = given_up.complete()
    (main, head), *ports = parts
    crew.do("rhea", "LinkSecurityFix", id=fix, tracker=given_up.id)
    given_up.do("IncludeRelease", mergeRequests=[id for id, _ in ports])
    given_up.do("IncludeRelease", commits=[{"commit": head, "coveredBy": main}])
    told: dict[str, Any] = {given_up.id: (["NOT_INCLUDED"], [main])}
    assert of_each(crew, fix, *told) == told, "it is not merged as that"
    given_up.do("AbortRelease", reason="Another one is made.")
    told[given_up.id] = (["GIVEN_UP", "NOT_INCLUDED"], [main])
    first.to_publication(made)
    first.do("PublishRelease")
    told[first.id] = (["LINKED_ELSEWHERE"], [])
    assert of_each(crew, fix, *told) == told
    # What becomes of it from then on changes none of these answers.
    crew.do("rhea", "UnlinkSecurityFix", id=fix, reason="That was given up.")
    changed(crew, "closeMergeRequest", id=main, reason="Another way.")
    assert of_each(crew, fix, *told) == told
    changed(crew, "reopenMergeRequest", id=main)
    for who, rule in SIGNERS:
        crew.do(who, "SignOffMergeRequest", id=main, rule=rule, seen=2)
    last.reopened = main
    crew.do("rhea", "LinkSecurityFix", id=fix, tracker=last.id)
    last.do("IncludeRelease", mergeRequests=[id for id, _ in parts])
    last.to_publication(parts)
    told[last.id] = ([], [])
    assert of_each(crew, fix, *told) == told, "it is merged as the commit that was in there"
    last.do("PublishRelease")
    assert of_each(crew, fix, *told) == told
    never: dict[str, Any] = {last.id: (["LINKED_ELSEWHERE"], []), first.id: ([], [])}
    assert of_each(crew, taken, *never) == {**never, last.id: (["LINKED_ELSEWHERE", "OVER"], [])}


class Reopened(Patch):
    """One with a merge request that was closed and opened again."""

    reopened = ""

    def merge(self, id: str) -> None:
        seen = 2 if id == self.reopened else 1
        self.hq.do("rhea", "MergeMergeRequest", id=id, seen=seen)


def changed(crew: Headquarters, verb: str, **given: Any) -> None:
    """What the developer did with a merge request."""
    kind = f"{verb[0].upper()}{verb[1:]}Input"
    document = f"mutation($i: {kind}!) {{ {verb}(input: $i) {{ problems {{ code }} }} }}"
    told = crew.post("dina", document, {"i": given}).json()
    assert told["data"][verb]["problems"] == [], told


def of_each(crew: Headquarters, fix: str, *releases: str) -> dict[str, Any]:
    """Why a fix is not in each of these, asked in one query, and what of it that has not."""
    asked = " ".join(
        f'r{at}: outcome(release: "{id}") {{ causes mergeRequests {{ id }} }}'
        for at, id in enumerate(releases)
    )
    document = f"query($i: ID!) {{ securityFix(id: $i) {{ {asked} }} }}"
    found = crew.post("saga", document, {"i": fix}).json()
    assert "errors" not in found, found
    answer = found["data"]["securityFix"]
    return {
        id: (answer[f"r{at}"]["causes"], [e["id"] for e in answer[f"r{at}"]["mergeRequests"]])
        for at, id in enumerate(releases)
    }
