"""A merge request of a fix from nothing to merged: its author, the cleared, the release bot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.machine.installation import Failed
from tests.api.test_merge_request_queries import PROJECT
from tests.api.test_two_worlds_fixes import World

SEEN = """query($i: ID!) { mergeRequest(id: $i) { status mergedBy { handle }
  can(action: MERGE) { allowed verdict { findings { requirement code status } } } } }"""


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory, office_database: str) -> Iterator[World]:
    """An office that fixes vulnerabilities, with two administrators."""
    made = World(tmp_path_factory.mktemp("office"), office_database)
    for handle in ("ada", "ben"):
        made.office.people[handle] = made.office.person(handle)
        made.office.grant(handle, "administrator")
    yield made
    made.office.close()


def clearance(world: World, **more: Any) -> str:
    """A clearance of the release bot, given by one administrator; the grant."""
    people = world.office.people
    given: dict[str, Any] = {
        "person": people["bot"],
        "role": "role:cleared_bot",
        "reason": "It releases.",
    }
    given |= {**PROJECT, "until": datetime.now(UTC) + timedelta(days=90), **more}
    return world.office.desk.ask("grant.give", by=people["ada"], **given).subject


def codes(told: Any) -> list[str]:
    [payload] = told["data"].values()
    return [each["code"] for each in payload["problems"]]


@pytest.mark.req("S1-25", "S1-12")
def test_a_developer_writes_it_the_cleared_sign_it_off_and_the_release_bot_merges_it(
    world: World,
) -> None:
    office = world.office
    id = world.opening("rita", 3, "master", embargoed=True)
    head = "d" * 40
    assert codes(world.ask("rita", "pushMergeRequest", id=id, head=head, base="b" * 40)) == []
    world.evidence(head, "PASSED")
    for by, rule in (("mia", "maintainer"), ("sec", "appsec")):
        assert codes(world.ask(by, "signOffMergeRequest", id=id, seen=2, rule=rule)) == []
    bot = office.people["bot"]
    into = {"id": id, "assignee": office.id("bot")}
    assert codes(world.ask("rita", "assignMergeRequest", **into)) == ["not_cleared"]
    assert codes(world.ask("bot", "mergeMergeRequest", id=id, seen=2)) in (
        ["not_found"],
        ["forbidden"],
    )
    assert office.data(SEEN, "bot", i=id)["mergeRequest"] is None
    grant = clearance(world)
    assert office.data(SEEN, "bot", i=id)["mergeRequest"] is None, "it waits for a second person"
    office.desk.ask("grant.confirm", grant, by=office.people["ben"])
    assert office.data(SEEN, "bot", i=id)["mergeRequest"] is None, "its owner is not cleared"
    assert codes(world.ask("rita", "assignMergeRequest", **into)) == ["not_cleared"]
    office.grant("aud", "cleared", **PROJECT)
    assert codes(world.ask("rita", "assignMergeRequest", **into)) == []
    assert office.data(SEEN, "bot", i=id)["mergeRequest"]["can"]["allowed"]
    for verb, given in (("signOff", {"seen": 2, "rule": "maintainer"}), ("reveal", {})):
        assert codes(world.ask("bot", f"{verb}MergeRequest", id=id, **given)) == ["forbidden"]
    assert codes(world.ask("bot", "mergeMergeRequest", id=id, seen=2)) == []
    found = office.data(SEEN, "rita", i=id)["mergeRequest"]
    assert (found["status"], found["mergedBy"]) == ("MERGED", {"handle": "bot"})
    assert bot.startswith("bot:")


def test_a_clearance_of_a_program_is_dated_and_the_only_one_it_may_hold(world: World) -> None:
    for more, code in (
        ({"until": None}, "until_missing"),
        ({"until": datetime.now(UTC) + timedelta(days=400)}, "until_too_far"),
        ({"role": "role:cleared"}, "machine"),
        ({"role": "role:maintainer"}, "machine"),
    ):
        with pytest.raises(Failed, match=code):
            clearance(world, **more)
    clearance(world)
