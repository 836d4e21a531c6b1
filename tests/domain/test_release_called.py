"""What went anywhere is called as it went there, and what is tagged as its tags say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.release.state import Delivery, Progress, cargo_of
from tests.domain.given import DAY, NOON
from tests.domain.organisation import HOUR, refused
from tests.domain.release_stories import DATE, OTHER, PLAN, PROJECT, RITA, Office, filled, opened
from tests.domain.test_release_taken import BACKPORTS, BEFORE, by_hand, on_the_hosted_service
from tests.domain.test_release_there import (
    brought,
    codes,
    deployment,
    gone,
    in_staging,
    package,
)

ELSEWHERE = (replace(PLAN, service="elsewhere"), replace(PLAN, project="some/other"))


def renamed(office: Office, id: str) -> None:
    """Ask for another service, and then for another project; leave it as it was."""
    before = office.release(id)
    for plan in ELSEWHERE:
        office.ask(RITA, "release.edit", id, plan=plan)
        office.learn(before)


def train(office: Office) -> str:
    office.at = DATE
    return filled(office)


def under_way(office: Office, id: str) -> None:
    state = office.release(id)
    going = Delivery("staging", cargo_of(state), Progress.RUNNING, RITA, office.at)
    office.learn(replace(state, deliveries=(going,)))


def arrived(office: Office, id: str) -> None:
    under_way(office, id)
    office.settle(id, "staging", Progress.SUCCEEDED)


def taken_back(office: Office, id: str) -> None:
    arrived(office, id)
    office.settle(id, "staging", Progress.ROLLED_BACK, "It was bad.")


def tagged(office: Office, id: str) -> None:
    office.ask(RITA, "release.tag", id, release_version="1.2.0")


def rolled_back(office: Office, id: str) -> None:
    office.learn(package())
    brought(office, id, gone(deployment("staging", NOON - DAY), NOON))
    (found,) = office.release(id).deliveries
    back = replace(found, progress=Progress.ROLLED_BACK)
    office.learn(replace(office.release(id), deliveries=(back,)))


def failed_again(office: Office, id: str) -> None:
    stood = deployment("staging", NOON - DAY)
    office.learn(package())
    brought(office, id, replace(stood, wish=replace(stood.wish, belongs_to=id)))
    (found,) = office.release(id).deliveries
    tried = replace(found, progress=Progress.FAILED, deployment=None)
    office.learn(replace(office.release(id), deliveries=(tried,)))


@pytest.mark.req("S4-04", "S0-14")
@pytest.mark.parametrize(
    "happened", [under_way, arrived, taken_back, tagged, rolled_back, failed_again]
)
def test_what_went_anywhere_keeps_its_service_and_project(
    happened: Callable[[Office, str], None],
) -> None:
    office = Office()
    id = train(office)
    renamed(office, id)
    happened(office, id)
    for plan in ELSEWHERE:
        with refused("went_out"):
            office.ask(RITA, "release.edit", id, plan=plan)
    office.ask(RITA, "release.edit", id, plan=replace(PLAN, title="Push the shop"))


@pytest.mark.req("S4-04", "X-05")
def test_of_which_project_it_is_may_still_be_said() -> None:
    office = Office()
    id = train(office)
    none = replace(PLAN, project=None)
    office.learn(replace(office.release(id), plan=none))
    arrived(office, id)
    with refused("went_out"):
        office.ask(RITA, "release.edit", id, plan=ELSEWHERE[1])
    office.ask(RITA, "release.edit", id, plan=PLAN)
    with refused("went_out"):
        office.ask(RITA, "release.edit", id, plan=none)
    bare = opened(office, plan=none)
    arrived(office, bare)
    office.ask(RITA, "release.edit", bare, plan=PLAN)


@pytest.mark.req("S4-04")
def test_what_only_failed_to_go_anywhere_is_called_anew() -> None:
    office = Office()
    id = train(office)
    under_way(office, id)
    office.settle(id, "staging", Progress.FAILED, "It did not start.")
    renamed(office, id)


@pytest.mark.req("S4-04", "S0-14")
def test_what_is_on_its_way_keeps_its_versions_until_that_has_ended() -> None:
    office = Office()
    id = train(office)
    under_way(office, id)
    plan = replace(PLAN, versions=("1.2.0", "1.3.0"))
    with refused("being_deployed"):
        office.ask(RITA, "release.edit", id, plan=plan)
    office.settle(id, "staging", Progress.SUCCEEDED)
    office.ask(RITA, "release.edit", id, plan=plan)
    assert office.release(id).reached("staging") is None, "it goes there anew"


@pytest.mark.req("S4-04")
def test_a_tag_keeps_its_version_whatever_its_release_goes_by_since() -> None:
    office = Office()
    first, second = train(office), train(office)
    office.report("pipeline", subject=OTHER)
    office.ask(RITA, "release.aim", second, release_version="1.2.0", commit=OTHER)
    tagged(office, first)
    office.ask(RITA, "release.edit", first, plan=replace(PLAN, versions=("1.2.7",)))
    assert [each.version for each in office.release(first).tags] == ["1.2.0"]
    with refused("version_taken"):
        office.ask(RITA, "release.tag", second, release_version="1.2.0", name="v1.2.0")
    assert "version_taken" not in office.codes(first, "tag")
    assert "version_taken" not in office.codes(second, "publish"), "the first to be published"
    office.ask(RITA, "release.edit", second, plan=replace(PLAN, versions=("1.2.1",)))
    assert "version_taken" not in office.codes(second, "tag")
    assert PROJECT in office.release(first).has("1.2.0")


@pytest.mark.req("S0-14", "S1-32")
def test_what_stands_on_the_hosted_service_is_not_hidden_by_another_name() -> None:
    made, id = on_the_hosted_service()
    older = by_hand(made, "gprd", BEFORE, made.at)
    assert codes(made, id, BACKPORTS, "hosted_first") == {"older_stands_there"}
    with refused("went_out"):
        made.ask(RITA, "release.edit", older.id, plan=replace(older.plan, service="elsewhere"))


@pytest.mark.req("S0-14")
def test_what_a_release_is_made_of_since_makes_what_stands_there_no_newer() -> None:
    made, id, _ = in_staging()
    told = {"commit": OTHER, "package": None}
    other = by_hand(made, "staging", "1.2.0-b", NOON + HOUR, hidden=False)
    made.learn(package("b" * 32, 1, OTHER))
    made.ask(RITA, "release.aim", other.id, release_version=other.plan.versions[0], **told)
    assert codes(made, id, "deploy:production", "staged") == {"older_stands_there"}
    state = made.release(other.id)
    there = replace(state.deliveries[0], cargo=cargo_of(state))
    made.learn(replace(state, deliveries=(there,)))
    assert codes(made, id, "deploy:production", "staged") == set()
