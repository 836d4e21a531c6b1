"""What stands somewhere counts for the release that is made of it, once its gate lets it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.change.aggregate import AGGREGATE as CHANGE
from domain.change.state import Change
from domain.change.state import Status as ChangeStatus
from domain.deployment.state import Deployment, Override, Status
from domain.environment.state import Environment, Health, Plan, Report
from domain.evidence.aggregate import Outcome
from domain.release.act_events import DeploymentCounted, DeploymentSettled, DeploymentStarted
from domain.release.evolve import foreseen
from domain.release.state import Progress
from domain.release.whereabouts.counted import counting
from domain.verdict import Status as Is
from tests.domain.given import DAY, NOON, asked_by
from tests.domain.organisation import HOUR, OWEN, ROBOT, Story, refused
from tests.domain.release_stories import OTHER, PLAN, RITA, Office, approved_change, filled, merged
from tests.domain.test_release_taken import by_hand
from tests.domain.test_release_there import (
    BAD,
    brought,
    codes,
    deployment,
    gone,
    hosted,
    package,
)

WHERE, GO = "release", "deploy:release"
PLACE = Environment(
    "e" * 32,
    1,
    WHERE,
    Plan("test", "packages", 1, stale_minutes=60 * 24 * 90),
    OWEN,
    NOON - DAY,
    (Report(ROBOT, Health.HEALTHY, NOON),),
)
MORE = merged("9" * 32, head=OTHER, number=8)


def candidate() -> tuple[Office, str, str]:
    """A monthly release on the test instance, tested there, and the deployment it is there by."""
    made, monthly, _ = hosted()
    made.learn(PLACE, MORE)
    made.ask(RITA, "release.deploy", monthly, environment=WHERE)
    id = made.release(monthly).deliveries[0].deployment or ""
    made.ask(RITA, "deployment.succeed", id)
    made.report("qa", environment=WHERE)
    assert codes(made, monthly, "publish", "candidate") == set()
    return made, monthly, id


def relist(made: Office, id: str) -> None:
    """Put one thing in, and take it out again."""
    made.ask(RITA, "release.include", id, merge_requests=(MORE.id,))
    made.ask(RITA, "release.exclude", id, merge_requests=(MORE.id,), reason="By mistake.")


def deployments(made: Office, where: str = WHERE) -> list[Deployment]:
    found = (each for (kind, _), each in made.states.items() if kind is Deployment)
    return [each for each in found if each.environment == where]


@pytest.mark.req("S4-12", "X-01")
def test_what_stands_there_counts_again_once_the_list_became_another() -> None:
    made, monthly, own = candidate()
    before = made.release(monthly).deliveries[0]
    relist(made, monthly)
    assert codes(made, monthly, "publish", "candidate") == {"not_deployed"}
    assert made.codes(monthly, GO) == set()
    at = made.at
    made.ask(RITA, "release.deploy", monthly, environment=WHERE)
    assert [each.id for each in deployments(made)] == [own], "nothing was deployed"
    after = made.release(monthly).deliveries[0]
    again = replace(before, cargo=after.cargo, counted_at=at)
    assert after == again, "it stands there since then"
    for row in ("candidate", "qa"):
        assert codes(made, monthly, "publish", row) == set()
    assert made.codes(monthly, GO) == {"same_version"}, "it counts already"


@pytest.mark.req("X-01")
def test_what_ci_does_not_say_holds_the_list_as_it_is_counts_for_nothing() -> None:
    made, monthly, own = candidate()
    made.ask(RITA, "release.include", monthly, merge_requests=(MORE.id,))
    assert "commit_not_included" in made.codes(monthly, GO)
    with refused("commit_not_included"):
        made.ask(RITA, "release.deploy", monthly, environment=WHERE)
    made.compare(monthly, outcome=Outcome.FAILED)
    assert "commit_not_included" in made.codes(monthly, GO)
    assert codes(made, monthly, "publish", "candidate") == {"not_deployed"}
    (told,) = (e for e in made.verdict(monthly, GO).findings if e.requirement == "news")
    assert (told.status, told.evidence) == (Is.NOT_APPLICABLE, (own,))


def test_what_was_found_not_to_work_counts_as_that() -> None:
    made, monthly, own = candidate()
    relist(made, monthly)
    made.learn(replace(made.states[Deployment, own], verification=BAD))
    made.ask(RITA, "release.deploy", monthly, environment=WHERE)
    assert codes(made, monthly, "publish", "candidate") == {"found_not_to_work"}


@pytest.mark.req("S4-26")
def test_what_was_deployed_for_nobody_belongs_to_the_release_it_counts_for() -> None:
    made, monthly, _ = hosted()
    stood = deployment(WHERE, NOON + HOUR, "f" * 32)
    made.learn(PLACE, stood)
    made.report("qa", environment=WHERE)
    at = made.at
    made.ask(RITA, "release.deploy", monthly, environment=WHERE)
    (found,) = deployments(made)
    assert found.wish.belongs_to == monthly
    told = made.release(monthly).deliveries[0]
    assert (told.progress, told.started_at) == (Progress.SUCCEEDED, NOON + HOUR)
    assert told.counted_at == at
    made.ask(RITA, "deployment.roll_back", stood.id, reason="It loses data.")
    assert made.release(monthly).deliveries[0].progress is Progress.ROLLED_BACK
    assert codes(made, monthly, "publish", "candidate") == {"not_deployed"}


def test_what_counts_for_two_releases_is_rolled_back_for_both() -> None:
    made, monthly, own = candidate()
    other = filled(made, "gitlab", "monthly", replace(PLAN, versions=("17.7.0",)))
    made.ask(RITA, "release.deploy", other, environment=WHERE)
    (found,) = deployments(made)
    assert (found.id, found.wish.belongs_to) == (own, monthly)
    made.ask(RITA, "deployment.roll_back", own, reason="It loses data.")
    for id in (monthly, other):
        assert made.release(id).deliveries[0].progress is Progress.ROLLED_BACK


def test_no_deployment_tells_that_it_counts_for_something_hidden() -> None:
    made, monthly, _ = hosted()
    there, release = deployment(WHERE, NOON + HOUR, "f" * 32), made.release(monthly)
    assert len(counting(release, there, ())) == 2
    (event,) = counting(replace(release, embargoed=True), there, ())
    assert isinstance(event, DeploymentCounted)


@pytest.mark.parametrize(
    "there",
    [
        replace(deployment(WHERE, NOON, "f" * 32), claimed=True),
        replace(deployment(WHERE, NOON, "f" * 32), stands=()),
    ],
    ids=["claimed elsewhere", "since nobody knows when"],
)
def test_what_is_not_known_to_stand_there_counts_for_nothing(there: Deployment) -> None:
    made, monthly, _ = hosted()
    made.learn(PLACE, there)
    assert made.codes(monthly, GO) == {"same_version"}


def test_what_gave_way_is_deployed_anew() -> None:
    made, monthly, own = candidate()
    relist(made, monthly)
    made.learn(package("b" * 32, -1, OTHER))
    made.learn(gone(made.states[Deployment, own], made.at))
    made.learn(deployment(WHERE, made.at, "f" * 32, "b" * 32))
    made.ask(RITA, "release.deploy", monthly, environment=WHERE)
    assert made.release(monthly).deliveries[0].progress is Progress.RUNNING


@pytest.mark.req("S4-12", "S0-14")
@pytest.mark.parametrize("relisted", [False, True])
def test_what_something_by_hand_lies_over_is_deployed_anew(*, relisted: bool) -> None:
    made, monthly, own = candidate()
    if relisted:
        relist(made, monthly)
    made.at += HOUR
    other = by_hand(made, WHERE, "17.5.0", made.at - HOUR / 2, hidden=False)
    assert codes(made, monthly, "publish", "candidate") != set()
    assert made.codes(monthly, GO) == set()
    made.ask(RITA, "release.deploy", monthly, environment=WHERE)
    (again,) = (each for each in deployments(made) if each.id != own)
    made.ask(RITA, "deployment.succeed", again.id)
    assert codes(made, monthly, "publish", "candidate") == set()
    assert made.codes(monthly, GO) == {"same_version"}
    made.ask(RITA, "deployment.roll_back", again.id, reason="It loses data.")
    assert "same_version" not in made.codes(monthly, GO), "the other is there again"
    made.settle(other.id, WHERE, Progress.ROLLED_BACK, "It loses data.")
    (told,) = (e for e in made.verdict(monthly, GO).findings if e.requirement == "news")
    assert (told.status, told.evidence) == (Is.NOT_APPLICABLE, (own,)), "it counts"


@pytest.mark.req("S1-50")
def test_what_is_hidden_lies_over_nothing_in_the_open() -> None:
    made, monthly, _ = candidate()
    by_hand(made, WHERE, "17.5.0", made.at, hidden=True)
    assert made.codes(monthly, GO) == {"same_version"}
    assert codes(made, monthly, "publish", "candidate") == set()


@pytest.mark.req("S4-07")
def test_the_time_it_stood_there_does_not_begin_anew() -> None:
    made = Office()
    id, stood = filled(made), deployment("staging", NOON - 14 * DAY)
    made.learn(package(days=-20), MORE)
    brought(made, id, stood)
    relist(made, id)
    assert codes(made, id, "deploy:production", "staging_time") == {"not_deployed"}
    event, *_ = counting(made.release(id), stood, ())
    made.learn(foreseen(made.release(id), asked_by(RITA, subject=id), event))
    assert codes(made, id, "deploy:production", "staging_time") == set()


def test_a_second_person_owes_what_was_overridden_for_what_counts() -> None:
    made, monthly, _ = hosted()
    used = Override(OWEN, NOON, "Now.", ("locks",), (), before=False, due=NOON + DAY, used_at=NOON)
    made.learn(PLACE, deployment(WHERE, NOON + HOUR, "f" * 32, override=used))
    other = replace(made.states[Deployment, "f" * 32].wish, belongs_to="another")
    made.learn(replace(made.states[Deployment, "f" * 32], wish=other))
    assert "countersignature_missing" not in made.codes(monthly, "close")
    made.ask(RITA, "release.deploy", monthly, environment=WHERE)
    assert "countersignature_missing" in made.codes(monthly, "close")


# What counts keeps, whatever was tried there since.


def tried_since() -> tuple[Office, str, Deployment]:
    """What another's deployment brought to production counts, and another build failed there."""
    made = Office()
    id = filled(made, "itsm_releases", "minor")
    there = deployment("production", NOON - HOUR, "f" * 32)
    there = replace(there, wish=replace(there.wish, belongs_to="another"))
    made.learn(package(), package("b" * 32, -1, OTHER), there)
    counts, *_ = counting(made.release(id), there, ())
    begun = DeploymentStarted("production", "sha256:2", (), "e" * 32)
    failed = DeploymentSettled("production", Progress.FAILED, "Out of memory.")
    now = asked_by(RITA, subject=id, at=made.at)
    state = foreseen(made.release(id), now, counts, begun, failed)
    tried = deployment("production", NOON, "e" * 32, "b" * 32)
    made.learn(state, replace(tried, status=Status.FAILED, stands=(), current=False))
    return made, id, there


@pytest.mark.req("S3-11", "X-01")
def test_a_release_that_counts_there_is_not_given_up_since_something_else_failed_there() -> None:
    made, id, there = tried_since()
    with refused("still_live"):
        made.ask(RITA, "release.abort", id, reason="It failed.")
    made.learn(replace(there, status=Status.ROLLED_BACK, current=False))
    made.ask(RITA, "release.abort", id, reason="It failed.")


@pytest.mark.req("S3-11")
def test_it_may_be_given_up_once_something_older_stands_there() -> None:
    made, id, there = tried_since()
    made.learn(package("9" * 32, -20, "8" * 40))
    made.learn(gone(there, made.at), deployment("production", made.at, "9" * 32, "9" * 32))
    made.ask(RITA, "release.abort", id, reason="An older one stands there.")


@pytest.mark.req("S3-02", "S3-11", "X-01")
def test_a_change_that_counts_there_in_its_release_stays_until_that_is_taken_back() -> None:
    made, _, there = tried_since()

    def ask(name: str, **said: Any) -> None:
        others = [e for e in made.states.values() if not isinstance(e, Change)]
        story = Story(CHANGE, (*Story(CHANGE).others, *others), subject="c" * 32)
        story.state = approved_change("c" * 32, ChangeStatus.SCHEDULED)
        story.ask(OWEN, name, **said)

    with refused("work_begun"):
        ask("cancel", reason="Not needed.")
    moved = approved_change("c" * 32).content
    with refused("work_begun", "work_begun"):
        ask("edit", content=replace(moved, service="shop", environments=("test",)))
    made.learn(replace(there, status=Status.ROLLED_BACK, current=False))
    ask("cancel", reason="Not needed.")


def test_what_was_overridden_for_what_counts_is_owed_whatever_was_tried_since() -> None:
    made, id, there = tried_since()
    used = Override(OWEN, NOON, "Now.", ("locks",), (), before=False, due=NOON + DAY, used_at=NOON)
    made.learn(replace(there, override=used))
    assert "countersignature_missing" in made.codes(id, "close")
