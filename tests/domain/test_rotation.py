"""A rotation is set up, arranged, overridden with a reason, handed over and retired."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.kernel import Context, Refusal, Then
from domain.rotation.aggregate import AGGREGATE, arrange, edit, establish, hand_over, retire
from domain.rotation.events import Arranged, HandedOver, HandlesChanged, Renamed, TurnGiven
from domain.rotation.schedule import Schedule, on_duty
from domain.rotation.state import Frequency, Hours, Layer, Rotation, Status, Step
from domain.rotation.turns import PlannedTurn, override, plan_turns
from domain.turn import AGGREGATE as TURNS
from domain.turn import cancel, give
from domain.turn_state import Kind, Turn
from domain.turn_state import Status as TurnStatus
from tests.domain.authority_examples import person
from tests.domain.given import ADA, BEN, CAT, DAN, DAY, NOON, ROBOT, asked_by, refused, then
from tests.domain.rotation_examples import MONTHLY, START, WEEKLY, rotation, turn

PEOPLE = (person(ADA), person(BEN), person(CAT), person(DAN, suspended=True), person(ROBOT))
OTHER = replace(rotation(handles=("@appsec",)), id="6" * 32)
BERLIN = "Europe/Berlin"
NEVER_SHOWN, SHOWN_TWICE = "2026-03-29T02:30", "2026-10-25T02:30"
FINE: dict[str, Any] = {"name": "Release managers", "service": "any", "regions": ("emea", "amer")}


def asking(who: str = ADA, *states: Any, **more: Any) -> Context:
    return asked_by(who, *PEOPLE, OTHER, *states, request="7" * 32, **more)


def arranged(state: Rotation, *layers: Layer, **more: Any) -> Rotation:
    context = asking()
    return then(AGGREGATE, state, context, arrange(state, context, layers=layers, **more))


# Setting up.


@pytest.mark.req("S0-19", "S0-20", "S0-21", "S0-23")
def test_a_rotation_has_handles_regions_and_a_path_of_escalation() -> None:
    steps = (Step("managers"), Step("appsec", 60, rotation=OTHER.id), Step("head", people=(BEN,)))
    given: dict[str, Any] = {"handles": ("@release-managers",), "escalation": steps}
    events = establish(None, asking(), **FINE, **given)
    state = then(AGGREGATE, None, asking(), events)
    assert (state.regions, state.handles) == (("emea", "amer"), ("@release-managers",))
    assert state.escalation == steps


@pytest.mark.parametrize(
    "wrong,code",
    [
        ({"name": " "}, "text_missing"),
        ({"service": "a\nb"}, "name_unusable"),
        ({"regions": ("emea", "emea")}, "named_twice"),
        ({"handles": ("@AppSec",)}, "duty_handle_taken"),
        ({"escalation": (Step("all", people=(BEN,), rotation="6" * 32),)}, "people_or_rotation"),
        ({"escalation": (Step("all", minutes=0),)}, "out_of_range"),
        ({"escalation": (Step("all", rotation="9" * 32),)}, "not_found"),
        ({"escalation": (Step("all", people=(ROBOT,)),)}, "machine"),
        ({"escalation": (Step("all"),) * 13}, "too_many"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any], code: str) -> None:
    with refused(code):
        establish(None, asking(), **(FINE | wrong))


def test_an_edit_records_what_differs() -> None:
    state = rotation(WEEKLY)
    events = edit(state, asking(), name="On call", handles=("@on-call",), regions=state.regions)
    assert events == [Renamed("On call"), HandlesChanged(("@on-call",))]
    after = then(AGGREGATE, state, asking(), events)
    assert (after.name, after.handles, after.version) == ("On call", ("@on-call",), 4)


def test_a_region_that_layers_cover_stays() -> None:
    state = rotation(replace(WEEKLY, region="emea"))
    assert edit(state, asking(), regions=("emea",)) != []
    with refused("region_in_use"):
        edit(state, asking(), regions=("amer",))


# Layers.


@pytest.mark.req("S4-01")
def test_other_layers_count_from_a_moment_on_and_the_past_stays() -> None:
    state = arranged(rotation(WEEKLY), MONTHLY, since=NOON + DAY)
    new, old = state.layers
    assert (new.layer, new.since, new.until) == (MONTHLY, NOON + DAY, None)
    assert (old.layer, old.since, old.until) == (WEEKLY, START, NOON + DAY)
    again = arranged(state, WEEKLY)
    assert [each.until for each in again.layers] == [None, NOON]


def test_only_the_first_layers_count_from_the_past() -> None:
    assert arrange(rotation(), asking(), layers=(WEEKLY,), since=START) == [
        Arranged((WEEKLY,), START)
    ]
    with refused("since_passed"):
        arrange(rotation(WEEKLY), asking(), layers=(MONTHLY,), since=NOON - DAY)


@pytest.mark.parametrize(
    "wrong,code",
    [
        ({"zone": "Mars/Base"}, "unknown_zone"),
        ({"zone": "../../etc/passwd"}, "unknown_zone"),
        ({"local_start": "2026-02-30T09:00"}, "unreadable_time"),
        ({"local_start": "2026-02-03T09:00+01:00"}, "unreadable_time"),
        ({"local_start": NEVER_SHOWN, "zone": BERLIN}, "skipped_local_time"),
        ({"local_start": SHOWN_TWICE, "zone": BERLIN}, "repeated_local_time"),
        ({"people": ()}, "people_missing"),
        ({"people": (DAN,)}, "suspended_person"),
        ({"people": ("user:" + "9" * 32,)}, "unknown_person"),
        ({"people": (ROBOT,)}, "machine"),
        ({"interval": 0}, "out_of_range"),
        ({"interval": 401}, "out_of_range"),
        ({"together": 4}, "out_of_range"),
        ({"region": "apac"}, "unknown_region"),
        ({"hours": (Hours("09:00", "25:00"),)}, "unreadable_time"),
        ({"hours": (Hours("9", "17:00"),)}, "unreadable_time"),
        ({"hours": (Hours("09:00", "17:00"),) * 8}, "too_many"),
        ({"name": ""}, "name_unusable"),
    ],
)
def test_a_layer_that_puts_nobody_on_duty_is_refused(wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as caught:
        arrange(rotation(), asking(), layers=(replace(WEEKLY, **wrong),))
    fields = {each.path[2] for each in caught.value.problems if each.code == code}
    assert fields == {next(iter(wrong))}, "the field that is wrong is named as it was given"


def test_a_layer_of_before_that_starts_at_a_time_never_shown_is_read() -> None:
    layer = replace(WEEKLY, local_start=NEVER_SHOWN, zone=BERLIN)
    schedule = Schedule(rotation(layer), ())
    assert on_duty(schedule, datetime(2026, 3, 29, 0, 59, tzinfo=UTC), None) is None
    duty = on_duty(schedule, datetime(2026, 3, 29, 1, 30, tzinfo=UTC), None)
    assert duty is not None
    assert duty.people == layer.people[:1]


def test_a_rotation_keeps_a_bounded_past() -> None:
    state, crowd = rotation(), replace(WEEKLY, people=(ADA, BEN, CAT) * 20)
    context = asking()
    with refused("rotation_full"):
        for _ in range(20):
            events = arrange(state, context, layers=(crowd,))
            state = then(AGGREGATE, state, context, events)
            context = replace(context, at=context.at + DAY)
    assert len(state.layers) > 2


# Turns by date.


def test_turns_are_planned_for_several_dates_at_once() -> None:
    offered = tuple(
        PlannedTurn((ADA,), START + n * DAY, START + (n + 1) * DAY, "emea", (BEN,), f"16.{n}")
        for n in range(3)
    )
    events = plan_turns(rotation(), asking(), turns=offered)
    given = [each for each in events if isinstance(each, Then)]
    assert len({each.subject for each in given}) == len(given) == 3
    assert [each.turn for each in events if isinstance(each, TurnGiven)] == [
        each.subject for each in given
    ]
    made = _turn(given[1])
    assert (made.people, made.trainees, made.occasion) == ((ADA,), (BEN,), "16.1")
    assert (made.kind, made.region, made.since) == (Kind.PLANNED, "emea", START + DAY)


def _turn(consequence: Then) -> Turn:
    context = asking(subject=consequence.subject)
    return then(TURNS, None, context, give(None, context, **consequence.arguments))


@pytest.mark.parametrize(
    "wrong,code",
    [
        ({"people": ()}, "people_missing"),
        ({"people": (DAN,)}, "suspended_person"),
        ({"people": (ADA, ADA)}, "named_twice"),
        ({"trainees": (ROBOT,)}, "machine"),
        ({"until": START}, "ends_before_it_begins"),
        ({"until": START + 367 * DAY}, "until_too_far"),
        ({"region": "apac"}, "unknown_region"),
        ({"occasion": " x"}, "name_unusable"),
    ],
)
def test_a_turn_that_cannot_be_is_refused(wrong: dict[str, Any], code: str) -> None:
    fine = PlannedTurn((ADA,), START, START + DAY)
    with refused(code):
        plan_turns(rotation(), asking(), turns=(replace(fine, **wrong),))


def test_planned_turns_of_a_region_do_not_cross() -> None:
    known = turn(START, START + 2 * DAY, region="emea")
    offered = PlannedTurn((ADA,), START + DAY, START + 3 * DAY, "emea")
    for region, crosses in (("emea", True), (None, True), ("amer", False)):
        asked: dict[str, Any] = {"turns": (replace(offered, region=region),)}
        if crosses:
            with refused("turns_overlap"):
                plan_turns(rotation(), asking(ADA, known), **asked)
        else:
            assert plan_turns(rotation(), asking(ADA, known), **asked)
    cancelled = replace(known, status=TurnStatus.CANCELLED)
    assert plan_turns(rotation(), asking(ADA, cancelled), turns=(offered,))
    with refused("turns_overlap"):
        plan_turns(rotation(), asking(), turns=(offered, replace(offered, region=None)))


def test_an_override_takes_a_reason_and_may_cross_anything() -> None:
    known = turn(START, START + 2 * DAY)
    span: dict[str, Any] = {"people": (BEN,), "since": START, "until": START + DAY}
    events = override(rotation(), asking(ADA, known), **span, reason="Ada is ill.")
    made = _turn(next(each for each in events if isinstance(each, Then)))
    assert (made.kind, made.people, made.reason) == (Kind.OVERRIDE, (BEN,), "Ada is ill.")
    with refused("text_missing"):
        override(rotation(), asking(), **span, reason=" ")


def test_a_turn_is_cancelled_once() -> None:
    stands = turn(START, START + DAY)
    after = then(TURNS, stands, asking(), cancel(stands, asking(), reason="Swapped."))
    assert (after.status, after.cancelled_by, after.cancelled_at) == (
        TurnStatus.CANCELLED,
        ADA,
        NOON,
    )
    with refused("turn_cancelled"):
        cancel(after, asking(), reason="Again.")


# Handing over.


def test_whoever_is_on_duty_hands_over_and_the_last_note_of_a_region_is_kept() -> None:
    layer = replace(WEEKLY, people=(ADA,))
    state = rotation(layer)
    for note in ("Nothing open.", "16.8 waits for QA."):
        events = hand_over(state, asking(), region="emea", note=note)
        assert events == [HandedOver("emea", note)]
        state = then(AGGREGATE, state, asking(), events)
    [kept] = state.handed_over
    assert (kept.note, kept.by, kept.region) == ("16.8 waits for QA.", ADA, "emea")
    with refused("not_on_duty"):
        hand_over(state, asking(BEN), note="I was not there.")
    with refused("unknown_region"):
        hand_over(state, asking(), region="apac", note="Who?")


def test_whoever_was_on_duty_within_a_day_still_hands_over() -> None:
    ended = turn(NOON - 3 * DAY, NOON - timedelta(hours=20), BEN)
    state = rotation()
    assert hand_over(state, asking(BEN, ended), note="All quiet.")
    with refused("not_on_duty"):
        hand_over(state, asking(BEN, ended, at=NOON + DAY), note="All quiet.")


def test_a_retired_rotation_stays_as_it_was() -> None:
    state = rotation(WEEKLY)
    state = then(AGGREGATE, state, asking(), retire(state, asking(), reason="Merged."))
    assert (state.status, state.retired_at) == (Status.RETIRED, NOON)
    offered = (PlannedTurn((ADA,), NOON, NOON + DAY),)
    asked: tuple[tuple[Any, dict[str, Any]], ...] = (
        (retire, {"reason": "Again."}),
        (arrange, {"layers": (WEEKLY,)}),
        (plan_turns, {"turns": offered}),
        (edit, {"name": "Other"}),
    )
    for command, given in asked:
        with refused("rotation_retired"):
            command(state, asking(), **given)


def test_frequencies_are_those_of_recurrence_rules() -> None:
    assert {each.value for each in Frequency} == {"daily", "weekly", "monthly"}
