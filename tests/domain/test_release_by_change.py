"""Releases of which every part is answered for by a change in them (S3-34)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.change.state import Link, LinkKind
from domain.process.process import Path
from domain.release.commands.contents import CommitItem
from tests.domain.release_stories import (
    COMMIT,
    OTHER,
    RITA,
    Office,
    approved_change,
    merged,
    opened,
)

pytestmark = pytest.mark.req("S3-34")
CODE, CHANGE, REQUEST = "without_change", "c" * 32, "m" * 32
KINDS = {
    "minor": ("staging", "production"),
    "standard": ("staging", "production"),
    "major": ("test", "staging", "production"),
}
TIE = Link(LinkKind.MERGE_REQUEST, REQUEST)


def included(office: Office, kind: str = "minor", **items: Any) -> str:
    """A release of this kind with these things in it."""
    id = opened(office, "itsm_releases", kind)
    office.ask(RITA, "release.include", id, **items)
    return id


def codes(office: Office, id: str, place: str = "production") -> set[str]:
    return office.codes(id, f"deploy:{place}") & {CODE, "nothing_included"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_release_goes_nowhere_without_a_change(kind: str) -> None:
    office = Office()
    office.learn(merged(), replace(approved_change(), links=(TIE,)))
    id = included(office, kind, merge_requests=(REQUEST,))
    for place in KINDS[kind]:
        assert codes(office, id, place) == {CODE}
    [told] = [e for e in office.verdict(id, "deploy:staging").findings if e.code == CODE]
    assert told.message == "1 of no change that is in it: merge request shop!7."
    assert [each.action for each in told.acts] == ["release.include", "change.link"]
    office.ask(RITA, "release.include", id, changes=(CHANGE,))
    for place in KINDS[kind]:
        assert codes(office, id, place) == set()
    assert codes(office, opened(office, "itsm_releases", kind)) == {"nothing_included"}


@pytest.mark.parametrize(
    "links,path,of_one",
    [
        ((), Path.NORMAL, False),
        ((TIE,), Path.NORMAL, True),
        ((TIE,), Path.STANDARD, True),
        ((Link(LinkKind.MERGE_REQUEST, "n" * 32),), Path.NORMAL, False),
        ((Link(LinkKind.COMMIT, COMMIT),), Path.NORMAL, True),
        ((Link(LinkKind.COMMIT, COMMIT),), Path.STANDARD, False),
        ((Link(LinkKind.COMMIT, OTHER),), Path.NORMAL, False),
        ((Link(LinkKind.COMMIT, "e" * 40),), Path.NORMAL, True),
    ],
)
@pytest.mark.parametrize("way", ["merge_requests", "commits"])
def test_what_a_change_in_it_is_not_tied_to_goes_nowhere(
    links: tuple[Link, ...], path: Path, of_one: bool, way: str
) -> None:
    office = Office()
    change = replace(approved_change(), links=links, path=path)
    office.learn(merged(merge_commit="e" * 40), change)
    put: dict[str, Any] = {way: (CommitItem(COMMIT, REQUEST) if way == "commits" else REQUEST,)}
    id = included(office, changes=(CHANGE,), **put)
    assert codes(office, id) == (set() if of_one else {CODE})


def test_a_change_that_answers_for_a_commit_is_one_that_is_in_it() -> None:
    office = Office()
    office.learn(approved_change())
    id = included(office, commits=(CommitItem(COMMIT, CHANGE),))
    assert codes(office, id) == set()
    assert CODE in office.codes(included(office, commits=(CommitItem(OTHER),)), "deploy:staging")


def test_what_is_hidden_is_asked_for_no_change_of_its_own() -> None:
    office = Office()
    office.learn(merged(embargoed=True), approved_change())
    id = opened(office, "itsm_releases", "minor", embargoed=True)
    office.ask(RITA, "release.include", id, merge_requests=(REQUEST,))
    assert codes(office, id) == {CODE}
    office.ask(RITA, "release.include", id, changes=(CHANGE,))
    assert codes(office, id) == set()
