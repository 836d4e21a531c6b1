"""Which names git takes for a branch."""

from __future__ import annotations

import pytest

from domain.branch import is_branch

GOOD = ("main", "18-3-stable-ee", "feature/x.y", "refs/heads/main", "a@b", "grün", "a-", "x.lock.y")
BAD = (
    "",
    "@",
    "HEAD",
    "a b",
    "a..b",
    "a~",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "a\\b",
    "a\x07",
    "a\x7f",
    "a@{1}",
    "/a",
    "a/",
    "a//b",
    ".a",
    "a/.b",
    "a.",
    "-a",
    "a.lock",
    "a.lock/b",
)


@pytest.mark.req("S2-01")
@pytest.mark.parametrize("name", GOOD)
def test_git_takes_it(name: str) -> None:
    assert is_branch(name)


@pytest.mark.req("S2-01")
@pytest.mark.parametrize("name", BAD)
def test_git_refuses_it(name: str) -> None:
    assert not is_branch(name)
