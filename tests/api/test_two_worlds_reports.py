"""Nobody learns from gates in the open that CI reported of a commit for a hidden release."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.test_merge_request_queries import PROJECT
from tests.api.test_two_worlds import EVENTS, plain
from tests.api.test_two_worlds_releases import COMMIT, EVERYTHING, VERSIONS, World

VERSION, FORMER = "17.8.202611281200", "8" * 40
MANIFEST = "query($i: ID!) { release(id: $i) { manifest } }"
REPORTS = """query($s: String!) { evidenceReports(filter: {subject: $s}, first: 50) {
  totalCount { count } edges { node { id name outcome manifest } } } }"""
RELEASE = """query($i: ID!) { release(id: $i) { id version manifest
  can(action: DEPLOY, environment: "gstg") { allowed
  verdict { findings { requirement title status code message missing evidence } }
  explanation { ways { acts { action people { handle } } } } } } }"""
REQUEST = """query($i: ID!) { mergeRequest(id: $i) { id version can(action: MERGE) {
  verdict { findings { requirement status code message evidence } } } } }"""


class Lab(World):
    """That office, with a program that reports, and one of somebody who sees nothing hidden."""

    def __init__(self, folder: Path, database: str) -> None:
        """Let it in, and open what everybody knows to be of the commit."""
        super().__init__(folder, database)
        told: dict[str, Any] = {"handle": "ci", "name": "ci", "mail": None, "team": None}
        for handle, owner in (("ci", "saga"), ("fetch", "aud")):
            told |= {"handle": handle, "kind": "bot", "owner": self.office.people[owner]}
            id = self.office.desk.ask("principal.register", f"bot:{handle[0] * 32}", **told).subject
            self.office.people[handle] = id
            self.office.grant(handle, "ci_bot", **PROJECT)

    def work(self) -> None:
        """Begin in the open: a release and a merge request of one commit, which CI is content."""
        self.hosted = self.opened("auto_deploy", "gitlab", "Hosted", versions=[VERSION])
        self.asked = self.request(72, playbook="planned_patch", kind="bug_fix", head=COMMIT)
        self.ask("rhea", "includeRelease", id=self.hosted, mergeRequests=[self.asked])
        self.ask("rhea", "aimRelease", id=self.hosted, releaseVersion=VERSION, commit=COMMIT)
        manifest = self.office.data(MANIFEST, "rita", i=self.hosted)["release"]["manifest"]
        for name in ("pipeline", "package_and_test"):
            self.report(name, "PASSED")
        self.report("contents", "PASSED", manifest=manifest)

    def report(self, name: str, outcome: str, by: str = "ci", **more: Any) -> None:
        given = {"project": "group/app", "name": name, "subject": COMMIT, "outcome": outcome}
        told = self.ask(by, "reportEvidence", **{**given, **more})
        assert told["data"]["reportEvidence"]["problems"] == [], told

    def push(self, request: str, head: str) -> None:
        """Another head of a merge request."""
        told = self.ask("rhea", "pushMergeRequest", id=request, head=head, base="b" * 40)
        assert told["data"]["pushMergeRequest"]["problems"] == [], told

    def report_apart(self, outcome: str) -> None:
        """What CI reports as it compares the same commit with the hidden release."""
        manifest = self.office.data(MANIFEST, "rhea", i=self.hidden)["release"]["manifest"]
        for name in ("pipeline", "package_and_test", "contents"):
            self.report(name, outcome, manifest=manifest)

    def report_late(self) -> None:
        """What it reports as the hidden release lists something else, and is aimed elsewhere."""
        manifest = self.office.data(MANIFEST, "rhea", i=self.hidden)["release"]["manifest"]
        aim = {"id": self.hidden, "releaseVersion": VERSIONS[0]}
        for verb, given in (
            ("aimRelease", {**aim, "commit": FORMER}),
            ("aimRelease", {**aim, "commit": "e" * 40}),
            ("includeRelease", {"id": self.hidden, "commits": [{"commit": FORMER}]}),
        ):
            told = self.ask("rhea", verb, **given)
            assert told["data"][verb]["problems"] == [], told
        self.report("pipeline", "FAILED", subject=FORMER)
        for name in ("pipeline", "package_and_test", "contents"):
            for subject in (COMMIT, "f" * 40):
                self.report(name, "FAILED", subject=subject, manifest=manifest)

    def watch(self) -> None:
        """What outsiders are answered then."""
        for by in ("rita", "aud", "oda"):
            self.hear(by, RELEASE, i=self.hosted)
            self.hear(by, REQUEST, i=self.asked)
            for subject in (COMMIT, FORMER, "f" * 40):
                self.hear(by, REPORTS, s=subject)
            self.hear(by, EVERYTHING)
            self.hear(by, EVENTS, f={"aggregate": "evidence"})


@pytest.fixture
def labs(
    tmp_path_factory: pytest.TempPathFactory, office_database: str
) -> Iterator[tuple[Lab, Lab]]:
    """The world with a hidden patch, and the one without."""
    dark = Lab(tmp_path_factory.mktemp("dark"), office_database)
    bright = Lab(tmp_path_factory.mktemp("bright"), "")
    yield dark, bright
    dark.office.close()
    bright.office.close()


@pytest.mark.req("S1-04", "S1-12", "S1-50", "X-01", "X-05")
def test_nobody_can_tell_that_a_commit_was_compared_with_a_hidden_release(
    labs: tuple[Lab, Lab],
) -> None:
    dark, bright = labs
    dark.hide()
    for lab in labs:
        lab.work()
        lab.watch()
    for outcome in ("PASSED", "FAILED", "RUNNING"):
        dark.report_apart(outcome)
        for lab in labs:
            lab.watch()
    dark.report_late()
    for lab in labs:
        lab.watch()
    compare(dark, bright)
    gate = dark.office.data(RELEASE, "rita", i=dark.hosted)["release"]["can"]["verdict"]
    codes = {each["code"] for each in gate["findings"]}
    assert codes.isdisjoint({"evidence_missing", "evidence_failed"}), gate


@pytest.mark.req("S1-12", "X-05")
def test_who_may_see_nothing_hidden_cannot_ask_by_reports_what_a_commit_is_of(
    labs: tuple[Lab, Lab],
) -> None:
    dark, bright = labs
    early, head, before, aimed = (each * 40 for each in "1234")
    for lab in labs:
        for each in (early, "5" * 40):
            lab.report("probe", "PASSED", "fetch", subject=each)
    dark.hide()
    for number, commit in ((80, early), (81, before)):
        dark.request(number, embargoed=True, head=commit)
    pushed = dark.request(82, embargoed=True, head="6" * 40)
    told = dark.ask("rhea", "pushMergeRequest", id=pushed, head=head, base="b" * 40)
    assert told["data"]["pushMergeRequest"]["problems"] == [], told
    aim = {"id": dark.hidden, "releaseVersion": VERSIONS[0], "commit": aimed}
    assert dark.ask("rhea", "aimRelease", **aim)["data"]["aimRelease"]["problems"] == []
    for lab in labs:
        for subject in (early, head, before, aimed, "5" * 40, "6" * 40, COMMIT):
            lab.report("probe", "FAILED", "fetch", subject=subject)
            for by in ("fetch", "ci", "aud", "rita", "oda"):
                lab.hear(by, REPORTS, s=subject)
            lab.hear("aud", EVENTS, f={"aggregate": "evidence"})
    compare(dark, bright)
    found = [json.loads(each)["data"] for each in dark.told]
    assert all(each.get("evidenceReports", {"edges": [1]})["edges"] for each in found), "told"


@pytest.mark.req("S1-12", "S1-23", "X-05")
def test_what_was_reported_before_a_request_in_the_open_had_the_commit_stays_told(
    labs: tuple[Lab, Lab],
) -> None:
    dark, bright = labs
    early, of_two = "7" * 40, "8" * 40
    rules = {"playbook": "planned_patch", "kind": "bug_fix"}
    asked: dict[Lab, str] = {}
    for lab in labs:
        lab.report("pipeline", "PASSED", subject=early)
        asked[lab] = lab.request(80, head=early, **rules)
        both = [lab.request(number, head=of_two, **rules) for number in (81, 82)]
        lab.report("pipeline", "PASSED", subject=of_two)
        for number, each in enumerate((asked[lab], *both)):
            lab.push(each, f"{90 + number:040x}")
    for number, head in ((83, early), (84, of_two)):
        dark.request(number, embargoed=True, head=head)
    for lab in labs:
        for by in ("aud", "rita", "oda"):
            for subject in (early, of_two):
                lab.hear(by, REPORTS, s=subject)
        lab.hear("aud", EVENTS, f={"aggregate": "evidence"})
        lab.push(asked[lab], early)
        lab.hear("rita", REQUEST, i=asked[lab])
    compare(dark, bright)
    found = [json.loads(each)["data"] for each in dark.told]
    assert all(each.get("evidenceReports", {"edges": [1]})["edges"] for each in found), "told"


def compare(dark: Lab, bright: Lab) -> None:
    """They were answered alike."""
    both = zip(plain(dark.told), plain(bright.told), strict=True)
    for (with_it, without), number in zip(both, itertools.count()):
        assert json.loads(with_it) == json.loads(without), number
