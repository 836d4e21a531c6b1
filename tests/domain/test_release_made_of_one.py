"""What a version names as its package was built of the commit that it names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.domain.release_stories import DATE, OTHER, PACKAGE, RITA, Office, filled
from tests.domain.test_release_deployment import built

CODE = "package_of_other_commit"
OURS = built(id="b" * 32, name="ours", built_by=RITA)


def aimed() -> tuple[Office, str]:
    """A train whose version names a commit and a package of which nothing is known here."""
    office = Office()
    office.at = DATE
    train = filled(office)
    office.ask(RITA, "release.aim", train, release_version="1.2.0", package=PACKAGE)
    return office, train


@pytest.mark.req("S0-14", "S4-04")
@pytest.mark.parametrize(
    "known,differs",
    [
        ((), False),
        ((built(),), False),
        ((built(commit=OTHER),), True),
        ((built(commit=OTHER, service="elsewhere"),), True),
        ((built(commit=OTHER, claimed=True),), False),
        ((built(), built(id="b" * 32, name="again", commit=OTHER)), False),
        ((built(commit=OTHER), OURS), True),
        ((built(commit=OTHER, built_by=RITA), OURS), False),
    ],
)
def test_a_package_that_is_named_was_built_of_its_commit(known: Any, differs: bool) -> None:
    office, train = aimed()
    office.learn(*known)
    for gate in ("tag", "deploy:staging", "publish"):
        assert (CODE in office.codes(train, gate)) == differs, gate


@pytest.mark.req("S0-14")
def test_it_is_aimed_at_the_commit_of_its_package_or_at_that_alone() -> None:
    office, train = aimed()
    office.learn(built(commit=OTHER))
    (told,) = [e for e in office.verdict(train, "tag").findings if e.code == CODE]
    assert "1.2.0 is made of 1111" in told.message
    assert [each.action for each in told.acts] == ["release.aim"]
    before = office.release(train)
    for aim in ({"commit": OTHER}, {"package": None}):
        office.learn(before)
        office.ask(RITA, "release.aim", train, release_version="1.2.0", **aim)
        assert CODE not in office.codes(train, "tag"), aim
    office.learn(replace(before, targets=()))
    assert CODE not in office.codes(train, "tag")
