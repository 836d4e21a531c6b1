"""Deployments: what keeps them from starting, what two people override, and what stands where."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.calendar.window import Clock, Window
from domain.change.aggregate import AGGREGATE as CHANGE
from domain.change.state import ENDED, Change
from domain.change.state import Status as ChangeStatus
from domain.deployment.aggregate import AGGREGATE, stood_rows
from domain.deployment.blockers import BLOCKERS
from domain.deployment.claiming import deployment_id
from domain.deployment.gates import verdict
from domain.deployment.owing import signers
from domain.deployment.state import MOST_SEEN, Deployment, Stand, Status
from domain.environment.state import Blocker, Health, Stop
from domain.gate import Status as Is
from domain.inclusion import Inclusion, ItemKind
from domain.kernel import Then
from domain.lock.aggregate import AGGREGATE as LOCK
from domain.lock.state import Countersign, Kind, Lock, Running, Terms
from tests.domain.change_stories import assessed, drafted, scheduled, submitted
from tests.domain.deployment_stories import (
    PRODUCTION,
    STAGING,
    environment,
    package,
    requested,
    stood,
    succeeded,
    wish,
)
from tests.domain.given import DAY, NOON, authority, known
from tests.domain.organisation import (
    ANN,
    ASA,
    ASSESSOR,
    CAB_ONE,
    CAB_THREE,
    CAB_TWO,
    CHAIR,
    CONTENT,
    HOUR,
    MAX,
    OWEN,
    PLAYBOOKS,
    ROBOT,
    SUE,
    WINDOW,
    WORLD,
    Story,
    adopted,
    kinds,
    person,
    refused,
    revoked,
    ways,
)

HARD = Terms("Year end", Kind.HARD, since=NOON - HOUR, until=NOON + DAY)
STRICT = (
    (PLAYBOOKS / "itsm.toml")
    .read_text()
    .replace('path = "normal"\n', 'path = "normal"\nblocks_deployments = true\n', 1)
)


def lock(terms: Terms = HARD) -> Lock:
    story = Story(LOCK, WORLD, subject="1" * 32, at=NOON - HOUR)
    story.ask(OWEN, "declare", terms=terms)
    return story.state  # type: ignore[no-any-return]


def change(status: ChangeStatus, **more: Any) -> Change:
    story = Story(CHANGE, (*WORLD, adopted("itsm", STRICT)), subject="c" * 32)
    content = replace(CONTENT, window=None, **more)
    story.ask(ANN, "open", playbook="itsm", kind="normal", content=content)
    drafted: Change = story.state
    return replace(drafted, status=status)


def codes(story: Story, action: str = "start") -> list[str]:
    """What keeps it from going on now."""
    known_to, records = authority(*story.others), known(*story.others)
    at = story.at
    return list(verdict(story.state, action, at=at, authority=known_to, records=records).codes)


# Requests.


@pytest.mark.req("S4-05", "S4-13")
def test_a_request_names_what_goes_out_and_the_configuration_it_takes() -> None:
    assert requested().state.wish.configuration == "None."
    base = Story(AGGREGATE, (*WORLD, environment(STAGING), package()), at=NOON)
    with refused("text_missing", "changes_missing"):
        base.ask(OWEN, "request", wish=replace(wish(STAGING), configuration=" ", contents=""))
    with refused("unknown_change"):
        base.ask(OWEN, "request", wish=wish(STAGING, changes=("c" * 32,)))


def test_a_request_for_what_is_not_there_is_refused() -> None:
    base = Story(AGGREGATE, (*WORLD, environment(STAGING), package()), at=NOON)
    with refused("unknown_package", "unknown_environment"):
        base.ask(OWEN, "request", wish=wish("nowhere", "0" * 32))
    retired = replace(environment(STAGING), retired=True)
    base.learn(retired)
    with refused("unknown_environment"):
        base.ask(OWEN, "request", wish=wish(STAGING))


@pytest.mark.req("S4-11", "S4-12")
def test_nothing_is_filed_for_a_version_that_stands_there_already() -> None:
    story = Story(AGGREGATE, (*succeeded().others,), subject="e" * 32, at=NOON + HOUR)
    with refused("same_version"):
        story.ask(OWEN, "request", wish=wish(STAGING))


@pytest.mark.req("S4-12", "S0-14")
@pytest.mark.parametrize("same", ["label", "digest", "both"])
def test_the_same_version_is_the_same_bytes_by_the_same_version_under_whatever_name(
    same: str,
) -> None:
    built = package()
    told: dict[str, Any] = {"id": "b" * 32, "name": "ledger-image"}
    told |= {} if same != "label" else {"digest": f"sha256:{'7' * 64}"}
    told |= {} if same != "digest" else {"label": "1.0-final"}
    other = replace(built, **told)
    story = Story(AGGREGATE, (*succeeded().others, other), subject="e" * 32, at=NOON + HOUR)
    if same != "both":
        story.ask(OWEN, "request", wish=wish(STAGING, other.id))
        assert "same_version" not in codes(story)
        return
    with refused("same_version"):
        story.ask(OWEN, "request", wish=wish(STAGING, other.id))


def test_a_request_is_withdrawn_before_anything_is_deployed() -> None:
    story = requested()
    story.ask(OWEN, "withdraw", reason="Later.")
    assert story.state.status is Status.WITHDRAWN
    with refused("not_requested"):
        story.ask(ROBOT, "start")


# Starting.


@pytest.mark.req("S0-12", "S0-14")
def test_a_deployment_starts_when_nothing_blocks_it() -> None:
    story = requested()
    assert codes(story) == []
    story.ask(ROBOT, "start")
    assert story.state.status is Status.RUNNING
    names = {each.requirement for each in story.state.evidence}
    assert names >= {each.name for each in BLOCKERS}


@pytest.mark.req("S0-13", "X-05")
@pytest.mark.parametrize(
    "changed,code",
    [
        (lock, "hard_locked"),
        (lambda: lock(replace(HARD, kind=Kind.SOFT)), "soft_locked"),
        (lambda: environment(STAGING, Health.DEGRADED), "environment_unhealthy"),
        (lambda: environment(STAGING, None), "health_unknown"),
        (
            lambda: replace(environment(STAGING), stop=Stop(SUE, NOON, "Errors.")),
            "line_stopped",
        ),
        (
            lambda: replace(
                environment(STAGING), blockers=(Blocker("incident", SUE, NOON, "Down."),)
            ),
            "environment_blocked",
        ),
        (lambda: replace(environment(STAGING), retired=True), "environment_retired"),
        (lambda: replace(package(), condemned=True), "package_condemned"),
        (lambda: replace(package(), claimed=True), "package_never_built"),
        (
            lambda: replace(
                environment(STAGING), plan=replace(environment(STAGING).plan, needs_window=True)
            ),
            "window_missing",
        ),
    ],
)
def test_a_deployment_is_blocked(changed: Any, code: str) -> None:
    story = requested()
    story.learn(changed())
    assert code in codes(story)
    with refused(code):
        story.ask(ROBOT, "start")
    assert story.state.status is Status.REQUESTED


@pytest.mark.parametrize("action", ["start", "advance", "succeed", "close"])
def test_of_a_retired_environment_is_told_once_that_it_is(action: str) -> None:
    story = requested() if action == "start" else succeeded()
    if action in ("advance", "succeed"):
        story.state = replace(story.state, status=Status.RUNNING)
    story.learn(replace(environment(STAGING), retired=True))
    found = verdict(
        story.state, action, at=story.at, authority=authority(), records=known(*story.others)
    ).findings
    assert not [each for each in found if each.status is Is.ERROR]
    told = [each for each in found if each.requirement == "environment"]
    asked = action in ("start", "advance")
    assert [each.message for each in told] == [
        f"{STAGING} is retired: nothing is deployed to it any more."
    ] * asked
    assert "health" not in {each.requirement for each in found}


@pytest.mark.req("S0-13")
def test_one_deployment_runs_at_a_time() -> None:
    first = requested()
    first.ask(ROBOT, "start")
    second = Story(AGGREGATE, (*first.others, package("1.1", "b" * 32)), subject="e" * 32, at=NOON)
    second.ask(OWEN, "request", wish=wish(STAGING, "b" * 32))
    with refused("deployment_running"):
        second.ask(ROBOT, "start")
    first.ask(ROBOT, "fail", reason="Out of memory.")
    second.learn(first.state)
    second.ask(ROBOT, "start")


def test_a_package_is_promoted_in_order_and_dwells() -> None:
    story = requested(PRODUCTION, environment(STAGING))
    assert codes(story) == ["not_promoted"]
    before = stood()
    story.learn(before)
    assert codes(story) == ["dwell_too_short"]
    story.at = before.stands[0].since + 2 * HOUR
    fresh = environment()
    reports = tuple(replace(each, measured_at=story.at) for each in fresh.reports)
    story.learn(replace(fresh, reports=reports))
    assert codes(story) == []
    story.learn(replace(before, claimed=True))
    assert codes(story) == ["not_promoted"]
    story.learn(replace(before, status=Status.ROLLED_BACK))
    assert codes(story) == ["not_promoted"]


def promoted() -> tuple[Story, Deployment]:
    """A request for production of what has stood in staging for long enough."""
    story, before = requested(PRODUCTION, environment(STAGING)), stood()
    since = story.at - 2 * HOUR
    before = replace(before, stands=(Stand(since),))
    story.learn(before)
    assert codes(story) == []
    return story, before


@pytest.mark.req("S0-13", "S0-10")
def test_what_is_promoted_are_bytes_whatever_they_are_called() -> None:
    story, before = promoted()
    other = replace(package("1.0-rc"), id="7" * 32)
    theirs = replace(other, service="shop")
    (span,) = before.stands
    for again, code in ((other, ""), (theirs, "not_promoted")):
        story.learn(again, replace(before, package=again.id))
        assert codes(story) == ([code] if code else []), "it stood there by another name"
    half = span.since + HOUR
    story.learn(other, replace(before, current=False, stands=(Stand(span.since, half),)))
    assert codes(story) == ["dwell_interrupted"]
    over = replace(before, id="6" * 32, package=other.id, stands=(Stand(half),))
    story.learn(over)
    assert codes(story) == [], "what took its place are the very same bytes"
    story.learn(replace(other, digest=f"sha256:{'9' * 64}"))
    assert codes(story) == ["dwell_interrupted"]
    story.learn(other, replace(over, stands=(Stand(half + timedelta(seconds=1)),)))
    assert codes(story) == ["dwell_too_short"], "something else stood there in between"


@pytest.mark.req("S0-13")
@pytest.mark.parametrize(
    "status",
    sorted(set(ChangeStatus) - {ChangeStatus.IMPLEMENTING, ChangeStatus.REVIEW, *ENDED}),
)
def test_what_has_begun_keeps_deployments_away_on_hold_and_after_it_too(
    status: ChangeStatus,
) -> None:
    story = requested()
    story.learn(adopted("itsm", STRICT))
    begun = replace(change(status, environments=(STAGING,)), started_at=NOON)
    story.learn(begun)
    assert codes(story) == ["critical_change_under_way"]
    for over in (
        replace(begun, started_at=None),
        replace(begun, status=ChangeStatus.REVIEW, finished_at=NOON),
        replace(begun, status=ChangeStatus.CANCELLED),
    ):
        story.learn(over)
        assert codes(story) == []
    story.learn(begun, adopted("itsm"))
    assert codes(story) == []


@pytest.mark.parametrize(
    "action,told",
    [("verify", ("passed", "findings")), ("watch", ("well", "note"))],
)
def test_what_was_found_not_to_work_is_not_promoted_until_it_does(
    action: str, told: tuple[str, str]
) -> None:
    story, before = promoted()
    looked = Story(AGGREGATE, WORLD, subject=before.id, at=story.at, state=before)
    looked.ask(SUE, action, **dict(zip(told, (False, "Errors."), strict=True)))
    story.learn(looked.state)
    assert codes(story) == ["found_not_to_work"]
    faulty = looked.state
    looked.ask(SUE, action, **dict(zip(told, (True, "Quiet."), strict=True)))
    story.learn(looked.state)
    assert codes(story) == []
    again = replace(before, id="6" * 32, stands=(Stand(story.at - HOUR),))
    story.learn(faulty, again)
    assert codes(story) == ["found_not_to_work"], "the very same, however often it was deployed"
    looked = Story(AGGREGATE, story.others, subject=again.id, at=looked.at, state=again)
    looked.ask(SUE, action, **dict(zip(told, (True, "Quiet."), strict=True)))
    again = looked.state
    story.learn(again)
    assert codes(story) == ["dwell_too_short"], "what did not work is not counted"
    story.learn(replace(again, stands=(Stand(story.at - 2 * HOUR + timedelta(seconds=1)),)))
    assert codes(story) == ["dwell_too_short"]


def test_what_gave_way_too_early_is_never_ripe_until_it_is_back() -> None:
    story, before = promoted()
    (was,) = before.stands
    early = Stand(was.since, was.since + HOUR)
    story.learn(replace(before, current=False, stands=(early,)))
    assert codes(story) == ["dwell_interrupted"]
    known_to, records = authority(*story.others), known(*story.others)
    at, now = story.at + 90 * DAY, story.at
    later = verdict(story.state, "start", at=at, authority=known_to, records=records, now=now)
    assert "dwell_interrupted" in later.codes
    back = (early, Stand(was.since + 1.5 * HOUR))
    story.learn(replace(before, stands=back))
    assert codes(story) == ["dwell_too_short"]
    story.learn(replace(before, stands=(Stand(was.since - HOUR, was.since + HOUR),)))
    assert codes(story) == []


def test_a_change_of_the_critical_kind_under_way_blocks_deployments_there() -> None:
    story = requested()
    story.learn(adopted("itsm", STRICT))
    under_way = change(ChangeStatus.IMPLEMENTING, environments=(STAGING,))
    story.learn(under_way)
    assert codes(story) == ["critical_change_under_way"]
    story.learn(replace(under_way, status=ChangeStatus.REVIEW, finished_at=NOON))
    assert codes(story) == []
    story.learn(change(ChangeStatus.IMPLEMENTING, environments=("elsewhere",)))
    assert codes(story) == []
    story.learn(under_way, adopted("itsm"))
    assert codes(story) == []


@pytest.mark.req("X-01")
@pytest.mark.parametrize("status", ChangeStatus)
def test_only_authorised_changes_go_out(status: ChangeStatus) -> None:
    ours = change(status, environments=(STAGING,))
    story = requested(STAGING, adopted("itsm"), ours, changes=(ours.id,))
    good = status is ChangeStatus.IMPLEMENTING
    assert codes(story) == ([] if good else ["change_not_authorised"])
    story.learn(change(status, environments=(PRODUCTION,)))
    assert set(codes(story)) == {"change_not_authorised"}
    story.learn(change(status, environments=(STAGING,), service="basket"))
    assert codes(story)[-1] == "change_of_other_service"


def helping(story: Story) -> list[tuple[str, frozenset[str]]]:
    """What would have the change authorised, and who may do it."""

    def who(action: str) -> frozenset[str]:
        return frozenset((MAX,) if action.startswith("deployment") else (ANN, OWEN))

    known_to, records = authority(*story.others), known(*story.others)
    asked = verdict(story.state, "start", at=story.at, authority=known_to, records=records, who=who)
    (found,) = asked.blocking
    assert found.code == "change_not_authorised"
    return [(each.action, each.people) for each in found.acts]


@pytest.mark.req("X-01", "S1-16")
def test_it_says_what_the_gate_of_the_change_says_would_have_it_authorised() -> None:
    content = replace(CONTENT, environments=(STAGING,))
    board = frozenset((CAB_ONE, CAB_TWO, CAB_THREE, CHAIR))
    approve = [("change.approve", frozenset((ASA,))), ("change.approve", board)]
    for made, acts in (
        (drafted, [("change.submit", frozenset((ANN, OWEN))), *approve]),
        (submitted, approve),
        (assessed, approve[1:]),
    ):
        ours = made(content).state
        assert helping(requested(STAGING, ours, changes=(ours.id,))) == acts
    over = change(ChangeStatus.CANCELLED, environments=(STAGING,))
    story = requested(STAGING, adopted("itsm"), over, changes=(over.id,))
    assert helping(story) == [("deployment.request", frozenset((MAX,)))]


@pytest.mark.req("X-01", "S1-16")
@pytest.mark.parametrize(
    "status,act",
    [(ChangeStatus.SCHEDULED, "change.edit"), (ChangeStatus.IMPLEMENTING, "deployment.request")],
)
def test_what_is_for_another_place_is_planned_for_this_one_while_that_may_change(
    status: ChangeStatus, act: str
) -> None:
    voted = replace(scheduled().state, status=status)
    voted = replace(voted, content=replace(voted.content, window=None))
    assert [name for name, _ in helping(requested(STAGING, voted, changes=(voted.id,)))] == [act]


@pytest.mark.req("X-01", "X-03")
def test_a_scheduled_change_goes_out_while_its_approvals_count_and_no_longer() -> None:
    voted = scheduled(replace(CONTENT, environments=(STAGING,))).state
    story = requested(STAGING, voted, changes=(voted.id,))
    assert codes(story) == ["change_outside_window"]
    known_to, records, edit = authority(*story.others), known(*story.others), ["change.edit"]
    for at, told in ((WINDOW.since - HOUR, [["deployment.wait"], edit]), (WINDOW.until, [edit])):
        asked = verdict(story.state, "start", at=at, authority=known_to, records=records)
        [late] = [each for each in asked.blocking if each.code == "change_outside_window"]
        assert ways(late) == told
    story.learn(replace(voted, content=replace(voted.content, window=None)))
    assert codes(story) == []
    story.learn(revoked(ASSESSOR))
    assert codes(story) == ["change_not_authorised"], "a vote of its assessor's is void"
    with refused("change_not_authorised"):
        story.ask(ROBOT, "start")


@pytest.mark.req("S3-15")
def test_a_window_does_not_begin_at_a_time_that_clocks_never_show() -> None:
    window = Window(NOON + HOUR, NOON + 2 * HOUR, "", "", "UTC", Clock.SKIPPED)
    with refused("skipped_local_time"):
        requested(STAGING, window=window)


def test_a_deployment_with_a_window_starts_inside_it() -> None:
    window = Window(NOON + HOUR, NOON + 2 * HOUR, "", "", "UTC")
    story = requested(STAGING, window=window)
    assert codes(story) == ["outside_window"]
    place = environment(STAGING)
    for at, expected in ((NOON + HOUR, []), (NOON + 2 * HOUR, ["outside_window"])):
        story.at = at
        reports = tuple(replace(each, measured_at=at) for each in place.reports)
        story.learn(replace(place, reports=reports))
        assert codes(story) == expected


# Overriding.


def overridden(terms: Terms = HARD) -> Story:
    story = requested(STAGING, lock(terms))
    story.ask(MAX, "override", reason="Customers cannot pay.")
    return story


def test_an_override_counts_at_once_and_a_second_person_owes_its_signature() -> None:
    story = overridden()
    override = story.state.override
    assert (override.before, override.due) == (False, override.at + DAY)
    story.ask(ROBOT, "start")
    bypassed = [each for each in story.state.evidence if each.status is Is.BYPASSED]
    assert [each.requirement for each in bypassed] == ["locks"]
    story.ask(ROBOT, "fail", reason="Out of memory.")
    assert codes(story, "close") == ["countersignature_missing"]
    for who in (MAX, OWEN):  # who overrode it, and who asked for the deployment
        with refused("needs_second_person"):
            story.ask(who, "countersign")
    story.ask(SUE, "countersign")
    with refused("not_owed"):
        story.ask(SUE, "countersign")
    story.ask(OWEN, "close")
    assert story.state.closed_by == OWEN


def test_an_override_counts_only_once_signed_where_the_lock_says_so() -> None:
    story = overridden(replace(HARD, countersign=Countersign.BEFORE))
    assert story.state.override.before
    with refused("hard_locked"):
        story.ask(ROBOT, "start")
    story.ask(SUE, "countersign")
    story.ask(ROBOT, "start")


def test_an_override_counts_only_once_signed_for_what_is_critical() -> None:
    under_way = change(ChangeStatus.IMPLEMENTING, environments=(STAGING,))
    story = requested(STAGING, under_way)
    story.learn(adopted("itsm", STRICT))
    story.ask(MAX, "override", reason="It mends that change.")
    with refused("critical_change_under_way"):
        story.ask(ROBOT, "start")
    story.ask(SUE, "countersign")
    story.ask(ROBOT, "start")


def test_a_lock_set_after_the_override_is_not_overridden() -> None:
    story = overridden()
    story.learn(replace(lock(), id="2" * 32))
    assert codes(story) == ["hard_locked"]


def test_what_two_people_may_not_override_stays() -> None:
    story = overridden()
    story.learn(replace(environment(STAGING), stop=Stop(SUE, NOON, "Errors.")))
    assert codes(story) == ["line_stopped"]
    bare = requested(STAGING, replace(package(), condemned=True))
    bare.learn(replace(package(), condemned=True))
    with refused("nothing_to_override"):
        bare.ask(MAX, "override", reason="Try.")
    with refused("not_a_person"):
        bare.ask(ROBOT, "override", reason="Try.")


@pytest.mark.req("S0-13")
def test_who_owes_a_signature_since_more_than_a_day_overrides_nothing_more() -> None:
    first = overridden()
    first.ask(ROBOT, "start")
    first.ask(ROBOT, "fail", reason="Out of memory.")
    due = first.state.override.due
    again = Story(AGGREGATE, (*first.others,), subject="e" * 32, at=NOON + HOUR)
    again.ask(OWEN, "request", wish=wish(STAGING))
    for at, late in ((due - HOUR, False), (due, True)):
        again.at = at
        forever = replace(HARD, until=due + DAY)
        again.learn(lock(forever), replace(lock(forever), id="2" * 32))
        if late:
            with refused("countersignature_owed"):
                again.ask(MAX, "override", reason="Customers cannot pay, again.")
            twin = person("user:" + "f" * 32, linked=(MAX,))
            again.learn(twin)
            with refused("countersignature_owed"):
                again.ask(twin.id, "override", reason="From another account.")
    asked = again.state
    unused = replace(first.state.override, used_at=None)
    again.learn(replace(first.state, override=unused))
    again.ask(MAX, "override", reason="What was never used owes nothing.")
    again.state = asked
    again.learn(first.state)
    again.ask(SUE, "override", reason="That was somebody else.")
    first.at = again.at
    first.ask(SUE, "countersign")
    again.state = asked
    again.learn(first.state)
    again.ask(MAX, "override", reason="It was given.")


def test_a_signature_is_waited_for_of_those_who_had_no_part_in_it() -> None:
    story = overridden()
    people = (MAX, OWEN, SUE, ROBOT)
    asked = (people, authority(*story.others))
    assert signers(story.state, *asked) == (), "nothing went on by it yet"
    story.ask(ROBOT, "start")
    assert signers(story.state, *asked) == (SUE,)
    story.ask(SUE, "countersign")
    assert signers(story.state, *asked) == ()
    strict = overridden(replace(HARD, countersign=Countersign.BEFORE))
    assert signers(strict.state, *asked) == (SUE,)
    strict.ask(OWEN, "withdraw", reason="Later.")
    assert signers(strict.state, *asked) == ()


def test_an_override_counts_only_once_signed_for_what_is_critical_in_its_release() -> None:
    critical = change(ChangeStatus.IMPLEMENTING, environments=(STAGING,))
    told = ("9" * 32, ItemKind.CHANGE, critical.id, None)
    item = Inclusion("8" * 32, 1, *told, included=True, put_by=OWEN, put_at=NOON)
    story = requested(STAGING, lock(), critical, item)
    story.learn(adopted("itsm", STRICT))
    story.state = replace(story.state, wish=replace(story.state.wish, belongs_to="9" * 32))
    story.ask(MAX, "override", reason="Customers cannot pay.")
    assert story.state.override.before


# Going on, ending.


def test_a_lock_set_meanwhile_halts_a_running_deployment_or_lets_it_go_on() -> None:
    story = requested()
    story.ask(ROBOT, "start")
    story.ask(ROBOT, "advance", stage="canary")
    story.learn(lock())
    story.ask(ROBOT, "advance", stage="half")
    story.learn(lock(replace(HARD, running=Running.HALTS)))
    with refused("hard_locked"):
        story.ask(ROBOT, "advance", stage="full")
    assert story.state.stage == "half"


@pytest.mark.req("S0-12")
def test_what_a_lock_halts_does_not_succeed_but_may_fail_or_be_taken_back() -> None:
    story = requested()
    story.ask(ROBOT, "start")
    story.learn(lock(replace(HARD, running=Running.HALTS)))
    with refused("hard_locked"):
        story.ask(ROBOT, "succeed")
    for way, reached in (("fail", Status.FAILED), ("roll_back", Status.ROLLED_BACK)):
        other = replace(story, told=[])
        other.ask(ROBOT, way, reason="It was halted for too long.")
        assert other.state.status is reached
    story.learn(lock())
    succeeded, *_ = story.ask(ROBOT, "succeed")
    assert [each.requirement for each in succeeded.evidence] == ["status", "package", "locks"]
    assert story.state.current


@pytest.mark.req("S0-14")
def test_what_turns_out_to_be_bad_on_its_way_goes_no_further() -> None:
    story = requested()
    story.ask(ROBOT, "start")
    story.learn(replace(package(), condemned=True))
    for action, told in (("advance", {"stage": "full"}), ("succeed", {})):
        assert codes(story, action) == ["package_condemned"]
        with refused("package_condemned"):
            story.ask(ROBOT, action, **told)
    for way, reached in (("fail", Status.FAILED), ("roll_back", Status.ROLLED_BACK)):
        other = replace(story, told=[])
        other.ask(ROBOT, way, reason="It is bad.")
        assert other.state.status is reached


def test_a_lock_that_was_overridden_halts_nothing() -> None:
    story = overridden(replace(HARD, running=Running.HALTS))
    story.ask(ROBOT, "start")
    story.ask(ROBOT, "advance", stage="full")
    story.ask(ROBOT, "succeed")
    assert story.state.status is Status.SUCCEEDED


@pytest.mark.req("S4-06")
def test_what_goes_wrong_meanwhile_keeps_it_at_its_stage() -> None:
    story = requested()
    story.ask(ROBOT, "start")
    story.ask(ROBOT, "progress", percent=10)
    story.ask(SUE, "watch", well=False, note="Errors rise.")
    assert story.state.observations[0].during
    story.learn(environment(STAGING, Health.UNHEALTHY))
    with refused("environment_unhealthy"):
        story.ask(ROBOT, "advance", stage="full")
    with refused("out_of_range"):
        story.ask(ROBOT, "progress", percent=101)


def test_a_success_takes_the_place_of_what_stood_there() -> None:
    first = succeeded()
    second = Story(AGGREGATE, (*first.others, package("1.1", "b" * 32)), subject="e" * 32, at=NOON)
    second.ask(OWEN, "request", wish=wish(STAGING, "b" * 32))
    second.ask(ROBOT, "start")
    events = second.ask(ROBOT, "succeed")
    assert events[1:] == [Then("deployment.supersede", first.state.id, {"by": second.state.id})]
    assert (second.state.current, second.state.replaced) == (True, first.state.id)
    first.at = second.at
    first.ask(ROBOT, "supersede", by=second.state.id)
    assert not first.state.current
    _, again = second.ask(ROBOT, "roll_back", reason="It loses data.")
    arguments = {"instead_of": second.state.id}
    assert again == Then("deployment.reinstate", first.state.id, arguments)
    assert (second.state.status, second.state.current) == (Status.ROLLED_BACK, False)
    first.at = second.at
    first.ask(ROBOT, "reinstate", instead_of=second.state.id)
    spans = [(each.since, each.until) for each in stood_rows(first.state)]
    assert len(spans) == 2
    assert [until is None for _, until in spans] == [False, True]


def test_what_does_not_stand_there_is_not_rolled_back() -> None:
    with refused("nothing_deployed"):
        requested().ask(ROBOT, "roll_back", reason="No.")
    running = requested()
    running.ask(ROBOT, "start")
    assert kinds(running.ask(ROBOT, "roll_back", reason="Halfway.")) == ["RolledBack"]
    with refused("nothing_deployed"):
        running.ask(ROBOT, "roll_back", reason="Again.")


@pytest.mark.req("S3-09", "S3-16", "S4-06")
def test_a_deployment_closes_once_it_was_verified_and_watched_and_is_well() -> None:
    story = succeeded()
    assert codes(story, "close") == ["not_verified", "not_watched"]
    story.ask(SUE, "verify", passed=False, findings="Login fails.")
    story.ask(SUE, "watch", well=False, note="Errors.")
    assert codes(story, "close") == ["not_verified", "not_watched"]
    story.ask(SUE, "verify", passed=True, findings="Login works again.")
    story.ask(SUE, "watch", well=True, note="Quiet.")
    story.learn(environment(STAGING, Health.DEGRADED))
    assert codes(story, "close") == ["environment_unhealthy"]
    story.learn(environment(STAGING))
    story.ask(OWEN, "close")
    with refused("not_ended"):
        story.ask(OWEN, "close")
    with refused("deployment_closed"):
        story.ask(SUE, "verify", passed=True, findings="Again.")
    with refused("deployment_closed"):
        story.ask(SUE, "watch", well=True, note="Quiet.")


@pytest.mark.req("S3-09", "S4-06", "X-04")
@pytest.mark.parametrize("action,told", [("verify", "passed findings"), ("watch", "well note")])
def test_that_it_does_not_work_is_taken_once_it_is_closed(action: str, told: str) -> None:
    story = succeeded()

    def say(by: str, well: bool) -> None:
        story.ask(by, action, **dict(zip(told.split(), (well, "As seen."), strict=True)))

    story.ask(OWEN, "verify", passed=True, findings="It works.")
    story.ask(OWEN, "watch", well=True, note="Quiet.")
    story.ask(OWEN, "close")
    say(SUE, well=False)
    assert story.state.faulty
    with refused("needs_second_person"):
        say(OWEN, well=True)
    say(SUE, well=True)
    assert not story.state.faulty
    with refused("deployment_closed"):
        say(SUE, well=True)


@pytest.mark.req("S4-06")
def test_what_was_seen_well_ever_so_often_is_seen_not_to_be() -> None:
    story = succeeded()
    for _ in range(MOST_SEEN):
        story.ask(OWEN, "watch", well=True, note="Quiet.")
    with refused("no_room"):
        story.ask(OWEN, "watch", well=True, note="Quiet.")
    story.ask(SUE, "watch", well=False, note="Errors.")
    assert story.state.faulty
    assert len(story.state.observations) == MOST_SEEN


def test_a_claim_stands_where_it_says_and_counts_for_nothing() -> None:
    happened = NOON - DAY
    subject = deployment_id("gitlab.com", package().id, happened.isoformat())
    story = Story(AGGREGATE, (*WORLD, package()), subject=subject, at=NOON)
    told = {"environment": "gitlab.com", "package": package().id}
    with refused("not_a_claim"):
        story.ask(ROBOT, "claim", **told)
    story.ask(ROBOT, "claim", **told, claimed=True, happened=happened)
    state: Deployment = story.state
    assert (state.claimed, state.current, state.stands[0].since) == (True, False, happened)
    with refused("nothing_deployed"):
        story.ask(ROBOT, "roll_back", reason="No.")
    with refused("nothing_deployed"):
        story.ask(SUE, "watch", well=True, note="No.")
