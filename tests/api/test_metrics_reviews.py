"""The weekly review over GraphQL: opened, attended from two regions, decided, closed, listed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger.verifying import verify_contents
from tests.api.merges import opened_office
from tests.api.office import Office
from tests.api.rotations import act, ask, look

NOW = datetime.now(UTC).replace(microsecond=0)
AGENDA = [
    {"name": "blockers", "title": "Last week's deployment blockers"},
    {"name": "mean_time", "title": "Does last week's MTTP require action?", "decides": True},
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with opened_office(request, tmp_path_factory.mktemp(f"review-{request.param}")) as office:
        yield office


@pytest.mark.req("S0-24", "S0-28", "S0-29")
def test_a_weekly_review_is_held_and_its_decisions_are_found_again(office: Office) -> None:
    named: dict[str, Any] = {"name": "Managers", "service": "billing", "regions": ["emea", "amer"]}
    rotation = act(office, "establishRotation", **named)["id"]
    while_here = {"since": NOW.isoformat(), "until": (NOW + timedelta(hours=9)).isoformat()}
    on: dict[str, Any] = {
        "region": "amer",
        "people": [office.id("rita")],
        **while_here,
        "reason": "She knows it.",
    }
    act(office, "overrideRotation", id=rotation, **on)
    noun = "metricsReview"
    span = {"since": (NOW - timedelta(days=7)).isoformat(), "until": NOW.isoformat()}
    place: dict[str, Any] = {"rotation": rotation, "service": "billing", **span}
    made = act(office, "openMetricsReview", noun=noun, **place, agenda=AGENDA)
    denied = ask(office, "openMetricsReview", "rita", noun, **place, agenda=AGENDA)
    assert [each["code"] for each in denied["problems"]] == ["forbidden"]
    asked = [{"name": "some", "title": "Some number", "metrics": ["blocked_hours"]}]
    unknown = ask(office, "openMetricsReview", noun=noun, **place, agenda=asked)
    path = ["agenda", "0", "metrics", "0"]
    assert unknown["problems"] == [{"code": "unknown_metric", "path": path}]
    denied = ask(office, "attendMetricsReview", "rita", noun, id=made["id"], region="amer")
    assert [each["code"] for each in denied["problems"]] == ["forbidden"]
    for who, region in (("mia", "emea"), ("max", "amer")):
        act(office, "attendMetricsReview", who, noun, id=made["id"], region=region)
    open_still = ask(office, "closeMetricsReview", noun=noun, id=made["id"])
    assert open_still["problems"] == [{"code": "decision_missing", "path": ["agenda", "mean_time"]}]
    given = {"id": made["id"], "item": "mean_time", "actionRequired": True, "reason": "Too slow."}
    act(office, "decideMetricsReview", "max", noun, **given, owner=office.id("ivo"))
    act(office, "closeMetricsReview", noun=noun, id=made["id"])
    [edge] = look(office, "MetricsReviews", filter={"rotation": rotation})["edges"]
    node = edge["node"]
    assert (node["status"], node["regions"]) == ("CLOSED", ["emea", "amer"])
    [decision] = node["decisions"]
    assert (decision["item"], decision["owner"]) == ("mean_time", {"handle": "ivo"})
    assert [each["person"]["handle"] for each in node["attendances"]] == ["mia", "max"]
    assert list(verify_contents(office.reader)) == []
