"""The timeline of a critical patch binds: the gate tells when the date is not the agreed one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.company import Headquarters
from tests.api.patches import Patch, hire

OWN = {"before_agreed_date", "agreed_date_passed", "date_not_agreed", "not_agreed"}


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    hire(hq)
    return hq


def _soon() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()


def agree(crew: Headquarters, accord: Any) -> None:
    for who, rule in (("saga", "appsec"), ("rune", "release_managers")):
        crew.do(who, "AgreeToAccord", id=accord["id"], rule=rule, seen=accord["revision"])


@pytest.mark.req("S1-41", "S1-44")
def test_a_date_that_nobody_agreed_to_keeps_a_critical_patch_back(crew: Headquarters) -> None:
    patch = Patch(crew, "critical_patch")
    when = patch.propose(patch.id)
    agree(crew, when)
    assert patch.codes("PUBLISH") & OWN == set()
    later = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    patch.do("RescheduleRelease", scheduled=later, reason="Later.")
    assert patch.codes("PUBLISH") & OWN == {"date_not_agreed"}
    assert patch.codes("ENTER_PHASE") & OWN == {"date_not_agreed"}
    terms = {"wording": "In three months.", "due": later}
    [found] = crew.ask("saga", "Accords", subject=patch.id)["edges"]
    seen = found["node"]["version"]
    other = crew.do("saga", "ReviseAccord", id=when["id"], terms=terms, seen=seen)
    assert patch.codes("PUBLISH") & OWN == {"not_agreed"}
    agree(crew, other)
    assert patch.codes("PUBLISH") & OWN == {"before_agreed_date"}
    assert patch.codes("PUBLISH", at=later) & OWN == set()
    patch.do("AbortRelease", reason="Only asked.")


@pytest.mark.req("S1-41", "S1-44")
def test_the_terms_agreed_on_before_are_off_the_table_for_good(crew: Headquarters) -> None:
    patch = Patch(crew, "critical_patch")
    first, later = patch.propose(patch.id), patch.propose(patch.id)
    agree(crew, first)
    agree(crew, later)
    edges = crew.ask("saga", "Accords", subject=patch.id)["edges"]
    found = {each["node"]["id"]: each["node"] for each in edges}
    assert [found[each["id"]]["status"] for each in (first, later)] == ["SUPERSEDED", "OPEN"]
    again = {"id": first["id"], "rule": "release_managers", "seen": first["revision"]}
    told = crew.refused("rune", "AgreeToAccord", **again)
    assert told == ["accord_superseded", "not_awaited"]
    seen, terms = found[later["id"]]["version"], {"wording": "Now.", "due": _soon()}
    crew.do("rune", "ReviseAccord", id=later["id"], terms=terms, seen=seen)
    assert patch.codes("PUBLISH") & OWN == {"not_agreed"}
    patch.do("AbortRelease", reason="Only asked.")
