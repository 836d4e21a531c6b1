"""Changes by criticality: who approves them, how early, and what they keep away while under way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from domain.adoption import Status as Adoption
from domain.change.aggregate import AGGREGATE as CHANGE
from domain.change.gate_close import closing
from domain.change.question import Question
from domain.change.standing import ending
from domain.change.state import Change, Link, LinkKind, Outcome
from domain.deployment.aggregate import AGGREGATE as DEPLOYMENT
from domain.deployment.gates import verdict
from domain.gate import Finding
from domain.gate import Status as Is
from domain.grant.aggregate import Scope
from domain.lock.aggregate import AGGREGATE as LOCK
from domain.lock.blocking import Target, lock_findings
from domain.lock.state import Kind, Lock, Terms
from domain.playbook.format import decode
from domain.principal.state import Former, Principal
from domain.process.process import ChangeKind, Phase, Process
from tests.domain.deployment_stories import STAGING, environment, package, requested, wish
from tests.domain.given import DAY, NOON, authority, known
from tests.domain.organisation import (
    ANN,
    ASA,
    CAB_ONE,
    CAB_TWO,
    CONTENT,
    ENG,
    HOUR,
    MAX,
    OWEN,
    PEOPLE,
    PLAYBOOKS,
    ROBOT,
    SERVICE,
    WINDOW,
    WORLD,
    Story,
    adopted,
    grant,
    person,
    refused,
)
from tests.domain.release_stories import merged

PEER, LEADER, ON_CALL = ASA, CAB_ONE, CAB_TWO
GRANTS = (
    grant(PEER, "role:peer_reviewer", Scope.SERVICE, SERVICE),
    grant(LEADER, "role:platform_leadership", Scope.SERVICE, SERVICE),
    grant(ON_CALL, "role:engineer_on_call", Scope.SERVICE, SERVICE),
)
PLAYBOOK = adopted("criticality")
OF_PLATFORM = person(LEADER, team="platform")
C2_WORLD = (*WORLD, OF_PLATFORM, *GRANTS, PLAYBOOK)


def process() -> Process:
    return decode((PLAYBOOKS / "criticality.toml").read_text())


def kind(name: str) -> ChangeKind:
    found = process().kind(name)
    assert found is not None
    return found


def opened(name: str, ahead: timedelta = DAY, where: str = "production") -> Story:
    window = replace(WINDOW, since=NOON + ahead, until=NOON + ahead + 3 * HOUR)
    story = Story(CHANGE, C2_WORLD, subject="c" * 32)
    content = replace(CONTENT, environments=(where,), window=window)
    story.ask(ANN, "open", playbook="criticality", kind=name, content=content)
    return story


def approved(name: str, **more: Any) -> Story:
    story = opened(name, **more)
    story.ask(ANN, "submit")
    story.ask(PEER, "approve", rule="peer")
    story.ask(LEADER, "approve", rule="leadership")
    story.ask(ON_CALL, "approve", rule="on_call")
    story.at = story.state.content.window.since
    return story


@pytest.mark.req("S0-13")
@pytest.mark.parametrize(
    "risk,asked",
    [
        ("low", ["peer_again"]),
        ("moderate", ["peer_again", "leadership", "on_call"]),
        ("high", ["peer_again", "leadership", "on_call"]),
    ],
)
def test_a_peer_alone_is_enough_only_where_there_is_next_to_no_risk(
    risk: str, asked: list[str]
) -> None:
    rules = kind("c3").rules(Phase.AUTHORIZE, risk)
    assert [each.name for each in rules] == asked


@pytest.mark.parametrize("ahead,early", [(14 * DAY, True), (14 * DAY - HOUR, False)])
def test_the_most_critical_changes_are_planned_two_weeks_ahead(
    ahead: timedelta, *, early: bool
) -> None:
    story = opened("c1", ahead)
    story.at = NOON
    if early:
        story.ask(ANN, "submit")
    else:
        with refused("lead_time_short"):
            story.ask(ANN, "submit")
    opened("c2", HOUR).ask(ANN, "submit")


def test_a_change_without_a_window_is_not_early_enough() -> None:
    story = opened("c1", 15 * DAY)
    story.ask(ANN, "edit", content=replace(story.state.content, window=None))
    with refused("lead_time_short", "field_missing"):
        story.ask(ANN, "submit")


@pytest.mark.req("S0-13", "X-05")
@pytest.mark.parametrize(
    "leader",
    [
        person(LEADER, team="payments"),
        person(LEADER, team=None),
        replace(OF_PLATFORM, former=(Former(NOON - DAY, team="payments"),)),
    ],
)
def test_leadership_of_the_authors_team_or_of_one_nobody_knows_does_not_count(
    leader: Principal,
) -> None:
    story = opened("c2")
    story.ask(ANN, "submit")
    story.ask(PEER, "approve", rule="peer")
    story.learn(leader)
    with refused("not_entitled"):
        story.ask(LEADER, "approve", rule="leadership")
    story.learn(OF_PLATFORM)
    story.ask(LEADER, "approve", rule="leadership")


@pytest.mark.req("S0-13", "X-05")
def test_leadership_does_not_count_where_the_authors_team_is_not_known() -> None:
    story = opened("c2")
    story.ask(ANN, "submit")
    story.ask(PEER, "approve", rule="peer")
    story.learn(person(ANN, team=None))
    with refused("not_entitled"):
        story.ask(LEADER, "approve", rule="leadership")


@pytest.mark.req("S0-13", "X-05")
def test_leadership_counts_no_more_once_somebody_behind_the_change_is_of_its_team() -> None:
    story = approved("c2", ahead=2 * HOUR)
    story.learn(person(MAX, team="platform"))
    story.ask(ANN, "assign", owner=MAX)
    with refused("quorum_impossible", "stage_waiting"):
        story.ask(ENG, "implement")
    story.ask(MAX, "assign", owner=OWEN)
    with refused("quorum_impossible", "stage_waiting"):  # who handed it on had a hand in it
        story.ask(ENG, "implement")


@pytest.mark.req("S0-13")
def test_a_critical_change_under_way_keeps_deployments_away_until_it_is_over() -> None:
    story = approved("c2", where=STAGING, ahead=2 * HOUR)
    story.ask(ENG, "implement")
    deployment = requested(STAGING, story.state, PLAYBOOK)
    with refused("critical_change_under_way"):
        deployment.ask(ROBOT, "start")
    story.ask(ENG, "finish", outcome=Outcome.SUCCESSFUL)
    deployment.learn(story.state)
    deployment.ask(ROBOT, "start")


@pytest.mark.req("S0-13", "S3-02")
def test_what_was_taken_up_again_keeps_them_away_by_the_playbook_it_was_opened_under() -> None:
    story = approved("c2", where=STAGING, ahead=2 * HOUR)
    story.ask(ENG, "implement")
    story.ask(MAX, "hold", reason="A cable is missing.")
    story.ask(MAX, "resume")
    assert story.state.unfinished
    renamed = PLAYBOOK.body.replace('name = "c2"', 'name = "second"')
    assert renamed != PLAYBOOK.body
    newer = replace(adopted("criticality", renamed), id="newer", number=2)
    former = replace(PLAYBOOK, status=Adoption.SUPERSEDED)
    deployment = requested(STAGING, story.state, former, newer)
    with refused("critical_change_under_way"):
        deployment.ask(ROBOT, "start")


def at_work(*ties: tuple[LinkKind, str]) -> Change:
    """A critical change under way in staging that is tied to these."""
    story = approved("c2", where=STAGING, ahead=2 * HOUR)
    story.ask(ENG, "implement")
    changed: Change = replace(story.state, links=tuple(Link(*each) for each in ties))
    return changed


def start(by: str, change: Change) -> Story:
    """The start of a deployment that somebody requested, naming the change."""
    staging, built = environment(STAGING), package()
    request = merged(head=built.commit)
    story = Story(DEPLOYMENT, (*WORLD, staging, built, PLAYBOOK, change, request), subject="d" * 32)
    story.ask(by, "request", wish=wish(STAGING, changes=(change.id,)))
    return story


OWN_COMMIT, OWN_REQUEST = (LinkKind.COMMIT, package().commit), (LinkKind.MERGE_REQUEST, "m" * 32)


@pytest.mark.req("S0-13", "S3-02")
@pytest.mark.parametrize("tie", [OWN_COMMIT, OWN_REQUEST])
def test_a_critical_change_goes_out_with_what_it_is_tied_to(tie: tuple[LinkKind, str]) -> None:
    start(MAX, at_work(tie)).ask(ROBOT, "start")


@pytest.mark.req("S0-13", "X-05")
@pytest.mark.parametrize("ties", [(), ((LinkKind.COMMIT, "9" * 40),)], ids=["untied", "another"])
def test_naming_a_critical_change_lets_nothing_else_out_in_the_middle_of_it(ties: Any) -> None:
    change = at_work(*ties)
    story = start(MAX, change)
    with refused("critical_change_under_way"):
        story.ask(ROBOT, "start")
    told = verdict(
        story.state,
        "start",
        at=story.at,
        authority=authority(*WORLD),
        records=known(*story.others),
        who=lambda _: frozenset((ENG, MAX)),
    )
    (blocking,) = told.blocking
    assert "is not tied to what goes out" in (blocking.message or "")
    assert [(e.action, e.people) for e in blocking.acts] == [
        ("change.finish", frozenset((ENG,))),
        ("deployment.request", frozenset((ENG,))),
    ]


@pytest.mark.req("S0-13")
def test_who_does_that_work_says_that_something_belongs_to_it() -> None:
    start(ENG, at_work()).ask(ROBOT, "start")


@pytest.mark.req("S0-13")
def test_nobody_else_says_that_what_keeps_deployments_away_is_over_while_its_people_can() -> None:
    story = approved("c2", where=STAGING, ahead=2 * HOUR)
    story.ask(ENG, "implement")
    ended = {"outcome": Outcome.UNSUCCESSFUL, "note": "It is over."}
    with refused("not_own_work"):
        story.ask(MAX, "finish", **ended)
    story.learn(replace(person(ENG), suspended=True))
    with refused("not_own_work"):
        story.ask(MAX, "finish", **ended)
    story.learn(person(MAX, linked=(ENG,)))
    with refused("not_own_work"):
        story.ask(MAX, "finish", **ended)
    story.learn(replace(person(story.state.owner), suspended=True))
    story.ask(MAX, "finish", **ended)


@pytest.mark.req("S0-13", "X-04")
def test_who_answers_for_it_and_may_not_say_that_it_is_over_keeps_nobody_from_that() -> None:
    story = approved("c2", where=STAGING, ahead=2 * HOUR)
    story.ask(ENG, "implement")
    held = authority(*story.others)

    def told(*may: str) -> list[frozenset[str]]:
        def who(action: str) -> frozenset[str]:
            return frozenset(may if action == "change.finish" else ())

        ask = Question(story.state, story.at, held, known(*story.others), who)
        found = (each.check() for each in closing(ask))
        acts = (act for each in found if isinstance(each, Finding) for act in each.acts)
        return [act.people for act in acts if act.action == "change.finish"]

    assert told(ENG, MAX) == [{ENG}]
    held = authority(*story.others, replace(person(ENG), suspended=True))
    owner = story.state.owner
    assert told(MAX, owner) == [{owner}]
    assert told(MAX) == [{MAX}], "who answers for it may not"
    assert ending(story.state, held, {MAX}.__contains__) == frozenset()


@pytest.mark.req("S0-12")
@pytest.mark.parametrize(
    "name,strength,locked",
    [
        ("c2", Kind.SOFT, True),
        ("c2", Kind.HARD, True),
        ("c3", Kind.SOFT, False),
        ("c3", Kind.HARD, True),
    ],
)
def test_a_soft_lock_spares_what_is_not_critical(
    name: str, strength: Kind, *, locked: bool
) -> None:
    activity = kind(name).activity
    spares = ("infrastructure_change_c3_c4",) if strength is Kind.SOFT else ()
    target = Target(
        "c" * 32, lambda: frozenset((activity,)), frozenset((STAGING,)), frozenset((SERVICE,))
    )
    assert blocks(lock(strength, spares), target) is locked


def lock(strength: Kind, spares: tuple[str, ...] = ()) -> Lock:
    story = Story(LOCK, WORLD, subject="1" * 32)
    terms = Terms("Quiet", strength, since=NOON, until=NOON + DAY, spares=spares)
    story.ask(OWEN, "declare", terms=terms)
    return story.state  # type: ignore[no-any-return]


def blocks(state: Lock, target: Target) -> bool:
    """Whether the lock keeps it from happening."""
    found = lock_findings(target, NOON, known(state), authority(*PEOPLE))
    return any(each.status is Is.UNSATISFIED for each in found)


# As a real company has it.


@pytest.fixture
def rules(real_data: Path) -> Any:
    return json.loads((real_data / "gitlab-change-locks.json").read_text())


@pytest.mark.real
@pytest.mark.req("S0-13")
def test_the_kinds_are_those_of_a_real_company(rules: Any) -> None:
    for row in rules["change_criticality"]:
        found = kind(row["level"].lower())
        days = row.get("min_lead_time_days", 0)
        assert found.lead_hours == 24 * days, row["level"]
        assert found.blocks_deployments == ("blocks deploys" in row["labels_applied"])
        always = {each["role"] for each in row["approvals"] if "condition" not in each}
        asked = {(each.rule.role or "").removeprefix("role:") for each in found.rows}
        assert always <= asked, row["level"]
        apart = {
            each["role"] for each in row["approvals"] if each.get("different_team_from_author")
        }
        meant = (each for each in found.rows if each.applies("low"))
        told = {(each.rule.role or "")[5:] for each in meant if each.rule.other_team}
        assert apart == told, row["level"]
        assert not row["needs_due_date"] or "window" in found.required
    for name in ("c1", "c2"):
        asked = {(each.rule.role or "") for each in kind(f"{name}_database").rows}
        assert "role:database_expert" in asked


@pytest.mark.real
@pytest.mark.req("S0-12", "S0-13")
def test_what_each_lock_of_a_real_company_allows(rules: Any) -> None:
    rows = rules["restrictions"]
    spares = tuple(each["activity"] for each in rows if each["soft"] == "allowed")
    soft, hard = lock(Kind.SOFT, spares), lock(Kind.HARD)
    for row in rows:
        done = frozenset((row["activity"],))
        target = Target("c" * 32, partial(frozenset, done))
        assert blocks(hard, target), row
        assert blocks(soft, target) == (row["soft"] != "allowed"), row
    assert {each.activity for each in process().kinds} <= {each["activity"] for each in rows}
