"""Why a fix did not go out with a release is told by what the release had when it took no more."""

from __future__ import annotations

from typing import Any

import pytest

from api.derived.identity import global_id
from tests.api.company import Headquarters
from tests.api.patches import Patch, commit, hire


@pytest.fixture(scope="module")
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
    patch, _, _ = Patch(crew), Patch(crew), Patch(crew)
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
    assert (told["causes"], lacking(told)) == (["INCOMPLETE"], {"label_missing"})
    assert told["takenUntil"] is not None
    assert told["settledAt"] is None
    assert causes(crew, taken, patch.id) == {"UNLINKED"}
    assert causes(crew, never, patch.id) == {"OPENED_LATER"}
    assert outcome(crew, never, patch.id)["completeness"] is None


@pytest.mark.req("S1-18", "S1-27")
def test_what_a_release_took_is_told_as_it_was_once_that_is_out(crew: Headquarters) -> None:
    patch, _other = Patch(crew), Patch(crew)
    taken, made = patch.linked()
    left, _ = patch.complete(label=False)
    crew.do("dina", "LabelSecurityFix", id=left, label="security-target")
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
