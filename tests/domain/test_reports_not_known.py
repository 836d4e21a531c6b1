"""Of a hidden report nobody knows in the open how it ended: there it opens nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.environment.state import Cover
from domain.evidence.state import Evidence, Outcome
from domain.gate import Status as Is
from domain.kernel import Then
from domain.merge_request.merging import verdict
from domain.release.state import Plan
from tests.domain.fix_stories import tracker
from tests.domain.given import NOON, authority, known
from tests.domain.merge_stories import AUTHOR, OTHER_BASE, OTHER_HEAD, report
from tests.domain.organisation import ENG, OWEN, SERVICE, Story, kinds, refused
from tests.domain.patch_stories import VERSIONS, patch_office, ported_bug
from tests.domain.release_stories import COMMIT, PACKAGE, PROJECT, Office, merged, opened
from tests.domain.test_cover import asked, codes, office
from tests.domain.test_merge_request_evidence import bug, end_to_end, signed_off
from tests.domain.test_patch_reach import patch
from tests.domain.test_release_in_advance import LIVE, approved_in_advance
from tests.domain.test_release_reports import hosted

OTHERWISE = Plan(title="Another", service=SERVICE, project=PROJECT, versions=("2.0.1",))
SECRET = merged("5" * 32, number=99, embargoed=True)
LATER = NOON + timedelta(minutes=1)


def said(story: Story) -> Any:
    """What the gate of a merge request says."""
    told: dict[str, Any] = {"authority": authority(*story.world), "records": known(*story.others)}
    return verdict(story.state, "merge", at=story.at, by=OWEN, **told)


def hidden(story: Story, outcome: Outcome, **more: Any) -> Evidence:
    """A report that is of something else, which is hidden."""
    told = {"id": "hidden", "reported_at": LATER, "embargoed": True, "merge_request": SECRET.id}
    return report(story.state, outcome, **{**told, **more})


@pytest.mark.req("X-05", "S1-12", "S1-23")
@pytest.mark.parametrize("outcome", Outcome)
def test_a_hidden_report_is_none_for_a_merge_request_in_the_open(outcome: Outcome) -> None:
    story = signed_off()
    without = said(story)
    story.learn(SECRET, hidden(story, outcome))
    assert said(story) == without
    story.learn(report(story.state))
    assert said(story) == without, "what was reported before it does not count in its place"
    with refused("evidence_missing"):
        story.ask(OWEN, "merge")
    story.learn(report(story.state, id="again", reported_at=LATER + timedelta(minutes=1)))
    assert said(story).allowed


@pytest.mark.req("X-05", "S1-12")
def test_it_counts_for_what_is_hidden_itself_and_once_it_is_shown() -> None:
    for shown, embargoed, allowed in ((True, False, True), (False, True, True), (False,) * 3):
        story = signed_off(embargoed=embargoed)
        story.learn(replace(SECRET, embargoed=not shown), hidden(story, Outcome.PASSED))
        assert said(story).allowed is allowed


@pytest.mark.req("X-05", "S1-16")
def test_a_hidden_failure_has_nobody_look_at_what_is_in_the_open() -> None:
    story = bug()
    without = said(story)
    shown = end_to_end(story, Outcome.PASSED)
    story.learn(SECRET, shown)
    secret = hidden(story, Outcome.FAILED, name="package_and_test")
    story.learn(secret)
    assert said(story) == without
    assert story.ask(ENG, "recount") == []
    story.ask(AUTHOR, "push", head=OTHER_HEAD, base=OTHER_BASE)
    pushed = story.ask(AUTHOR, "push", head=secret.subject, base=OTHER_BASE)
    assert kinds(pushed) == ["Pushed", "Then"], "the one in the open keeps whose head it is of"
    assert pushed[1] == Then("evidence.head", shown.id, {"merge_request": story.state.id})


def hide(made: Office) -> None:
    """Hide what was reported last with something of the same commit."""
    last = max((e for e in made.states.values() if isinstance(e, Evidence)), key=lambda e: e.id)
    made.learn(SECRET, replace(last, embargoed=True, merge_request=SECRET.id))


@pytest.mark.req("X-05", "S1-12", "S0-18")
@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.FAILED])
@pytest.mark.parametrize("told", [COMMIT, PACKAGE], ids=["the commit", "its package"])
def test_neither_an_older_report_nor_one_of_its_package_speaks_for_a_release(
    told: str, outcome: Outcome
) -> None:
    made = Office()
    id = hosted(made)
    version = made.release(id).plan.versions[0]
    made.ask(made.release(id).author, "release.aim", id, release_version=version, package=PACKAGE)
    without = made.verdict(id, "deploy:gstg")
    assert "evidence_missing" in without.codes
    made.report("pipeline", subject=told)
    assert "evidence_missing" not in made.codes(id, "deploy:gstg")
    made.report("pipeline", outcome=outcome)
    hide(made)
    assert made.verdict(id, "deploy:gstg").findings == without.findings
    made.report("pipeline")
    assert "evidence_missing" not in made.codes(id, "deploy:gstg"), "they report anew"


@pytest.mark.req("X-05", "S0-14", "S4-26")
def test_nor_do_checks_cover_a_deployment() -> None:
    made = office(Cover.CHECKS)
    id = asked(made)
    made.report("pipeline", subject=PACKAGE)
    made.report("pipeline")
    assert codes(made, id) == set()
    made.report("pipeline", outcome=Outcome.FAILED)
    hide(made)
    assert codes(made, id) == {"not_covered"}
    made.report("pipeline")
    assert codes(made, id) == set(), "it is told what they report of a package in the open"


@pytest.mark.req("X-05", "S1-32")
def test_nor_is_a_backport_known_to_apply() -> None:
    made = patch_office()
    port = ported_bug("d")
    id = patch(made, VERSIONS[:1], port)
    made.learn(replace(made.release(id), embargoed=False))

    def applies() -> Any:
        findings = made.verdict(id, "tag").findings
        return next(each for each in findings if each.title.endswith("applies"))

    without = applies()
    assert without.code == "evidence_missing"
    made.report("applies", subject=port.head)
    assert applies().status is Is.SATISFIED
    made.report("applies", subject=port.head, outcome=Outcome.FAILED)
    hide(made)
    assert applies() == without


@pytest.mark.req("X-05", "S3-14")
@pytest.mark.parametrize("name", ["unit_tests", "security_tests"])
@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.FAILED])
def test_nor_is_anything_approved_in_advance(name: str, outcome: Outcome) -> None:
    made = Office()
    id = approved_in_advance(made)
    made.report(name, outcome=outcome)
    hide(made)
    assert made.codes(id, LIVE) >= {"approval_not_requested"}
    why, *_ = [e.message for e in made.verdict(id, LIVE).findings if e.requirement == "approval"]
    said = "unit_tests of 1.2.0" if name == "unit_tests" else "not everything is known"
    assert f"since not every test passed: {said}" in why
    made.learn(replace(SECRET, embargoed=False))
    made.report(name)
    assert made.verdict(id, LIVE).allowed


@pytest.mark.req("X-01", "X-05")
@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.FAILED])
def test_what_holds_one_thing_alone_waits_where_it_may_have_been_found_not_to(
    outcome: Outcome,
) -> None:
    made = Office()
    id = hosted(made)
    assert "commit_not_included" not in made.codes(id, "deploy:gstg")
    made.report("contents", outcome=outcome, manifest="sha256:" + "7" * 64)
    hide(made)
    assert "commit_not_included" in made.codes(id, "deploy:gstg")
    made.compare(id)
    assert "commit_not_included" not in made.codes(id, "deploy:gstg")


@pytest.mark.req("X-01", "X-05", "S1-04", "S1-12", "S1-50")
@pytest.mark.parametrize("name", ["pipeline", "contents"])
@pytest.mark.parametrize("outcome", Outcome)
def test_what_names_the_manifest_of_a_hidden_release_neither_opens_nor_closes_in_the_open(
    name: str, outcome: Outcome
) -> None:
    made = Office()
    id = hosted(made)
    secret = opened(made, "itsm_releases", "major", embargoed=True)
    blank = made.verdict(id, "deploy:gstg").findings
    told: dict[str, Any] = {"outcome": outcome, "manifest": made.manifest(secret)}
    made.report(name, **told)
    assert made.verdict(id, "deploy:gstg").findings == blank
    made.report("pipeline")
    without = made.verdict(id, "deploy:gstg")
    made.report(name, **told)
    assert made.verdict(id, "deploy:gstg").findings == without.findings
    made.ask(made.release(secret).author, "release.edit", secret, plan=OTHERWISE)
    assert made.verdict(id, "deploy:gstg").findings == without.findings, "whatever it lists by now"
    made.deploy(id, "gstg")


@pytest.mark.req("X-05", "S1-12")
def test_it_is_known_once_the_hidden_release_is_shown() -> None:
    made = Office()
    id = hosted(made)
    secret = opened(made, "itsm_releases", "major", embargoed=True)
    made.report("pipeline")
    made.report("pipeline", outcome=Outcome.FAILED, manifest=made.manifest(secret))
    assert made.verdict(id, "deploy:gstg").allowed
    made.learn(replace(made.release(secret), embargoed=False))
    assert "evidence_failed" in made.codes(id, "deploy:gstg")


@pytest.mark.req("X-05", "S1-12")
@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.FAILED])
def test_what_hides_with_a_merge_request_as_well_is_not_known(outcome: Outcome) -> None:
    made = Office()
    id = hosted(made)
    secret = opened(made, "itsm_releases", "major", embargoed=True)
    made.report("pipeline")
    made.report("pipeline", outcome=outcome, manifest=made.manifest(secret))
    hide(made)
    made.learn(replace(made.release(secret), embargoed=False))
    assert "evidence_missing" in made.codes(id, "deploy:gstg")


@pytest.mark.req("X-05", "S1-23")
@pytest.mark.parametrize("outcome", Outcome)
def test_nor_does_it_say_anything_of_a_merge_request_in_the_open(outcome: Outcome) -> None:
    story = signed_off()
    release = "6" * 32
    secret = hidden(story, outcome, merge_request=None, release=release, apart=True)
    story.learn(tracker(id=release, embargoed=True), secret)
    assert "evidence_missing" in said(story).codes
    story.learn(report(story.state))
    assert said(story).allowed
