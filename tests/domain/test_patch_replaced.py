"""What a patch takes past its cut-off: parts of its fixes that it had, or that stand in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.kernel import Refusal
from domain.merge_request.state import MergeRequest, Status, TakenOff
from domain.release.commands.contents import CommitItem
from domain.release.commands.late import check_linked
from domain.security_fix.publishing import is_whole
from domain.security_fix.state import SecurityFix
from tests.domain.given import NOON
from tests.domain.organisation import refused
from tests.domain.patch_stories import (
    begin,
    fix,
    linked,
    patch_office,
    ported_bug,
    prepared,
    request,
)
from tests.domain.release_stories import RITA, Office, approved_change

OWN, OTHER = "a" * 32, "b" * 32
LOOSE = "9" * 40
GONE = fix()[1]
NEW = replace(GONE, id="c" * 32, head="c" * 40)


def late(**gone: Any) -> tuple[Office, str]:
    """A patch past its cut-off, a part of whose fix was taken back."""
    office = patch_office()
    id = prepared(office)
    begin(office, id)
    main, _, *ports = fix()
    back = replace(GONE, reverted_at=NOON, **gone)
    own = replace(linked((main, back, NEW, *ports), id), id=OWN)
    office.learn(back, NEW, own)
    return office, id


def takes(office: Office, id: str, include: Any = None, own: str = OWN) -> bool:
    """Whether the patch takes the fix as it is, or this."""
    try:
        if include:
            office.ask(RITA, "release.include", id, **include)
        else:
            found = office.records.find(type(linked((), None)), id=own)
            check_linked(office.release(id), found[0], office.records)
    except Refusal as no:
        return [each.code for each in no.problems] != ["past_cut_off"]
    return True


@pytest.mark.req("S1-11", "S1-52", "S1-54")
@pytest.mark.parametrize(
    "change,good",
    [
        (lambda new: new, True),
        (lambda new: replace(new, target="17-5-stable-ee"), False),
        (lambda new: replace(new, target="master"), False),
        (lambda new: replace(new, project="elsewhere"), False),
        (lambda new: replace(new, kind="strict"), False),
    ],
)
def test_what_stands_in_is_for_the_place_of_what_was_taken_back(
    change: Callable[[Any], Any], good: bool
) -> None:
    office, id = late()
    office.learn(change(NEW))
    assert takes(office, id) == good
    assert takes(office, id, {"merge_requests": (NEW.id,)}) == good


@pytest.mark.req("S1-11", "S1-54")
def test_what_stands_in_may_bear_another_name_of_the_one_default_branch() -> None:
    office, id = late()
    main, *ports = fix()
    back = replace(main, reverted_at=NOON)
    anew = replace(main, id=NEW.id, head=NEW.head, target="main")
    office.learn(back, GONE, anew, replace(linked((back, anew, *ports), id), id=OWN))
    assert takes(office, id)
    assert takes(office, id, {"merge_requests": (anew.id,)})
    every = [replace(e, status=Status.MERGED) for e in (back, anew, *ports)]
    fixed = linked(every, id)
    out = {each.id for each in every if each is not every[0]}
    assert is_whole(fixed, every, out, office.records), "it goes out in place of what was there"
    assert not is_whole(fixed, every, out - {anew.id}, office.records)


@pytest.mark.req("S1-11", "S1-27")
def test_nothing_else_comes_in() -> None:
    office, id = late()
    stray = request("d" * 32, NEW.target, kind=NEW.kind)
    office.learn(stray, replace(NEW, id="e" * 32, fix=OTHER))
    for put in (
        {"merge_requests": (stray.id,)},
        {"merge_requests": ("e" * 32,)},
        {"merge_requests": (NEW.id, stray.id)},
        {"merge_requests": (NEW.id,), "commits": (CommitItem(NEW.head, NEW.id),)},
        {"commits": (CommitItem(NEW.head, NEW.id),)},
    ):
        with refused("past_cut_off"):
            office.ask(RITA, "release.include", id, **put)
    office.learn(GONE)
    assert not takes(office, id), "nothing was taken back"
    assert not takes(office, id, {"merge_requests": (NEW.id,)})


@pytest.mark.req("S1-11", "S1-27")
def test_what_was_in_it_comes_back_while_its_fix_is_linked() -> None:
    office, id = late(fix=None)
    assert takes(office, id), "also where what was taken back left the fix"
    out = {"merge_requests": (fix()[2].id,), "reason": "A slip."}
    office.ask(RITA, "release.exclude", id, **out)
    assert takes(office, id), "it was in as the patch was cut off"
    again = {"merge_requests": out["merge_requests"]}
    assert takes(office, id, again)
    assert takes(office, id)
    office.ask(RITA, "release.exclude", id, **out)
    office.learn(linked(fix(), None))
    (own,) = office.records.find(type(linked((), None)), id=OWN)
    office.learn(replace(own, tracker=None))
    assert not takes(office, id, again), "its fix is not linked"


@pytest.mark.req("S1-11", "S1-27")
def test_what_was_taken_off_and_out_by_mistake_comes_back_whole() -> None:
    office, id, put, other = with_another()
    begin(office, id)
    office.at += timedelta(minutes=1)
    office.ask(RITA, "release.exclude", id, **put, reason="A slip.")
    office.learn(replace(other, tracker=None))
    assert takes(office, id, own=OTHER), "it was in as the patch was cut off"
    assert not takes(office, id, put), "its fix is not linked yet"
    office.learn(other)
    assert takes(office, id, put)
    office.ask(RITA, "release.exclude", id, **put, reason="A slip.")
    assert takes(office, id, own=OTHER), "as often as it happens"


@pytest.mark.req("S1-11", "S1-27")
def test_what_was_taken_out_before_the_cut_off_does_not_come_back() -> None:
    office, id, put, other = with_another()
    office.ask(RITA, "release.exclude", id, **put, reason="Another time.")
    office.learn(replace(other, tracker=None))
    begin(office, id)
    assert not takes(office, id, own=OTHER)
    assert not takes(office, id, put)


@pytest.mark.req("S1-11", "S1-30")
def test_the_fix_of_a_bug_that_was_taken_out_by_mistake_comes_back() -> None:
    office, id, bug, puts = with_a_bug()
    begin(office, id)
    office.at += timedelta(minutes=1)
    for put, out in puts:
        office.ask(RITA, "release.exclude", id, **out, reason="A slip.")
        assert takes(office, id, put), "it was in as the patch was cut off"
    office.ask(RITA, "release.exclude", id, **puts[0][1], reason="A slip.")
    for gone in ({"reverted_at": NOON}, {"fix": OTHER}):
        office.learn(replace(bug, **gone))
        assert not takes(office, id, puts[0][0]), gone
    told = TakenOff(OWN, RITA)
    office.learn(replace(bug, taken_off=(told,)), replace(linked(fix(), id), id=OWN))
    assert not takes(office, id, puts[0][0]), "it was part of a fix that is still to go out"


@pytest.mark.req("S1-11")
def test_what_comes_back_is_what_was_in_it() -> None:
    office, id, bug, puts = with_a_bug()
    office.ask(RITA, "release.exclude", id, **puts[0][1], reason="Another time.")
    begin(office, id)
    office.at += timedelta(minutes=1)
    assert not takes(office, id, puts[0][0]), "it was out by the cut-off"
    office.ask(RITA, "release.exclude", id, **puts[1][1], reason="A slip.")
    for answers in (None, bug.id):
        other = {"commits": (CommitItem(LOOSE, answers),)}
        assert not takes(office, id, other), "something else answers for it"
    assert not takes(office, id, {"changes": ("d" * 32,)})
    assert takes(office, id, puts[1][0])


def with_a_bug() -> tuple[Office, str, MergeRequest, list[tuple[Any, Any]]]:
    """A patch with the fix of a bug and a commit of a change; how each is put in and out."""
    office = patch_office()
    id = prepared(office)
    bug = ported_bug(target="master")
    office.learn(bug, approved_change())
    puts: list[tuple[Any, Any]] = [
        ({"merge_requests": (bug.id,)}, {"merge_requests": (bug.id,)}),
        ({"commits": (CommitItem(LOOSE, "c" * 32),)}, {"commits": (LOOSE,)}),
    ]
    for put, _ in puts:
        office.ask(RITA, "release.include", id, **put)
    return office, id, bug, puts


def with_another() -> tuple[Office, str, dict[str, Any], SecurityFix]:
    """A patch before its cut-off with two fixes; the merge requests of the other, and that."""
    office = patch_office()
    id = prepared(office)
    parts = fix("b")
    other = linked(parts, id, "b")
    office.learn(*parts, other)
    put = {"merge_requests": tuple(each.id for each in parts)}
    office.ask(RITA, "release.include", id, **put)
    return office, id, put, other
