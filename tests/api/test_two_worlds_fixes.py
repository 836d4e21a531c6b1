"""Whoever is not cleared learns nothing from two worlds that differ by a hidden security fix."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.derived.identity import global_id
from tests.api.fix_files import enter
from tests.api.office import Office
from tests.api.test_merge_request_queries import PROJECT
from tests.api.test_two_worlds import EVENTS, PROBLEMS, plain

NEVER = {noun: global_id(noun, "0" * 32) for noun in ("SecurityFix", "VulnerabilityReport")}
OUTSIDERS = ("rita", "aud", "ava", "max", "priv")
TITLE, PLACE = "Close the hole", {"service": "app", "project": "group/app"}
HEAD = "c" * 40
EVERYTHING = """query {
  securityFixes(first: 100) { totalCount { count } edges { cursor node { id title status } } }
  mine: securityFixes(filter: {project: "group/app"}) { totalCount { count } edges { node { id } } }
  securityQueue(first: 100) { totalCount { count } edges { node { id } } }
  vulnerabilityReports(first: 100) { totalCount { count } edges { node { id title status } } }
  stableLines(first: 100) { totalCount { count } edges { node { line releasedAt } } }
  mergeRequests(first: 100) { totalCount { count } edges { node { id number fix { id } } } }
  mergeRequestsAwaitingMe { totalCount { count } edges { node { rule mergeRequest { id } } } }
  evidenceReports(first: 100) { totalCount { count } edges { node { id name subject } } }
  comments(first: 100) { totalCount { count } edges { node { id subject body } } }
  releases(first: 100) { totalCount { count } edges { node { id itemCount } } }
  accesses(first: 100) { totalCount { count } edges { cursor node { action outcome count attempts
    record embargoed person { handle } } } }
  erasures(first: 100) { totalCount { count } edges { node { id aggregate subject } } }
}"""
OF_ONE = """query($i: ID!, $r: ID!) {
  node(id: $i) { id }
  securityFix(id: $i) { id completeness { complete } can(action: LINK) { allowed }
    awaits { overdue } }
  vulnerabilityReport(id: $r) { id }
  history(id: $i) { totalCount { count } edges { node { id position kind } } }
  mergeRequests(filter: {fix: $i}) { totalCount { count } edges { node { id } } }
}"""


def mutation(verb: str) -> str:
    kind = f"{verb[0].upper()}{verb[1:]}Input"
    return f"mutation($i: {kind}!) {{ {verb}(input: $i) {{ {PROBLEMS} }} }}"


class World:
    """An office in which a vulnerability may be fixed, and what outsiders were answered."""

    def __init__(self, folder: Path, database: str) -> None:
        """Let in application security, a maintainer, an engineer, a finder, and people who look."""
        self.office = office = Office(folder, database)
        self.told: list[str] = []
        for handle, role in (
            ("sec", "appsec"),
            ("mia", "maintainer"),
            ("eng", "cleared"),
            ("eng", "developer"),
            ("rita", "developer"),
            ("ava", "reviewer"),
            ("priv", "privacy_officer"),
        ):
            if handle not in office.people:
                office.people[handle] = office.person(handle)
            office.grant(handle, role, **({} if handle == "priv" else PROJECT))
        office.people["fin"] = office.person("fin")
        office.people["ci"] = self.program("ci", "ci_bot", owner="sec")
        office.people["bot"] = self.program("bot", "release_bot", owner="aud")
        released = "2026-01-01T00:00:00+00:00"
        enter(office, [("17.5", released), ("17.6", released)], "app")
        self.fix, self.report = NEVER["SecurityFix"], NEVER["VulnerabilityReport"]

    def program(self, handle: str, role: str, owner: str) -> str:
        """A program that reports or releases."""
        office = self.office
        told: dict[str, Any] = {"handle": handle, "name": handle, "mail": None, "team": None}
        told |= {"kind": "bot", "owner": office.people[owner]}
        id = office.desk.ask("principal.register", "bot:" + f"{len(office.people):032x}", **told)
        office.people[handle] = id.subject
        office.grant(handle, role, **PROJECT)
        return id.subject

    def ask(self, by: str, verb: str, **given: Any) -> Any:
        """The answer to a mutation."""
        result = self.office.ask(mutation(verb), by, i=given)
        return {"data": result.data, "errors": [each.message for each in result.errors or ()]}

    def do(self, by: str, verb: str, noun: str, **given: Any) -> str:
        """The id of what a mutation made."""
        kind = f"{verb[0].upper()}{verb[1:]}Input"
        document = f"mutation($i: {kind}!) {{ {verb}(input: $i) {{ {noun} {{ id }} {PROBLEMS} }} }}"
        found = self.office.data(document, by, i=given)[verb]
        assert found["problems"] == [], found
        return str(found[noun]["id"])

    def hear(self, by: str, document: str, **given: Any) -> None:
        """Keep what somebody is answered."""
        result = self.office.ask(document, by, **given)
        errors = [each.message for each in result.errors or ()]
        assert result.data is not None or errors in ([], ["forbidden"]) or document == EVENTS
        if result.data and "accesses" in result.data:
            told = result.data["accesses"]["edges"]  # their ids are hashes
            told.sort(key=lambda e: (e["node"]["person"]["handle"], e["node"]["action"]))
        if result.data and "stableLines" in result.data:
            told = result.data["stableLines"]["edges"]  # entered at one moment
            told.sort(key=lambda e: e["node"]["line"])
        self.told.append(json.dumps({"by": by, "data": result.data, "errors": errors}))

    def opening(self, by: str, number: int, target: str, **more: Any) -> str:
        """A merge request that was opened."""
        given: dict[str, Any] = {"playbook": "security", "kind": "strict", "project": "group/app"}
        given |= {"title": f"Number {number}", "head": f"{number:x}" * 40, "target": target}
        given |= {"number": number, "base": "b" * 40} | more
        return self.do(by, "openMergeRequest", "mergeRequest", **given)

    # What happens.

    def hide(self) -> None:
        """Everything that can be done with a hidden fix, well or badly."""
        told = {**PLACE, "title": TITLE, "description": TITLE, "idempotencyKey": "k"}
        self.report = self.do("fin", "submitVulnerabilityReport", "vulnerabilityReport", **told)
        how = {"playbook": "security", "kind": "vulnerability"}
        self.ask("sec", "acceptVulnerabilityReport", id=self.report, answer=TITLE, **how)
        opening = {**how, **PLACE, "title": TITLE, "idempotencyKey": "k"}
        self.fix = self.do("eng", "openSecurityFix", "securityFix", **opening)
        self.do("eng", "openSecurityFix", "securityFix", **opening)
        self.ask("sec", "assessSecurityFix", id=self.fix, severity="high", comment=TITLE)
        self.ask("eng", "tickSecurityFix", id=self.fix, item="tested")
        said = {"about": "SECURITY_FIX", "subject": self.fix, "idempotencyKey": "k"}
        for by in ("sec", "sec", "eng"):
            self.ask(by, "writeComment", **said, body=TITLE)
        for number, target in ((3, "master"), (4, "17-6-stable")):
            part = self.opening("eng", number, target, embargoed=True, title=TITLE)
            self.ask("eng", "addSecurityFixMergeRequest", id=self.fix, mergeRequest=part)
            self.ask("mia", "signOffMergeRequest", id=part, seen=1, rule="maintainer")
            self.ask("eng", "assignMergeRequest", id=part, assignee=self.office.id("bot"))
            for outcome in ("FAILED", "PASSED"):
                self.evidence(f"{number:x}" * 40, outcome)
            self.ask("mia", "mergeMergeRequest", id=part, seen=1)
            self.ask("sec", "revealMergeRequest", id=part)
        self.ask("eng", "labelSecurityFix", id=self.fix, label="security-target")
        self.ask("sec", "linkSecurityFix", id=self.fix, tracker=NEVER["SecurityFix"])
        self.ask("sec", "revealSecurityFix", id=self.fix)
        self.ask("mia", "assessSecurityFix", id=self.fix, severity="low")
        self.ask("priv", "eraseErasure", **self.erasing(self.fix))

    def evidence(self, subject: str, outcome: str) -> Any:
        told = {"project": "group/app", "name": "pipeline", "subject": subject}
        return self.ask("ci", "reportEvidence", outcome=outcome, **told)

    def erasing(self, id: str) -> dict[str, Any]:
        return {"aggregate": "security_fix", "subject": id, "parts": ["title"], "ground": "Law."}

    def live(self) -> None:
        """What happens in both worlds: work in the open, and everything outsiders try."""
        twin = self.opening("rita", 3, "master")
        self.evidence(HEAD, "PASSED")
        self.ask("rita", "writeComment", about="MERGE_REQUEST", subject=twin, body="Look.")
        for by in OUTSIDERS:
            self.try_all(by, twin)

    def try_all(self, by: str, twin: str) -> None:
        """Everything an outsider may try with the ids, should they have them."""
        fix, report = self.fix, self.report
        asked: tuple[tuple[str, dict[str, Any]], ...] = (
            ("assessSecurityFix", {"id": fix, "severity": "low"}),
            ("tickSecurityFix", {"id": fix, "item": "tested", "idempotencyKey": "k"}),
            ("editSecurityFix", {"id": fix, "seen": 1, "title": "Mine"}),
            ("labelSecurityFix", {"id": fix, "label": "security-target"}),
            ("addSecurityFixMergeRequest", {"id": fix, "mergeRequest": twin}),
            ("linkSecurityFix", {"id": fix, "tracker": fix}),
            ("revealSecurityFix", {"id": fix}),
            ("dismissVulnerabilityReport", {"id": report, "answer": "No."}),
            ("writeComment", {"about": "SECURITY_FIX", "subject": fix, "body": "Hm."}),
            ("eraseErasure", self.erasing(fix)),
        )
        for verb, given in asked:
            self.told.append(json.dumps([by, verb, self.ask(by, verb, **given)]))
        self.hear(by, OF_ONE, i=fix, r=report)

    def look(self) -> None:
        """Everything outsiders can ask for."""
        nouns = ["security_fix", "vulnerability_report", "merge_request", "evidence", "comment"]
        nouns.append("access")
        for by in OUTSIDERS:
            self.hear(by, EVERYTHING)
            self.hear(by, EVENTS)
            for aggregate in nouns:
                self.hear(by, EVENTS, f={"aggregate": aggregate})
            self.hear(by, EVENTS, f={"actor": self.office.id("sec")})


@pytest.fixture
def worlds(
    tmp_path_factory: pytest.TempPathFactory, office_database: str
) -> Iterator[tuple[World, World]]:
    """The world with a hidden fix, and the one without."""
    dark = World(tmp_path_factory.mktemp("dark"), office_database)
    bright = World(tmp_path_factory.mktemp("bright"), "")
    yield dark, bright
    dark.office.close()
    bright.office.close()


@pytest.mark.req("S1-12", "X-05")
def test_no_outsider_can_tell_the_world_with_a_hidden_fix_from_the_one_without(
    worlds: tuple[World, World],
) -> None:
    dark, bright = worlds
    dark.hide()
    for world in worlds:
        world.live()
        world.look()
    told = zip(plain(dark.told), plain(bright.told), strict=True)
    for (with_it, without), number in zip(told, itertools.count()):
        assert json.loads(with_it) == json.loads(without), number
        assert len(with_it) == len(without), number
    assert TITLE not in "".join(dark.told)


@pytest.mark.req("S1-12")
def test_the_cleared_see_it_and_a_clearance_that_is_taken_back_hides_it_at_once(
    worlds: tuple[World, World],
) -> None:
    dark, _ = worlds
    dark.hide()
    office = dark.office
    office.people["late"] = office.person("late")
    grant = office.grant("late", "cleared", **PROJECT)
    first = "query($a: String) { securityFixes(first: 1, after: $a) { edges { cursor } } }"
    for by in ("sec", "eng", "late", "fin"):
        dark.hear(by, EVERYTHING)
    seen = [json.loads(each)["data"] for each in dark.told]
    assert [len(each["securityFixes"]["edges"]) for each in seen] == [2, 2, 2, 0]
    assert [len(each["vulnerabilityReports"]["edges"]) for each in seen] == [1, 0, 0, 1]
    assert [len(each["evidenceReports"]["edges"]) for each in seen] == [4, 4, 4, 0]
    assert all(each["node"]["fix"] for each in seen[0]["mergeRequests"]["edges"])
    [edge] = office.data(first, "late")["securityFixes"]["edges"]
    office.desk.ask("grant.revoke", grant, reason="Left.")
    rest = office.data(first, "late", a=edge["cursor"])
    assert rest["securityFixes"]["edges"] == []
    dark.hear("late", EVERYTHING)
    assert TITLE not in dark.told[-1]


def test_a_request_made_twice_answers_with_what_may_be_seen_by_then(
    worlds: tuple[World, World],
) -> None:
    dark, _ = worlds
    dark.hide()
    office = dark.office
    office.people["late"] = office.person("late")
    grant = office.grant("late", "cleared", **PROJECT)
    document = """mutation($i: TickSecurityFixInput!) { tickSecurityFix(input: $i) {
      securityFix { title items { name tickedAt } } problems { code } } }"""
    given = {"id": dark.fix, "item": "private", "idempotencyKey": "again"}
    once = office.data(document, "late", i=given)["tickSecurityFix"]
    assert office.data(document, "late", i=given)["tickSecurityFix"] == once
    office.desk.ask("grant.revoke", grant, reason="Left.")
    told = office.data(document, "late", i=given)["tickSecurityFix"]
    assert told["securityFix"] is None
    assert TITLE not in json.dumps(told)
