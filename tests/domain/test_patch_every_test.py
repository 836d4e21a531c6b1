"""A critical patch waits for every test that was reported, by whatever name and wherever."""

from __future__ import annotations

import pytest

from domain.evidence.aggregate import Outcome
from domain.gate import Finding
from domain.package import Built
from tests.domain.organisation import SERVICE, person
from tests.domain.patch_stories import COMMITS, patch_office, prepared, report_all
from tests.domain.release_stories import CI, EVE, RITA, SAM, WATCH, Office


@pytest.mark.req("S1-47", "X-05")
@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.PASSED])
def test_a_critical_patch_waits_for_every_test_that_was_reported(outcome: Outcome) -> None:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    commit, digest = COMMITS["17.5.3"], "sha256:" + "8" * 64
    built = Built(name="shop", label="17.5.3", service=SERVICE, commit=commit, digest=digest)
    office.ask(RITA, "package.add", office.fresh(), built=built)
    plain = office.codes(id, "publish")
    found = {e.code for e in office.verdict(id, "publish").findings if e.requirement == "qa"}
    assert found == {"evidence_missing", ""}
    for subject, told in (
        (commit, {"name": "unit_tests"}),
        (commit, {"name": "qa", "environment": "gprd"}),
        (digest, {"name": "scan", "by": WATCH}),
    ):
        name, place = told.pop("name"), told.get("environment")
        office.report(name, subject=subject, outcome=outcome, **told)
        (lacking,) = _of_all(office, id)
        where = f" in {place}" if place else ""
        assert lacking.missing == (f"{name}{where} {outcome.in_words}",)
        bad = "evidence_failed" if outcome is Outcome.FAILED else "evidence_missing"
        assert lacking.code == bad
        by = told.get("by", CI)
        office.report(name, subject=subject, by=CI if by == WATCH else WATCH, environment=place)
        assert _of_all(office, id), "who found it says so, or one of the same role"
        office.report(name, subject=subject, environment="release", by=by)
        assert _of_all(office, id), "that it passes elsewhere says nothing of there"
        office.report(name, subject=subject, environment=place, by=by)
        assert not _of_all(office, id)
    assert office.codes(id, "publish") == plain


@pytest.mark.req("S1-47", "S1-23", "X-04")
def test_who_wrote_what_is_in_it_says_of_nothing_built_of_it_that_it_passes() -> None:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    digest = "sha256:" + "8" * 64
    commit = COMMITS["17.5.3"]
    built = Built(name="shop", label="17.5.3", service=SERVICE, commit=commit, digest=digest)
    office.ask(RITA, "package.add", office.fresh(), built=built)
    office.report("scan", subject=digest, outcome=Outcome.FAILED)
    office.report("scan", subject=digest)
    assert not _of_all(office, id)
    office.learn(person(CI, owner=SAM))
    assert _of_all(office, id)
    office.learn(person(CI, owner=EVE))
    assert not _of_all(office, id)


@pytest.mark.req("S1-16", "X-05")
def test_who_tests_looks_at_what_failed_last_and_their_no_stands_until_they_take_it_back() -> None:
    office = patch_office()
    id = prepared(office)
    first, second, _ = COMMITS.values()
    report_all(office, "package_and_test")

    def looked() -> str:
        found = office.verdict(id, "publish").findings
        [told] = [each for each in found if each.requirement == "end_to_end"]
        return told.code or told.status.value

    for commit in (first, second):
        office.report("package_and_test", subject=commit, outcome=Outcome.FAILED)
        assert looked() == "attestation_missing", "nobody looked at this one"
        office.attest(SAM, id, "end_to_end", "publish")
        assert looked() == "satisfied"
    office.attest(SAM, id, "end_to_end", "publish", "fails")
    assert looked() == "attested_against"
    for commit in (first, second):
        office.report("package_and_test", subject=commit)
    assert looked() == "attested_against", "whatever passed since"
    told = {"requirement": "end_to_end", "gate": "publish"}
    office.ask(SAM, "release.withdraw_attestation", id, **told)
    assert looked() == "not_applicable"


def _of_all(office: Office, id: str) -> list[Finding]:
    """What the gate finds that was reported and did not pass."""
    found = office.verdict(id, "publish").findings
    return [e for e in found if e.title.endswith("all that was reported") and e.status.blocks]
