"""What CI reports late, of what a hidden release listed or was made of before, hides with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from domain.elsewhere.commit_record import CommitRecord
from domain.evidence.reports import in_the_open
from domain.evidence.state import Evidence, Outcome
from domain.release.commands.contents import CommitItem
from domain.release.state import Former
from tests.domain.given import NOON
from tests.domain.release_stories import (
    COMMIT,
    OTHER,
    PACKAGE,
    PLAN,
    PROJECT,
    RITA,
    Office,
    merged,
    opened,
)
from tests.domain.test_release_reports import hosted
from tests.domain.test_reports_open_to_all import aimed, newest

FIRST, SECOND = (PLAN.versions[0], "1.1.9")


def moves(office: Office, id: str) -> list[str]:
    """The manifests that a hidden release had, oldest first, as its list moves."""
    had = [office.manifest(id)]
    item = {"commits": (OTHER,), "reason": "Not yet."}
    for action, told in (
        ("include", {"commits": (CommitItem(OTHER),)}),
        ("exclude", item),
        ("edit", {"plan": replace(PLAN, versions=(FIRST, SECOND))}),
        ("edit", {"plan": replace(PLAN, project="elsewhere", versions=(FIRST, SECOND))}),
    ):
        office.ask(RITA, f"release.{action}", id, **told)
        had.append(office.manifest(id))
    return had


@pytest.mark.req("S1-12", "X-01", "X-05")
@pytest.mark.parametrize("project", [PROJECT, "elsewhere", "a third"])
def test_a_manifest_that_a_hidden_release_had_hides_what_names_it(project: str) -> None:
    office = Office()
    id = opened(office, "itsm_releases", "major", embargoed=True)
    for manifest in moves(office, id):
        told: dict[str, Any] = {"subject": OTHER, "project": project, "manifest": manifest}
        office.report("contents", **told)
        assert newest(office).release == id, manifest
        assert newest(office).apart


@pytest.mark.req("S1-04", "S1-12", "X-01", "X-05")
@pytest.mark.parametrize("name", ["pipeline", "contents"])
@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.FAILED])
def test_nor_does_it_say_anything_in_the_open(name: str, outcome: Outcome) -> None:
    office = Office()
    id = hosted(office)
    secret = opened(office, "itsm_releases", "major", embargoed=True)
    office.report("pipeline")
    before = office.verdict(id, "deploy:gstg")
    for manifest in moves(office, secret):
        office.report(name, outcome=outcome, manifest=manifest)
        assert office.verdict(id, "deploy:gstg").findings == before.findings
    office.ask(RITA, "release.abort", secret, reason="Not wanted.")
    office.report(name, outcome=outcome, manifest=manifest)
    assert office.verdict(id, "deploy:gstg").findings == before.findings


def carrying(office: Office, *, embargoed: bool, commit: str = OTHER) -> str:
    """A release with a commit by itself in it."""
    id = opened(office, "itsm_releases", "major", embargoed=embargoed)
    office.ask(RITA, "release.include", id, commits=(CommitItem(commit),))
    return id


@pytest.mark.req("S1-12", "X-05")
def test_what_is_reported_of_a_commit_by_itself_in_a_hidden_release_hides_with_it() -> None:
    office = Office()
    office.report("unit_tests", subject=OTHER)
    office.report("unit_tests", subject=OTHER, project="elsewhere")
    before, _ = reports = list(every(office))
    assert not any(each.embargoed for each in reports)
    id = carrying(office, embargoed=True)
    assert [each.release for each in every(office)] == [id, None]
    office.report("pipeline", subject=OTHER)
    assert (newest(office).release, newest(office).embargoed) == (id, True)
    office.report("pipeline", subject=OTHER, project="elsewhere")
    assert not newest(office).embargoed
    office.ask(RITA, "release.exclude", id, commits=(OTHER,), reason="Not yet.")
    office.report("pipeline", subject=OTHER)
    assert newest(office).release == id, "it was in it"
    office.learn(replace(office.release(id), embargoed=False))
    office.report("pipeline", subject=OTHER)
    assert not newest(office).embargoed
    assert in_the_open([office.states[Evidence, before.id]], office.records)


@pytest.mark.req("S1-12", "X-05")
@pytest.mark.parametrize("known", ["a release", "a merge request", "elsewhere"])
def test_but_not_of_a_commit_that_everybody_knows(known: str) -> None:
    office = Office()
    if known == "a release":
        carrying(office, embargoed=False)
    elif known == "a merge request":
        office.learn(merged(merge_commit=OTHER))
    else:
        office.learn(told_elsewhere(OTHER))
    office.report("unit_tests", subject=OTHER)
    carrying(office, embargoed=True)
    office.report("pipeline", subject=OTHER)
    assert not any(each.embargoed for each in every(office))


@pytest.mark.req("S1-12", "X-05")
def test_a_release_in_the_open_tells_nothing_of_what_a_hidden_merge_request_answers_for() -> None:
    office = Office()
    id = opened(office, "itsm_releases", "major")
    hole = merged(head=COMMIT)
    office.learn(hole)
    office.ask(RITA, "release.include", id, commits=(CommitItem(OTHER, hole.id),))
    office.learn(replace(hole, embargoed=True))
    secret = carrying(office, embargoed=True)
    office.report("pipeline", subject=OTHER)
    assert newest(office).release == secret


def every(office: Office) -> Iterator[Evidence]:
    """Everything that was reported, oldest first."""
    found = [each for each in office.states.values() if isinstance(each, Evidence)]
    yield from sorted(found, key=lambda each: each.id)


def told_elsewhere(sha: str) -> CommitRecord:
    """A commit that an importer told of."""
    told: dict[str, Any] = {"subject": "Mend it", "merge": False, "bot": False, "author": None}
    told |= {"tag": None, "tagged_at": None, "authored_at": None, "merge_request": None}
    told |= {"committed_at": NOON, "claimed_by": RITA, "claimed_at": NOON}
    return CommitRecord(id="e" * 64, version=1, project=PROJECT, sha=sha, **told)


@pytest.mark.req("S1-12", "X-05")
@pytest.mark.parametrize("subject", [COMMIT, PACKAGE])
@pytest.mark.parametrize("moved", ["aimed", "dropped", "of another project", "of none", "given up"])
def test_what_a_hidden_release_was_made_of_hides_what_is_said_of_it(
    subject: str, moved: str
) -> None:
    office = Office()
    id = aimed(office, embargoed=True, package=PACKAGE)
    if moved == "given up":
        office.ask(RITA, "release.abort", id, reason="Not wanted.")
    elif moved != "aimed":
        of: dict[str, dict[str, Any]] = {
            "dropped": {"versions": (SECOND,)},
            "of none": {"project": None},
        }
        plan = replace(PLAN, **of.get(moved, {"project": "elsewhere"}))
        office.ask(RITA, "release.edit", id, plan=plan)
    if moved in {"aimed", "of another project"}:
        told = {"release_version": FIRST, "commit": OTHER, "package": None}
        office.ask(RITA, "release.aim", id, **told)
    office.report("unit_tests", subject=subject)
    assert newest(office).release == id
    assert not newest(office).apart


@pytest.mark.req("S1-12", "X-05")
def test_what_everybody_knows_or_is_of_another_project_stays_told() -> None:
    office = Office()
    id = aimed(office, embargoed=True)
    office.ask(RITA, "release.aim", id, release_version=FIRST, commit=OTHER)
    office.report("unit_tests", project="elsewhere")
    assert not newest(office).embargoed
    office.learn(merged())
    office.report("unit_tests")
    assert not newest(office).embargoed, "it is in the open by now"


@pytest.mark.req("S1-12")
@pytest.mark.parametrize("embargoed", [True, False])
def test_nothing_of_it_is_kept_once_it_is_shown_nor_of_what_was_never_hidden(
    embargoed: bool,
) -> None:
    office = Office()
    id = aimed(office, embargoed=embargoed)
    office.ask(RITA, "release.aim", id, release_version=FIRST, commit=OTHER)
    before = office.manifest(id)
    office.ask(RITA, "release.include", id, commits=(CommitItem(OTHER),))
    assert (office.release(id).former == Former()) is not embargoed
    if embargoed:
        office.ask(RITA, "release.reveal", id)
    assert office.release(id).former == Former()
    office.report("contents", manifest=before)
    assert not newest(office).embargoed
