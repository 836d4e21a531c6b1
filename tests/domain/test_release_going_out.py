"""What is going out keeps what it carries, and what is live is not given up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.adoption import Status as Adoption
from domain.deployment.state import Deployment, Override
from domain.release.state import Delivery, Progress, Stood, cargo_of
from tests.domain.given import DAY, NOON
from tests.domain.organisation import HOUR, adopted, refused
from tests.domain.release_stories import RAY, RITA, Office, approved_change, filled, opened
from tests.domain.test_release_there import BAD, ERRORS, GOOD, NEXT, OWN, deployment, gone, package

OTHER = "9" * 40
AFTER = NOON + HOUR


def going(progress: Progress, where: str = "production", **more: Any) -> tuple[Office, str]:
    """A minor release on its way to an environment, or there."""
    made = Office()
    id = filled(made, "itsm_releases", "minor")
    state = made.release(id)
    told = Delivery(where, cargo_of(state), progress, RITA, made.at)
    made.learn(replace(state, deliveries=(replace(told, **more),)), approved_change("d" * 32))
    return made, id


def newer(made: Office, where: str, kind: str | None) -> None:
    """A newer version of the playbook that calls a place otherwise, or has none of that name."""
    first = adopted("itsm_releases")
    body = first.body.replace(f'kind = "{where}"', f'kind = "{kind or "KEPT"}"')
    if kind is None:
        body = body.replace(f'{where}"', 'elsewhere"').replace("KEPT", where)
    later = replace(adopted("itsm_releases", body), id="playbook newer", number=2)
    made.learn(replace(first, status=Adoption.SUPERSEDED, adopted_at=NOON), later)


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
def test_what_went_by_hand_goes_on_in_what_came_later_and_is_not_given_up() -> None:
    made, id = going(Progress.SUCCEEDED)
    later = opened(made, "itsm_releases", "minor")
    state = made.release(later)
    told = Delivery("production", "", Progress.SUCCEEDED, RITA, made.at + HOUR)
    span = Stood("production", "1.2.1", made.at + HOUR)
    made.learn(replace(state, deliveries=(told,), stood=(span,)))
    with refused("still_live"):
        made.ask(RITA, "release.abort", id, reason="It is long gone.")
    made.learn(replace(made.release(later), stood=(replace(span, label="1.1.9"),)))
    made.ask(RITA, "release.abort", id, reason="An older one stands there.")


@pytest.mark.req("S3-11")
@pytest.mark.parametrize("said", [{}, {"verification": BAD}])
def test_a_package_that_something_older_by_hand_took_the_place_of_may_be_given_up(
    said: dict[str, Any],
) -> None:
    made, id = going(Progress.SUCCEEDED, deployment=OWN)
    made.learn(package(), deployment("production", NOON, OWN, **said))
    with refused("still_live"):
        made.ask(RITA, "release.abort", id, reason="It stands there.")
    later = made.release(opened(made, "itsm_releases", "minor"))
    span = Stood("production", "1.1.9", AFTER)
    made.learn(replace(later, stood=(replace(span, label="1.2.1"),)))
    if not said:
        with refused("still_live"):
            made.ask(RITA, "release.abort", id, reason="It goes on.")
    made.learn(replace(later, stood=(span,)))
    made.ask(RITA, "release.abort", id, reason="An older one stands there.")


def superseded(**more: Any) -> tuple[Office, str, Deployment]:
    """A minor release in production by a deployment that something later took the place of."""
    made, id = going(Progress.SUCCEEDED, deployment=OWN)
    made.learn(package(), package(NEXT, -1, OTHER), deployment("production", AFTER, NEXT, NEXT))
    stood = gone(deployment("production", NOON, OWN), AFTER)
    mine = replace(stood, wish=replace(stood.wish, belongs_to=id), **more)
    made.learn(mine)
    return made, id, mine


@pytest.mark.req("S3-11", "S3-09")
def test_what_goes_on_in_what_came_later_is_closed_and_not_given_up() -> None:
    made, id, stood = superseded()
    with refused("still_live"):
        made.ask(RITA, "release.abort", id, reason="It is long gone.")
    told = replace(stood, verification=GOOD, observations=(replace(ERRORS, well=True),))
    made.learn(told)
    with refused("still_live"):
        made.ask(RITA, "release.abort", id, reason="It is long gone.")
    made.report("unit_tests", "regression_tests")
    made.compare(id)
    made.ask(RITA, "release.close", id)


@pytest.mark.req("S3-11")
def test_what_does_not_work_or_gave_way_to_something_older_may_be_given_up() -> None:
    made, id, _ = superseded(verification=BAD)
    made.ask(RITA, "release.abort", id, reason="It crashes, and what came later does not.")
    made, id, _ = superseded()
    made.learn(package(NEXT, -20, OTHER))
    made.ask(RITA, "release.abort", id, reason="An older one stands there.")


@pytest.mark.req("S3-11", "S3-09")
def test_what_carries_something_else_by_now_is_given_up_once_it_was_looked_after() -> None:
    made, id, stood = superseded()
    made.ask(RITA, "release.include", id, changes=("d" * 32,))
    with refused("still_live"):
        made.ask(RITA, "release.abort", id, reason="The next one has it.")
    made.learn(replace(stood, verification=GOOD, observations=(replace(ERRORS, well=True),)))
    made.learn(replace(made.release(id), kind="standard"))
    with refused("still_live"):
        made.ask(RITA, "release.abort", id, reason="It is to be looked back on.")
    made.ask(RITA, "release.review", id, findings="It was late.")
    made.ask(RITA, "release.abort", id, reason="The next one has it.")


@pytest.mark.req("S3-11", "S0-13")
def test_nothing_is_given_up_before_what_was_overridden_is_countersigned() -> None:
    due = NOON + DAY
    used = Override(RITA, NOON, "Now.", ("locks",), (), before=False, due=due, used_at=NOON)
    made, id, stood = superseded(verification=BAD, override=used)
    with refused("countersignature_missing"):
        made.ask(RITA, "release.abort", id, reason="It crashes.")
    signed = replace(used, countersigned_by=RAY, countersigned_at=NOON)
    made.learn(replace(stood, override=signed))
    made.ask(RITA, "release.abort", id, reason="It crashes.")


@pytest.mark.req("S3-11", "X-02")
@pytest.mark.parametrize("progress", [Progress.RUNNING, Progress.SUCCEEDED])
def test_what_is_live_is_not_given_up_since_a_newer_playbook_leaves_that_place_out(
    progress: Progress,
) -> None:
    made, id = going(progress)
    newer(made, "production", None)
    made.ask(RITA, "release.take_playbook", id, reason="It is newer.")
    if progress is Progress.RUNNING:
        made.settle(id, "production", Progress.SUCCEEDED)
    with refused("still_live"):
        made.ask(RITA, "release.abort", id, reason="We think again.")
    made.settle(id, "production", Progress.ROLLED_BACK, "It was bad.")
    made.ask(RITA, "release.abort", id, reason="We think again.")


@pytest.mark.req("S3-11", "X-02")
def test_what_only_stood_where_nobody_used_it_is_given_up_all_the_same() -> None:
    made, id = going(Progress.SUCCEEDED, "staging")
    newer(made, "staging", None)
    made.ask(RITA, "release.take_playbook", id, reason="It is newer.")
    made.ask(RITA, "release.abort", id, reason="We think again.")


@pytest.mark.req("S3-11", "X-02")
def test_nor_is_it_said_of_where_it_is_live_that_nobody_uses_that() -> None:
    made, id = going(Progress.SUCCEEDED)
    newer(made, "production", "staging")
    with refused("place_demoted"):
        made.ask(RITA, "release.take_playbook", id, reason="It is newer.")
    made.settle(id, "production", Progress.ROLLED_BACK, "It was bad.")
    made.ask(RITA, "release.take_playbook", id, reason="It is newer.")
