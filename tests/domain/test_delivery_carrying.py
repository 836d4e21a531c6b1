"""What deployments brought, against looking at everything again up to the moment they arrived."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delivery.carrying import Brought, brought
from domain.delivery.happening import Happening

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
CHANGES, MERGES, RELEASES = ("c1", "c2"), ("m1", "m2", "m3"), ("r1", "r2")


def happened(kind: str, subject: str, minute: int, /, **facts: Any) -> Happening:
    """An event so many minutes after the beginning."""
    at = BEGIN + timedelta(minutes=minute)
    return Happening(f"{kind}#{subject}@{minute}", kind, subject, at, facts)


def arrived(id: str, minute: int, *changes: str, release: str | None = None) -> list[Happening]:
    """A deployment that arrived."""
    wish = {"changes": list(changes), "belongs_to": release}
    return [
        happened("deployment.requested", id, 0, wish=wish),
        happened("deployment.succeeded", id, minute),
    ]


def tie(minute: int, change: str, merge: str, *, into: bool = True) -> Happening:
    """A change was tied to a merge request, or the tie was cut."""
    link = {"kind": "merge_request", "reference": merge}
    return happened("change.linked" if into else "change.unlinked", change, minute, link=link)


def item(minute: int, release: str, kind: str, reference: str) -> Happening:
    """Something was put into a release."""
    told = {"release": release, "kind": kind, "reference": reference}
    return happened("inclusion.added", f"{release}/{reference}", minute, **told)


def ids(*names: str) -> frozenset[str]:
    """A set of ids."""
    return frozenset(names)


@pytest.mark.req("S0-25", "X-06")
def test_what_was_cut_after_the_arrival_came_with_it_and_what_was_tied_after_did_not() -> None:
    ties = [
        tie(1, "c1", "m1"),
        tie(2, "c1", "m2"),
        tie(3, "c1", "m2", into=False),
        happened("change.linked", "c1", 4, link={"kind": "incident", "reference": "m3"}),
        tie(20, "c1", "m1", into=False),
        tie(21, "c1", "m3"),
    ]
    found = brought([*arrived("early", 10, "c1"), *arrived("late", 30, "c1")], ties, [])
    assert found["early"] == Brought(ids("c1"), ids("m1"))
    assert found["late"] == Brought(ids("c1"), ids("m3"))


@pytest.mark.req("S0-25", "X-06")
def test_a_release_brings_what_it_held_when_it_arrived() -> None:
    items = [
        item(1, "r1", "change", "c1"),
        item(1, "r1", "merge_request", "m2"),
        item(1, "r1", "commit", "a" * 40),
        item(1, "r2", "merge_request", "m3"),
        happened("inclusion.removed", "r1/m2", 20),
    ]
    deployed = [*arrived("one", 10, release="r1"), *arrived("two", 30, release="r1")]
    found = brought(deployed, [tie(1, "c1", "m1")], items)
    assert found == {
        "one": Brought(ids("c1"), ids("m1", "m2"), ids("a" * 40)),
        "two": Brought(ids("c1"), ids("m1"), ids("a" * 40)),
    }


def test_what_failed_or_is_under_way_brought_nothing_yet() -> None:
    begun = [happened("deployment.requested", "d", 0, wish={"changes": ["c1"]})]
    ended = [*begun, happened("deployment.failed", "d", 5)]
    assert brought(begun, [], []) == brought(ended, [], []) == {}


def last(events: Iterable[Happening], until: datetime) -> Happening | None:
    """The last of these events by then."""
    return next((each for each in reversed([*events]) if each.at <= until), None)


def by_hand(deployed: list[Happening], ties: list[Happening], items: list[Happening]) -> Any:
    """The same by asking of every pair there could be, again for every deployment."""
    found = {}
    for start, end in zip(deployed[::2], deployed[1::2], strict=True):
        wish, at = start.facts["wish"], end.at
        mine = set()
        for release in RELEASES:
            for reference in (*CHANGES, *MERGES):
                word = last((e for e in items if e.subject == f"{release}/{reference}"), at)
                inside = word is not None and word.kind != "inclusion.removed"
                if inside and wish["belongs_to"] == release:
                    mine.add(reference)
        changes = {*wish["changes"], *(mine & {*CHANGES})}
        merges = mine & {*MERGES}
        for change in changes:
            for merge in MERGES:
                pair = (
                    each
                    for each in ties
                    if each.subject == change and each.facts["link"]["reference"] == merge
                )
                word = last(pair, at)
                if word is not None and word.kind == "change.linked":
                    merges.add(merge)
        found[start.subject] = Brought(frozenset(changes), frozenset(merges))
    return found


@given(
    st.lists(
        st.tuples(st.sampled_from(CHANGES), st.sampled_from(MERGES), st.booleans()), max_size=12
    ),
    st.lists(
        st.tuples(
            st.sampled_from(RELEASES),
            st.sampled_from([*(("change", c) for c in CHANGES), ("merge_request", "m1")]),
        ),
        max_size=12,
    ),
    st.lists(
        st.tuples(
            st.integers(0, 40),
            st.sets(st.sampled_from(CHANGES)),
            st.none() | st.sampled_from(RELEASES),
        ),
        max_size=5,
    ),
)
def test_what_was_brought_against_looking_at_every_pair_again(
    cuts: list[tuple[str, str, bool]],
    flips: list[tuple[str, tuple[str, str]]],
    stories: list[tuple[int, set[str], str | None]],
) -> None:
    ties = [tie(3 * at, change, merge, into=into) for at, (change, merge, into) in enumerate(cuts)]
    inside: dict[str, bool] = {}
    items = []
    for at, (release, (kind, reference)) in enumerate(flips):
        subject = f"{release}/{reference}"
        if subject not in inside:
            items.append(item(2 * at, release, kind, reference))
        else:
            word = "removed" if inside[subject] else "added_again"
            items.append(happened(f"inclusion.{word}", subject, 2 * at))
        inside[subject] = not inside.get(subject, False)
    deployed = [
        each
        for at, (minute, changes, release) in enumerate(stories)
        for each in arrived(f"d{at}", minute, *sorted(changes), release=release)
    ]
    assert brought(deployed, ties, items) == by_hand(deployed, ties, items)
