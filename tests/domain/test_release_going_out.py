"""What is going out keeps what it carries, and what is live is not given up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.release.state import Delivery, Progress, Stood, cargo_of
from tests.domain.organisation import HOUR, refused
from tests.domain.release_stories import RITA, Office, approved_change, filled, opened

OTHER = "9" * 40


def going(progress: Progress, where: str = "production", **more: Any) -> tuple[Office, str]:
    """A minor release on its way to an environment, or there."""
    made = Office()
    id = filled(made, "itsm_releases", "minor")
    state = made.release(id)
    told = Delivery(where, cargo_of(state), progress, RITA, made.at)
    made.learn(replace(state, deliveries=(replace(told, **more),)), approved_change("d" * 32))
    return made, id


@pytest.mark.req("S3-02")
@pytest.mark.parametrize("where", ["staging", "production"])
def test_nothing_comes_into_a_release_on_its_way(where: str) -> None:
    made, id = going(Progress.RUNNING, where)
    with refused("being_deployed"):
        made.ask(RITA, "release.include", id, changes=("d" * 32,))
    with refused("being_deployed"):
        made.ask(RITA, "release.aim", id, release_version="1.2.0", commit=OTHER)
    plan = replace(made.release(id).plan, versions=("1.2.0", "1.3.0"))
    with refused("being_deployed"):
        made.ask(RITA, "release.edit", id, plan=plan)
    made.ask(RITA, "release.include", id, merge_requests=("m" * 32,))
    made.ask(RITA, "release.exclude", id, merge_requests=("m" * 32,), reason="It is bad.")
    made.settle(id, where, Progress.FAILED, "It was bad.")
    made.ask(RITA, "release.include", id, changes=("d" * 32,))


def test_where_nothing_has_to_be_authorised_it_may_be_filled_meanwhile() -> None:
    made, id = going(Progress.RUNNING, "lab")
    made.ask(RITA, "release.include", id, changes=("d" * 32,))


@pytest.mark.req("S3-11")
def test_what_is_live_is_closed_or_rolled_back_and_not_given_up() -> None:
    made, id = going(Progress.SUCCEEDED)
    with refused("still_live"):
        made.ask(RITA, "release.abort", id, reason="We think again.")
    made.settle(id, "production", Progress.ROLLED_BACK, "It was bad.")
    made.ask(RITA, "release.abort", id, reason="We think again.")


@pytest.mark.req("S3-11")
def test_what_something_later_took_the_place_of_may_be_given_up() -> None:
    made, id = going(Progress.SUCCEEDED)
    later = opened(made, "itsm_releases", "minor")
    state = made.release(later)
    told = Delivery("production", "", Progress.SUCCEEDED, RITA, made.at + HOUR)
    span = Stood("production", "1.2.0", made.at + HOUR)
    made.learn(replace(state, deliveries=(told,), stood=(span,)))
    made.ask(RITA, "release.abort", id, reason="It is long gone.")
