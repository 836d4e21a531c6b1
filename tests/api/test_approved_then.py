"""A page of what was approved by people who left since is answered in few statements."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.counted import statements
from tests.api.office import Office
from tests.api.test_standings import another_reader, going_back

MOST = 22
"""Who asks, the page, its heads, who held what at the latest moment and since the earliest."""
PAGE = """query($n: Int) { changes(first: $n, filter: {text: "Used"}) { edges { node {
  id approvals { rule { name } status missing counted { person { handle } } } } } } }"""


@pytest.fixture
def office(database: str, tmp_path: Path) -> Iterator[Office]:
    """An office in which people came between six changes that were begun, on both databases."""
    office = Office(tmp_path, database)
    office.grant("aud", "policy_owner")
    for number in range(6):
        begin(office, f"Used {number}", ("mia", "max")[number % 2])
        office.people[f"p{number}"] = office.person(f"p{number}")
        if number % 2:
            another_policy(office)
    yield office
    office.close()


def begin(office: Office, title: str, by: str) -> None:
    """A change that somebody approved, whose work has begun."""
    change = office.change(title=title)
    office.act("submitChange", "rita", change)
    office.act("approveChange", "ava", change, rule="assessment")
    office.act("approveChange", by, change, rule="change_manager")
    office.act("implementChange", "ivo", change)


def another_policy(office: Office) -> None:
    """The policy with one line more, in force."""
    with office.reader.connection() as connection:
        held = office.reader.standing(connection)
        kind = office.reader.registry.by_name["policy"].state
        policy: Any = office.reader.get(connection, kind, held.policy or "")
    rules = f"{policy.rules}# {policy.number}\n"
    given = {"model": policy.model, "rules": rules, "based_on": policy.id, "reason": "So it is."}
    proposed = office.desk.ask("policy.propose", **given).subject
    office.desk.ask("policy.adopt", proposed, by=office.people["aud"])


def page(office: Office, length: int) -> list[Any]:
    """The changes, each with how its approvals stand."""
    edges = office.data(PAGE, "aud", n=length)["changes"]["edges"]
    return [each["node"] for each in edges]


def test_a_long_page_of_what_was_approved_asks_no_more_than_a_short_one(office: Office) -> None:
    before = page(office, 6)
    assert len(before) == 6
    for who in ("ava", "max", *(f"p{number}" for number in range(6))):
        office.desk.ask("principal.suspend", office.people[who], reason="Left.")
    with statements(office.reader.engine) as short:
        assert page(office, 2) == before[:2]
    with statements(office.reader.engine) as long:
        assert page(office, 6) == before
    assert len(long) <= len(short) + 2, "the policies of then, and the one before the first"
    assert len(long) <= MOST, long
    assert {each["status"] for node in before for each in node["approvals"]} == {"SATISFIED"}


def test_going_back_meets_every_policy_that_was_in_force(office: Office) -> None:
    policies = "{ policies { edges { node { status } } } }"
    assert len(office.data(policies, "aud")["policies"]["edges"]) == 4
    assert going_back(office, another_reader(office)) > 6
