"""Who is on duty: asked by rotation, handle, region and time, also as it was known once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.rotation.state import Rotation
from domain.turn import Turn
from ledger.verifying import verify_contents
from tests.api.merges import opened_office
from tests.api.office import Office
from tests.api.rotations import act, ask, look, on

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
START = NOW - 10 * DAY


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with opened_office(request, tmp_path_factory.mktemp(f"duty-{request.param}")) as office:
        yield office


@pytest.fixture(scope="module")
def duty(office: Office) -> Any:
    """Two regions: rita and ava take weekly turns everywhere, unless somebody else is named."""
    steps = [{"name": "managers"}, {"name": "head", "minutes": 60, "people": [office.id("max")]}]
    named: dict[str, Any] = {
        "name": "Release managers",
        "service": "billing",
        "regions": ["emea", "amer"],
    }
    handles: dict[str, Any] = {"handles": ["@gitlab-org/release/managers", "@release-managers"]}
    made = act(office, "establishRotation", **named, **handles, escalation=steps)
    weekly = {
        "name": "weekly",
        "people": [office.id("rita"), office.id("ava")],
        "localStart": START.strftime("%Y-%m-%dT%H:%M:%S"),
        "zone": "UTC",
        "frequency": "WEEKLY",
    }
    given = {"id": made["id"], "seen": 1, "since": START.isoformat()}
    return act(office, "arrangeRotation", layers=[weekly], **given)


@pytest.mark.req("S0-20", "S0-21", "S0-23", "S4-01")
def test_a_handle_stands_for_whoever_is_on_duty(office: Office, duty: Any) -> None:
    found = look(office, "OnDuty", handle="@RELEASE-managers", at=START.isoformat())
    assert found["rotation"]["id"] == duty["id"]
    assert [each["handle"] for each in found["people"]] == ["rita"]
    assert [each["region"] for each in found["regions"]] == ["emea", "amer"]
    head = {"name": "head", "minutes": 60, "people": [{"handle": "max"}]}
    assert found["escalation"][1] == head
    assert found["escalation"][0]["people"] == [{"handle": "rita"}]
    assert look(office, "OnDuty", handle="@nobody") is None


def test_turns_follow_each_other_and_one_region_can_be_asked_for(office: Office, duty: Any) -> None:
    later = (START + 7 * DAY).isoformat()
    assert on(office, rotation=duty["id"], at=later, region="emea") == {"emea": ["ava"]}
    assert on(office, rotation=duty["id"], at=(START - DAY).isoformat())["emea"] == []
    result = office.ask(
        'query($r: ID!) { onDuty(rotation: $r, region: "apac") { at } }', "rita", r=duty["id"]
    )
    assert result.errors is not None
    assert str(result.errors[0].original_error) == "unknown_region"


@pytest.mark.req("S4-01", "X-06")
def test_an_override_counts_and_what_was_known_before_remains_to_be_asked(
    office: Office, duty: Any
) -> None:
    at = (NOW + 30 * DAY).isoformat()
    before = on(office, rotation=duty["id"], at=at)
    known = datetime.now(UTC).isoformat()
    span = {"since": (NOW + 29 * DAY).isoformat(), "until": (NOW + 31 * DAY).isoformat()}
    given = {"id": duty["id"], "region": "amer", "people": [office.id("ivo")], **span}
    act(office, "overrideRotation", **given, reason="Rita travels.")
    now = on(office, rotation=duty["id"], at=at)
    assert now == before | {"amer": ["ivo"]}
    assert on(office, rotation=duty["id"], at=at, asOf={"time": known}) == before
    turns = "query($r: ID!) { turns(filter: {rotation: $r}) { edges { node { id } } } }"
    [edge] = office.data(turns, "rita", r=duty["id"])["turns"]["edges"]
    act(office, "cancelTurn", noun="turn", id=edge["node"]["id"], reason="Back.")
    assert on(office, rotation=duty["id"], at=at) == before


def test_ones_own_duties_are_listed(office: Office, duty: Any) -> None:
    span = {"since": START.isoformat(), "until": (START + 21 * DAY).isoformat()}
    mine = look(office, "MyDuties", by="ava", **span)
    assert [each["duty"]["region"] for each in mine["duties"]] == ["emea", "amer"]
    assert mine["duties"][0]["rotation"]["name"] == "Release managers"
    assert look(office, "MyDuties", by="aud", **span) == {"duties": [], "complete": True}


def test_gaps_are_before_the_first_turn_and_while_everybody_is_away(
    office: Office, duty: Any
) -> None:
    since, until = NOW + 11 * DAY, NOW + 12 * DAY  # ava's turn
    given = {"id": office.id("ava"), "since": since.isoformat(), "until": until.isoformat()}
    act(office, "announcePrincipalAbsence", "ava", "principal", **given)
    span = {"since": (START - DAY).isoformat(), "until": (NOW + 14 * DAY).isoformat()}
    found = look(office, "CoverageGaps", rotation=duty["id"], region="emea", **span)
    assert [(each["lack"], each["since"][:19]) for each in found["gaps"]] == [
        ("NOBODY", (START - DAY).isoformat()[:19]),
        ("AWAY", since.isoformat()[:19]),
    ]
    assert found["complete"]


def test_whoever_may_not_is_told_so_and_nothing_is_written(office: Office, duty: Any) -> None:
    named = {"name": "Mine", "service": "billing"}
    problems = ask(office, "establishRotation", by="rita", **named)["problems"]
    assert [each["code"] for each in problems] == ["forbidden"]
    wrong = {"id": duty["id"], "people": [office.id("ivo")], "reason": "x"}
    span = {"since": NOW.isoformat(), "until": NOW.isoformat()}
    problems = ask(office, "overrideRotation", **wrong, **span)["problems"]
    assert problems == [{"code": "ends_before_it_begins", "path": ["until"]}]


@pytest.mark.parametrize(
    "given,code",
    [
        ({}, "rotation_or_handle"),
        ({"handle": "@x", "rotation": "x"}, "rotation_or_handle"),
        ({"handle": "@x", "at": "2026-02-30T00:00:00Z"}, "unreadable_time"),
        ({"handle": "@x", "at": "2026-02-03T00:00:00"}, "naive_time"),
        ({"handle": "@x", "asOf": {"position": -1}}, "negative_position"),
        ({"handle": "@x", "asOf": {"position": 1}}, "forbidden"),
        ({"handle": "@x", "asOf": {"time": (NOW + DAY).isoformat()}}, "in_the_future"),
    ],
)
def test_a_bad_question_is_refused(office: Office, given: dict[str, Any], code: str) -> None:
    document = Path("frontend-schema/operations/OnDuty.graphql").read_text()
    result = office.ask(document, "rita", **given)
    assert result.errors is not None
    assert str(result.errors[0].original_error) == code


@pytest.mark.req("X-06")
def test_rotations_and_turns_are_what_their_events_say(office: Office, duty: Any) -> None:
    assert list(verify_contents(office.reader)) == []
    with office.reader.connection() as connection:
        last = office.reader.head(connection).size - 1
        for state in (Rotation, Turn):
            table = office.reader.snapshot(state)
            for id in connection.execute(table.select().with_only_columns(table.c.id)).scalars():
                folded = office.reader.as_of(connection, state, id, position=last)
                assert folded == office.reader.get(connection, state, id)
