"""A release is asked before what it is made of goes out, whether or not a request names it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.deployment.gates import verdict
from domain.deployment.state import Deployment, Status, Wish
from domain.package import Package
from domain.release.state import Progress
from tests.domain.given import NOON
from tests.domain.organisation import OWEN, ROBOT, SERVICE, refused
from tests.domain.release_stories import (
    COMMIT,
    PACKAGE,
    RITA,
    Office,
    approved_change,
    filled,
    opened,
)
from tests.domain.test_release_deployment import PLACE, built, progress

OTHER_PLACE = replace(PLACE, id="f" * 32, name="elsewhere")
WISH = Wish("a" * 32, "test", "None.", contents="Trust me.")
REBUILT = built(id="b" * 32, label="1.2.0-2", digest="sha256:" + "4" * 64)


def aimed(made: Office, **more: Any) -> str:
    """A release of which nothing is authorised yet, aimed at the commit of the package."""
    release = opened(made, "itsm_releases", "major", **more)
    made.ask(RITA, "release.aim", release, release_version="1.2.0", commit=COMMIT)
    return release


def office(*others: Any, **more: Any) -> tuple[Office, str]:
    """That release, with the package and a place it goes to."""
    made = Office()
    made.learn(PLACE, OTHER_PLACE, built(), *others)
    return made, aimed(made, **more)


def requested(made: Office, **changes: Any) -> Deployment:
    """A deployment somebody asked for without a word of any release."""
    id = made.fresh()
    made.ask(ROBOT, "deployment.request", id, wish=replace(WISH, **changes))
    return deployment(made, id)


def deployment(made: Office, id: str) -> Deployment:
    found: Deployment = made.states[Deployment, id]
    return found


def waiting(id: str = "d" * 32, **more: Any) -> Deployment:
    """One that waits from before the release was aimed at its package."""
    told = ("test", "a" * 32, "1.2.0", SERVICE, WISH, OWEN, NOON)
    return replace(Deployment(id, 1, Status.REQUESTED, *told), **more)


def codes(made: Office, id: str) -> set[str]:
    """Why a deployment may not start."""
    state, at = deployment(made, id), made.at
    said = verdict(state, "start", at=at, authority=made.authority, records=made.records)
    return set(said.codes)


def authorise(made: Office, *releases: str) -> None:
    """Put something into each release that may go out."""
    for each in releases:
        made.learn(approved_change("c" * 32))
        made.ask(RITA, "release.include", each, changes=("c" * 32,))


@pytest.mark.req("S4-26", "S4-25", "X-01")
def test_what_a_release_is_made_of_belongs_to_it_whoever_keeps_silent_of_that() -> None:
    made, major = office()
    found = requested(made)
    assert found.wish.belongs_to == major
    with refused("release_not_ready") as told:
        made.ask(ROBOT, "deployment.start", found.id)
    assert told.value.verdict is not None
    (finding,) = (e for e in told.value.verdict.findings if e.code == "release_not_ready")
    assert (finding.evidence, SERVICE in finding.message) == ((major,), True)
    assert made.release(major).deliveries == ()
    authorise(made, major)
    made.ask(ROBOT, "deployment.start", found.id)
    assert progress(made, major) is Progress.RUNNING


@pytest.mark.req("S4-26")
def test_a_release_that_is_aimed_after_the_request_is_asked_all_the_same() -> None:
    made = Office()
    made.learn(PLACE, built(), waiting())
    major = aimed(made)
    assert deployment(made, "d" * 32).wish.belongs_to == major
    assert codes(made, "d" * 32) == {"release_not_ready"}


@pytest.mark.req("S4-26")
def test_one_request_for_each_place_joins_and_whatever_else_waits_joins_as_it_starts() -> None:
    made = Office()
    ids = ("d" * 32, "e" * 32, "f" * 32)
    first, other, automatic = (waiting(each) for each in ids)
    made.learn(PLACE, built(), first, other, replace(automatic, automatic=True))
    major = aimed(made)
    assert [deployment(made, each).wish.belongs_to for each in ids] == [None, None, major]
    assert codes(made, other.id) == {"release_not_ready"}
    authorise(made, major)
    made.ask(ROBOT, "deployment.start", other.id)
    assert deployment(made, other.id).wish.belongs_to == major
    assert progress(made, major) is Progress.RUNNING
    made.ask(ROBOT, "deployment.succeed", other.id)
    assert made.release(major).reached("test") is not None


@pytest.mark.req("S4-26")
def test_a_rebuild_of_the_commit_does_not_pass_the_release_by() -> None:
    made, major = office(REBUILT)
    found = requested(made, package=REBUILT.id)
    assert found.wish.belongs_to is None, "it is made of one of two, and of none that is certain"
    assert codes(made, found.id) == {"release_not_ready"}
    authorise(made, major)
    made.ask(ROBOT, "deployment.start", found.id)
    assert made.release(major).deliveries == (), "what went is not known to be the release"


RETAGGED = built(id="c" * 32, name="shop-image", built_at=NOON)


@pytest.mark.req("S4-25", "S4-26")
def test_what_it_is_made_of_belongs_to_it_by_whatever_name() -> None:
    made, major = office(RETAGGED)
    found = requested(made, package=RETAGGED.id)
    assert (found.wish.belongs_to, codes(made, found.id)) == (major, {"release_not_ready"})
    authorise(made, major)
    made.ask(RITA, "release.deploy", major, environment="test")
    assert deployment(made, found.id).status is Status.RUNNING, "and no second one is requested"
    made.ask(ROBOT, "deployment.succeed", found.id)
    assert progress(made, major) is Progress.SUCCEEDED


@pytest.mark.req("S4-25")
@pytest.mark.parametrize("taken", ["shop", "shop-image"])
def test_what_waits_or_stands_by_another_name_joins_it(taken: str) -> None:
    made = Office()
    plan = replace(PLACE.plan, automatic=(taken,))
    made.learn(replace(PLACE, plan=plan), built(), RETAGGED, waiting(package=RETAGGED.id))
    major = aimed(made)
    assert deployment(made, "d" * 32).wish.belongs_to == major
    assert len([kind for kind, _ in made.states if kind is Deployment]) == 1


@pytest.mark.req("S4-26")
def test_a_release_that_names_its_package_by_digest_alone_is_asked_too() -> None:
    made = Office()
    made.learn(PLACE, built())
    major = opened(made, "itsm_releases", "major")
    made.ask(RITA, "release.aim", major, release_version="1.2.0", package=PACKAGE)
    found = requested(made)
    assert (found.wish.belongs_to, codes(made, found.id)) == (major, {"release_not_ready"})


@pytest.mark.req("S4-26")
def test_a_package_of_which_several_releases_are_made_is_requested_for_one_and_asks_all() -> None:
    made, major = office()
    other = aimed(made)
    with refused("release_not_named"):
        requested(made)
    found = requested(made, belongs_to=other)
    authorise(made, other)
    assert codes(made, found.id) == {"release_not_ready"}, "the other may not go there yet"
    assert made.codes(other, "deploy:test") == {"release_not_ready"}
    with refused("release_not_ready"):
        made.ask(RITA, "release.deploy", other, environment="test")
    authorise(made, major)
    made.ask(RITA, "release.deploy", other, environment="test")
    assert deployment(made, found.id).status is Status.RUNNING


@pytest.mark.req("S4-26")
def test_what_waits_while_several_releases_come_to_be_made_of_it_is_requested_anew() -> None:
    made, major = office()
    other = aimed(made)
    made.learn(waiting())
    authorise(made, major, other)
    assert codes(made, "d" * 32) == {"release_not_named"}
    made.ask(RITA, "release.abort", other, reason="One is enough.")
    assert codes(made, "d" * 32) == set()


@pytest.mark.parametrize(
    "changes", [{"environment": "elsewhere"}, {"package": "7" * 32}], ids=["place", "package"]
)
def test_a_release_is_not_asked_where_it_does_not_go_or_of_what_it_is_not_made(
    changes: dict[str, str],
) -> None:
    other: Package = built(id="7" * 32, commit="7" * 40, digest="sha256:" + "7" * 64)
    made, _ = office(other)
    found = requested(made, **changes)
    assert (found.wish.belongs_to, codes(made, found.id)) == (None, set())


def test_the_same_commit_of_another_service_is_another_matter() -> None:
    other: Package = built(id="7" * 32, service="basket", digest="sha256:" + "7" * 64)
    made, _ = office(other)
    found = requested(made, package="7" * 32)
    assert (found.wish.belongs_to, codes(made, found.id)) == (None, set())


def test_a_release_that_has_ended_is_asked_no_more() -> None:
    made, major = office()
    made.ask(RITA, "release.abort", major, reason="Nobody wants it.")
    assert codes(made, requested(made).id) == set()


@pytest.mark.req("S1-50", "X-05")
def test_a_hidden_release_is_not_told_of() -> None:
    made, hidden = office(embargoed=True)
    found = requested(made)
    assert (found.wish.belongs_to, codes(made, found.id)) == (None, set())
    shown = aimed(made)
    assert requested(made).wish.belongs_to == shown, "as if there was one alone"
    authorise(made, shown)
    assert made.codes(shown, "deploy:test") == set()
    assert hidden not in {each.wish.belongs_to for each in (found, requested(made))}


@pytest.mark.req("S4-25")
def test_a_train_whose_package_was_there_first_is_asked_as_well() -> None:
    made = Office()
    made.learn(replace(PLACE, name="staging"), built())
    train = filled(made)
    found = requested(made, environment="staging")
    assert (found.wish.belongs_to, codes(made, found.id)) == (train, {"release_not_ready"})


@pytest.mark.req("S4-26")
def test_a_release_of_another_service_keeps_nothing_of_ours_away_by_its_digest() -> None:
    made, major = office()
    made.ask(RITA, "release.aim", major, release_version="1.2.0", package=PACKAGE)
    theirs = replace(made.release(major).plan, service="elsewhere")
    id = requested(made).id
    assert codes(made, id) == {"release_not_ready"}
    made.learn(replace(made.release(major), plan=theirs))
    made.states[Deployment, id] = replace(deployment(made, id), wish=WISH)
    assert codes(made, id) == set()
