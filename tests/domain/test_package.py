"""Packages: built once, known by their digest, and requested by themselves where that is wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.environment.state import Environment
from domain.kernel import Then
from domain.package import AGGREGATE, Built, Component, changed, package_id
from tests.domain.deployment_stories import STAGING, environment, package
from tests.domain.given import DAY, NOON
from tests.domain.organisation import OWEN, ROBOT, SERVICE, WORLD, Story, refused

BUILT = Built("ledger", "1.0", SERVICE, "1" * 40, f"sha256:{'0' * 64}", (Component("core", "1"),))


def automatic(name: str = "ledger") -> Environment:
    """Staging, which takes packages of a name by themselves."""
    place = environment(STAGING)
    return replace(place, plan=replace(place.plan, automatic=(name,)))


@pytest.mark.req("S0-04", "S0-10")
def test_a_package_says_what_was_built_by_whom() -> None:
    state = package()
    assert (state.label, state.built_by, state.claimed) == ("1.0", ROBOT, False)
    assert state.components[0] == Component("core", "1.0")


@pytest.mark.req("S3-13", "S4-10", "S4-25")
def test_a_package_is_requested_by_itself_where_that_is_wanted() -> None:
    story = Story(AGGREGATE, (*WORLD, automatic(), environment()), subject="b" * 32)
    _, then = story.ask(ROBOT, "add", built=BUILT)
    assert isinstance(then, Then)
    assert then.action == "deployment.request_automatically"
    told = {"environment": STAGING, "package": "b" * 32, "service": SERVICE, "label": "1.0"}
    assert then.arguments == told
    other = Story(AGGREGATE, (*WORLD, automatic("other")), subject="b" * 32)
    assert len(other.ask(ROBOT, "add", built=BUILT)) == 1


@pytest.mark.parametrize(
    "built,code",
    [
        (replace(BUILT, digest=None), "digest_unusable"),
        (replace(BUILT, digest="sha256:12"), "digest_unusable"),
        (replace(BUILT, commit="main"), "not_a_commit"),
        (replace(BUILT, commit="0" * 40), "not_a_commit"),
        (replace(BUILT, label=" "), "name_unusable"),
        (replace(BUILT, components=(Component("a", "1"), Component("a", "2"))), "named_twice"),
    ],
)
def test_what_names_no_artefact_is_refused(built: Built, code: str) -> None:
    with refused(code):
        Story(AGGREGATE).ask(ROBOT, "add", built=built)


def test_a_package_is_built_once_and_condemned_once() -> None:
    known = package()
    with refused("package_known"):
        Story(AGGREGATE, (*WORLD, known), subject="b" * 32).ask(ROBOT, "add", built=BUILT)
    story = Story(AGGREGATE, WORLD, subject=known.id, state=known)
    story.ask(OWEN, "condemn", reason="It loses data.")
    assert story.state.condemned
    with refused("package_condemned"):
        story.ask(OWEN, "condemn", reason="Again.")


def test_what_was_only_claimed_keeps_nothing_that_is_built_out() -> None:
    told = replace(package(), claimed=True)
    story = Story(AGGREGATE, (*WORLD, told), subject="b" * 32)
    story.ask(ROBOT, "add", built=BUILT)
    assert not story.state.claimed


def test_what_is_condemned_is_its_digest_by_whatever_name() -> None:
    known = package()
    alike = replace(known, id="c" * 32, label="1.0-again")
    other = replace(known, id="d" * 32, label="1.1", digest=f"sha256:{'1' * 64}")
    theirs = replace(alike, id="e" * 32, service="elsewhere")
    story = Story(AGGREGATE, (*WORLD, alike, other, theirs), subject=known.id, state=known)
    _, then = story.ask(OWEN, "condemn", reason="It loses data.")
    assert (then.action, then.subject) == ("package.condemn_along", alike.id)
    along = Story(AGGREGATE, WORLD, subject=alike.id, state=alike)
    along.ask(OWEN, "condemn_along", **then.arguments)
    assert along.state.condemned
    bad = replace(known, condemned=True)
    again = Story(AGGREGATE, (*WORLD, bad), subject="e" * 32)
    with refused("package_condemned"):
        again.ask(ROBOT, "add", built=replace(BUILT, label="1.0-again", digest=known.digest))
    again = Story(AGGREGATE, (*WORLD, replace(bad, service="elsewhere")), subject="e" * 32)
    again.ask(ROBOT, "add", built=replace(BUILT, label="1.0-again", digest=known.digest))


def claimed(**more: Any) -> Story:
    story = Story(AGGREGATE, subject=package_id("ledger", "1.0"))
    told = {"claimed": True, "happened": NOON - DAY} | more
    story.ask(ROBOT, "claim", built=replace(BUILT, digest=None), **told)
    return story


def test_a_package_elsewhere_is_a_claim() -> None:
    state = claimed().state
    assert (state.claimed, state.built_at, state.digest) == (True, NOON - DAY, None)
    with refused("not_a_claim"):
        Story(AGGREGATE, subject=state.id).ask(ROBOT, "claim", built=BUILT)
    with refused("other_subject"):
        told = {"claimed": True, "happened": NOON - DAY}
        Story(AGGREGATE).ask(ROBOT, "claim", built=BUILT, **told)


def test_two_packages_differ_in_the_components_that_changed() -> None:
    assert changed(package(), package("1.1", "b" * 32)) == ("core",)
    bare = replace(package(), components=())
    assert changed(bare, package()) == ("core", "web")
    assert changed(package(), package()) == ()
