"""Whoever is not cleared learns nothing of what had been in a patch that is shown, and hides."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api import test_two_worlds_releases as releases
from tests.api.test_two_worlds import EVENTS, plain
from tests.api.test_two_worlds_releases import OUTSIDERS, VERSIONS, World

worlds = releases.worlds
WORDS = "The hole is deeper than we thought."
TOLD = """query($i: ID!) {
  release(id: $i) { id version status revision digest manifest itemCount baseline: tasks { title }
    impact { others } matrix { requirement cells { status } }
    publish: can(action: PUBLISH) { ...said } phase: can(action: ENTER_PHASE) { ...said }
    tag: can(action: TAG) { ...said } close: can(action: CLOSE) { ...said }
    put: can(action: DEPLOY, environment: "release") { ...said } }
  history(id: $i, first: 100) { totalCount { count } edges { node { id kind version request
    outcome actor { handle } behalf { handle } details { name value } } } }
  inclusions(filter: {release: $i}) { totalCount { count } edges { node { id reference } } }
  comments(filter: {subject: $i}) { totalCount { count } edges { node { body } } }
}
fragment said on Possibility { allowed permitted verdict { findings { status code message missing
  acts { action count description } } } explanation { complete impossibleReason
    ways { acts { action count total description people { handle } } } } }"""
LOGGED = ("release", "inclusion", "merge_request", "access")


def left(world: World, by: str, many: int, reason: str) -> str:
    """A patch that is shown after hidden merge requests went in and out; its id."""
    patch = world.opened("planned_patch", "planned_patch", "Close a hole", versions=VERSIONS)
    bug = world.request(81)
    parts = [world.request(82 + at, embargoed=True, title=reason) for at in range(many)]
    for verb, why in (("includeRelease", {}), ("excludeRelease", {"reason": reason})):
        told = world.ask(by, verb, id=patch, mergeRequests=parts, **why)["data"][verb]
        assert told["problems"] == []
    world.ask("rhea", "includeRelease", id=patch, mergeRequests=[*parts, bug])
    world.ask("rhea", "publishRelease", id=patch, seen=4)
    world.ask("rhea", "excludeRelease", id=patch, mergeRequests=[*parts, bug], reason=reason)
    told = world.ask("rolf", "revealRelease", id=patch)["data"]["revealRelease"]
    assert told["problems"] == []
    return patch


def manage(world: World, handle: str) -> None:
    """Let in another release manager."""
    world.office.people[handle] = world.office.person(handle)
    world.office.grant(handle, "release_manager", **releases.SERVICE)


def hear(world: World, patch: str) -> None:
    """Everything that outsiders can ask for, of it and of all."""
    world.look()
    for by in OUTSIDERS:
        world.hear(by, TOLD, i=patch)
        for aggregate in LOGGED:
            world.hear(by, EVENTS, f={"aggregate": aggregate})
        for handle in ("rhea", "rolf"):
            asked: dict[str, Any] = {"actor": world.office.id(handle), "aggregate": "release"}
            world.hear(by, EVENTS, f=asked)


@pytest.mark.req("S1-12", "X-05")
def test_no_outsider_can_tell_what_left_a_patch_nor_how_much_by_whom_and_why(
    worlds: tuple[World, World],
) -> None:
    for world, by, many, reason in zip(
        worlds, ("rolf", "rhea"), (2, 1), (WORDS, "It waits."), strict=True
    ):
        manage(world, "rolf")
        hear(world, left(world, by, many, reason))
    dark, bright = worlds
    told = zip(plain(dark.told), plain(bright.told), strict=True)
    for number, (two, one) in enumerate(told):
        assert json.loads(two) == json.loads(one), number
    assert WORDS not in "".join(dark.told)
    assert "release.excluded" in "".join(dark.told)
