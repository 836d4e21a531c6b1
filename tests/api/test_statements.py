"""A longer page costs no more statements than a short one, for everything that is listed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.company import Headquarters, content
from tests.api.counted import statements

MOST = 10
"""Statements of any page: who asks, what they may see, the page, its relations, its count."""


def crowd(hq: Headquarters) -> str:
    """Enough of everything that a page of one differs from a page of twelve; one of the changes."""
    changes = hq.ask("wanda", "Changes", filter={"text": "Crowd"}, first=20)["edges"]
    if len(changes) < 12:
        for number in range(12):
            wish = {"playbook": "itsm", "kind": "normal", "content": content(f"Crowd {number}")}
            change = hq.do(("nils", "olga")[number % 2], "OpenChange", **wish)["id"]
            hq.do("carla", "SubmitChange", id=change, seen=1)
            for who in ("nils", "carla", "uma"):
                hq.do(who, "WriteComment", about="CHANGE", subject=change, body="Noted.")
            hq.refused(("uma", "tara", "rosa")[number % 3], "HoldChange", id=change, reason="No.")
        changes = hq.ask("wanda", "Changes", filter={"text": "Crowd"}, first=20)["edges"]
    return str(changes[0]["node"]["id"])


@pytest.mark.parametrize(
    "who,name",
    [
        ("mara", "ChangesAwaitingMe"),
        ("wanda", "Changes"),
        ("wanda", "Events"),
        ("wanda", "Denials"),
        ("wanda", "Comments"),
        ("wanda", "Grants"),
        ("wanda", "Rules"),
    ],
)
def test_a_long_page_asks_no_more_than_a_short_one(hq: Headquarters, who: str, name: str) -> None:
    crowd(hq)
    hq.data(who, name, first=1)
    with statements(hq.engine) as short:
        hq.data(who, name, first=1)
    with statements(hq.engine) as long:
        found = hq.data(who, name, first=12)
    assert len(long) <= MOST, long
    assert len(long) <= len(short) + 1, "one for a kind of object that the short page lacks"
    assert rows(found) != []


def test_a_history_is_read_at_once(hq: Headquarters) -> None:
    change = crowd(hq)
    with statements(hq.engine) as asked:
        assert len(hq.ask("wanda", "History", id=change, first=50)["edges"]) >= 2
    assert len(asked) <= MOST, asked


def rows(data: Any) -> list[Any]:
    """The edges of every list in an answer."""
    return [edge for each in data.values() for edge in each["edges"]]
