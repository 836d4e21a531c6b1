"""What went live in the open stays there for all else that went with it, whatever of it hides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.evidence.state import Evidence, Outcome
from domain.merge_request.state import MergeRequest, Status
from domain.process.release import ReleaseStatus
from domain.release.commands.contents import CommitItem
from tests.domain.given import DAY, NOON
from tests.domain.patch_stories import APPSEC, PIPELINE, host, patch_office, request
from tests.domain.release_stories import OTHER, PLAN, RITA, Office, opened

TOLD: dict[str, Any] = {"status": Status.MERGED, "merged_at": NOON - DAY, "target": "master"}
STAYS = request("7" * 32, number=71, **TOLD)
HIDES = request("8" * 32, number=72, **TOLD)
MONTHLY = replace(PLAN, title="Monthly", versions=("17.7.0",))
GATE = "deploy:release"


def both_live(hides: MergeRequest = HIDES) -> tuple[Office, str, str]:
    """What went live with both, and what is planned with the one that stays."""
    office = patch_office()
    office.learn(STAYS, hides)
    hosted = host(office, STAYS, hides)
    id = opened(office, "gitlab", "monthly", MONTHLY)
    office.ask(RITA, "release.include", id, merge_requests=(STAYS.id,))
    assert "changes_not_deployed" not in office.codes(id, GATE)
    return office, hosted, id


def conceal(office: Office, id: str = HIDES.id) -> None:
    office.ask(APPSEC, "merge_request.conceal", id, reason="A hole.")


def close(office: Office, id: str) -> None:
    office.learn(replace(office.release(id), status=ReleaseStatus.CLOSED))


@pytest.mark.req("S1-04", "S1-12", "X-01")
@pytest.mark.parametrize("closed", [True, False])
def test_what_went_live_with_it_still_counts_as_live(closed: bool) -> None:
    office, hosted, id = both_live()
    if closed:
        close(office, hosted)
    before, manifest = office.verdict(id, GATE).findings, office.manifest(hosted)
    conceal(office)
    assert office.verdict(id, GATE).findings == before
    assert (office.manifest(hosted) == manifest) is closed
    found = office.states[MergeRequest, HIDES.id]
    office.learn(replace(found, reverted_at=office.at, fix="f" * 32))
    assert office.verdict(id, GATE).findings == before, "nor does it tell of what comes of it"
    secret = opened(office, "planned_patch", "planned_patch", embargoed=True)
    office.ask(RITA, "release.include", secret, merge_requests=(STAYS.id,))
    assert "changes_not_deployed" not in office.codes(secret, "enter_phase:backports") | {""}


@pytest.mark.req("S1-12", "X-01")
def test_two_that_hide_one_after_the_other_leave_the_third() -> None:
    office, hosted, id = both_live()
    third = request("6" * 32, number=73, **TOLD)
    office.learn(third)
    hosted = host(office, STAYS, HIDES, third)
    office.ask(RITA, "release.include", id, merge_requests=(third.id,))
    for each in (HIDES.id, STAYS.id):
        conceal(office, each)
        assert "changes_not_deployed" not in office.codes(id, GATE)
    assert office.release(hosted).item_count == 1


@pytest.mark.req("S1-12", "X-01")
def test_but_it_goes_nowhere_else_with_what_hides() -> None:
    office, hosted, _ = both_live()
    conceal(office)
    assert office.release(hosted).reached("gprd") is None
    assert {"commit_not_included", "not_deployed"} <= office.codes(hosted, "deploy:gprd")


@pytest.mark.req("S1-04", "S1-12", "X-01")
@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("of", ["head", "merge_commit"])
def test_so_it_does_where_the_package_is_of_the_commit_of_what_hides(closed: bool, of: str) -> None:
    moved: dict[str, Any] = {of: PIPELINE}
    office, hosted, id = both_live(replace(HIDES, **moved))
    if closed:
        close(office, hosted)
    manifest = office.manifest(hosted)
    conceal(office)
    if of == "head":
        office.report("contents", subject=PIPELINE, manifest=manifest)
    assert "changes_not_deployed" not in office.codes(id, GATE)


@pytest.mark.req("S1-04", "S1-12")
def test_it_is_closed_as_it_went_out() -> None:
    office, hosted, id = both_live()
    conceal(office)
    office.ask(RITA, "release.close", hosted)
    assert "changes_not_deployed" not in office.codes(id, GATE)
    office, hosted, _ = both_live()
    office.ask(RITA, "release.include", hosted, commits=(CommitItem(OTHER),))
    conceal(office)
    assert "not_deployed" in office.codes(hosted, "close"), "it was never there as it is"


@pytest.mark.req("X-01")
@pytest.mark.parametrize(
    "action, told",
    [
        ("include", {"commits": (CommitItem(OTHER),)}),
        ("exclude", {"merge_requests": (STAYS.id,), "reason": "Not yet."}),
    ],
)
def test_nor_is_it_there_once_people_put_it_together_anew(action: str, told: Any) -> None:
    office, hosted, id = both_live()
    conceal(office)
    office.ask(RITA, f"release.{action}", hosted, **told)
    assert office.release(hosted).withheld is None
    assert "changes_not_deployed" in office.codes(id, GATE)


@pytest.mark.req("X-01", "X-05")
@pytest.mark.parametrize("closed", [True, False])
def test_what_ci_says_against_it_later_counts(closed: bool) -> None:
    office, hosted, id = both_live()
    manifest = office.manifest(hosted)
    if closed:
        close(office, hosted)
    conceal(office)
    told: dict[str, Any] = {"subject": PIPELINE, "manifest": manifest}
    office.report("contents", outcome=Outcome.FAILED, **told)
    assert "changes_not_deployed" in office.codes(id, GATE)
    office.report("contents", **told)
    assert "changes_not_deployed" not in office.codes(id, GATE)


@pytest.mark.req("S1-12", "X-05")
@pytest.mark.parametrize("merged_at", [None, NOON + 90 * DAY])
def test_what_was_not_merged_before_it_hid_moves_in_secret_and_tells_nothing(
    merged_at: Any,
) -> None:
    office, hosted, id = both_live(replace(HIDES, merged_at=merged_at))
    close(office, hosted)
    conceal(office)
    before = office.verdict(id, GATE).findings
    assert "changes_not_deployed" in office.codes(id, GATE)
    found = office.states[MergeRequest, HIDES.id]
    office.learn(replace(found, digest="sha256:" + "9" * 64, status=Status.MERGED))
    assert office.verdict(id, GATE).findings == before


def as_before(office: Office, id: str, **more: Any) -> None:
    """Let what was compared name the list alone, as reports once did."""
    listing = office.release(id).listing
    for each in [e for e in office.states.values() if isinstance(e, Evidence)]:
        if each.manifest == office.manifest(id):
            office.learn(replace(each, **{"manifest": listing, **more}))


@pytest.mark.req("S1-32", "X-01")
@pytest.mark.parametrize("closed", [True, False])
def test_what_was_compared_by_its_list_alone_counts_where_it_is(closed: bool) -> None:
    office, hosted, id = both_live()
    as_before(office, hosted)
    if closed:
        close(office, hosted)
    assert "changes_not_deployed" not in office.codes(id, GATE)
    assert "commit_not_included" in office.codes(hosted, "deploy:gprd"), "and takes it nowhere else"
    office.compare(hosted, PIPELINE, outcome=Outcome.FAILED)
    assert "changes_not_deployed" in office.codes(id, GATE), "CI says anew what it is made of"
    office.compare(hosted, PIPELINE)
    assert "changes_not_deployed" not in office.codes(id, GATE)


@pytest.mark.req("X-01", "X-05")
def test_nor_does_a_list_that_failed_or_was_another_count() -> None:
    office, hosted, id = both_live()
    as_before(office, hosted, outcome=Outcome.FAILED)
    assert "changes_not_deployed" in office.codes(id, GATE)
    office, hosted, id = both_live()
    as_before(office, hosted, manifest="sha256:" + "5" * 64)
    assert "changes_not_deployed" in office.codes(id, GATE)
