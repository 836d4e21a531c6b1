"""What a patch is made of, and what hosted packages bring, is what CI says, not what is listed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.evidence.aggregate import Outcome
from domain.merge_request.state import MergeRequest
from domain.release.state import Progress
from tests.domain.organisation import PLAYBOOKS, adopted, person, refused
from tests.domain.patch_stories import (
    COMMITS,
    PIPELINE,
    VERSIONS,
    apply_backports,
    begin,
    compare_all,
    fix,
    host,
    linked,
    merge,
    patch_office,
    prepared,
    report_all,
    to_preparation,
)
from tests.domain.release_stories import CI, EVE, PLAN, RITA, Office, opened

BACKPORTS = "enter_phase:backports"


def of_two(office: Office) -> tuple[str, tuple[MergeRequest, ...], tuple[MergeRequest, ...]]:
    """A patch with two fixes, in preparation, where every version is aimed at one of them."""
    id = prepared(office)
    one, other = fix(), fix("d")
    office.learn(*other, linked(other, id, "d"))
    office.ask(RITA, "release.include", id, merge_requests=[each.id for each in other])
    begin(office, id)
    merge(office, *other)
    apply_backports(office, *other[1:])
    host(office, other[0])
    to_preparation(office, id)
    for version, port in zip(VERSIONS, one[1:], strict=True):
        office.ask(RITA, "release.aim", id, release_version=version, commit=port.head)
        office.report("pipeline", "package_and_test", subject=port.head)
    return id, one, other


@pytest.mark.req("X-01", "S1-34")
def test_a_patch_of_two_fixes_is_not_tagged_at_the_head_of_one_of_them() -> None:
    office = patch_office()
    id, one, _ = of_two(office)
    assert office.codes(id, "tag") == {"commit_not_included"}
    for port in one[1:]:
        office.compare(id, port.head, outcome=Outcome.FAILED)
    assert office.codes(id, "tag") == {"commit_not_included"}
    with refused("commit_not_included"):
        office.ask(RITA, "release.tag", id, release_version=VERSIONS[0])
    for version, commit in COMMITS.items():
        office.ask(RITA, "release.aim", id, release_version=version, commit=commit)
    report_all(office, "pipeline", "package_and_test")
    compare_all(office, id)
    assert office.codes(id, "tag") == set()


@pytest.mark.req("S1-23", "X-04")
def test_who_wrote_one_backport_has_no_program_vouch_for_any_version() -> None:
    office = patch_office()
    id = prepared(office)
    begin(office, id)
    to_preparation(office, id)
    for version, commit in COMMITS.items():
        office.ask(RITA, "release.aim", id, release_version=version, commit=commit)
    report_all(office, "pipeline", "package_and_test")
    compare_all(office, id)
    assert office.codes(id, "tag") == set()
    office.learn(person(CI, owner=EVE))
    assert office.codes(id, "tag") == set()
    *_, last = (office.states[MergeRequest, each.id] for each in fix())
    office.learn(replace(last, contributors=(*last.contributors, EVE)))
    assert office.codes(id, "tag") == {
        "commit_not_included",
        "evidence_missing",
        "unknown_commit",
    }


@pytest.mark.req("X-01", "S1-34")
def test_a_version_is_not_tagged_at_the_head_of_another_branch() -> None:
    office = patch_office()
    id = prepared(office)
    begin(office, id)
    to_preparation(office, id)
    first, newest, *_ = fix()
    for version, at in zip(VERSIONS, (first, first, newest), strict=True):
        office.ask(RITA, "release.aim", id, release_version=version, commit=at.head)
        office.report("pipeline", "package_and_test", subject=at.head)
    assert office.codes(id, "tag") == {"commit_not_included", "same_commit"}


def package(office: Office, kind: str = "auto_deploy", service: str = PLAN.service) -> str:
    """A hosted package that lists the default-branch part of a fix and something else."""
    plan = replace(PLAN, title="Package", versions=("17.7.202603021200",), service=service)
    id = opened(office, "gitlab", kind, plan, scheduled=None)
    first, stray = fix()[0], fix("e")[0]
    merge(office, first, stray)
    office.ask(RITA, "release.include", id, merge_requests=[first.id, stray.id])
    told: dict[str, Any] = {"release_version": plan.versions[0], "commit": stray.head}
    office.ask(RITA, "release.aim", id, **told)
    office.report("pipeline", subject=stray.head)
    return id


@pytest.mark.req("X-01", "S1-32")
def test_a_package_at_the_commit_of_one_thing_brings_no_other_to_the_hosted_service() -> None:
    office = patch_office()
    id = prepared(office)
    begin(office, id)
    hosted = package(office)
    assert "commit_not_included" in office.codes(hosted, "deploy:gstg")
    assert "commit_not_included" in office.codes(hosted, "deploy:gprd")
    assert "changes_not_deployed" in office.codes(id, BACKPORTS)


def lax(office: Office) -> None:
    """Adopt a playbook that never asks what a package is made of, nor tests it."""
    text = (PLAYBOOKS / "gitlab.toml").read_text()
    first, _, rest = text.partition('\n[[release]]\nname = "monthly"')
    rows = first.split("\n[[release.requirement]]\n")
    left = [e for e in rows if 'about = "traced"' not in e and 'about = "evidence"' not in e]
    body = "\n[[release.requirement]]\n".join(left) + f'\n[[release]]\nname = "monthly"{rest}'
    office.learn(adopted("gitlab", body))


@pytest.mark.req("X-01", "S1-32")
def test_what_nobody_asked_of_a_package_is_not_known_of_it_later() -> None:
    office = patch_office()
    lax(office)
    id = prepared(office)
    begin(office, id)
    hosted, stray = package(office), fix("e")[0]
    for place in ("gstg", "gprd"):
        office.deploy(hosted, place)
    assert office.release(hosted).reached("gprd")
    assert "changes_not_deployed" in office.codes(id, BACKPORTS)
    office.ask(
        RITA, "release.exclude", hosted, merge_requests=(stray.id,), reason="It is not in it."
    )
    version = office.release(hosted).plan.versions[0]
    office.settle(hosted, "gprd", Progress.ROLLED_BACK, "It is more than that.")
    office.ask(RITA, "release.aim", hosted, release_version=version, commit=fix()[0].head)
    assert "changes_not_deployed" in office.codes(id, BACKPORTS)
    office.deploy(hosted, "gstg")
    office.deploy(hosted, "gprd")
    assert "changes_not_deployed" not in office.codes(id, BACKPORTS), "one thing alone, and that"


def brought() -> tuple[Office, str, str]:
    """A patch under way, and a hosted package with the first of its fix; their ids."""
    office = patch_office()
    id = prepared(office)
    begin(office, id)
    first = fix()[0]
    merge(office, first)
    return office, id, host(office, first)


@pytest.mark.req("X-01", "S1-32")
def test_what_ci_says_later_of_what_a_package_brought_counts() -> None:
    office, id, hosted = brought()
    assert "changes_not_deployed" not in office.codes(id, BACKPORTS)
    office.compare(hosted, PIPELINE, outcome=Outcome.FAILED)
    assert "changes_not_deployed" in office.codes(id, BACKPORTS)
    office.compare(hosted, PIPELINE)
    assert "changes_not_deployed" not in office.codes(id, BACKPORTS)


@pytest.mark.req("S0-06", "S1-32")
def test_what_another_service_brought_there_runs_there_for_that() -> None:
    office, id, hosted = brought()
    release = office.release(hosted)
    assert release.reached("gprd")
    elsewhere = replace(release, plan=replace(release.plan, service="toy"))
    office.learn(elsewhere)
    office.compare(hosted, PIPELINE)
    assert "changes_not_deployed" in office.codes(id, BACKPORTS)
    text = (PLAYBOOKS / "gitlab.toml").read_text()
    spans = text.replace('name = "auto_deploy"\n', 'name = "auto_deploy"\nspans_services = true\n')
    assert spans != text
    office.learn(replace(adopted("gitlab", spans), id=release.playbook))
    assert "changes_not_deployed" not in office.codes(id, BACKPORTS)
