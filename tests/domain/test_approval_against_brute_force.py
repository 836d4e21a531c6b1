"""The tally against an exhaustive count of the same votes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from domain.approval.approval import Standpoint
from tests.domain.approval_reference import Case
from tests.domain.approval_strategies import cases, contests


def agrees(case: Case) -> None:
    standings = case.tally()
    assert standings.satisfied == case.satisfied()
    if case.veto_fell():
        assert standings.rejected
    else:
        assert standings.impossible == case.impossible()
    if not case.impossible():
        assert standings.rejected == case.rejected()
    for each in case.rules:
        standing = standings.of(each.rule.name)
        assert standing.candidates == case.undecided(each.rule.name)
        assert set(standing.approvals) == set(case.approvals(each.rule.name))
        seen = [v.id for v in standing.counted] + [void.vote.id for void in standing.void]
        assert len(seen) == len(set(seen))
        assert (standing.status is Standpoint.WAITING) <= (not case.is_open(each))
    satisfied = {s.rule.name for s in standings.rules if s.status is Standpoint.SATISFIED}
    assert case.filled() == satisfied


@given(cases() | contests())
@settings(max_examples=300)
def test_the_tally_agrees_with_an_exhaustive_count(case: Case) -> None:
    agrees(case)


@pytest.mark.slow
@given(cases() | contests())
@settings(max_examples=5_000)
def test_the_tally_agrees_with_an_exhaustive_count_at_length(case: Case) -> None:
    agrees(case)
