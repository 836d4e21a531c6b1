"""The release cycle: staging and production in step, and fixes in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from domain.calendar.cadence import Agreed, occurrences
from domain.playbook.format import decode
from domain.process.cycle import (
    Act,
    Cycle,
    Effect,
    Place,
    Running,
    Step,
    Week,
    not_due,
    out_of_turn,
    place_in_cycle,
    steps,
)

TRAIN = decode(
    (Path(__file__).parents[2] / "policies/playbooks/services_train.toml").read_text("utf-8")
)
DAY = timedelta(days=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def cycle() -> Cycle:
    found = TRAIN.cycle("two_week")
    assert found is not None
    return found


def as_ever(standing: dict[str, str | None]) -> Running:
    """What stood there until the date, and stands there still."""
    return Running(standing, standing)


def acts(found: tuple[Step, ...]) -> list[tuple[str, Act, str | None]]:
    return [(each.environment, each.act, each.version) for each in found]


@pytest.mark.req("S4-10", "S4-12", "S4-14")
def test_production_takes_what_staging_ran_until_now() -> None:
    found = steps(cycle(), as_ever({"staging": "0.0.4", "production": "0.0.3"}), merged=7)
    assert acts(found) == [
        ("staging", Act.RELEASE, None),
        ("production", Act.REQUEST, "0.0.4"),
    ]


@pytest.mark.req("S4-11")
def test_nothing_merged_means_no_release() -> None:
    staging, production = steps(
        cycle(), as_ever({"staging": "0.0.4", "production": "0.0.3"}), merged=0
    )
    assert (staging.act, production.act) == (Act.NOTHING, Act.REQUEST)


@pytest.mark.req("S4-12")
def test_the_same_version_means_no_request() -> None:
    staging, production = steps(
        cycle(), as_ever({"staging": "0.0.4", "production": "0.0.4"}), merged=1
    )
    assert (staging.act, production.act) == (Act.RELEASE, Act.NOTHING)
    assert production.reason == "production runs 0.0.4, as staging did."


@pytest.mark.req("S4-12")
def test_the_same_version_built_anew_is_news() -> None:
    ran: dict[str, str | None] = {"staging": "0.0.4", "production": "0.0.4"}
    _, production = steps(cycle(), Running(ran, ran, frozenset(("production",))), merged=1)
    assert (production.act, production.version) == (Act.REQUEST, "0.0.4")
    assert production.reason == "staging ran another build of 0.0.4 than production does."
    ran = {"staging": "0.0.5", "production": "0.0.4"}
    _, production = steps(cycle(), Running(ran, ran, frozenset(("production",))), merged=1)
    assert production.reason == "staging ran 0.0.5, production 0.0.4."


@pytest.mark.req("S4-14")
@pytest.mark.parametrize("there", ["0.0.3", "0.0.4"])
def test_what_came_to_staging_on_the_date_has_its_turn_in_the_next_cycle(there: str) -> None:
    until: dict[str, str | None] = {"staging": "0.0.4", "production": "0.0.3"}
    now: dict[str, str | None] = {"staging": "0.0.5", "production": there}
    _, production = steps(cycle(), Running(until, now), merged=7)
    asked = (Act.REQUEST, "0.0.4") if there == "0.0.3" else (Act.NOTHING, None)
    assert (production.act, production.version) == asked


@pytest.mark.req("X-05")
@pytest.mark.parametrize("running", [{}, {"staging": None, "production": "0.0.3"}])
def test_what_is_unknown_is_not_acted_upon(running: dict[str, str | None]) -> None:
    assert {each.act for each in steps(cycle(), as_ever(running), merged=None)} == {Act.NOTHING}


@pytest.mark.req("S4-24")
@pytest.mark.parametrize(
    "kind,date,first,others",
    [
        (Week.RELEASE, None, *["The date of this cycle was left out."] * 2),
        (Week.OFF, None, *["The date of this cycle was left out."] * 2),
        (Week.OFF, NOON, "Nothing planned goes there in this week of the cycle.", None),
        (Week.RELEASE, NOON + DAY, *[f"The date of this cycle is {(NOON + DAY).isoformat()}."] * 2),
        (Week.RELEASE, NOON, None, None),
    ],
)
def test_nothing_is_due_but_from_the_date_of_the_cycle_on(
    kind: Week, date: datetime | None, first: str | None, others: str | None
) -> None:
    cadence = next(each for each in TRAIN.cadences if each.name == cycle().cadence)
    known = occurrences(cadence, NOON, NOON + 60 * DAY)[0]
    week = Place(1, kind, replace(known, at=date))
    why = not_due(week, NOON)
    assert why == (first, others)
    found = steps(cycle(), as_ever({"staging": "2", "production": "1"}), merged=7, why_not=why)
    assert [each.act for each in found] == [
        Act.NOTHING if first else Act.RELEASE,
        Act.NOTHING if others else Act.REQUEST,
    ]
    assert [each.reason for each in found if each.act is Act.NOTHING] == [
        said for said in why if said
    ]


@pytest.mark.req("S4-14", "S4-15")
def test_production_trails_by_one_cycle_whatever_is_merged() -> None:
    """Every history of twelve cycles: production runs what staging ran when the date came."""
    for merges in product([0, 1], repeat=12):
        running: dict[str, str | None] = {"staging": "0", "production": "0"}
        waited: dict[str, int] = {}
        for number, merged in enumerate(merges, start=1):
            staging, production = steps(cycle(), as_ever(running), merged)
            before = running["staging"]
            running["production"] = production.version or running["production"]
            if staging.act is Act.RELEASE:
                running["staging"] = str(number)
                waited[str(number)] = number
            assert running["production"] == before
            if production.act is Act.REQUEST and production.version in waited:
                cycles = number - waited.pop(production.version)
                merged_at_most_before = 1  # a change merged just after a date waits for the next
                assert (cycles + merged_at_most_before) * cycle().weeks <= 4


@pytest.mark.req("S4-16", "S4-18", "S4-19", "S4-20")
@pytest.mark.parametrize(
    "kind, week, staging, production",
    [
        ("warmfix", Week.OFF, Effect.DEPLOY, Effect.NONE),
        ("warmfix", Week.RELEASE, Effect.REPLACE, Effect.NONE),
        ("hotfix", Week.OFF, Effect.DEPLOY, Effect.DEPLOY),
        ("hotfix", Week.RELEASE, Effect.DEPLOY, Effect.REPLACE),
    ],
)
def test_what_a_fix_does_is_told_by_its_kind_the_week_and_the_environment(
    kind: str, week: Week, staging: Effect, production: Effect
) -> None:
    effects = cycle().effects
    assert (effects[kind, week, "staging"], effects[kind, week, "production"]) == (
        staging,
        production,
    )


@pytest.mark.req("S4-07", "S4-18")
def test_weeks_of_the_cycle_begin_on_monday_and_alternate() -> None:
    cadence = TRAIN.cadence("train")
    assert cadence is not None
    start = datetime(2026, 11, 1, tzinfo=UTC)
    dates = occurrences(cadence, start - 30 * DAY, start + 90 * DAY)
    kinds = []
    for number in range(70):
        place = place_in_cycle(cadence, dates, datetime(2026, 11, 2, 15, tzinfo=UTC) + number * DAY)
        assert place is not None
        kinds.append(place.kind)
    weeks = [set(kinds[at : at + 7]) for at in range(0, 70, 7)]
    assert weeks == [{Week.OFF}, {Week.RELEASE}] * 5
    assert place_in_cycle(cadence, dates, start - 400 * DAY) is None


@pytest.mark.req("S4-09", "S4-24")
def test_a_date_makes_the_week_that_it_moved_to() -> None:
    cadence = TRAIN.cadence("train")
    assert cadence is not None
    start = datetime(2026, 11, 10, 15, tzinfo=UTC)  # the Tuesday of a date
    planned = "2026-11-10T10:00:00"
    for days, weeks in [(6, "or"), (-1, "ro"), (-5, "oo"), (1, "ro"), (None, "ro")]:
        local = None if days is None else f"2026-11-{10 + days:02}T10:00:00"
        agreed = [Agreed(planned, local, "All hands.")]
        dates = occurrences(cadence, start - 40 * DAY, start + 13 * DAY, agreed)
        found = [place_in_cycle(cadence, dates, start + n * 7 * DAY) for n in range(2)]
        assert [each and each.kind.value[0] for each in found] == list(weeks), days
    left_out = Agreed(planned, None, "All hands.")
    earlier = [Agreed("2026-11-24T10:00:00", "2026-11-12T10:00:00", "Early."), left_out]
    dates = occurrences(cadence, start - 40 * DAY, start + 40 * DAY, earlier)
    place = place_in_cycle(cadence, dates, start)
    assert place is not None
    assert place.occurrence.at is not None, "of two in a week the one that stands counts"


@pytest.mark.req("S4-17")
@pytest.mark.parametrize(
    "kind, hurried, way",
    [
        ("hotfix", False, "hotfix"),
        ("warmfix", True, "warmfix"),
        ("train", True, "short_circuit"),
        ("train", False, None),
    ],
)
def test_a_release_goes_out_of_turn_as_a_fix_or_because_it_cannot_wait(
    *, kind: str, hurried: bool, way: str | None
) -> None:
    assert out_of_turn([cycle()], kind, hurried=hurried) == way


@pytest.mark.req("S4-28")
def test_the_direction_of_a_move_is_in_the_playbook() -> None:
    cadence = TRAIN.cadence("train")
    assert cadence is not None
    christmas = datetime(2030, 12, 24, tzinfo=UTC)
    found = {
        each.planned.local.date().isoformat(): each
        for each in occurrences(cadence, christmas - 40 * DAY, christmas + 40 * DAY)
    }
    moved = [each for each in found.values() if each.holidays]
    assert all(each.local and each.local < each.planned.local for each in moved)
