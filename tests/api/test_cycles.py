"""What a release cycle demands of a service, and how often it was bypassed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.calendar.cycles import compared
from api.standing import Ran
from domain.process.cycle import Cycle, Week
from tests.api.office import Office
from tests.api.test_calendar import DAY, move, put_back, run

NOW = datetime.now(UTC)
NOTHING = {"releases": 0, "bypassed": 0, "byKind": [], "movedDates": 0, "movedEarlier": 0}
CYCLE = {"playbook": "mozilla", "cycle": "two_week", "service": "billing"}


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory, shared_office_database: str
) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("office"), shared_office_database)
    office.people["rhea"] = office.person("rhea")
    for scope in ("service", "environment"):
        office.grant("rhea", "release_manager", scope=scope, value="any")
    office.grant("rhea", "release_manager")
    yield office
    office.close()


def opened(office: Office, kind: str, version: str, **plan: Any) -> Any:
    told = {"title": version, "service": "billing", "versions": [version], **plan}
    given = {"playbook": "mozilla", "kind": kind, "plan": told}
    payload = run(office, "OpenRelease", "rhea", input=given)["openRelease"]
    assert payload["problems"] == []
    return payload["release"]


@pytest.mark.req("S4-16", "S4-17")
def test_what_went_out_of_turn_is_counted_among_all_releases(office: Office) -> None:
    period = {"since": (NOW - DAY).isoformat(), "until": (NOW + DAY).isoformat()}

    def counted(**more: Any) -> Any:
        asked = {"playbook": "mozilla", **period, **more}
        return run(office, "ShortCircuits", "ava", **asked)["shortCircuits"]

    assert counted() == NOTHING
    opened(office, "train", "1.1.0")
    opened(office, "train", "1.2.0", shortCircuit="Sync loses data.")
    opened(office, "hotfix", "1.1.1")
    opened(office, "warmfix", "1.1.2")
    opened(office, "warmfix", "1.1.3")
    given_up = opened(office, "warmfix", "1.1.4")
    gone = {"id": given_up["id"], "reason": "It was no fault."}
    assert run(office, "AbortRelease", "rhea", input=gone)["abortRelease"]["problems"] == []
    found = counted(service="billing")
    assert (found["releases"], found["bypassed"]) == (5, 4)
    assert found["byKind"] == [
        {"kind": "hotfix", "releases": 1},
        {"kind": "short_circuit", "releases": 1},
        {"kind": "warmfix", "releases": 2},
    ]
    assert counted(service="shop")["releases"] == 0
    before = {"since": (NOW - 3 * DAY).isoformat(), "until": (NOW - DAY).isoformat()}
    assert counted(**before) == NOTHING


@pytest.mark.req("S4-17", "S4-24", "S4-28")
def test_a_date_that_was_moved_is_counted_until_it_is_put_back(office: Office) -> None:
    earlier = {"local": "2029-12-28T10:00", "zone": "America/New_York"}

    def counted(since: str = "2029-12-31") -> tuple[int, int]:
        period = {"since": f"{since}T00:00:00Z", "until": "2030-02-01T00:00:00Z"}
        asked = {"playbook": "services_train", **period}
        found = run(office, "ShortCircuits", "ava", **asked)["shortCircuits"]
        return found["movedDates"], found["movedEarlier"]

    assert counted() == (0, 0)
    for instead, told in ((earlier, (1, 1)), (None, (1, 0))):
        made = move(office, instead=instead)
        assert (made["problems"], counted()) == ([], told)
        assert counted("2030-01-02") == (0, 0), "by when its rule has it"
        put_back(office, made)
        assert counted() == (0, 0)


@pytest.mark.req("S4-10", "S4-11", "S4-12", "S4-14")
def test_a_cycle_says_what_is_to_be_done_and_why(office: Office) -> None:
    found = run(office, "ReleaseCycle", "ava", **CYCLE)["releaseCycle"]
    assert found["kind"] in (Week.RELEASE.name, Week.OFF.name)
    assert (found["week"], found["kind"]) in ((1, "RELEASE"), (2, "OFF"))
    assert [each["environment"] for each in found["steps"]] == ["staging", "production"]
    assert {each["act"] for each in found["steps"]} == {"NOTHING"}
    assert all(each["reason"] for each in found["steps"])
    assert found["merged"] is None
    asked = run(office, "ReleaseCycle", "ava", **CYCLE, project="shop/till")["releaseCycle"]
    assert asked["merged"] == 0


@pytest.mark.parametrize(
    "more,code",
    [({"playbook": "nobody"}, "unknown_playbook"), ({"cycle": "nobody"}, "unknown_cycle")],
)
def test_a_cycle_that_nobody_adopted_is_told_as_such(office: Office, more: Any, code: str) -> None:
    with pytest.raises(AssertionError) as raised:
        run(office, "ReleaseCycle", "ava", **{**CYCLE, **more})
    assert code in str(raised.value).lower()


def test_a_period_of_nonsense_is_refused(office: Office) -> None:
    asked = {"playbook": "mozilla", "since": NOW.isoformat()}
    for until, code in ((NOW, "ends_before_it_begins"), (NOW + timedelta(days=9000), "too_long")):
        with pytest.raises(AssertionError) as raised:
            run(office, "ShortCircuits", "ava", **asked, until=until.isoformat())
        assert code in str(raised.value).lower()


@pytest.mark.req("S4-12")
def test_the_same_version_is_another_one_where_it_was_built_anew() -> None:
    cycle = Cycle("two_week", "Two weeks", "train", ("staging", "production"))
    one, other = frozenset(("sha256:1",)), frozenset(("sha256:2",))

    def rebuilt(staging: Ran, production: Ran) -> frozenset[str]:
        found = compared(cycle, {"staging": staging}, {"production": production})
        assert found.until == {"staging": staging.version}
        assert found.now == {"production": production.version}
        return found.rebuilt

    assert rebuilt(Ran("1.2.0", one), Ran("1.2.0", other)) == {"production"}
    assert rebuilt(Ran("1.2.0", one), Ran("1.2.0", one | other)) == frozenset()
    assert rebuilt(Ran("1.2.0", one), Ran("1.2.0", frozenset())) == frozenset(), "not known"
    assert rebuilt(Ran("1.3.0", one), Ran("1.2.0", other)) == frozenset(), "it differs anyhow"
    assert compared(cycle, {}, {}).rebuilt == frozenset()
