"""A review of the numbers closes when all regions took part and what is to be decided is."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

from domain import delivery, metrics
from domain.kernel import Context, Refusal
from domain.metrics.known import DEFINITIONS, KNOWN
from domain.metrics.metrics import Definition
from domain.metrics.review import AGGREGATE, attend, close, decide, note
from domain.metrics.review import open as opening
from domain.metrics.review_state import AgendaItem, Attendance, MetricsReview, Status
from domain.rotation.aggregate import AGGREGATE as ROTATION
from domain.rotation.events import Arranged, RegionsChanged
from domain.turn_state import Kind
from domain.turn_state import Status as TurnStatus
from tests.domain.authority_examples import person
from tests.domain.given import (
    ADA,
    BEN,
    CAT,
    DAN,
    DAY,
    NOON,
    ROBOT,
    Told,
    asked_by,
    given,
    refused,
    then,
)
from tests.domain.rotation_examples import SET_UP, WEEKLY, rotation, turn

PEOPLE = (person(ADA), person(BEN), person(CAT), person(DAN, suspended=True), person(ROBOT))
HELD = rotation()
AGENDA = (
    AgendaItem("packages", "Walk the auto-deploy packages", resource="dashboards/auto-deploy"),
    AgendaItem(
        "trends",
        "Deployment frequency and lead time by month",
        metrics=("lead_time_merge_to_production", "deployment_frequency"),
    ),
    AgendaItem("blockers", "Last week's deployment blockers", metrics=("blocker_hours",)),
    AgendaItem(
        "mttp",
        "Does last week's MTTP require action?",
        decides=True,
        metrics=("mean_time_to_production",),
    ),
)
"""The weekly agenda of the overview of deployments and releases, as data (S0-26 to S0-29)."""
WEEK: dict[str, Any] = {"since": NOON - 7 * DAY, "until": NOON}
PLACE: dict[str, Any] = {"rotation": HELD.id, "service": "any"}


def asking(who: str = ADA, *states: Any, **more: Any) -> Context:
    return asked_by(who, *PEOPLE, HELD, *states, **more)


def opened(*states: Any, **more: Any) -> MetricsReview:
    context = asking(ADA, *states, subject="8" * 32)
    given: dict[str, Any] = {"agenda": AGENDA} | PLACE | WEEK | more
    return then(AGGREGATE, None, context, opening(None, context, **given))


def after(state: MetricsReview, who: str, command: Any, **given: Any) -> MetricsReview:
    context = asking(who, subject=state.id)
    return then(AGGREGATE, state, context, command(state, context, **given))


@pytest.mark.req("S0-24", "S0-26", "S0-27", "S0-28", "S0-29")
def test_those_on_duty_in_both_regions_go_through_the_agenda_and_decide() -> None:
    state = opened()
    assert (state.regions, state.agenda, state.status) == (("emea", "amer"), AGENDA, Status.OPEN)
    state = after(state, ADA, attend, region="emea")
    state = after(state, BEN, attend, region="amer")
    state = after(state, BEN, note, item="trends", text="Mondays are slow.")
    no = {"action_required": False, "reason": "One slow day."}
    state = after(state, ADA, decide, item="mttp", **no)
    state = after(state, ADA, close)
    assert (state.status, state.closed_by, state.closed_at) == (Status.CLOSED, ADA, NOON)
    assert [(each.person, each.region) for each in state.attendances] == [
        (ADA, "emea"),
        (BEN, "amer"),
    ]
    assert [each.text for each in state.remarks] == ["Mondays are slow."]
    [decision] = state.decisions
    assert (decision.item, decision.action_required, decision.by) == ("mttp", False, ADA)


@pytest.mark.req("S0-24")
def test_a_region_is_spoken_for_by_those_on_duty_there() -> None:
    held = rotation(
        replace(WEEKLY, people=(ADA,), region="emea"),
        replace(WEEKLY, name="west", people=(CAT,), region="amer"),
    )
    took_over = turn(NOON - 2 * DAY, NOON - DAY, BEN, region="amer", rotation=held.id)
    state = opened(held)

    def speak(who: str, region: str) -> None:
        attend(state, asking(who, held, took_over), region=region)

    for who, region in ((BEN, "emea"), (CAT, "emea"), (ADA, "amer")):
        with refused("off_duty"):
            speak(who, region)
    for who, region in ((ADA, "emea"), (CAT, "amer"), (BEN, "amer")):
        speak(who, region)


@pytest.mark.req("S0-24")
def test_where_nobody_who_was_on_duty_may_take_part_others_speak_for_the_region() -> None:
    held = rotation(replace(WEEKLY, people=(ADA,), region="emea"))
    state = opened(held)
    for gone in (DAN, "user:" + "0" * 32):
        was = turn(NOON - 2 * DAY, NOON - DAY, gone, region="amer", rotation=held.id)
        attend(state, asking(ADA, held, was), region="amer")
    was = turn(NOON - 2 * DAY, NOON - DAY, BEN, DAN, region="amer", rotation=held.id)
    with refused("off_duty"):
        attend(state, asking(ADA, held, was), region="amer")
    attend(state, replace(asking(ADA, held, was), may=lambda who: who != BEN), region="amer")


@pytest.mark.req("S0-24")
def test_who_is_on_duty_for_two_regions_speaks_for_both() -> None:
    held = rotation(
        replace(WEEKLY, people=(ADA,), region="emea"),
        replace(WEEKLY, name="west", people=(ADA,), region="amer"),
        by=CAT,
    )
    state = opened(held)
    for region in ("emea", "amer"):
        context = asking(ADA, held, subject=state.id)
        state = then(AGGREGATE, state, context, attend(state, context, region=region))
        with refused("attended_already"):
            attend(state, asking(ADA, held), region=region)
    assert [(each.person, each.region) for each in state.attendances] == [
        (ADA, "emea"),
        (ADA, "amer"),
    ]
    no = {"action_required": False, "reason": "One slow day."}
    assert close(after(state, ADA, decide, item="mttp", **no), asking(ADA, held))


@pytest.mark.req("S0-24")
@pytest.mark.parametrize("first, second", [("emea", "amer"), ("amer", "emea")])
def test_nobody_holds_a_review_alone_where_nobody_is_on_duty_for_one_of_its_regions(
    first: str, second: str
) -> None:
    held = rotation(replace(WEEKLY, name="west", people=(ADA,), region="amer"), by=CAT)
    state, context = opened(held), asking(ADA, held)
    state = then(AGGREGATE, state, context, attend(state, context, region=first))
    with refused("duty_by_own_word" if second == "amer" else "attended_already"):
        attend(state, asking(ADA, held), region=second)
    context = asking(BEN, held)
    state = then(AGGREGATE, state, context, attend(state, context, region=second))
    assert {(each.person, each.region) for each in state.attendances} == {
        (ADA, first),
        (BEN, second),
    }


@pytest.mark.req("S0-24")
def test_another_speaks_for_a_region_only_while_who_is_on_duty_there_may_not() -> None:
    held = rotation(replace(WEEKLY, name="west", people=(ADA,), region="amer"), by=CAT)
    with refused("off_duty"):
        attend(opened(held), asking(BEN, held), region="amer")
    state, context = opened(held), asking(ADA, held)
    state = then(AGGREGATE, state, context, attend(state, context, region="amer"))
    with refused("off_duty"):
        attend(state, asking(BEN, held), region="amer")


EAST = replace(WEEKLY, people=(ADA,), region="emea")
WEST = replace(WEEKLY, name="west", people=(BEN,), region="amer")


def in_place_of_ben(by: str, **more: Any) -> Any:
    told = {"kind": Kind.OVERRIDE, "recorded_by": by, "region": "amer"} | more
    return turn(NOON - 8 * DAY, NOON + DAY, ADA, rotation=HELD.id, **told)


@pytest.mark.req("S0-24", "X-04")
@pytest.mark.parametrize("first, second", [("emea", "amer"), ("amer", "emea")])
def test_nobody_holds_a_review_alone_by_a_turn_they_gave_themselves(
    first: str, second: str
) -> None:
    held, own = rotation(EAST, WEST, by=CAT), in_place_of_ben(ADA)
    state = opened(held, own)
    context = asking(ADA, held, own, subject=state.id)
    state = then(AGGREGATE, state, context, attend(state, context, region=first))
    with refused("duty_by_own_word"):
        attend(state, asking(ADA, held, own), region=second)
    attend(state, asking(ADA, held, in_place_of_ben(CAT)), region=second)
    now = replace(own, id="9" * 32, people=(BEN,), recorded_by=BEN, recorded_at=NOON)
    put = replace(now, region=second)
    attend(state, asking(BEN, held, own, put), region=second)


@pytest.mark.req("S0-24", "X-04")
@pytest.mark.parametrize("first, second", [("emea", "amer"), ("amer", "emea")])
def test_nor_by_one_that_they_gave_themselves_where_nobody_else_is_on_duty(
    first: str, second: str
) -> None:
    held, own = rotation(EAST, by=CAT), in_place_of_ben(ADA)
    state = opened(held, own)
    context = asking(ADA, held, own, subject=state.id)
    state = then(AGGREGATE, state, context, attend(state, context, region=first))
    with refused("duty_by_own_word"):
        attend(state, asking(ADA, held, own), region=second)
    assert attend(state, asking(ADA, held, in_place_of_ben(CAT)), region=second)
    gone = replace(own, status=TurnStatus.CANCELLED, cancelled_by=ADA)
    assert attend(state, asking(BEN, held, gone), region=second), "it is free once more"


@pytest.mark.req("S0-24", "X-04")
def test_another_account_of_theirs_is_no_second_person_there() -> None:
    held = rotation(EAST, replace(WEST, people=(CAT,)), by=CAT)
    state = after(opened(held), ADA, attend, region="emea")
    twin = replace(person(BEN), linked=(ADA,))
    with refused("duty_by_own_word"):
        attend(state, asking(BEN, held, in_place_of_ben(ADA, people=(BEN,)), twin), region="amer")


@pytest.mark.req("S0-24", "X-04")
def test_nobody_holds_a_review_alone_by_a_turn_they_cancelled() -> None:
    held = rotation(EAST, by=CAT)
    ended = {"status": TurnStatus.CANCELLED, "cancelled_by": ADA, "region": "amer"}
    gone = turn(NOON - 8 * DAY, NOON + DAY, BEN, rotation=held.id, recorded_by=CAT, **ended)
    state = opened(held, gone)
    context = asking(ADA, held, gone, subject=state.id)
    state = then(AGGREGATE, state, context, attend(state, context, region="amer"))
    with refused("duty_by_own_word"):
        attend(state, asking(ADA, held, gone), region="emea")
    others = replace(gone, cancelled_by=CAT)
    with refused("duty_by_own_word"):
        attend(state, asking(ADA, held, others), region="emea")
    assert attend(state, asking(CAT, held, gone), region="emea"), "another speaks for it"


@pytest.mark.req("S0-24", "X-04")
def test_nobody_holds_a_review_alone_by_layers_they_arranged() -> None:
    theirs = Told(Arranged((EAST, WEST), NOON - 20 * DAY), CAT)
    both = (EAST, replace(WEST, people=(ADA,)))
    for by, alone in ((ADA, False), (CAT, True)):
        own = Told(Arranged(both, NOON - 6 * DAY), by)
        held = given(ROTATION, Told(SET_UP, CAT), theirs, own)
        state = opened(held)
        context = asking(ADA, held, subject=state.id)
        state = then(AGGREGATE, state, context, attend(state, context, region="emea"))
        if alone:
            assert attend(state, asking(ADA, held), region="amer")
        else:
            with refused("duty_by_own_word"):
                attend(state, asking(ADA, held), region="amer")
        assert attend(state, asking(BEN, held), region="amer"), "who was on duty before"


@pytest.mark.req("S0-24", "X-04")
def test_nobody_holds_a_review_alone_by_leaving_a_region_out_first() -> None:
    told = (Told(SET_UP, CAT, at=NOON - 20 * DAY), Told(Arranged((EAST,), NOON - 20 * DAY), CAT))
    fewer = Told(RegionsChanged(("emea",)), ADA, at=NOON - DAY)
    held = given(ROTATION, *told, fewer)
    state, context = opened(held), asking(ADA, held)
    assert state.regions == ("emea", "amer"), "it had both in the period"
    state = then(AGGREGATE, state, context, attend(state, context, region="emea"))
    with refused("attended_already"):
        attend(state, asking(ADA, held), region="amer")
    assert attend(state, asking(BEN, held), region="amer"), "another speaks for it"
    after_it = opened(held, since=NOON - DAY, until=NOON)
    assert after_it.regions == ("emea",), "what is about a time without it asks for no more"
    before = opened(given(ROTATION, *told, Told(RegionsChanged(("apac",)), ADA)))
    assert before.regions == ("apac", "emea", "amer")


@pytest.mark.req("S0-24")
def test_a_full_review_has_room_for_a_region_that_nobody_spoke_for() -> None:
    seen = tuple(Attendance(f"user:{each:032}", "emea", NOON) for each in range(24))
    state = replace(opened(), attendances=seen)
    with refused("too_many"):
        attend(state, asking(), region="emea")
    attend(state, asking(), region="amer")


@pytest.mark.req("S0-24", "S0-29")
def test_without_a_decision_or_a_region_it_does_not_close() -> None:
    state = after(opened(), ADA, attend, region="emea")
    with refused("decision_missing", "region_missing"):
        close(state, asking(ADA, subject=state.id))


@pytest.mark.req("S0-29", "X-04")
def test_what_requires_action_has_an_owner_and_the_last_decision_counts() -> None:
    state = opened()
    act: dict[str, Any] = {"item": "mttp", "action_required": True, "reason": "Too slow."}
    with refused("action_owner_missing"):
        decide(state, asking(), **act)
    with refused("action_owner_missing"):
        decide(state, asking(), **(act | {"action_required": False, "owner": BEN}))
    with refused("suspended_person"):
        decide(state, asking(), **act, owner=DAN)
    with refused("since_passed"):
        decide(state, asking(), **act, owner=BEN, due=NOON - DAY)
    state = after(state, ADA, decide, **(act | {"action_required": False}))
    state = after(state, BEN, decide, **act, owner=CAT, due=NOON + 7 * DAY)
    [decision] = state.decisions
    assert (decision.owner, decision.due, decision.by) == (CAT, NOON + 7 * DAY, BEN)


@pytest.mark.req("S0-24")
def test_the_agenda_of_the_review_before_is_taken_unless_another_is_given() -> None:
    first = replace(opened(), id="1" * 32, opened_at=NOON - 14 * DAY)
    second = replace(opened(agenda=AGENDA[2:]), id="2" * 32, opened_at=NOON - 7 * DAY)
    assert opened(first, second, agenda=()).agenda == AGENDA[2:]
    with refused("agenda_missing"):
        opened(agenda=())


@pytest.mark.parametrize(
    "wrong,code",
    [
        ({"service": "billing"}, "other_service"),
        ({"rotation": "9" * 32}, "not_found"),
        ({"until": NOON - 8 * DAY}, "ends_before_it_begins"),
        ({"since": NOON - 40 * DAY}, "until_too_far"),
        ({"agenda": (AGENDA[0], AGENDA[0])}, "named_twice"),
        ({"agenda": (replace(AGENDA[0], title=" "),)}, "text_missing"),
        ({"agenda": (replace(AGENDA[0], resource="a\nb"),)}, "name_unusable"),
    ],
)
def test_a_review_that_cannot_be_held_is_not_opened(wrong: dict[str, Any], code: str) -> None:
    with refused(code):
        opened(**wrong)


@pytest.mark.req("S0-26")
def test_an_agenda_names_numbers_that_there_are() -> None:
    wrong = replace(AGENDA[1], metrics=("deployment_frequency", "deploy_frequency"))
    with pytest.raises(Refusal) as caught:
        opened(agenda=(AGENDA[0], wrong))
    (problem,) = caught.value.problems
    told = ("unknown_metric", ("agenda", "1", "metrics", "1"))
    assert (problem.code, problem.path) == told
    assert "deployment_frequency, deployment_slo" in problem.message
    before = replace(opened(), id="1" * 32, agenda=(wrong,))
    with refused("unknown_metric"):
        opened(before, agenda=())
    assert opened(before).agenda == AGENDA, "another agenda is given instead"


def test_every_number_that_is_defined_is_known() -> None:
    folders = (delivery, metrics)
    modules = [
        import_module(f"{folder.__name__}.{each.name}")
        for folder in folders
        for each in iter_modules(folder.__path__)
    ]
    defined = {e for each in modules for e in vars(each).values() if isinstance(e, Definition)}
    assert defined == set(DEFINITIONS)
    assert len(KNOWN) == len(set(KNOWN))


def test_one_takes_part_once_for_a_region_there_is_and_in_person() -> None:
    state = after(opened(), ADA, attend, region="emea")
    with refused("attended_already"):
        attend(state, asking(), region="amer")
    with refused("unknown_region"):
        attend(state, asking(BEN), region="apac")
    with refused("unknown_region"):
        attend(state, asking(BEN))
    with refused("machine"):
        attend(state, asking(ROBOT), region="amer")


def test_what_is_said_is_about_an_item_and_a_closed_review_stays_closed() -> None:
    state = opened()
    with refused("unknown_item"):
        note(state, asking(), item="weather", text="Rain.")
    with refused("text_missing"):
        note(state, asking(), item="mttp", text=" ")
    over = replace(state, status=Status.CLOSED)
    for command, told in ((close, {}), (note, {"item": "mttp", "text": "Late."})):
        with refused("review_closed"):
            command(
                replace(over, agenda=AGENDA[3:]) if command is note else _settled(over),
                asking(),
                **told,
            )


def _settled(state: MetricsReview) -> MetricsReview:
    """The review with nothing left to be decided, and everybody there."""
    for who, region in ((ADA, "emea"), (BEN, "amer")):
        state = then(
            AGGREGATE,
            state,
            asking(who),
            attend(replace(state, status=Status.OPEN), asking(who), region=region),
        )
    return replace(state, agenda=AGENDA[:3])
