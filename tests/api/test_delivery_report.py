"""How well changes reach production, through the schema and on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.context import new_id
from api.demo.cast import projects
from domain.metrics.metrics import sources_digest
from tests.api.company import MODERATE, Headquarters, content
from tests.api.test_deployments import Fleet, staffed
from tests.api.test_journey_paths import HEAD, merge_request, opened
from tests.api.watched import wait_for

VERSION = "query($id: ID!) { node(id: $id) { ... on Environment { version } } }"
BEGAN = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def fleet(hq: Headquarters) -> Fleet:
    """Environments that nothing else uses."""
    return Fleet(staffed(hq), f"f{new_id()[-8:]}")


def asked(fleet: Fleet, **more: Any) -> Any:
    """The report on the fleet's production as an auditor reads it."""
    until = datetime.now(UTC) + timedelta(hours=1)
    given: dict[str, Any] = {"since": BEGAN.isoformat(), "until": until.isoformat()}
    given |= {"environments": [fleet.name("production")]}
    return fleet.hq.ask("wanda", "DeliveryReport", **given | more)


def to_production(fleet: Fleet, commit: str = "a" * 40, **more: Any) -> str:
    """A package that stands in production; the deployment's global id."""
    package = fleet.package(commit)
    fleet.deploy(package)
    id = fleet.request(package, "production", **more)
    fleet.hq.do("dep-oleg", "StartDeployment", id=id)
    fleet.hq.do("dep-oleg", "SucceedDeployment", id=id)
    return id


def number(metric: Any) -> tuple[str | None, int]:
    """What a number is, and of how many facts."""
    return metric["value"], metric["count"]


def merged(fleet: Fleet, merge: str | None = None, head: str = HEAD) -> tuple[str, str]:
    """An authorised change, and the merge request it brings, which was merged; global ids."""
    hq = fleet.hq
    if "rick" not in hq.tokens:
        hq.hire("rick", "gitaly", projects("role:reviewer"))
    request = merge_request(hq, 10_000 + int(fleet.suffix[1:], 16) % 1_000_000, head)
    for each in ("tara", "rick"):
        hq.do(each, "SignOffMergeRequest", id=request, rule="reviews", seen=1)
    commit = merge or new_id() + new_id()[:8]
    hq.do("rick", "MergeMergeRequest", id=request, seen=1, mergeCommit=commit)
    said = content("Bring it", environments=[fleet.name("production")], **MODERATE)
    change = opened(hq, "nils", "normal", said)
    hq.do("nils", "LinkChange", id=change, kind="MERGE_REQUEST", reference=request)
    hq.do("nils", "SubmitChange", id=change, seen=2)
    hq.do("mara", "ApproveChange", id=change, rule="assessment", seen=2)
    for each in ("erin", "farid"):
        hq.do(each, "ApproveChange", id=change, rule="cab_two", seen=2)
    return change, request


def version_of(fleet: Fleet) -> int:
    """The version of production that one looks at."""
    found = fleet.hq.post("wanda", VERSION, {"id": fleet.places["production"]}).json()
    return int(found["data"]["node"]["version"])


def arrival(hq: Headquarters, deployment: str) -> str:
    """The id of the event by which a deployment arrived."""
    edges = hq.ask("wanda", "History", id=deployment, first=50)["edges"]
    (found,) = (e["node"]["id"] for e in edges if e["node"]["kind"] == "deployment.succeeded")
    return str(found)


@pytest.mark.req("S0-25", "S3-28", "S3-29", "S3-30", "S3-38", "X-06")
def test_numbers_come_from_events_and_can_be_worked_out_again_as_of_a_time(fleet: Fleet) -> None:
    hq = fleet.hq
    change, _ = merged(fleet)
    first = to_production(fleet, changes=[change])
    between = datetime.now(UTC)
    second = to_production(fleet)
    hq.do("dep-oleg", "WatchDeployment", id=second, well=False, note="Errors.")
    hq.do("dep-oleg", "RollBackDeployment", id=second, reason="It loses data.")
    found = asked(fleet)
    assert number(found["deploymentFrequency"]) == ("2", 2)
    assert number(found["failureRatePerDeployment"]) == ("0.5000", 2)
    assert number(found["timeToRestore"]) == ("0.00", 1)
    assert number(found["deploymentSlo"]) == ("1.0000", 2)
    assert number(found["leadTime"]) == number(found["meanTimeToProduction"]) == ("0.00", 1)
    assert number(found["failureRatePerChange"]) == (None, 0)
    unknown = [{"reason": "no outcome recorded", "count": 1}]
    assert found["failureRatePerChange"]["excluded"] == unknown
    hq.do("pavel", "ImplementChange", id=change, seen=2)
    hq.do("pavel", "FinishChange", id=change, outcome="ROLLED_BACK", note="It lost data.")
    assert number(asked(fleet)["failureRatePerChange"]) == ("1.0000", 1)
    then = asked(fleet, asOf=between.isoformat())
    assert number(then["deploymentFrequency"]) == ("1", 1)
    assert number(then["failureRatePerDeployment"]) == ("0.0000", 1)
    assert then["leadTime"] == found["leadTime"]
    assert found["leadTime"]["sources"][0].endswith(f"..{arrival(hq, first)}")
    assert then["deploymentFrequency"]["sources"] == [arrival(hq, first)]


@pytest.mark.req("S0-25", "X-05", "X-06")
def test_a_commit_is_timed_from_when_it_was_known_by_tie_or_by_package(fleet: Fleet) -> None:
    merge, head = (new_id() + new_id()[:8] for _ in range(2))
    change, request = merged(fleet, merge, head)
    to_production(fleet, commit=new_id() + new_id()[:8])
    alone = [{"reason": "known by its package alone", "count": 1}]
    found = asked(fleet)["commitToProduction"]
    assert (number(found), found["excluded"]) == ((None, 0), alone)
    before = datetime.now(UTC).isoformat()
    by_package = to_production(fleet, commit=merge)
    to_production(fleet, changes=[change])
    found = asked(fleet)
    for name in ("commitToProduction", "commitToProductionMean"):
        assert number(found[name]) == ("0.00", 1)
        (source,) = found[name]["sources"]
        assert source.endswith(f"..{arrival(fleet.hq, by_package)}")
    assert asked(fleet, asOf=before)["commitToProduction"]["value"] is None
    fleet.hq.do("quinn", "ConcealMergeRequest", id=request, reason="It is a hole.")
    hidden = asked(fleet)["commitToProduction"]
    assert hidden["value"] is None, "nothing in the open tells of the head"


@pytest.mark.req("X-06")
def test_as_of_a_time_nothing_that_was_said_since_moves_a_number(fleet: Fleet) -> None:
    hq, service = fleet.hq, f"service-{fleet.suffix}"
    change, _ = merged(fleet)
    to_production(fleet, changes=[change])
    moved = opened(hq, "nils", "normal", content("Move it", service))
    before, asked_of_all = asked(fleet), {"environments": None}
    everywhere = asked(fleet, **asked_of_all)["environments"]
    its = asked(fleet, service=service)
    between = datetime.now(UTC).isoformat()
    later = merge_request(hq, 20_000 + int(fleet.suffix[1:], 16) % 1_000_000, HEAD)
    hq.do("nils", "LinkChange", id=change, kind="MERGE_REQUEST", reference=later)
    hq.do("nils", "EditChange", id=moved, seen=1, content=content("Move it", "other"))
    plan = {"kind": "retired", "line": fleet.suffix, "order": 1}
    place = {"id": fleet.places["production"], "seen": version_of(fleet), "plan": plan}
    fleet.agree(hq.do("dep-rhea", "EditEnvironment", **place))
    now = asked(fleet, **asked_of_all)["environments"]
    assert set(everywhere) - set(now) == {fleet.name("production")}
    assert asked(fleet, asOf=between, **asked_of_all)["environments"] == everywhere
    assert number(asked(fleet)["leadTime"]) == number(before["leadTime"]) == ("0.00", 1)
    assert asked(fleet, asOf=between)["leadTime"] == before["leadTime"]
    assert number(its["emergencyShare"]) == ("0.0000", 1)
    assert number(asked(fleet, service=service)["emergencyShare"]) == (None, 0)
    then = asked(fleet, service=service, asOf=between)["emergencyShare"]
    assert then == its["emergencyShare"]


def pages(fleet: Fleet) -> list[Any]:
    """The frequency of deployments, two of its sources at a time."""
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    given = {"since": BEGAN.isoformat(), "until": until, "first": 2}
    given |= {"environments": [fleet.name("production")]}
    found: list[Any] = []
    more: dict[str, Any] = {}
    while not found or found[-1]["lineage"]["pageInfo"]["hasNextPage"]:
        report = fleet.hq.ask("wanda", "MetricLineage", **given, **more)
        found.append(report["deploymentFrequency"])
        more = {"after": found[-1]["lineage"]["pageInfo"]["endCursor"]}
    return found


@pytest.mark.req("X-06")
def test_the_lineage_of_a_number_is_read_page_by_page_and_gives_its_digest(fleet: Fleet) -> None:
    for _ in range(5):
        to_production(fleet)
    found = pages(fleet)
    assert [len(each["lineage"]["edges"]) for each in found] == [2, 2, 1]
    ids = [edge["node"] for each in found for edge in each["lineage"]["edges"]]
    assert ids == asked(fleet)["deploymentFrequency"]["sources"]
    assert {each["sourcesDigest"] for each in found} == {sources_digest(ids)}


@pytest.mark.req("X-05")
def test_what_is_hidden_is_in_no_number_and_in_no_exclusion(fleet: Fleet) -> None:
    change, request = merged(fleet)
    to_production(fleet, changes=[change])
    assert asked(fleet)["leadTime"]["count"] == 1
    fleet.hq.do("quinn", "ConcealMergeRequest", id=request, reason="It is a hole.")
    for name in ("leadTime", "meanTimeToProduction"):
        hidden = asked(fleet)[name]
        assert (hidden["value"], hidden["count"], hidden["excluded"]) == (None, 0, [])
        assert hidden["sources"] == []


@pytest.mark.req("S0-25", "S0-28")
def test_what_blocked_an_environment_is_told_by_cause(fleet: Fleet) -> None:
    hq, place = fleet.hq, fleet.places["production"]
    hq.do("dep-monitor", "BlockEnvironment", id=place, name="incident", cause="Down.")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()

    def told() -> list[tuple[str, str, int]]:
        found = asked(fleet, until=tomorrow)["blockerHours"]
        return [(each["cause"], each["environment"], each["hours"]["count"]) for each in found]

    wait_for(told)  # what blocked for less than a second is left out
    assert ("incident", fleet.name("production"), 1) in told()


@pytest.mark.req("S0-13", "S0-25", "X-06")
def test_a_lock_costs_hours_from_its_declaration_on_as_was_known_then(fleet: Fleet) -> None:
    hq, place = fleet.hq, fleet.name("production")
    until = datetime.now(UTC) + timedelta(hours=2)
    terms = {"title": "Freeze", "kind": "HARD", "until": until.isoformat(), "environments": [place]}
    before = datetime.now(UTC)
    lock = hq.do("dep-rhea", "DeclareLock", terms=terms)

    def told(**more: Any) -> list[Any]:
        found = asked(fleet, until=(until + timedelta(days=1)).isoformat(), **more)["blockerHours"]
        return [each["hours"] for each in found if each["cause"] == "hard_locked"]

    wait_for(told)
    assert told(asOf=before.isoformat()) == []
    (hours,) = told()
    assert (hours["definition"]["version"], hours["count"]) == (3, 1)
    (source,) = hours["sources"]
    declared, _, end = source.partition("..")
    assert (bool(declared), end) == (True, "")
    hq.do("dep-rhea", "LiftLock", id=lock["id"], reason="Done.")
    (hours,) = told()
    assert hours["sources"][0].startswith(f"{declared}..")
    assert len(hours["sources"][0]) > len(source)


@pytest.mark.parametrize(
    "given, code",
    [
        ({"until": (BEGAN - timedelta(days=1)).isoformat()}, "ends_before_it_begins"),
        ({"since": "1990-01-01T00:00:00Z"}, "period_too_long"),
        ({"targetMinutes": 0}, "out_of_range"),
        ({"environments": ["x"] * 101}, "too_many"),
        ({"asOf": "2090-01-01T00:00:00Z"}, "in_the_future"),
        ({"since": "2026-01-01T00:00:00"}, None),
    ],
)
def test_what_cannot_be_asked_is_refused(
    fleet: Fleet, given: dict[str, Any], code: str | None
) -> None:
    until = datetime.now(UTC).isoformat()
    variables = {"since": BEGAN.isoformat(), "until": until, "targetMinutes": 60} | given
    document = "query($since: DateTime!, $until: DateTime!, $targetMinutes: Int!, \
        $environments: [String!], $asOf: DateTime) { deliveryReport(since: $since, \
        until: $until, targetMinutes: $targetMinutes, environments: $environments, \
        asOf: $asOf) { known } }"
    answer = fleet.hq.post("wanda", document, variables).json()
    found = [each["extensions"]["code"] for each in answer["errors"]]
    assert found == [code] if code else found
