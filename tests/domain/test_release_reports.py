"""Whose reports count at a release's gates, of what and since when; and who is named to help."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.evidence.aggregate import Evidence, Outcome
from domain.grant.aggregate import Scope
from domain.release.checks.by_matter import CHECKS
from domain.release.gate.question import Question
from domain.release.state import Progress
from tests.domain.given import DAY
from tests.domain.organisation import person
from tests.domain.release_stories import (
    CI,
    DATE,
    PLAN,
    PROJECT,
    QUINN,
    RAY,
    RITA,
    SAM,
    Office,
    filled,
    hold,
    merged,
)

BOT = "bot:" + "d1" * 16
RELEASE_BOT = hold(BOT, "role:release_bot", Scope.PROJECT, PROJECT)
HOSTED = replace(PLAN, versions=("17.5.202603021200",), title="Auto-deploy")
MONTHLY = replace(PLAN, versions=("17.5.0",), series="17.5")


def hosted(office: Office) -> str:
    return filled(office, "gitlab", "auto_deploy", HOSTED, scheduled=None)


def who_helps(office: Office, id: str, gate: str, code: str) -> set[str]:
    """Who is named for what would lift the findings of this code, if everybody may ask for all."""
    everybody = office.authority.everybody() | {CI, BOT}
    told = (office.release(id), office.at, office.authority, office.records)
    ask = Question(*told, lambda _action: everybody)
    row = next(each for each in ask.kind.rows(gate) if each.name == code)
    found = CHECKS[row.about](ask, row, gate)
    findings = found if isinstance(found, tuple) else (found,)
    return {one for each in findings for act in each.acts for one in act.people}


@pytest.mark.req("S0-18", "X-05")
def test_a_result_told_by_another_than_the_checking_program_does_not_count() -> None:
    office = Office()
    office.learn(person(BOT), RELEASE_BOT)
    id = hosted(office)
    office.report("pipeline", by=BOT)
    assert "evidence_missing" in office.codes(id, "deploy:gstg")
    office.report("pipeline", outcome=Outcome.FAILED)
    office.report("pipeline", by=BOT)
    assert "evidence_failed" in office.codes(id, "deploy:gstg"), "a word of another outdid it"
    office.report("pipeline")
    assert office.verdict(id, "deploy:gstg").allowed


@pytest.mark.req("S1-16", "X-05")
def test_nobody_spares_the_extra_review_by_saying_that_the_pipeline_passed() -> None:
    office = Office()
    office.learn(person(BOT), RELEASE_BOT)
    id = filled(office, "gitlab", "monthly", MONTHLY)
    office.report("package_and_test", outcome=Outcome.FAILED)
    assert "attestation_missing" in office.codes(id, "tag")
    office.report("package_and_test", by=BOT)
    assert "attestation_missing" in office.codes(id, "tag")
    office.report("package_and_test")
    assert "attestation_missing" not in office.codes(id, "tag")


@pytest.mark.req("S0-16", "S0-18")
def test_what_was_tested_there_before_the_release_came_says_nothing_of_it() -> None:
    office = Office()
    id = hosted(office)
    office.report("pipeline")
    office.report("staging_tests", environment="gstg")
    office.ask(RITA, "release.deploy", id, environment="gstg")
    office.settle(id, "gstg", Progress.SUCCEEDED)
    assert office.codes(id, "deploy:gprd") == {"evidence_missing"}
    office.report("staging_tests", environment="gstg")
    assert office.verdict(id, "deploy:gprd").allowed
    office.deploy(id, "gstg")
    assert office.codes(id, "deploy:gprd") == {"evidence_missing"}, "it was deployed anew"


@pytest.mark.req("X-05")
def test_what_is_hidden_counts_nothing_at_a_gate_in_the_open() -> None:
    office = Office()
    id = hosted(office)
    office.report("pipeline")
    assert office.verdict(id, "deploy:gstg").allowed
    [report] = [each for each in office.states.values() if isinstance(each, Evidence)]
    secret = merged("s" * 32, head=report.subject, embargoed=True)
    office.learn(secret, replace(report, embargoed=True, merge_request=secret.id))
    absent = office.verdict(id, "deploy:gstg")
    assert "evidence_missing" in set(absent.codes)
    office.states.pop((Evidence, report.id))
    assert office.verdict(id, "deploy:gstg") == absent, "hidden is not as absent"
    office.learn(replace(report, embargoed=True, merge_request=secret.id))
    office.learn(replace(secret, embargoed=False))
    assert office.verdict(id, "deploy:gstg").allowed, "it is shown, so it counts"


@pytest.mark.req("X-05")
def test_only_those_are_named_whose_word_would_count() -> None:
    office = Office()
    office.at = DATE - DAY
    id = filled(office, "gitlab", "monthly", MONTHLY)
    assert who_helps(office, id, "tag", "end_to_end") == {CI}
    office.report("package_and_test", outcome=Outcome.FAILED)
    assert who_helps(office, id, "tag", "end_to_end") == {SAM}
    major = filled(office, "itsm_releases", "major")
    assert who_helps(office, major, "deploy:production", "acceptance") == {QUINN}
    assert who_helps(office, major, "deploy:production", "tests") == {CI}
    assert who_helps(office, major, "deploy:production", "rollback_plan") == {RAY}
