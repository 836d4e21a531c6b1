"""Whoever is not cleared learns nothing from two worlds that differ by a hidden patch release."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.authentication.bearer import Caller
from api.calendar.feed import Feed
from api.context import Asker
from api.derived.identity import global_id
from api.rules import FEED
from tests.api.office import Office
from tests.api.test_merge_request_queries import PROJECT
from tests.api.test_two_worlds import EVENTS, PROBLEMS, plain

NEVER = global_id("Release", "0" * 32)
NO_WISH = global_id("Exemption", "0" * 32)
SERVICE = {"scope": "service", "value": "app"}
OUTSIDERS = ("rita", "aud", "oda", "priv")
COMMIT = "c" * 40
VERSIONS = ["17.6.1", "17.5.3"]
OPEN = f"""mutation($i: OpenReleaseInput!) {{ openRelease(input: $i) {{
  release {{ id revision embargoed }} {PROBLEMS} }} }}"""
DECLARE = f"""mutation($i: DeclareLockInput!) {{ declareLock(input: $i) {{
  lock {{ id }} {PROBLEMS} }} }}"""
WISH = f"""mutation($i: RequestExemptionInput!) {{ requestExemption(input: $i) {{
  exemption {{ id }} {PROBLEMS} }} }}"""
OPEN_REQUEST = f"""mutation($i: OpenMergeRequestInput!) {{ openMergeRequest(input: $i) {{
  mergeRequest {{ id }} {PROBLEMS} }} }}"""
SINCE, UNTIL = ((datetime.now(UTC) + timedelta(days=days)).isoformat() for days in (-1, 40))
CALENDAR = """
  calendar(since: "SINCE", until: "UNTIL") { complete items { kind title since until milestone
    fate reasons release { id } change { id } } }
""".replace("SINCE", SINCE).replace("UNTIL", UNTIL)
EVERYTHING = (
    f"query {{ {CALENDAR}"
    """
  evidenceReports(first: 100) { totalCount { count } edges { node { id name subject } } }
  accords(first: 100) { totalCount { count } edges { node { id subject } } }
  releases(first: 100) { totalCount { count } edges { cursor node { id status phase embargoed
    plan { title versions } tasks { title status } tags { name } itemCount scheduled } } }
  mine: releases(filter: {service: "app"}) { totalCount { count } edges { node { id } } }
  inclusions(first: 100) { totalCount { count } edges { cursor node { id reference kind included
    release { id } } } }
  releasesAwaitingMe { totalCount { count } edges { cursor node { rule release { id } } } }
  mergeRequests(first: 100) { totalCount { count } edges { node { id number } } }
  waivers(first: 100) { totalCount { count } edges { node { id } } }
  exemptions(first: 100) { totalCount { count } edges { node { id reason release { id }
    approvals { by { handle } } } } }
  syncs(first: 100) { totalCount { count } edges { node { id } } }
  deployments(first: 100) { edges { node { id } } }
  comments(first: 100) { totalCount { count } edges { node { id subject } } }
  accesses(first: 100) { totalCount { count } edges { cursor node { action outcome count attempts
    record embargoed person { handle } } } }
  erasures(first: 100) { totalCount { count } edges { node { id aggregate subject } } }
  deliveryReport(since: "2026-01-01T00:00:00Z", until: "2040-01-01T00:00:00Z") {
    shortCircuitRate { value count } releaseSuccessRate { count excluded { reason count } }
    leadTime { count excluded { reason count } } releaseDeploymentFrequency { value } }
}"""
)
OF_ONE = """query($i: ID!) {
  node(id: $i) { id }
  release(id: $i) { id can(action: PUBLISH) { allowed verdict { findings { code } } } }
  history(id: $i) { totalCount { count } edges { node { id position kind } } }
  comments(filter: {subject: $i}) { totalCount { count } edges { node { id } } }
  inclusions(filter: {release: $i}) { totalCount { count } edges { node { id } } }
  syncs(filter: {release: $i}) { totalCount { count } edges { node { id } } }
  waivers(filter: {release: $i}) { totalCount { count } edges { node { id } } }
}"""


HISTORY = "query($i: ID!) { history(id: $i) { edges { node { kind } } } }"


def mutation(verb: str) -> str:
    kind = f"{verb[0].upper()}{verb[1:]}Input"
    return f"mutation($i: {kind}!) {{ {verb}(input: $i) {{ {PROBLEMS} }} }}"


class World:
    """An office that releases, in which a patch may be hidden, and what outsiders were answered."""

    def __init__(self, folder: Path, database: str) -> None:
        """Let in a release manager of all, one of nothing hidden, and people who look."""
        self.office = office = Office(folder, database)
        self.told: list[str] = []
        for handle, role, scope in (
            ("rhea", "release_manager", SERVICE),
            ("rhea", "release_manager", PROJECT),
            ("rita", "developer", PROJECT),
            ("oda", "product_owner", SERVICE),
            ("priv", "privacy_officer", {}),
            ("rhea", "developer", PROJECT),
            ("rhea", "release_manager", {"scope": "environment", "value": "any"}),
            ("saga", "appsec", PROJECT),
        ):
            if handle not in office.people:
                office.people[handle] = office.person(handle)
            office.grant(handle, role, **scope)
        self.hidden = self.hole = NEVER
        self.wish, self.lock = NO_WISH, self.locked()

    def locked(self) -> str:
        """A lock of a place where nothing goes, from which one who is cleared exempts, or two."""
        people = [self.office.id(each) for each in ("saga", "oda")]
        until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        terms = {"title": "Stop", "kind": "HARD", "until": until, "environments": ["nowhere"]}
        given = {"terms": {**terms, "exempters": people}}
        found = self.office.data(DECLARE, "rhea", i=given)["declareLock"]
        assert found["problems"] == [], found
        return str(found["lock"]["id"])

    def wished(self, by: str, release: str) -> str:
        """The wish that a release be exempt from it."""
        given = {"lock": self.lock, "release": release, "reason": "The hole is open."}
        found = self.office.data(WISH, by, i=given)["requestExemption"]
        assert found["problems"] == [], found
        return str(found["exemption"]["id"])

    def ask(self, by: str, verb: str, **given: Any) -> Any:
        """The answer to a mutation."""
        result = self.office.ask(mutation(verb), by, i=given)
        return {"data": result.data, "errors": [each.message for each in result.errors or ()]}

    def hear(self, by: str, document: str, **given: Any) -> None:
        """Keep what somebody is answered."""
        result = self.office.ask(document, by, **given)
        errors = [each.message for each in result.errors or ()]
        if result.data and "accesses" in result.data:
            told = result.data["accesses"]["edges"]  # their ids are hashes
            told.sort(key=lambda e: (e["node"]["person"]["handle"], e["node"]["action"]))
            result.data["inclusions"]["edges"].sort(key=lambda e: e["node"]["kind"])  # as above
        self.told.append(json.dumps({"by": by, "data": result.data, "errors": errors}))

    def opened(self, kind: str, playbook: str, title: str, **more: Any) -> str:
        """A release that the manager planned."""
        plan = {"title": title, "service": "app", "project": "group/app", **more}
        due = datetime.now(UTC) + timedelta(days=1)
        given = {"playbook": playbook, "kind": kind, "plan": plan, "scheduled": due.isoformat()}
        found = self.office.data(OPEN, "rhea", i=given)["openRelease"]
        assert found["problems"] == [], found
        return str(found["release"]["id"])

    def request(self, number: int, **more: Any) -> str:
        """A merge request that the manager opened."""
        given: dict[str, Any] = {"playbook": "gitaly", "kind": "component", "project": "group/app"}
        given |= {"title": f"Number {number}", "head": "a" * 40, "target": "master"}
        given |= {"base": "b" * 40, "number": number, **more}
        found = self.office.data(OPEN_REQUEST, "rhea", i=given)
        return str(found["openMergeRequest"]["mergeRequest"]["id"])

    # What happens.

    def hide(self) -> None:
        """Everything that can be done with a hidden patch, well or badly."""
        self.hidden = self.opened(
            "planned_patch", "planned_patch", "Close the hole", versions=VERSIONS
        )
        self.hole = self.request(70, embargoed=True, title="The hole")
        self.on_one("rhea", self.hidden, self.hole)
        self.wish = self.wished("rhea", self.hidden)
        self.ask("saga", "approveExemption", id=self.wish)
        self.ask("oda", "approveExemption", id=self.wish)

    def on_one(self, by: str, id: str, request: str) -> None:
        """Filled, aimed, refused, denied, erased: each leaves a trace where it may."""
        self.ask(by, "includeRelease", id=id, mergeRequests=[request], commits=[{"commit": COMMIT}])
        for version in VERSIONS:
            self.ask(by, "aimRelease", id=id, releaseVersion=version, commit=COMMIT)
        for _ in range(2):
            self.ask(by, "publishRelease", id=id, seen=4)
            self.ask("ivo", "publishRelease", id=id, seen=4)
        self.ask(by, "addReleaseTask", id=id, title="Tell nobody")
        self.ask(by, "enterReleasePhase", id=id)
        self.ask(by, "writeComment", about="RELEASE", subject=id, body="Look here.")
        self.ask("priv", "eraseErasure", **self.erasing(id))

    def erasing(self, id: str) -> dict[str, Any]:
        return {"aggregate": "release", "subject": id, "parts": ["plan.title"], "ground": "Law."}

    def live(self) -> None:
        """What happens in both worlds: a release in the open, and everything outsiders try."""
        twin = self.opened("minor", "itsm_releases", "In the open", versions=["1.2.3"])
        self.on_one("rhea", twin, self.request(71))
        for by in OUTSIDERS:
            self.try_all(by, twin)

    def try_all(self, by: str, twin: str) -> None:
        """Everything an outsider may try with the id, should they have it."""
        hidden = self.hidden
        plan = {"title": "X", "service": "app", "versions": ["1.2.4"]}
        asked: tuple[tuple[str, dict[str, Any]], ...] = (
            ("publishRelease", {"id": hidden, "seen": 1}),
            ("revealRelease", {"id": hidden}),
            ("includeRelease", {"id": hidden, "idempotencyKey": "k"}),
            ("enterReleasePhase", {"id": hidden}),
            ("writeComment", {"about": "RELEASE", "subject": hidden, "body": "Hm."}),
            ("requestWaiver", self.waiving(hidden)),
            ("requestExemption", {"lock": self.lock, "release": hidden, "reason": "Now."}),
            ("approveExemption", {"id": self.wish}),
            ("declineExemption", {"id": self.wish, "reason": "No."}),
            ("withdrawExemption", {"id": self.wish, "reason": "No."}),
            ("reportSync", {"release": hidden, "repository": "group/app", "refs": []}),
            ("copyRelease", {"source": hidden, "versions": ["1.2.4"]}),
            ("editRelease", {"id": twin, "seen": 1, "plan": plan | {"dependsOn": [hidden]}}),
            ("eraseErasure", self.erasing(hidden)),
        )
        for verb, given in asked:
            self.told.append(json.dumps([by, verb, self.ask(by, verb, **given)]))
        self.hear(by, OF_ONE, i=hidden)

    def waiving(self, id: str) -> dict[str, Any]:
        told = {"release": id, "requirement": "qa", "gate": "publish", "reason": "No."}
        return told | {"expiresAt": (datetime.now(UTC) + timedelta(days=1)).isoformat()}

    def look(self) -> None:
        """Everything outsiders can ask for."""
        for by in OUTSIDERS:
            self.hear(by, EVERYTHING)
            self.hear(by, EVENTS)
            for aggregate in (
                "release",
                "inclusion",
                "merge_request",
                "access",
                "erasure",
                "exemption",
                "comment",
            ):
                self.hear(by, EVENTS, f={"aggregate": aggregate})
            self.hear(by, EVENTS, f={"actor": self.office.id("rhea")})
            self.told.append(json.dumps([by, self.feed(by, {}), self.feed(by, {"service": "app"})]))

    def feed(self, by: str, given: dict[str, str]) -> str:
        """The calendar that somebody's other programs read, without its times."""
        office = self.office
        asker = Asker(office.people[by], None, (FEED,))
        body = Feed(office.access, nobody)._body(asker, given).decode()
        return re.sub(r"\d{8}T\d{6}Z", "T", body)


async def nobody(_authorization: str) -> Caller | None:
    """Nobody comes in: who asks is known already."""
    return None


@pytest.fixture
def worlds(
    tmp_path_factory: pytest.TempPathFactory, office_database: str
) -> Iterator[tuple[World, World]]:
    """The world with a hidden patch release, and the one without."""
    dark = World(tmp_path_factory.mktemp("dark"), office_database)
    bright = World(tmp_path_factory.mktemp("bright"), "")
    yield dark, bright
    dark.office.close()
    bright.office.close()


@pytest.mark.req("S1-12", "S1-50", "X-05")
def test_no_outsider_can_tell_the_world_with_a_hidden_patch_from_the_one_without(
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
    assert "Close the hole" not in "".join(dark.told)
    assert "The hole is open" not in "".join(dark.told)


def test_those_with_clearance_see_it_and_it_reads_at_once_when_it_is_revealed(
    worlds: tuple[World, World],
) -> None:
    dark, _ = worlds
    dark.hide()
    feeds = []
    for by in ("rhea", "aud"):
        dark.hear(by, EVERYTHING)
        feeds.append(dark.feed(by, {"service": "app"}))
    assert reveal(dark) == ["carries_hidden"]
    show(dark)
    dark.hear("aud", EVERYTHING)
    assert reveal(dark) == []
    feeds.append(dark.feed("aud", {"service": "app"}))
    assert ["Close the hole" in each for each in feeds] == [False, False, True], (
        "the address of a feed shows nothing hidden, whosever it is"
    )
    impact = "query($i: ID!) { release(id: $i) { impact { others } } }"
    others = [dark.office.data(impact, by, i=dark.hidden)["release"] for by in ("rhea", "aud")]
    assert others == [{"impact": {"others": 2}}] * 2
    dark.hear("aud", EVERYTHING)
    seen, before, partly, after = (json.loads(each)["data"] for each in dark.told)
    assert [e["node"]["embargoed"] for e in seen["releases"]["edges"]] == [True]
    assert {e["node"]["kind"] for e in seen["inclusions"]["edges"]} == {"MERGE_REQUEST", "COMMIT"}
    assert (before["releases"]["edges"], before["inclusions"]["edges"]) == ([], [])
    check_wishes(dark, *(each["exemptions"]["edges"] for each in (seen, before, after)))
    dated = [
        any(each["release"] for each in told["calendar"]["items"]) for told in (seen, before, after)
    ]
    assert dated == [True, False, True]
    told = [each["node"]["number"] for each in partly["mergeRequests"]["edges"]]
    assert (told, partly["inclusions"]["edges"]) == ([70], []), "what has it is hidden still"
    counts = [e["deliveryReport"]["shortCircuitRate"]["count"] for e in (seen, before, after)]
    assert counts == [1, 0, 1]
    assert [e["node"]["embargoed"] for e in after["releases"]["edges"]] == [False]
    assert len(after["inclusions"]["edges"]) == 2
    assert [e["node"]["number"] for e in after["mergeRequests"]["edges"]] == [70]


def show(dark: World) -> None:
    """Two say that everybody may know of the hidden merge request."""
    dark.office.people["sela"] = dark.office.person("sela")
    dark.office.grant("sela", "appsec", **PROJECT)
    for by in ("sela", "saga"):
        dark.ask(by, "revealMergeRequest", id=dark.hole)


def reveal(dark: World) -> list[str]:
    """Why the hidden release is not revealed; nothing if it is."""
    told = dark.ask("saga", "revealRelease", id=dark.hidden)["data"]["revealRelease"]
    return [each["code"] for each in told["problems"]]


def check_wishes(dark: World, seen: Any, before: Any, after: Any) -> None:
    """The wish that it be exempt was hidden with it, and reads with it, as does its history."""
    told = {"release": {"id": dark.hidden}, "approvals": [{"by": {"handle": "saga"}}]}
    assert [each["node"] for each in after] == [
        {"id": dark.wish, "reason": "The hole is open.", **told}
    ]
    assert (before, seen) == ([], after)
    made = dark.office.data(HISTORY, "aud", i=dark.wish)["history"]["edges"]
    kinds = [each["node"]["kind"] for each in made]
    assert kinds == ["exemption.approved", "exemption.requested"]
