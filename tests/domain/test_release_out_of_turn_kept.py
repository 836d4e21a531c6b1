"""That a release could not wait stays said once it went on by that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.playbook.aggregate import Playbook
from domain.release.state import Progress
from tests.domain.given import DAY
from tests.domain.organisation import refused
from tests.domain.release_stories import DATE, PLAN, RITA, Office, filled

HURRIED = replace(PLAN, short_circuit="Sync loses data.")
EARLY = DATE - DAY


def train(office: Office) -> str:
    return filled(office, plan=HURRIED)


def tagged(office: Office, id: str) -> None:
    office.ask(RITA, "release.tag", id, release_version="1.2.0")


def on_its_way(office: Office, id: str) -> None:
    tagged(office, id)
    office.report("unit_tests", "integration_tests", "hosting_release")
    office.attest(RITA, id, "safe", "deploy:staging")
    office.ask(RITA, "release.deploy", id, environment="staging")
    office.learn(replace(office.release(id), tags=()))


def taken_back(office: Office, id: str) -> None:
    on_its_way(office, id)
    office.settle(id, "staging", Progress.SUCCEEDED)
    office.settle(id, "staging", Progress.ROLLED_BACK, "It was bad.")


@pytest.mark.req("S4-16", "S4-17")
@pytest.mark.parametrize("happened", [tagged, on_its_way, taken_back])
def test_that_it_could_not_wait_stays_once_it_went_on(
    happened: Callable[[Office, str], None],
) -> None:
    office = Office(at=EARLY)
    id = train(office)
    happened(office, id)
    with refused("out_of_turn"):
        office.ask(RITA, "release.edit", id, plan=PLAN)
    better = replace(HURRIED, short_circuit="Sync loses data of everybody.")
    office.ask(RITA, "release.edit", id, plan=better)
    with refused("out_of_turn"):
        office.ask(RITA, "release.edit", id, plan=PLAN)


@pytest.mark.req("S4-16", "S4-17")
def test_it_is_taken_back_while_nothing_went_on_by_it() -> None:
    office = Office(at=EARLY)
    id = train(office)
    assert "before_its_date" not in office.codes(id, "tag")
    office.ask(RITA, "release.edit", id, plan=PLAN)
    assert "before_its_date" in office.codes(id, "tag")
    on_its_way_and_failed = train(office)
    on_its_way(office, on_its_way_and_failed)
    office.settle(on_its_way_and_failed, "staging", Progress.FAILED, "It did not start.")
    office.ask(RITA, "release.edit", on_its_way_and_failed, plan=PLAN)


@pytest.mark.req("S4-16", "S4-17")
@pytest.mark.parametrize("asked", [True, False])
def test_a_phase_that_waits_for_the_date_counts_where_it_was_entered(asked: bool) -> None:
    office = Office(at=EARLY)
    row = 'about = "scheduled"\ngates = ["tag"'
    more = row + ', "enter_phase:rollout"' if asked else row
    books = [each for each in office.states.values() if isinstance(each, Playbook)]
    for each in books:
        office.learn(replace(each, body=each.body.replace(row, more)))
    id = train(office)
    office.finish_tasks(id, "release_day")
    office.ask(RITA, "release.enter_phase", id)
    if asked:
        with refused("out_of_turn"):
            office.ask(RITA, "release.edit", id, plan=PLAN)
    else:
        office.ask(RITA, "release.edit", id, plan=PLAN)
