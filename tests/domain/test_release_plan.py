"""Planning a release: what it says, its date, what it is made of, its tasks and its duties."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.process.release import Strategy
from domain.release.aggregate import AGGREGATE
from domain.release.gate.gates import verdict
from domain.release.state import (
    Delivery,
    Duty,
    Judgement,
    Progress,
    Purpose,
    Release,
    TaskStatus,
    cargo_of,
)
from tests.domain.given import DAY
from tests.domain.organisation import adopted, refused
from tests.domain.release_stories import (
    COMMIT,
    DATE,
    EVE,
    OTHER,
    PACKAGE,
    PLAN,
    QUINN,
    RITA,
    SAM,
    Office,
    approved_change,
    filled,
    opened,
)


@pytest.mark.req("S3-24", "S3-25", "S4-05")
def test_a_release_comes_with_the_tasks_of_its_kind_due_by_the_date() -> None:
    office = Office()
    train = office.release(opened(office))
    assert [task.name for task in train.tasks] == [
        "functional_tests",
        "hosting_release",
        "request",
        "dashboards",
    ]
    assert [task.due for task in train.tasks] == [DATE, DATE, DATE + 14 * DAY, DATE + 15 * DAY]
    assert train.tasks[1].after == (1,)
    assert train.phase == "release_day"


@pytest.mark.req("S1-09", "S4-09")
def test_a_date_that_moves_says_why_and_takes_what_is_due_with_it() -> None:
    office = Office()
    train = opened(office)
    moved = DATE + 14 * DAY
    with refused("text_missing"):
        office.ask(RITA, "release.reschedule", train, scheduled=moved, reason=" ")
    office.ask(RITA, "release.reschedule", train, scheduled=moved, reason="All Hands.")
    found = office.release(train)
    assert (found.scheduled, found.moves, found.revision) == (moved, 1, 2)
    assert found.last_move is not None
    assert (found.last_move.before, found.last_move.reason) == (DATE, "All Hands.")
    assert found.tasks[0].due == moved
    with refused("unchanged"):
        office.ask(RITA, "release.reschedule", train, scheduled=moved, reason="Again.")


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"versions": ("1.2",)}, "not_a_version"),
        ({"versions": ("1.2.3", "1.2.x")}, "not_a_version"),
        ({"versions": ()}, "version_missing"),
        ({"versions": ("1.2.3", "1.2.3")}, "named_twice"),
        ({"versions": tuple(f"1.0.{n}" for n in range(11))}, "too_many"),
        ({"title": ""}, "text_missing"),
        ({"service": "any"}, "name_unusable"),
        ({"strategy": Strategy.CANARY}, "unknown_strategy"),
        ({"notes": "x" * 8_001}, "text_too_long"),
        ({"notes": "x" * 5_000, "objectives": "x" * 5_000}, "content_too_large"),
        ({"short_circuit": " "}, "text_missing"),
        ({"parent_release": "0" * 32}, "unknown_release"),
        ({"depends_on": ("0" * 32,)}, "unknown_release"),
        ({"depends_on": ("0" * 32, "0" * 32)}, "named_twice"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused(changes: dict[str, Any], code: str) -> None:
    office = Office()
    with refused(code):
        opened(office, plan=replace(PLAN, **changes))
    train = opened(office)
    with refused(code):
        office.ask(RITA, "release.edit", train, plan=replace(PLAN, **changes))


@pytest.mark.req("S1-09", "S4-09")
@pytest.mark.parametrize("ago,refusing", [(DAY, True), (DAY - timedelta(seconds=1), False)])
def test_a_date_that_is_over_is_not_planned_for(ago: timedelta, refusing: bool) -> None:
    office = Office()
    train = opened(office)
    asked: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("open", office.fresh(), {"playbook": "mozilla", "kind": "train", "plan": PLAN}),
        ("copy", office.fresh(), {"source": train, "versions": ("1.3.0",)}),
        ("reschedule", train, {"reason": "It slipped."}),
    )
    for command, id, given in asked:
        with refused("scheduled_in_the_past") if refusing else nullcontext():
            office.ask(RITA, f"release.{command}", id, **given, scheduled=office.at - ago)


@pytest.mark.req("S0-03")
def test_releases_never_derive_from_each_other_in_a_circle() -> None:
    office = Office()
    first = opened(office)
    second = opened(office, plan=replace(PLAN, parent_release=first))
    third = opened(office, plan=replace(PLAN, parent_release=second))
    for other in (first, second, third):
        with refused("releases_in_a_circle"):
            office.ask(RITA, "release.edit", first, plan=replace(PLAN, parent_release=other))
    office.ask(RITA, "release.edit", third, plan=replace(PLAN, parent_release=first))
    assert office.release(third).plan.parent_release == first


@pytest.mark.req("S0-03")
def test_a_release_derives_from_one_of_the_kind_that_its_own_playbook_names() -> None:
    office = Office()
    text = adopted("gitlab").body.replace('name = "gitlab"', 'name = "fork"', 1)
    office.learn(replace(adopted("fork", text), id="playbook fork"))
    plan = replace(PLAN, versions=("17.5.0",), series="17.5")
    monthly = {name: opened(office, name, "monthly", plan) for name in ("gitlab", "fork")}
    patch = replace(PLAN, versions=("17.5.1",))
    for other in (monthly["fork"], opened(office)):
        with refused("unknown_release"):
            opened(office, "gitlab", "patch", replace(patch, parent_release=other))
    id = opened(office, "gitlab", "patch", replace(patch, parent_release=monthly["gitlab"]))
    assert office.release(id).plan.parent_release == monthly["gitlab"]


def test_a_release_follows_a_playbook_that_is_adopted_and_a_kind_it_has() -> None:
    office = Office()
    with refused("unknown_playbook"):
        opened(office, "nobodys")
    with refused("unknown_kind"):
        opened(office, "mozilla", "rocket")


@pytest.mark.req("S3-35")
def test_releases_never_wait_for_each_other_in_a_circle() -> None:
    office = Office()
    first = opened(office)
    second = opened(office, plan=replace(PLAN, depends_on=(first,)))
    third = opened(office, plan=replace(PLAN, depends_on=(second,)))
    for other in (first, second, third):
        with refused("releases_in_a_circle"):
            office.ask(RITA, "release.edit", first, plan=replace(PLAN, depends_on=(other,)))


@pytest.mark.req("S3-35")
def test_a_release_waits_for_those_that_go_first() -> None:
    office = Office()
    office.learn(approved_change())
    first = opened(office, "itsm_releases", "major", replace(PLAN, versions=("2.0.0",)))
    plan = replace(PLAN, versions=("3.0.0",), depends_on=(first,))
    second = opened(office, "itsm_releases", "major", plan)
    assert "release_waits" in office.codes(second, "deploy:production")
    _reach(office, first, "production")
    assert "release_waits" not in office.codes(second, "deploy:production")


def _reach(office: Office, id: str, environment: str) -> None:
    """As a release that has reached the environment stands."""
    found = office.release(id)
    told = (environment, cargo_of(found), Progress.SUCCEEDED, RITA, office.at)
    office.learn(replace(found, deliveries=(Delivery(*told, RITA, office.at),)))


def test_every_change_of_what_people_decide_on_is_a_revision_of_its_own_also_back() -> None:
    office = Office()
    train = filled(office)
    before = office.release(train)
    office.ask(RITA, "release.edit", train, plan=replace(PLAN, notes="Other notes."))
    office.ask(RITA, "release.edit", train, plan=PLAN)
    after = office.release(train)
    assert after.revision == before.revision + 2
    assert after.plan == before.plan
    assert after.digest != before.digest
    assert office.ask(RITA, "release.edit", train, plan=PLAN) == []


def test_a_version_is_made_of_a_commit_and_a_package() -> None:
    office = Office()
    train = opened(office)
    for told, code in (
        ({"release_version": "9.9.9", "commit": COMMIT}, "unknown_version"),
        ({"release_version": "1.2.0", "commit": "abc"}, "not_a_commit"),
        ({"release_version": "1.2.0", "package": "latest"}, "not_a_package"),
    ):
        with refused(code):
            office.ask(RITA, "release.aim", train, **told)
    office.ask(RITA, "release.aim", train, release_version="1.2.0", commit=COMMIT)
    office.ask(RITA, "release.aim", train, release_version="1.2.0", package=PACKAGE)
    target = office.release(train).target("1.2.0")
    assert (target.commit, target.package) == (COMMIT, PACKAGE)
    assert office.ask(RITA, "release.aim", train, release_version="1.2.0", commit=COMMIT) == []
    plan = replace(PLAN, versions=("1.3.0",))
    office.ask(RITA, "release.edit", train, plan=plan)
    assert office.release(train).targets == ()


def test_a_copy_takes_over_plan_and_duties_and_nothing_that_was_decided() -> None:
    office = Office()
    plan = replace(PLAN, short_circuit="It burns.")
    train = filled(office, plan=plan)
    duties = (Duty("release_manager", RITA), Duty("trainee", SAM))
    office.ask(RITA, "release.assign_duties", train, duties=duties)
    again = office.fresh()
    office.ask(RITA, "release.copy", again, source=train, versions=("1.3.0",), scheduled=None)
    found = office.release(again)
    assert found.plan == replace(PLAN, versions=("1.3.0",))
    assert (found.duties, found.copied_from) == (duties, train)
    assert (found.targets, found.item_count, found.revision) == ((), 0, 1)
    with refused("unknown_release"):
        office.ask(RITA, "release.copy", office.fresh(), source="0" * 32, versions=("1.3.0",))


@pytest.mark.req("S4-01", "S0-19")
def test_duties_are_those_of_the_playbook_held_by_people_who_are_there() -> None:
    office = Office()
    train = opened(office)
    for duties, code in (
        ((Duty("king", RITA),), "unknown_duty"),
        ((Duty("qa", "user:" + "0" * 32),), "unknown_person"),
        ((Duty("qa", QUINN), Duty("qa", QUINN)), "named_twice"),
    ):
        with refused(code):
            office.ask(RITA, "release.assign_duties", train, duties=duties)
    office.ask(RITA, "release.assign_duties", train, duties=(Duty("qa", QUINN),))
    assert office.release(train).duties == (Duty("qa", QUINN),)
    assert office.release(train).revision == 1


@pytest.mark.req("S0-05")
def test_availability_and_security_come_first() -> None:
    assert list(Purpose) == [Purpose.AVAILABILITY, Purpose.SECURITY, Purpose.ROUTINE]
    assert [each.rank for each in Purpose] == [0, 1, 2]


@pytest.mark.req("S4-16", "S4-17")
def test_what_cannot_wait_says_why_and_may_be_tagged_at_any_time() -> None:
    office = Office()
    train = filled(office)
    assert office.codes(train, "tag") == {"before_its_date"}
    plan = replace(PLAN, short_circuit="Sync loses data.")
    office.ask(RITA, "release.edit", train, plan=plan)
    assert office.verdict(train, "tag").allowed
    kept = AGGREGATE.columns["short_circuited"][1]
    assert kept(office.release(train)) is True


# Tasks and phases.


@pytest.mark.req("S3-25")
def test_a_task_is_done_in_its_turn_by_who_has_its_role_or_was_given_it() -> None:
    office = Office()
    train = opened(office)
    with refused("task_waits"):
        office.ask(RITA, "release.complete_task", train, number=2)
    with refused("not_entitled"):
        office.ask(EVE, "release.complete_task", train, number=1)
    office.ask(RITA, "release.assign_task", train, number=1, assignee=EVE)
    office.ask(EVE, "release.complete_task", train, number=1)
    task = office.release(train).tasks[0]
    assert (task.status, task.settled_by) == (TaskStatus.DONE, EVE)
    with refused("task_settled"):
        office.ask(EVE, "release.complete_task", train, number=1)
    office.ask(RITA, "release.reopen_task", train, number=1)
    office.ask(RITA, "release.drop_task", train, number=1, reason="Not this time.")
    office.ask(RITA, "release.complete_task", train, number=2)
    with refused("unknown_task"):
        office.ask(RITA, "release.complete_task", train, number=99)


@pytest.mark.req("S1-20", "S3-25")
def test_those_are_named_who_complete_what_is_left() -> None:
    office = Office()
    train = opened(office)

    def told(*people: str) -> dict[str, tuple[str, frozenset[str]]]:
        """What helps with each task, if these may complete tasks."""
        given, records = office.authority, office.records
        asked = verdict(
            office.release(train),
            "close",
            at=office.at,
            authority=given,
            records=records,
            who=lambda _: frozenset(people),
        )
        (left,) = (each for each in asked.blocking if each.code == "tasks_open")
        return {
            act.description.split(",")[0].rstrip("."): (act.action, act.people) for act in left.acts
        }

    first = "Complete task 1"
    assert told(RITA, QUINN, EVE)[first] == ("release.complete_task", frozenset((RITA,)))
    office.ask(RITA, "release.assign_task", train, number=1, assignee=EVE)
    assert told(RITA, QUINN, EVE)[first][1] == {RITA, EVE}
    assert told(RITA, QUINN)[first][1] == {RITA}, "it is given to who completes none"
    assert first not in told(QUINN)
    (act,) = {action for what, (action, _) in told(QUINN).items() if "nobody has" in what}
    assert act == "release.assign_task"


def test_more_can_be_done_than_the_kind_brings() -> None:
    office = Office()
    train = opened(office)
    told = {"title": "Buy cake", "phase": "watch", "due_days": -1, "after": (1, 1)}
    office.ask(RITA, "release.add_task", train, **told)
    task = office.release(train).tasks[-1]
    assert (task.number, task.after, task.due) == (5, (1,), DATE - DAY)
    for more, code in (
        ({"title": ""}, "text_missing"),
        ({"title": "x", "phase": "nowhere"}, "unknown_phase"),
        ({"title": "x", "after": (77,)}, "unknown_task"),
        ({"title": "x", "due_days": 1_000}, "number_unusable"),
        ({"title": "x", "assignee": "user:" + "0" * 32}, "unknown_person"),
    ):
        with refused(code):
            office.ask(RITA, "release.add_task", train, **more)


@pytest.mark.req("S1-28", "S1-29")
def test_phases_follow_one_another_once_their_tasks_are_settled_and_not_before_they_open() -> None:
    office = Office()
    plan = replace(PLAN, versions=("17.5.0",))
    monthly = opened(office, "gitlab", "monthly", plan)
    with refused("phase_not_open"):
        office.ask(RITA, "release.enter_phase", monthly)
    office.at = DATE - 7 * DAY
    office.ask(RITA, "release.enter_phase", monthly)
    with refused("tasks_open"):
        office.ask(RITA, "release.enter_phase", monthly)
    office.finish_tasks(monthly, "candidate")
    office.ask(RITA, "release.enter_phase", monthly)
    with refused("last_phase"):
        office.ask(RITA, "release.enter_phase", monthly)
    undated = opened(office, "gitlab", "monthly", plan, scheduled=None)
    with refused("date_missing"):
        office.ask(RITA, "release.enter_phase", undated)


def test_what_has_ended_stays_as_it_is() -> None:
    office = Office()
    train = opened(office)
    with refused("text_missing"):
        office.ask(RITA, "release.abort", train, reason="")
    office.ask(RITA, "release.abort", train, reason="Nobody needs it.")
    asked: dict[str, dict[str, Any]] = {
        "edit": {"plan": replace(PLAN, notes="More.")},
        "reschedule": {"scheduled": None, "reason": "Why not."},
        "aim": {"release_version": "1.2.0", "commit": OTHER},
        "include": {"merge_requests": ()},
        "exclude": {"reason": "Gone."},
        "assign_duties": {"duties": ()},
        "await_repository": {"repository": "tests"},
        "enter_phase": {},
        "add_task": {"title": "More"},
        "complete_task": {"number": 1},
        "request_approval": {},
        "attest": {"requirement": "safe", "gate": "deploy:staging", "judgement": Judgement.HOLDS},
        "tag": {"release_version": "1.2.0"},
        "deploy": {"environment": "staging"},
        "review": {"findings": "Fine."},
        "close": {},
        "abort": {"reason": "Again."},
        "take_playbook": {"reason": "Newer."},
    }
    for verb, arguments in asked.items():
        with refused("ended"):
            office.ask(RITA, f"release.{verb}", train, **arguments)
    assert isinstance(office.release(train), Release)


@pytest.mark.req("S4-02", "S4-03")
def test_another_repository_needs_its_tag_unless_nothing_changed_there() -> None:
    office = Office()
    train = opened(office)
    with refused("unknown_repository"):
        office.ask(RITA, "release.enter_repository_tag", train, repository="tests", tag="1")
    office.ask(RITA, "release.await_repository", train, repository="tests")
    with refused("named_twice"):
        office.ask(RITA, "release.await_repository", train, repository="tests")
    assert "repository_tag_missing" in office.codes(train, "tag")
    told = {"repository": "tests", "reason": "No commit since 1.7.9."}
    office.ask(RITA, "release.spare_repository", train, **told)
    assert "repository_tag_missing" not in office.codes(train, "tag")
    assert office.at - DATE < timedelta(0)


@pytest.mark.req("S4-03")
@pytest.mark.parametrize("tag", ["-rf", "../x", "$(touch x)", "v 1", "", "a..b", "x.lock", "@"])
def test_what_cannot_name_a_tag_is_no_tag_of_another_repository(tag: str) -> None:
    office = Office()
    train = opened(office)
    office.ask(RITA, "release.await_repository", train, repository="tests")
    with refused("not_a_tag"):
        office.ask(RITA, "release.enter_repository_tag", train, repository="tests", tag=tag)
    for good in ("0.18.4", "v1", "@acme/till@1.0.0", "release/2026-01"):
        office.ask(RITA, "release.enter_repository_tag", train, repository="tests", tag=good)
