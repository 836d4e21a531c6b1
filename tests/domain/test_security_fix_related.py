"""What belongs to a fix and carries nothing of it is hidden with it, and shown with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.kernel import Then
from domain.merge_request.state import MergeRequest, Status
from domain.release.embargo import shown
from domain.security_fix.basis import Basis
from domain.security_fix.readiness import completeness
from domain.security_fix.state import SecurityFix
from domain.security_fix.state import Status as FixStatus
from tests.domain.organisation import refused
from tests.domain.patch_stories import (
    APPSEC,
    FINDER,
    MANAGERS,
    PATCH,
    fix,
    linked,
    patch_office,
    ported_bug,
)
from tests.domain.release_stories import PROJECT, RITA, Office, opened

FIX, OLD = "7" * 32, "9" * 32
OTHER, THIRD = MANAGERS


def bug(**changes: Any) -> MergeRequest:
    """A merge request that everybody saw, and that went out long ago."""
    told: dict[str, Any] = {"number": 91, "target": "feature", "status": Status.MERGED}
    return replace(ported_bug("9"), **told | changes)


def workshop(old: MergeRequest | None = None) -> tuple[Office, list[MergeRequest]]:
    """A hidden fix that is merged, and what turned out to be the vulnerability."""
    office = patch_office()
    told: dict[str, Any] = {"fix": FIX, "embargoed": True, "status": Status.MERGED}
    parts = [replace(each, **told) for each in fix()]
    office.learn(*parts, linked(parts, None), old or bug())
    return office, parts


def relate(office: Office, by: str = OTHER, fix: str = FIX, **told: Any) -> list[Any]:
    given = {"merge_request": OLD, "related": True} | told
    return office.ask(by, "security_fix.add_merge_request", fix, **given)


def conceal(office: Office, by: str = APPSEC) -> None:
    office.ask(by, "merge_request.conceal", OLD, reason="It is a hole.")


def old(office: Office) -> MergeRequest:
    found: MergeRequest = office.states[MergeRequest, OLD]
    return found


def vulnerability(office: Office) -> SecurityFix:
    found: SecurityFix = office.states[SecurityFix, FIX]
    return found


@pytest.mark.req("S1-12", "S1-37", "X-07")
@pytest.mark.parametrize("project", [bug().project, "another"])
def test_what_turned_out_to_be_the_vulnerability_is_shown_as_its_fix_is_published(
    project: str,
) -> None:
    office, parts = workshop(bug(project=project))
    conceal(office)
    relate(office)
    id = opened(office, "planned_patch", "planned_patch", PATCH, embargoed=True)
    office.learn(replace(vulnerability(office), status=FixStatus.LINKED, tracker=id))
    told = shown(office.release(id), office.records)
    assert told == (), "what is not out stays hidden, with all that belongs to it"
    office.ask(RITA, "release.include", id, merge_requests=[each.id for each in parts])
    told = shown(office.release(id), office.records)
    assert Then("merge_request.disclose", OLD) in told


@pytest.mark.req("S1-12", "S1-50")
def test_until_then_nobody_shows_it_by_itself() -> None:
    office, _ = workshop()
    conceal(office)
    relate(office)
    for who in (APPSEC, OTHER, THIRD):
        with refused("part_of_fix"):
            office.ask(who, "merge_request.reveal", OLD)
    office.ask(OTHER, "security_fix.remove_merge_request", FIX, merge_request=OLD)
    assert (old(office).related, old(office).embargoed) == (None, True)
    with refused("part_of_fix"):
        office.ask(OTHER, "merge_request.reveal", OLD)


@pytest.mark.req("S1-12", "S1-50")
def test_of_what_is_hidden_another_says_that_it_belongs_to_a_fix_than_who_hid_or_wrote_it() -> None:
    office, _ = workshop()
    conceal(office)
    for who in (APPSEC, old(office).author):
        with refused("needs_second_person"):
            relate(office, who)
    relate(office)
    assert vulnerability(office).related == (OLD,)
    assert relate(office) == []


@pytest.mark.req("S1-12", "S1-50")
def test_what_was_taken_off_a_hidden_fix_is_shown_with_no_other_but_by_the_words_of_two() -> None:
    office, _ = workshop()
    relate(office, APPSEC)
    office.ask(APPSEC, "security_fix.remove_merge_request", FIX, merge_request=OLD)
    another = replace(linked((), None, "8"), project=PROJECT)
    office.learn(another)
    for who in (APPSEC, OTHER, THIRD):
        with refused("part_of_fix"):
            relate(office, who, another.id)
    relate(office, OTHER)
    assert vulnerability(office).related == (OLD,), "to the very fix it may be related again"
    office.ask(APPSEC, "security_fix.remove_merge_request", FIX, merge_request=OLD)
    office.learn(replace(old(office), embargoed=False))
    relate(office, APPSEC, another.id)
    assert (old(office).related, old(office).embargoed) == (another.id, True)


@pytest.mark.req("S1-12", "S1-27")
def test_what_reads_for_everybody_hides_as_it_is_related() -> None:
    office, _ = workshop()
    relate(office, APPSEC)
    assert (old(office).embargoed, old(office).related, old(office).fix) == (True, FIX, None)
    assert FINDER in old(office).excluded
    office.learn(replace(vulnerability(office), status=FixStatus.LINKED, tracker="e" * 32))
    with refused("linked"):
        office.ask(OTHER, "security_fix.remove_merge_request", FIX, merge_request=OLD)


@pytest.mark.req("S1-18", "S1-27")
def test_it_is_asked_for_by_nothing_that_a_fix_has_to_have() -> None:
    office, _ = workshop()

    def found() -> object:
        basis = Basis(office.records, office.authority, office.at)
        basis.read((vulnerability(office),))
        return completeness(vulnerability(office), basis)

    before = found()
    relate(office)
    assert found() == before


@pytest.mark.req("S1-12", "X-05")
def test_only_what_is_of_the_project_or_hidden_and_known_is_related() -> None:
    office, parts = workshop(bug(project="another"))
    with refused("unknown_merge_request"):
        relate(office)
    office.learn(bug(project="another", embargoed=True))
    office.knows = lambda each: not (isinstance(each, MergeRequest) and each.project == "another")
    with refused("unknown_merge_request"):
        relate(office)
    office, parts = workshop(bug(related="8" * 32))
    with refused("other_fix"):
        relate(office)
    with refused("unsupported_version", "other_fix"):
        relate(office, related=False)
    with refused("other_fix"):
        relate(office, merge_request=replace_fix(office, parts[0]))


def replace_fix(office: Office, part: MergeRequest) -> str:
    office.learn(replace(part, fix="8" * 32))
    return part.id


@pytest.mark.req("S1-20")
def test_what_is_related_may_become_a_part_and_back() -> None:
    office, _ = workshop(bug(target="master"))
    relate(office)
    relate(office, related=False)
    assert OLD in vulnerability(office).merge_requests
    assert (old(office).fix, old(office).related) == (FIX, None)
    with refused("needs_second_person"):
        relate(office)
    relate(office, THIRD)
    assert vulnerability(office).related == (OLD,)
    assert (old(office).fix, old(office).related) == (None, FIX)
