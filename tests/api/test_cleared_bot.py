"""The release bot takes part in what is hidden by a clearance of its own, and not without."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.demo.cast import Role, projects, services
from api.derived.identity import global_id
from tests.api.company import Headquarters
from tests.api.patches import PROJECT, Patch, commit, hire

BOT = (projects("role:release_bot"), services("role:release_bot"))
CLEARANCE = (projects("role:cleared_bot"), services("role:cleared_bot"))
VERSION = "17.7.202611291200"
HELD = """query { grants(filter: {role: "role:cleared_bot"}, first: 50) { edges { node {
  person { handle } } } } }"""

LISTED = "{ releases(first: 100) { edges { node { id embargoed } } } }"


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    """The company, a release bot that is cleared and one that is not."""
    hire(hq)
    hq.hire("plainbot", None, *BOT, owner="viktor")
    hq.hire("clearbot", None, *BOT, *CLEARANCE, owner="viktor")
    hq.hire("nosy", "curious")
    hq.hire("nosybot", None, *BOT, *CLEARANCE, owner="nosy")
    return hq


def hidden_release(hq: Headquarters, version: str = VERSION) -> tuple[str, str]:
    """A hidden release with a hidden merge request, aimed at a commit; its id and the commit."""
    patch = Patch.__new__(Patch)
    patch.hq = hq
    request, _ = patch.request("strict", "master")
    plan: dict[str, Any] = {"title": "Package", "service": "storefront", "versions": [version]}
    told = {"playbook": "gitlab", "kind": "auto_deploy", "embargoed": True}
    release = hq.do("rhea", "OpenRelease", **told, plan=plan | {"project": PROJECT})["id"]
    made = commit()
    hq.do("rhea", "IncludeRelease", id=release, mergeRequests=[request])
    hq.do("rhea", "AimRelease", id=release, releaseVersion=version, commit=made)
    patch.report("pipeline", made)
    patch.compare(release, made)
    return str(release), made


@pytest.mark.req("S1-25", "S1-12", "X-05")
def test_the_release_bot_tags_what_is_hidden_by_its_clearance_alone(crew: Headquarters) -> None:
    hq = crew
    release, made = hidden_release(hq)
    seen = hq.ask("rhea", "Release", id=release)["revision"]
    told = {"releaseVersion": VERSION, "name": f"v{VERSION}", "seen": seen}
    never = global_id("Release", "0" * 32)
    for id in (release, never):
        payload = hq.ask("plainbot", "TagRelease", input={"id": id, **told})
        missing = {"code": "not_found", "message": "There is no such record.", "path": ["id"]}
        assert payload["problems"] == [missing]
        assert not any(value for name, value in payload.items() if name != "problems")
        assert hq.ask("plainbot", "Release", id=id) is None
    tagged = hq.do("clearbot", "TagRelease", id=release, **told)
    tag = {"version": VERSION, "name": f"v{VERSION}", "commit": made}
    assert tagged == {"id": release, "tags": [tag]}
    assert hq.ask("plainbot", "Release", id=release) is None


def test_who_holds_that_clearance_is_found_as_the_guide_says(crew: Headquarters) -> None:
    edges = crew.post("ada", HELD).json()["data"]["grants"]["edges"]
    assert {each["node"]["person"]["handle"] for each in edges} == {
        "release-bot",
        "clearbot",
        "nosybot",
    }


@pytest.mark.req("S1-12", "X-05")
def test_a_program_sees_what_is_hidden_only_as_long_as_its_owner_does(crew: Headquarters) -> None:
    hq = crew
    release, _ = hidden_release(hq, "17.7.202611301200")
    told = {"name": "mine", "until": (datetime.now(UTC) + timedelta(days=3)).isoformat()}
    hq.tokens["nosy by its bot"] = hq.do("nosy", "CreateToken", owner=hq.id("nosybot"), **told)
    readers = ("nosybot", "nosy by its bot")
    seen = [hq.ask(who, "Release", id=release) for who in readers]
    assert seen == [None, None]
    assert [len(_hidden(hq, who)) for who in readers] == [0, 0]
    cleared = hq.give(hq.id("nosy"), Role("role:cleared", "project", PROJECT))
    for who in readers:
        assert hq.ask(who, "Release", id=release)["id"] == release
        assert release in _hidden(hq, who)
    hq.do("ada", "RevokeGrant", id=cleared, reason="No more.")
    assert [hq.ask(who, "Release", id=release) for who in readers] == [None, None]
    assert [len(_hidden(hq, who)) for who in readers] == [0, 0]
    found = hq.ask("quinn", "ReleaseOnlookers", id=release)["onlookers"]
    by = {(each["person"]["handle"], each["grant"] and each["grant"]["role"]) for each in found}
    assert {("nosy", "role:cleared_bot"), ("nosybot", "role:cleared_bot")} <= by
    assert ("viktor", "role:cleared_bot") in by


def _hidden(hq: Headquarters, who: str) -> set[str]:
    """The hidden releases that are listed for somebody."""
    listed = hq.post(who, LISTED).json()["data"]["releases"]["edges"]
    return {each["node"]["id"] for each in listed if each["node"]["embargoed"]}
