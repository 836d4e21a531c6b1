"""Whoever is not cleared learns nothing from two worlds that differ by what is under embargo."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.derived.identity import global_id
from tests.api.office import Office
from tests.api.test_merge_request_queries import PROJECT

NEVER = global_id("MergeRequest", "0" * 32)
OUTSIDERS = ("rita", "aud", "pia", "ava", "mia")
WINDOW = {"since": "2030-05-06T10:00", "until": "2030-05-06T12:00", "zone": "UTC"}
PROBLEMS = "problems { code message path }"
OPEN = f"""mutation($i: OpenMergeRequestInput!) {{ openMergeRequest(input: $i) {{
  mergeRequest {{ id version status title }} {PROBLEMS} }} }}"""
EVERYTHING = """query {
  accesses(first: 100) { totalCount { count } edges { cursor node { id version person { handle }
    action hour outcome count attempts record scopes line reason codes embargoed } } }
  erasures(first: 100) { totalCount { count } edges { cursor node { id aggregate subject parts
    ground erasedBy { handle } embargoed } } }
  mergeRequests(first: 100) { totalCount { count } edges { cursor node { id number title status
    version embargoed closedBecause revision signOffs { status counted { person { handle } } } } } }
  open: mergeRequests(filter: {project: "group/app", number: 7}) { totalCount { count } }
  mergeRequestsAwaitingMe { totalCount { count } edges { cursor node {
    rule mergeRequest { id } } } }
  comments(first: 100) { totalCount { count } edges { node { id subject body } } }
  mergeReport(first: 5) { edges { cursor } }
  deliveryReport(since: "2026-01-01T00:00:00Z", until: "2040-01-01T00:00:00Z") { environments
    deploymentFrequency { value } leadTime { value count excluded { reason count } }
    failureRatePerChange { count excluded { reason count } } approvalLeadTime { count }
    emergencyShare { count } shortCircuitRate { count } blockerHours { cause environment } }
}"""
EVENTS = """query($f: EventFilter) { events(first: 100, filter: $f) { totalCount { count } edges {
  cursor node { id position at kind aggregate subject { id } version actor { handle } request
  outcome details { name value } } } } }"""
OF_ONE = """query($i: ID!) {
  node(id: $i) { id }
  mergeRequest(id: $i) { id can(action: MERGE) { verdict { allowed findings { code status } } } }
  history(id: $i) { totalCount { count } edges { node { id position kind } } }
  comments(filter: {subject: $i}) { totalCount { count } edges { node { id } } }
}"""
ON_ONE = {
    verb: f"mutation($i: {verb[0].upper()}{verb[1:]}Input!) {{ {verb}(input: $i) {{{PROBLEMS}}} }}"
    for verb in (
        "signOffMergeRequest",
        "mergeMergeRequest",
        "pushMergeRequest",
        "closeMergeRequest",
        "revealMergeRequest",
        "concealMergeRequest",
        "writeComment",
        "eraseErasure",
        "linkChange",
    )
}


class World:
    """An office in which something may be under embargo, and all that outsiders were answered."""

    def __init__(self, folder: Path, database: str) -> None:
        """Let people in: ivo and paul may know of the embargoed one, nobody else."""
        self.office = office = Office(folder, database)
        self.told: list[str] = []
        for handle, role in (
            ("rita", "developer"),
            ("ava", "reviewer"),
            ("mia", "reviewer"),
            ("ivo", "appsec"),
            ("ivo", "maintainer"),
            ("ivo", "developer"),
        ):
            office.grant(handle, role, **PROJECT)
        for handle in ("pia", "paul"):
            office.people[handle] = office.person(handle)
            office.grant(handle, "privacy_officer")
        office.grant("paul", "appsec", **PROJECT)
        self.hidden = NEVER

    def opened(self, by: str, number: int, **more: Any) -> str:
        """The id of a merge request that was opened."""
        given = {"playbook": "gitaly", "kind": "component", "project": "group/app"}
        given |= {"title": f"Number {number}", "head": "a" * 40, "target": "main", "base": "b" * 40}
        found = self.office.data(OPEN, by, i={**given, "number": number, **more})
        return str(found["openMergeRequest"]["mergeRequest"]["id"])

    def ask(self, by: str, verb: str, **given: Any) -> Any:
        """The answer to a mutation."""
        result = self.office.ask(ON_ONE[verb], by, i=given)
        return {"data": result.data, "errors": [each.message for each in result.errors or ()]}

    def hear(self, by: str, document: str, **given: Any) -> None:
        """Keep what somebody is answered."""
        result = self.office.ask(document, by, **given)
        assert result.data is not None or document == EVENTS, result.errors
        errors = [each.message for each in result.errors or ()]
        if result.data and "accesses" in result.data:
            result.data["accesses"]["edges"].sort(key=_by_content)  # their ids are hashes
        self.told.append(json.dumps({"by": by, "data": result.data, "errors": errors}))

    def hear_of(self, by: str, verb: str, **given: Any) -> None:
        """Keep what somebody is answered who asks for an act."""
        self.told.append(json.dumps([by, verb, self.ask(by, verb, **given)]))

    def show(self, id: str, by: str = "paul") -> None:
        """Somebody and a release manager say that everybody may know of it."""
        if "sela" not in self.office.people:
            self.office.people["sela"] = self.office.person("sela")
            self.office.grant("sela", "release_manager", **PROJECT)
        for who in ("sela", by):
            assert self.ask(who, "revealMergeRequest", id=id)["data"] is not None

    # What happens.

    def hide(self) -> None:
        """Everything that can be done with an embargoed merge request, well or badly."""
        self.hidden = self.opened(
            "ivo", 7, embargoed=True, idempotencyKey="k", title="Close the hole"
        )
        self.opened("ivo", 7, embargoed=True, idempotencyKey="k", title="Close the hole")
        self.on_one("ivo", "paul", self.hidden)

    def on_one(self, one: str, other: str, id: str) -> None:
        """Refused, denied, erased, rejected by a rule: each leaves a trace where it may."""
        head = {"head": "c" * 40, "base": "b" * 40}
        for _ in range(2):
            self.ask(one, "mergeMergeRequest", id=id, seen=1)
            self.ask(other, "pushMergeRequest", id=id, **head)
        self.ask(one, "signOffMergeRequest", id=id, seen=1, rule="reviews")
        self.ask(one, "writeComment", about="MERGE_REQUEST", subject=id, body="Look here.")
        self.erase(other, id)

    def erase(self, by: str, id: str) -> Any:
        """The answer to who would empty its title."""
        given = {"aggregate": "merge_request", "subject": id, "parts": ["title"], "ground": "Law."}
        return self.ask(by, "eraseErasure", **given)

    def live(self) -> None:
        """What happens in both worlds: first the same merge request in the open, then another."""
        twin = self.opened("rita", 7)
        for id in (twin, self.opened("rita", 8)):
            self.on_one("ivo", "paul", id)
        change = self.office.change(window=WINDOW)
        for by in OUTSIDERS:
            self.try_all(by, self.hidden, change["id"])

    def try_all(self, by: str, hidden: str, change: str) -> None:
        """Everything an outsider may try with the id, should they have it."""
        self.hear_of(by, "signOffMergeRequest", id=hidden, seen=1, rule="reviews")
        self.hear_of(by, "mergeMergeRequest", id=hidden, seen=1)
        self.hear_of(by, "pushMergeRequest", id=hidden, head="d" * 40, base="b" * 40)
        self.hear_of(by, "closeMergeRequest", id=hidden, reason="Why not.", idempotencyKey="k")
        self.hear_of(by, "revealMergeRequest", id=hidden)
        self.hear_of(by, "writeComment", about="MERGE_REQUEST", subject=hidden, body="Hm.")
        self.hear_of(by, "linkChange", id=change, kind="MERGE_REQUEST", reference=hidden)
        self.told.append(json.dumps(self.erase(by, hidden)))
        self.hear(by, OF_ONE, i=hidden)

    def look(self) -> None:
        """Everything outsiders can ask for."""
        for by in OUTSIDERS:
            self.hear(by, EVERYTHING)
            self.hear(by, EVENTS)
            for aggregate in ("merge_request", "access", "erasure", "comment"):
                self.hear(by, EVENTS, f={"aggregate": aggregate})
            self.hear(by, EVENTS, f={"actor": self.office.id("ivo")})


def _by_content(edge: Any) -> tuple[str, ...]:
    node = edge["node"]
    return (node["person"]["handle"], node["action"], node["outcome"], str(node["embargoed"]))


NAMES = re.compile(
    r'(?<="position": )\d+'
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)"
    r"|[0-9a-f]{32}(?:\.[a-z0-9.]+)?"
    r"|[A-Za-z0-9_\-+/]{24,}={0,2}"
)


def plain(told: list[str]) -> list[str]:
    """What was told, with ids, times, places and cursors named in the order they appear."""
    names: dict[str, str] = {}
    numbers = itertools.count()

    def named(match: re.Match[str]) -> str:
        told = names.setdefault(match[0], f"<{next(numbers)}>")
        return f'"{told}"' if match[0].isdigit() and len(match[0]) < 20 else told

    return [NAMES.sub(named, each) for each in told]


@pytest.fixture
def worlds(
    tmp_path_factory: pytest.TempPathFactory, office_database: str
) -> Iterator[tuple[World, World]]:
    """The world with an embargoed merge request, and the one without."""
    dark = World(tmp_path_factory.mktemp("dark"), office_database)
    bright = World(tmp_path_factory.mktemp("bright"), "")
    yield dark, bright
    dark.office.close()
    bright.office.close()


@pytest.mark.req("X-05")
def test_no_outsider_can_tell_the_world_with_an_embargo_from_the_one_without(
    worlds: tuple[World, World],
) -> None:
    dark, bright = worlds
    dark.hide()
    for world in worlds:
        world.live()
        world.look()
    for with_it, without in zip(plain(dark.told), plain(bright.told), strict=True):
        assert json.loads(with_it) == json.loads(without)
    assert "Close the hole" not in "".join(dark.told)


def test_those_with_clearance_are_told_what_was_refused_and_erased(
    worlds: tuple[World, World],
) -> None:
    dark, _ = worlds
    dark.hide()
    dark.office.grant("paul", "auditor")
    dark.hear("paul", EVERYTHING)
    [told] = dark.told
    assert [each["node"]["embargoed"] for each in json.loads(told)["data"]["erasures"]["edges"]]
    denied = [each["node"] for each in json.loads(told)["data"]["accesses"]["edges"]]
    assert {(each["action"], each["record"], each["attempts"]) for each in denied} == {
        ("merge_request.merge", dark.hidden, 2),
        ("merge_request.push", dark.hidden, 2),
    }


def test_what_was_hidden_is_shown_once_it_is_revealed(worlds: tuple[World, World]) -> None:
    dark, _ = worlds
    dark.hide()
    twin = dark.opened("rita", 7)
    dark.hear("aud", EVERYTHING)
    dark.show(dark.hidden)
    dark.hear("aud", EVERYTHING)
    before, after = (json.loads(each)["data"] for each in dark.told)
    assert (before["accesses"]["edges"], before["erasures"]["edges"]) == ([], [])
    assert {each["node"]["record"] for each in after["accesses"]["edges"]} == {dark.hidden}
    assert len(after["erasures"]["edges"]) == 1
    status = {e["node"]["id"]: e["node"]["status"] for e in after["mergeRequests"]["edges"]}
    assert status == {dark.hidden: "OPEN", twin: "CLOSED"}
