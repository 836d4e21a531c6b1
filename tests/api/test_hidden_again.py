"""What was hidden, shown and hidden again is told with all the times in which it was hidden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from api.hiding.shown_before import Told
from domain.merge_request.state import Embargo
from tests.api import fixes
from tests.api.company import Headquarters
from tests.api.test_security_fixes import reveal_part
from tests.domain.given import DAY, NOON
from tests.domain.test_change_commits import REQUEST

ASKED = """query($i: ID!) { mergeRequest(id: $i) { embargoed revealedAt concealedAt openedAt
  onlookers { person { handle } grant { role } since until acts }
  shownBefore { kind record actor { handle } } } }"""


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Numbers for merge requests, each used once."""
    return count(47000)


def told(hq: Headquarters, id: str) -> Any:
    """What somebody of application security is told of a merge request."""
    answer = hq.post("quinn", ASKED, {"i": id}).json()
    assert "errors" not in answer, answer
    return answer["data"]["mergeRequest"]


def spans(found: Any, handle: str) -> list[tuple[Any, Any, int]]:
    """When somebody could see it, and how often they acted on it."""
    rows = (each for each in found["onlookers"] if each["person"]["handle"] == handle)
    return [(each["since"], each["until"], each["acts"]) for each in rows]


@pytest.mark.req("S1-12", "X-05", "X-07")
def test_both_times_are_told_in_which_a_merge_request_was_hidden(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    part = fixes.merge_request(hq, next(numbers), "master")
    hq.do("quinn", "WriteComment", about="MERGE_REQUEST", subject=part, body="A mere bug.")
    reveal_part(hq, part)
    shown = told(hq, part)
    assert shown["shownBefore"] == []
    hq.do("rosa", "SignOffMergeRequest", id=part, seen=1, rule="maintainer")
    hq.do("noor", "ConcealMergeRequest", id=part, reason="It is a hole after all.")
    hq.do("quinn", "WriteComment", about="MERGE_REQUEST", subject=part, body="A hole.")
    found = told(hq, part)
    opened, concealed = found["openedAt"], found["concealedAt"]
    assert (found["embargoed"], found["revealedAt"]) == (True, None)
    assert [(each["kind"], each["actor"]["handle"]) for each in found["shownBefore"]] == [
        ("merge_request.opened", "elif"),
        ("comment.written", "quinn"),
        ("merge_request.reveal_proposed", "viktor"),
        ("merge_request.revealed", "noor"),
        ("merge_request.signed_off", "rosa"),
    ]
    terms = [(opened, shown["revealedAt"]), (concealed, None)]
    for handle, acts in (("viktor", 1), ("noor", 2), ("rosa", 0), ("quinn", 2)):
        seen = spans(found, handle)
        assert {each[:2] for each in seen} >= set(terms), handle
        assert {each[2] for each in seen} == {acts}, handle
    assert all(each["since"] for each in found["onlookers"])


@pytest.mark.req("S1-12", "X-05")
def test_acts_are_those_of_the_time_in_which_it_was_hidden(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    number = next(numbers)
    part = fixes.merge_request(hq, number, "master", embargoed=False, contributors=[])
    reported = {"project": fixes.PROJECT, "name": "pipeline", "outcome": "FAILED"}
    hq.do("build-bot", "ReportEvidence", **reported, subject=f"{number:040x}")
    hq.do("rosa", "SignOffMergeRequest", id=part, seen=1, rule="maintainer")
    hq.do("quinn", "ConcealMergeRequest", id=part, reason="It is a hole.")
    found = told(hq, part)
    acts = {each["person"]["handle"]: each["acts"] for each in found["onlookers"]}
    assert (acts["quinn"], acts["rosa"], acts["elif"]) == (1, 0, 0)
    assert "build-bot" not in acts


def test_what_another_thing_hid_as_well_counts_once_that_was_shown_too() -> None:
    request = replace(
        REQUEST,
        embargoed=True,
        opened_at=NOON,
        concealed_at=NOON + 4 * DAY,
        embargoes=(Embargo(NOON, NOON + 2 * DAY),),
    )
    told = Told("", "inclusion.added", NOON + DAY, "", "inclusion", "", "", 1, sealed=True)
    assert told.read(request)
    assert told._replace(shown_at=NOON + 3 * DAY).read(request)
    assert not told._replace(shown_at=NOON + 5 * DAY).read(request)
    assert not told._replace(at=NOON + 3 * DAY).read(request), "it was secret by itself"
    assert told._replace(at=NOON + 3 * DAY, sealed=False).read(request)
    assert not told._replace(at=NOON + 5 * DAY, sealed=False).read(request)
    assert not told.read(replace(request, embargoes=()))
