"""Environments: health that is fresh or unknown, a line anybody stops, blockers of any name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.environment.aggregate import AGGREGATE
from domain.environment.evolve import Blocked, Unblocked, UnblockingRequested
from domain.environment.readiness import Helped, blocker_findings, health_findings, line_finding
from domain.environment.state import Environment, Health, Plan
from domain.kernel import Recorded
from domain.principal.state import Former
from domain.verdict import Finding, Status
from tests.domain.deployment_stories import PLANS, PRODUCTION, environment
from tests.domain.given import NOON, authority
from tests.domain.organisation import (
    HOUR,
    MAX,
    OWEN,
    ROBOT,
    SUE,
    WORLD,
    Story,
    kinds,
    person,
    refused,
)

MINUTE = timedelta(minutes=1)


EVERYBODY = frozenset((MAX, OWEN, SUE, ROBOT))


def helped(story: Story) -> Helped:
    """Who helps, where everybody may."""
    return Helped(lambda _action: EVERYBODY, authority(*story.others), story.at)


def story(health: Health | None = Health.HEALTHY) -> Story:
    state = environment(health=health)
    return Story(AGGREGATE, WORLD, subject=state.id, at=NOON + MINUTE, state=state)


@pytest.mark.req("S0-13", "S3-16", "X-05")
@pytest.mark.parametrize(
    "health,minutes,code",
    [
        (Health.HEALTHY, 0, ""),
        (Health.HEALTHY, 14, ""),
        (Health.HEALTHY, 15, "health_stale"),
        (Health.DEGRADED, 0, "environment_unhealthy"),
        (Health.UNHEALTHY, 0, "environment_unhealthy"),
        (Health.UNHEALTHY, 15, "health_stale"),
        (None, 0, "health_unknown"),
    ],
)
def test_only_a_fresh_good_word_is_health(health: Health | None, minutes: int, code: str) -> None:
    (finding,) = health_findings(
        environment(health=health), authority(*WORLD), NOON + minutes * MINUTE
    )
    assert (finding.code, finding.status.blocks) == (code, bool(code))


@pytest.mark.req("S0-13", "X-05")
def test_a_forecast_pretends_to_know_no_report_to_come() -> None:
    later = NOON + HOUR
    (ahead,) = health_findings(environment(), authority(*WORLD), later, NOON + MINUTE)
    assert (ahead.status, ahead.code) == (Status.NOT_APPLICABLE, "")
    assert "has to be reported by then" in ahead.message
    (now,) = health_findings(environment(), authority(*WORLD), NOON + MINUTE, NOON + MINUTE)
    assert now.status is Status.SATISFIED
    for health, moment, code in (
        (Health.HEALTHY, NOON + 20 * MINUTE, "health_stale"),
        (Health.UNHEALTHY, NOON, "environment_unhealthy"),
        (None, NOON, "health_unknown"),
    ):
        (known,) = health_findings(environment(health=health), authority(*WORLD), later, moment)
        assert known.code == code, "what is known now to be bad blocks then, as far as is known"


def test_every_monitor_that_reports_is_waited_for_until_it_is_dismissed() -> None:
    watched = story()
    watched.at = NOON + HOUR
    watched.ask(SUE, "report", health=Health.HEALTHY)
    codes = [
        each.code for each in health_findings(watched.state, authority(*watched.world), watched.at)
    ]
    assert codes == ["health_stale", ""]
    with refused("unknown_reporter"):
        watched.ask(OWEN, "dismiss", reporter=MAX, reason="Gone.")
    watched.ask(OWEN, "dismiss", reporter=ROBOT, reason="It was switched off.")
    assert [
        each.code for each in health_findings(watched.state, authority(*watched.world), watched.at)
    ] == [""]


@pytest.mark.req("S0-13", "S3-16", "X-05")
def test_the_word_of_a_monitor_that_is_suspended_counts_no_more() -> None:
    watched = story()

    def found() -> list[Finding]:
        people = authority(*watched.world)
        return list(health_findings(watched.state, people, watched.at, watched.at))

    watched.learn(person(ROBOT, suspended=True))
    [lost] = found()
    assert (lost.code, lost.status.blocks) == ("monitor_suspended", True)
    assert "called it healthy, and is suspended since" in lost.message
    assert [each.action for each in lost.acts] == ["environment.dismiss", "environment.report"]
    watched.ask(SUE, "report", health=Health.HEALTHY)
    assert [each.code for each in found()] == ["monitor_suspended", ""]
    [act] = found()[0].acts
    assert act.action == "environment.dismiss"
    watched.learn(person(ROBOT))
    assert [each.code for each in found()] == ["", ""]
    watched.learn(person(ROBOT, suspended=True))
    watched.ask(OWEN, "dismiss", reporter=ROBOT, reason="Its account is suspended.")
    assert [each.code for each in found()] == [""]


@pytest.mark.req("S0-13")
def test_a_monitor_that_reports_is_not_dismissed_whatever_it_says() -> None:
    watched = story()
    hasty = replace(watched.state.plan, stale_minutes=1)
    watched.state = replace(watched.state, plan=hasty)
    watched.ask(SUE, "report", health=Health.HEALTHY)
    watched.ask(ROBOT, "report", health=Health.UNHEALTHY)
    watched.at = NOON + 14 * MINUTE
    with refused("monitor_reports"):
        watched.ask(OWEN, "dismiss", reporter=ROBOT, reason="It is noisy.")
    watched.learn(person(ROBOT, suspended=True))
    watched.ask(OWEN, "dismiss", reporter=ROBOT, reason="Nobody may read it any more.")
    watched.at = NOON + 20 * MINUTE
    watched.ask(OWEN, "dismiss", reporter=SUE, reason="It has fallen silent.")
    assert watched.state.reports == ()


def test_a_report_is_not_of_the_future_nor_older_than_the_last() -> None:
    watched = story()
    with refused("still_to_come"):
        watched.ask(ROBOT, "report", health=Health.HEALTHY, measured_at=NOON + HOUR)
    with refused("report_outrun"):
        watched.ask(ROBOT, "report", health=Health.HEALTHY, measured_at=NOON - HOUR)


def test_anybody_stops_the_line_and_two_people_release_it() -> None:
    line = story()
    line.ask(ROBOT, "stop", reason="Errors everywhere.")
    told = line_finding(line.state, helped(line))
    assert told.code == "line_stopped"
    assert [(each.action, each.people) for each in told.acts] == [
        ("environment.ask_to_resume", EVERYBODY - {ROBOT}),
        ("environment.resume", EVERYBODY - {ROBOT}),
    ]
    with refused("not_asked"):
        line.ask(MAX, "resume")
    line.ask(OWEN, "ask_to_resume", reason="It was the disk.")
    (second,) = line_finding(line.state, helped(line)).acts
    assert (second.action, set(second.people)) == ("environment.resume", {MAX, SUE})
    with refused("needs_second_person"):
        line.ask(OWEN, "resume")
    line.learn(person(MAX, linked=(OWEN,)))
    with refused("needs_second_person"):
        line.ask(MAX, "resume")
    assert line_finding(line.state, helped(line)).code == "line_stopped"
    line.ask(SUE, "resume")
    assert not line_finding(line.state, helped(line)).status.blocks


def test_stopping_again_takes_the_wish_to_release_back() -> None:
    line = story()
    line.ask(ROBOT, "stop", reason="Errors everywhere.")
    line.ask(OWEN, "ask_to_resume", reason="It was the disk.")
    line.ask(SUE, "stop", reason="It was not.")
    with refused("not_asked"):
        line.ask(MAX, "resume")


@pytest.mark.req("S0-13")
def test_blockers_are_an_open_set() -> None:
    place = story()
    assert [each.code for each in blocker_findings(place.state, helped(place))] == [""]
    place.ask(ROBOT, "block", name="incident", cause="Payments fail.")
    place.ask(ROBOT, "block", name="whatever comes next", cause="Nobody knows yet.")
    found = blocker_findings(place.state, helped(place))
    assert [each.evidence for each in found] == [("incident",), ("whatever comes next",)]
    assert all(each.status.blocks for each in found)
    with refused("blocked_already"):
        place.ask(ROBOT, "block", name="incident", cause="Again.")
    place.ask(ROBOT, "unblock", name="incident", note="Mended.")
    with refused("unknown_blocker"):
        place.ask(ROBOT, "unblock", name="incident", note="Mended.")


def told(place: Story, by: str, event: object) -> Environment:
    """The environment after what an older log says."""
    version = place.state.version + 1
    known = Recorded(event, f"old-{version}.0", place.subject, version, place.at, by, None)
    return AGGREGATE.evolve(place.state, known)


def blocked() -> Story:
    """What a monitor keeps deployments away from."""
    place = story()
    place.ask(ROBOT, "block", name="incident", cause="Payments fail.")
    return place


@pytest.mark.req("S0-13")
def test_that_it_goes_on_ends_the_wish_to_take_it_away() -> None:
    place = blocked()
    place.ask(MAX, "unblock", name="incident", note="It prints.")
    place.ask(ROBOT, "block", name="incident", cause="Worse.")
    (blocker,) = place.state.blockers
    assert (blocker.cause, blocker.unblocking) == ("Worse.", None)
    assert kinds(place.ask(OWEN, "unblock", name="incident", note="It prints.")) == [
        "UnblockingRequested"
    ]


@pytest.mark.req("S0-13")
def test_what_others_raised_under_the_same_name_stays() -> None:
    place = blocked()
    place.ask(OWEN, "block", name="incident", cause="The disk is full.")
    with refused("blocked_already"):
        place.ask(OWEN, "block", name="incident", cause="Again.")
    place.learn(replace(person(ROBOT), name="Probe"), replace(person(OWEN), name="Owen"))
    found = blocker_findings(place.state, helped(place))
    assert [each.message for each in found] == [
        f"Blocked by incident, which {name} raised." for name in ("Probe", "Owen")
    ]
    assert len({each.acts[0].description for each in found}) == 2
    with refused("raised_by_several"):
        place.ask(SUE, "unblock", name="incident", note="It prints.")
    with refused("unknown_blocker"):
        place.ask(SUE, "unblock", name="incident", note="It prints.", raised_by=MAX)
    place.ask(SUE, "unblock", name="incident", note="It prints.", raised_by=ROBOT)
    assert [bool(each.unblocking) for each in place.state.blockers] == [True, False]
    assert kinds(place.ask(OWEN, "unblock", name="incident", note="Emptied.")) == ["Unblocked"]
    assert [each.by for each in place.state.blockers] == [ROBOT]
    place.ask(MAX, "unblock", name="incident", note="It does.")
    assert place.state.blockers == ()


@pytest.mark.req("S0-13")
def test_what_was_raised_and_ended_before_names_told_who_raised_it_is_all_of_the_name() -> None:
    place = blocked()
    place.ask(OWEN, "block", name="incident", cause="The disk is full.")
    place.ask(OWEN, "block", name="freeze", cause="We move.")
    place.state = told(place, ROBOT, UnblockingRequested("incident", "Up."))
    assert [bool(each.unblocking) for each in place.state.blockers] == [True, True, False]
    place.state = told(place, OWEN, Unblocked("incident", "Up."))
    assert [each.name for each in place.state.blockers] == ["freeze"]
    place.state = told(place, SUE, Blocked("freeze", "Once more."))
    assert [(each.name, each.by) for each in place.state.blockers] == [("freeze", SUE)]


@pytest.mark.req("S0-13")
def test_an_owner_takes_away_what_each_of_their_programs_raised_one_by_one() -> None:
    place, other = blocked(), "bot:" + "9" * 32
    place.ask(other, "block", name="incident", cause="Errors.")
    for each in (ROBOT, other):
        place.learn(person(each, owner=SUE))
    place.ask(SUE, "block", name="incident", cause="I look at it.")
    place.ask(SUE, "unblock", name="incident", note="I looked.")
    with refused("raised_by_several"):
        place.ask(SUE, "unblock", name="incident", note="Up.")
    place.ask(SUE, "unblock", name="incident", note="Up.", raised_by=ROBOT)
    place.ask(SUE, "unblock", name="incident", note="Up.")
    assert place.state.blockers == ()


@pytest.mark.req("S0-13")
def test_what_another_raised_is_taken_away_by_two() -> None:
    place = blocked()
    before = blocker_findings(place.state, helped(place))
    assert kinds(place.ask(MAX, "unblock", name="incident", note="It prints.")) == [
        "UnblockingRequested"
    ]
    found = blocker_findings(place.state, helped(place))
    assert [each.grounds for each in found] == [each.grounds for each in before]
    assert found[0].status.blocks
    assert found[0].acts[0].description.endswith("raised: as a second person.")
    with refused("needs_second_person"):
        place.ask(MAX, "unblock", name="incident", note="It prints.")
    place.learn(person(OWEN, linked=(MAX,)))
    with refused("needs_second_person"):
        place.ask(OWEN, "unblock", name="incident", note="It prints.")
    assert kinds(place.ask(SUE, "unblock", name="incident", note="It does.")) == ["Unblocked"]
    assert place.state.blockers == ()
    place.ask(ROBOT, "block", name="incident", cause="Again.")
    assert place.state.blockers[0].unblocking is None, "who spoke before spoke of another"


def test_who_raised_it_takes_it_away_alone() -> None:
    place = blocked()
    place.ask(MAX, "unblock", name="incident", note="It prints.")
    assert kinds(place.ask(ROBOT, "unblock", name="incident", note="Up.")) == ["Unblocked"]
    place.ask(MAX, "block", name="freeze", cause="We move.")
    assert kinds(place.ask(MAX, "unblock", name="freeze", note="Moved.")) == ["Unblocked"]


@pytest.mark.req("S0-13", "X-04")
def test_a_link_that_one_made_gives_nobody_the_word_of_another() -> None:
    place = blocked()
    place.ask(MAX, "block", name="freeze", cause="We move.")
    place.learn(person(OWEN, linked=(MAX,)))
    assert kinds(place.ask(OWEN, "unblock", name="freeze", note="Moved.")) == [
        "UnblockingRequested"
    ]
    with refused("needs_second_person"):
        place.ask(OWEN, "unblock", name="freeze", note="Moved.")
    (act,) = blocker_findings(place.state, helped(place))[1].acts
    assert act.people == {MAX, SUE}
    assert kinds(place.ask(MAX, "unblock", name="freeze", note="Moved.")) == ["Unblocked"]


@pytest.mark.req("S0-13", "X-04")
def test_what_a_program_raised_is_its_owners_to_take_away_if_it_was_theirs_then() -> None:
    place = blocked()
    place.learn(person(ROBOT, owner=SUE))
    assert kinds(place.ask(SUE, "unblock", name="incident", note="Up.")) == ["Unblocked"]
    place.ask(ROBOT, "block", name="incident", cause="Again.")
    handed = Former(place.at + MINUTE, owner=SUE)
    place.learn(replace(person(ROBOT, owner=OWEN), former=(handed,)))
    assert kinds(place.ask(OWEN, "unblock", name="incident", note="Up.")) == ["UnblockingRequested"]


@pytest.mark.req("X-04")
def test_the_wish_of_who_is_suspended_is_no_first_word() -> None:
    line = story()
    line.ask(ROBOT, "stop", reason="Errors everywhere.")
    line.ask(OWEN, "ask_to_resume", reason="It was the disk.")
    line.learn(person(OWEN, suspended=True))
    with refused("not_asked"):
        line.ask(SUE, "resume")
    told = line_finding(line.state, helped(line)).acts
    assert [each.action for each in told] == ["environment.ask_to_resume", "environment.resume"]
    line.ask(MAX, "ask_to_resume", reason="It was the disk.")
    line.ask(SUE, "resume")


def test_a_program_says_nothing_of_what_another_raised() -> None:
    place = blocked()
    with refused("not_a_person"):
        place.ask("bot:" + "9" * 32, "unblock", name="incident", note="Up.")


def test_who_is_suspended_is_no_first_person() -> None:
    place = blocked()
    place.ask(MAX, "unblock", name="incident", note="It prints.")
    place.learn(person(MAX, suspended=True))
    assert kinds(place.ask(SUE, "unblock", name="incident", note="It does.")) == [
        "UnblockingRequested"
    ]
    assert kinds(place.ask(OWEN, "unblock", name="incident", note="Yes.")) == ["Unblocked"]


@pytest.mark.parametrize(
    "plan,code",
    [
        (replace(PLANS[PRODUCTION], order=-1), "out_of_range"),
        (replace(PLANS[PRODUCTION], stale_minutes=0), "out_of_range"),
        (replace(PLANS[PRODUCTION], kind=" "), "name_unusable"),
        (replace(PLANS[PRODUCTION], automatic=("a", "a")), "named_twice"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(plan: Plan, code: str) -> None:
    with refused(code):
        story().ask(OWEN, "edit", plan=plan)


def test_a_name_is_of_one_environment_and_a_retired_one_does_nothing() -> None:
    taken = Story(AGGREGATE, (*WORLD, environment()), subject="9" * 32)
    with refused("name_taken"):
        taken.ask(OWEN, "define", name=PRODUCTION, plan=PLANS[PRODUCTION])
    place = story()
    place.ask(OWEN, "retire", reason="Replaced.")
    with refused("environment_retired"):
        place.ask(OWEN, "edit", plan=PLANS[PRODUCTION])


@pytest.mark.req("S0-13")
def test_bad_news_of_a_retired_one_is_kept_for_when_it_is_used_again() -> None:
    place = story()
    place.ask(OWEN, "retire", reason="Replaced.")
    place.ask(ROBOT, "report", health=Health.UNHEALTHY)
    place.ask(ROBOT, "block", name="incident", cause="Payments fail.")
    place.ask(SUE, "stop", reason="Errors everywhere.")
    place.ask(OWEN, "reinstate", reason="It is needed after all.")
    state = place.state
    assert [each.health for each in state.reports] == [Health.UNHEALTHY]
    assert [each.name for each in state.blockers] == ["incident"]
    assert state.stop is not None


def test_a_retired_one_is_used_again_as_it_was() -> None:
    place = story()
    with refused("not_retired"):
        place.ask(OWEN, "reinstate", reason="It is needed.")
    place.ask(OWEN, "stop", reason="Errors.")
    before = place.state
    place.ask(OWEN, "retire", reason="Replaced.")
    place.ask(OWEN, "reinstate", reason="It was not.")
    assert replace(place.state, version=before.version) == before, "its line stays stopped"


@pytest.mark.req("S0-14", "S4-12")
def test_it_comes_back_after_what_it_was_promoted_from() -> None:
    place = story()
    place.ask(OWEN, "retire", reason="Replaced.")
    plan = replace(place.state.plan, order=place.state.plan.order - 1)
    place.learn(replace(environment(), id="8" * 32, name="earlier", plan=plan, retired=True))
    with refused("promotion_retired"):
        place.ask(OWEN, "reinstate", reason="It is needed.")
    place.learn(replace(environment(), id="8" * 32, name="earlier", plan=plan))
    place.ask(OWEN, "reinstate", reason="It is needed.")
    assert not place.state.retired


@pytest.mark.req("S0-14", "S4-12")
def test_what_others_are_promoted_from_is_not_retired() -> None:
    first = story()
    plan = first.state.plan
    later = replace(environment(), id="8" * 32, name="later", plan=replace(plan, order=9))
    for other in (
        replace(later, plan=replace(later.plan, line="another")),
        replace(later, plan=replace(later.plan, order=plan.order)),
        replace(later, retired=True),
    ):
        first = story()
        first.learn(other)
        first.ask(OWEN, "retire", reason="Replaced.")
    first = story()
    first.learn(later)
    with refused("promoted_from"):
        first.ask(OWEN, "retire", reason="Replaced.")
