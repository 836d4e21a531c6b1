"""A release waits for nobody's approval where one in advance counts, or can come to count."""

from __future__ import annotations

import pytest

from domain.evidence.aggregate import Outcome
from domain.release.checks.beyond import beyond_reach
from domain.release.gate.question import Question
from tests.domain.organisation import CAB_ONE
from tests.domain.release_stories import CI, RITA, Office
from tests.domain.test_release_in_advance import LIVE, approved_in_advance


def beyond(office: Office, id: str, **able: str) -> bool:
    """Whether nobody can give what it waits for, where these may approve and report."""

    def who(action: str) -> frozenset[str]:
        return frozenset(filter(None, (able.get(action.rpartition(".")[2]),)))

    given = (office.release(id), office.at, office.authority, office.records)
    return beyond_reach(Question(*given, who, there=lambda action, _: who(action)))


@pytest.mark.req("S3-14", "S1-16")
def test_nobody_is_waited_for_while_it_is_approved_in_advance_or_can_be() -> None:
    office = Office()
    minor = approved_in_advance(office)
    office.ask(RITA, "release.request_approval", minor)
    assert not beyond(office, minor), "every test passed"
    office.report("unit_tests", outcome=Outcome.FAILED)
    assert "approvals_missing" in office.codes(minor, LIVE)
    assert beyond(office, minor)
    assert not beyond(office, minor, approve=CAB_ONE)
    assert not beyond(office, minor, report=CI), "it may report that it passes by now"
    office.report("unit_tests")
    assert not beyond(office, minor)
