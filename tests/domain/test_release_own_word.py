"""Who wrote what is in a release vouches for it by no program of theirs, however it came in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.change.state import Change, Link, LinkKind
from domain.environment.state import Cover
from domain.inclusion import Inclusion, ItemKind
from domain.merge_request.state import Status
from domain.release.gate.voters import involved
from tests.domain.given import NOON
from tests.domain.organisation import ANN, MAX, OWEN, person
from tests.domain.release_stories import (
    CI,
    COMMIT,
    EVE,
    OTHER,
    RITA,
    SAM,
    Office,
    approved_change,
    filled,
    merged,
    opened,
)
from tests.domain.test_cover import asked, office, report
from tests.domain.test_cover import codes as uncovered
from tests.domain.test_release_evidence import STAGING, TESTS, told
from tests.domain.test_release_hands import asked as question
from tests.domain.test_release_traced import CHANGE, REQUEST, aimed

THIRD = "5" * 40
WRITTEN = merged("e" * 32, head=THIRD, merge_commit=OTHER, author=EVE, contributors=(EVE, MAX))
TIE = Link(LinkKind.MERGE_REQUEST, WRITTEN.id)
BARE = Link(LinkKind.COMMIT, OTHER)


def change(*links: Link) -> Change:
    return replace(approved_change(), links=links)


def item(kind: ItemKind, reference: str, covered_by: str | None = None) -> Inclusion:
    told = (kind, reference, covered_by)
    return Inclusion("i" * 32, 1, "", *told, included=True, put_by=RITA, put_at=NOON)


ROADS = {
    "itself": (item(ItemKind.MERGE_REQUEST, WRITTEN.id), ()),
    "by a change": (item(ItemKind.CHANGE, "c" * 32), (change(TIE),)),
    "by the commit a change has": (item(ItemKind.CHANGE, "c" * 32), (change(BARE),)),
    "as a commit of it": (item(ItemKind.COMMIT, OTHER, WRITTEN.id), ()),
    "as a commit of a change": (item(ItemKind.COMMIT, OTHER, "c" * 32), (change(TIE),)),
    "as a commit of nothing": (item(ItemKind.COMMIT, OTHER), ()),
}


def with_program_of(owner: str, *others: Any) -> Office:
    """An office whose program is somebody's, with what they wrote."""
    made = Office()
    made.learn(person(CI, owner=owner), WRITTEN, *others)
    return made


@pytest.mark.req("S1-23", "S4-21", "X-04")
@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("behind", [EVE, MAX])
def test_who_wrote_anything_in_it_is_no_other_however_that_came_in(road: str, behind: str) -> None:
    inside, others = ROADS[road]
    made = with_program_of(behind, *others)
    id = filled(made)
    made.report(*TESTS)
    assert told(made, id) == {""}, "nothing of theirs is in it"
    made.learn(replace(inside, release=id))
    assert told(made, id) == {"evidence_missing"}
    made.learn(replace(inside, release=id, included=False))
    assert told(made, id) == {""}


@pytest.mark.req("S1-23", "X-04")
@pytest.mark.parametrize("behind", [ANN, OWEN])
def test_nor_is_who_asked_or_answers_for_a_change_in_it(behind: str) -> None:
    made = with_program_of(behind, change())
    id = filled(made)
    made.report(*TESTS)
    made.learn(replace(ROADS["by a change"][0], release=id))
    assert told(made, id) == {"evidence_missing"}


@pytest.mark.req("S1-23", "X-04")
@pytest.mark.parametrize("lists", [(), ("m" * 32,)])
def test_nor_is_who_wrote_what_it_is_aimed_at_whatever_it_lists(lists: tuple[str, ...]) -> None:
    made = with_program_of(EVE, merged())
    id = opened(made)
    if lists:
        made.ask(RITA, "release.include", id, merge_requests=lists)
    made.ask(RITA, "release.aim", id, release_version="1.2.0", commit=OTHER)
    for each in TESTS:
        made.report(each, subject=OTHER)
    assert told(made, id) == {"evidence_missing"}
    for other in (replace(WRITTEN, status=Status.OPEN), replace(WRITTEN, embargoed=True)):
        made.learn(other)
        assert told(made, id) == {""}, "what anybody may open, or nobody knows of, keeps none out"


@pytest.mark.req("S1-23", "X-04")
def test_who_could_report_is_nobody_whose_word_would_not_count() -> None:
    made = with_program_of(EVE, change(TIE))
    id = filled(made)
    made.learn(replace(ROADS["by a change"][0], release=id))
    (row, *_) = (e for e in made.verdict(id, STAGING).findings if e.requirement == "tests")
    assert all(CI not in act.people for act in row.acts)


@pytest.mark.req("X-01", "X-04")
@pytest.mark.parametrize("thing", [REQUEST, CHANGE])
@pytest.mark.parametrize("behind,good", [(SAM, False), (EVE, True)])
def test_nobody_says_by_merging_their_own_what_it_was_merged_as(
    behind: str, thing: tuple[ItemKind, str], *, good: bool
) -> None:
    request = merged(head=OTHER, merge_commit=COMMIT, merged_by=behind)
    tied = change(Link(LinkKind.MERGE_REQUEST, request.id))
    made, id = aimed(thing, others=(request, tied))
    assert ("commit_not_included" not in made.codes(id, "deploy:test")) is good


@pytest.mark.req("S3-07", "X-04")
def test_what_changes_are_tied_to_has_its_writers_judge_no_release_of_theirs() -> None:
    made = with_program_of(RITA, change(TIE))
    id = opened(made, "itsm_releases", "major")
    made.ask(RITA, "release.include", id, changes=("c" * 32,))
    assert involved(question(made, id)) == {RITA, CI, ANN, OWEN, EVE, MAX}


@pytest.mark.req("X-04", "X-05")
@pytest.mark.parametrize("behind", [EVE, ANN])
def test_checks_by_a_program_of_who_wrote_what_a_deployment_brings_cover_nothing(
    behind: str,
) -> None:
    made = office(Cover.CHECKS, others=(WRITTEN, change(TIE), person(CI, owner=behind)))
    id, other = asked(made), asked(made, changes=("c" * 32,))
    report(made)
    assert "not_covered" not in uncovered(made, id)
    assert "not_covered" in uncovered(made, other)
