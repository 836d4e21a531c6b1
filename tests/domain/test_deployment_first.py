"""Who starts a deployment learns where else it is deployed first, from the first place on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from domain.deployment.gates import verdict
from domain.deployment.state import Deployment, Status, Wish
from domain.environment.state import Plan, Stop
from domain.explanation import Explanation, explain
from tests.domain.deployment_stories import PRODUCTION, environment, requested
from tests.domain.given import NOON, authority, known
from tests.domain.organisation import CAB_ONE, CAB_TWO, MAX, OWEN, SUE, Story
from tests.domain.release_stories import (
    CI,
    COMMIT,
    PACKAGE,
    PAULA,
    QUINN,
    RAY,
    RITA,
    Office,
    filled,
)
from tests.domain.test_release_deployment import PLACE, built
from tests.domain.test_release_promoted import staging

LAB, STAGING = "lab", "staging"
RIPE = NOON + timedelta(hours=2, minutes=1)
STAYS = f"It then has to stay in staging until {RIPE.isoformat()} at the earliest."
START = "Start the deployment to {} that was requested."
LIVE = replace(staging(), id="9" * 32, name="production")
LIVE = replace(LIVE, plan=replace(LIVE.plan, order=3))
FIRST = replace(environment(STAGING), id="1" * 32, name=LAB, plan=Plan(LAB, "hosted", 0, cover=()))
PEOPLE = frozenset((MAX, OWEN, SUE, RITA, QUINN, RAY, PAULA, CI, CAB_ONE, CAB_TWO))


def starts(story: Story | Office, id: str = "d" * 32, but: str = "nothing") -> Explanation:
    """What starts a deployment, where everybody named may do everything else."""
    every = (
        tuple(story.states.values()) if isinstance(story, Office) else (*story.others, story.state)
    )
    records = known(*every)
    state = records.get(Deployment, id)
    assert state is not None
    known_to = authority(*every)

    def who(action: str) -> frozenset[str]:
        return frozenset() if action.startswith(but) else PEOPLE

    there = partial(verdict, state, "start", at=story.at, authority=known_to, records=records)
    return explain(there(who=who, there=lambda e, _: who(e)))


def steps(said: Explanation) -> list[list[tuple[str, str, str]]]:
    """The ways that override nothing."""
    told = [[(e.action, e.subject, e.description) for e in way.acts] for way in said.ways]
    return [each for each in told if not any("override" in action for action, *_ in each)]


def promoted(*others: Any) -> Story:
    """A deployment to production, of what was in none of the places before."""
    return requested(PRODUCTION, environment(STAGING), FIRST, *others)


@pytest.mark.req("S1-20", "S0-13")
def test_the_first_place_is_named_first() -> None:
    request = "deployment.request"
    assert steps(starts(promoted())) == [
        [
            (request, "", "Deploy it to lab first."),
            (request, "", "Deploy it to staging first."),
            ("deployment.wait", "", STAYS),
        ]
    ]


@pytest.mark.req("S1-20", "S0-13")
def test_what_is_requested_or_under_way_there_is_carried_on() -> None:
    waits = requested(STAGING, FIRST, subject="5" * 32).state
    lab = replace(waits, id="6" * 32, environment=LAB, wish=replace(waits.wish, environment=LAB))
    lab = replace(lab, status=Status.RUNNING)
    assert steps(starts(promoted(waits, lab))) == [
        [
            ("deployment.succeed", lab.id, "Say how the deployment to lab ended."),
            ("deployment.start", waits.id, START.format(STAGING)),
            ("deployment.wait", "", STAYS),
        ]
    ]


@pytest.mark.req("S1-20", "S0-13")
def test_where_nobody_can_bring_it_to_the_first_it_is_told_why() -> None:
    stopped = replace(FIRST, stop=Stop(OWEN, NOON, "The line stands."))
    resumed, *deployed = [each for way in steps(starts(promoted(stopped))) for each in way]
    assert resumed[0].startswith("environment."), "by those who may"
    assert [told for _, _, told in deployed][-2:] == ["Deploy it to staging first.", STAYS]
    said = starts(promoted(stopped), but="environment.")
    assert not steps(said)
    assert {e.action for way in said.ways for e in way.acts} >= {"deployment.override"}


@pytest.mark.req("S1-20", "S0-13", "S4-26")
def test_what_belongs_to_a_release_goes_there_with_it_from_the_first_place_on() -> None:
    office = Office()
    office.learn(PLACE, staging(), built(), LIVE)
    major = filled(office, "itsm_releases", "major")
    aim = {"release_version": "1.2.0", "commit": COMMIT, "package": PACKAGE}
    office.ask(RITA, "release.aim", major, **aim)
    wish = Wish("a" * 32, "production", "None.", contents="All of it.", belongs_to=major)
    office.ask(RITA, "deployment.request", "d" * 32, wish=wish)
    way = next(iter(starts(office).ways))
    first = [(e.subject, e.description) for e in way.acts if "eploy it to" in e.description]
    assert first == [(major, "Deploy it to test."), (major, "Deploy it to staging.")]
    why = starts(office, but="evidence.report").impossible_reason or ""
    assert why.startswith('Nobody can. "The release it is for may go there" does not hold: ')
    assert "too few may ask for evidence.report" in why
    assert "No act is known" not in why
