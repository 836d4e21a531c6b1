"""The support policy says which versions a fix has to reach, at any moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.playbook.format import PlaybookFault, decode
from domain.process.support import Fixes, Line, Support, branch_name, order, scope
from tests.domain.given import DAY, NOON

SECURITY = (Path(__file__).parents[2] / "policies/playbooks/security.toml").read_text()
POLICY = Support("maintenance", "Maintenance", 1, 3, "N-N-stable", ("master",))
HISTORY = tuple(
    Line(name, NOON - days * DAY)
    for name, days in (("9.5", 400), ("10.0", 300), ("16.10", 200), ("16.11", 90), ("17.0", 30))
)
numbers = st.integers(0, 30)
times = st.integers(-1000, 1000).map(lambda days: NOON + days * DAY)
histories = st.lists(
    st.builds(lambda a, b, at: Line(f"{a}.{b}", at), numbers, numbers, times), max_size=30
)
policies = st.builds(
    lambda bug, security: replace(POLICY, bug_lines=bug, security_lines=security),
    st.integers(1, 5),
    st.integers(1, 5),
)


@pytest.mark.req("S1-01")
def test_bug_fixes_reach_the_current_version_only() -> None:
    assert scope(POLICY, HISTORY, NOON, Fixes.BUG) == ("17.0",)


@pytest.mark.req("S1-02")
def test_security_fixes_reach_the_current_version_and_the_two_before() -> None:
    assert scope(POLICY, HISTORY, NOON) == ("17.0", "16.11", "16.10")


@pytest.mark.req("X-02")
def test_what_comes_out_later_does_not_change_what_had_to_be_covered() -> None:
    assert scope(POLICY, HISTORY, NOON - 31 * DAY) == ("16.11", "16.10", "10.0")
    assert scope(POLICY, HISTORY, NOON - 30 * DAY) == ("17.0", "16.11", "16.10")


def test_numbers_are_compared_as_numbers() -> None:
    assert order("9.5") < order("10.0") < order("16.9") < order("16.10") < order("17")
    with pytest.raises(ValueError, match="no line"):
        order("17.x")


@pytest.mark.req("S1-22")
@given(policies, histories, times, st.sampled_from(Fixes))
def test_it_is_the_newest_of_what_was_out(
    policy: Support, history: list[Line], at: datetime, fixes: Fixes
) -> None:
    found = scope(policy, history, at, fixes)
    out = {line.name for line in history if line.released_at <= at}
    assert len(found) == min(policy.reach(fixes), len(out))
    assert set(found) <= out
    assert [*found] == sorted(found, key=order, reverse=True)
    assert all(order(left) < order(kept) for left in out - set(found) for kept in found)


@given(policies, histories, histories, times)
def test_neither_order_nor_repetition_nor_the_future_matters(
    policy: Support, history: list[Line], more: list[Line], at: datetime
) -> None:
    later = [replace(line, released_at=at + timedelta(seconds=1)) for line in more]
    assert scope(policy, [*reversed(history), *history, *later], at) == scope(policy, history, at)


@given(policies, histories, times)
def test_where_bug_fixes_reach_less_far_security_fixes_reach_them_too(
    policy: Support, history: list[Line], at: datetime
) -> None:
    if policy.bug_lines <= policy.security_lines:
        bugs = scope(policy, history, at, Fixes.BUG)
        assert scope(policy, history, at)[: len(bugs)] == bugs


def test_a_line_has_its_branch() -> None:
    assert POLICY.branch("17.3") == "17-3-stable"
    assert replace(POLICY, stable_branch="release-N").branch("17") == "release-17"
    for line in ("17", "17.3.1"):
        with pytest.raises(ValueError, match="does not fit"):
            POLICY.branch(line)


def test_a_branch_is_known_by_its_short_name() -> None:
    assert branch_name("refs/heads/17-3-stable") == branch_name("17-3-stable") == "17-3-stable"


def test_the_shipped_policy_is_the_one_of_the_source() -> None:
    policy = decode(SECURITY).support("maintenance")
    assert policy is not None
    assert (policy.bug_lines, policy.security_lines) == (1, 3)
    assert policy.branch("17.3") == "17-3-stable"


@pytest.mark.parametrize(
    "line, instead, told",
    [
        ('stable_branch = "N-N-stable"', 'stable_branch = "stable"', "an N for each number"),
        ("security_lines = 3", "security_lines = 0", "security_lines must be from 1"),
        ("security_lines = 3", "", "security_lines is missing"),
        ('default_branches = ["master", "main"]', "default_branches = []", "names nothing"),
        ('support = "maintenance"', 'support = "none"', "there is no support policy 'none'"),
        ('support = "maintenance"', "", "says its support"),
        ('backport_kind = "backport"', 'backport_kind = "x"', "there is no kind of merge request"),
        ('label = "security-target"', "", "label is missing"),
        ("days = 90", "days = 0", "days must be from 1"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(line: str, instead: str, told: str) -> None:
    with pytest.raises(PlaybookFault) as caught:
        decode(SECURITY.replace(line, instead, 1))
    assert told in str(caught.value)
