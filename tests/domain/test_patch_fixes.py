"""What is linked to a patch is in it, and no other security fix is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.gate import Finding
from domain.merge_request.state import MergeRequest, Status
from domain.release import embargo
from domain.release.aggregate import AGGREGATE
from domain.release.checks import hidden as hidden_checks
from domain.release.commands.contents import CommitItem
from domain.release.embargo import MOST_HIDDEN, MOST_SHOWN, shown
from tests.domain.organisation import refused, ways
from tests.domain.patch_stories import (
    PATCH,
    fix,
    linked,
    patch_office,
    ported_bug,
    prepared,
)
from tests.domain.release_stories import RITA, Office, opened

GATES = ("enter_phase:early_merge", "enter_phase:backports", "enter_phase:preparation", "publish")
CODES = {"fix_not_included", "fix_not_linked"}


def told(office: Office, id: str) -> set[str]:
    """What every gate says of it, which is the same."""
    found = [office.codes(id, gate) & CODES for gate in GATES]
    assert all(each == found[0] for each in found)
    return found[0]


def hidden(name: str = "a") -> list[MergeRequest]:
    """The merge requests of a fix, as hidden as those of a release that is hidden."""
    return [replace(each, fix="7" * 32, embargoed=True) for each in fix(name)]


def secret_patch(*parts: MergeRequest) -> tuple[Office, str]:
    """A patch that is hidden, with these in it."""
    office = patch_office()
    id = opened(office, "planned_patch", "planned_patch", PATCH, embargoed=True)
    office.learn(*parts)
    if parts:
        office.ask(RITA, "release.include", id, merge_requests=[each.id for each in parts])
    return office, id


@pytest.mark.req("S1-27", "S1-30")
def test_what_is_linked_goes_out_with_it() -> None:
    parts = hidden()
    office, id = secret_patch(*parts[:-1])
    office.learn(parts[-1], linked(parts, id))
    assert told(office, id) == {"fix_not_included"}
    office.ask(RITA, "release.include", id, merge_requests=[parts[-1].id])
    assert told(office, id) == set()


@pytest.mark.req("S1-27", "S1-51")
def test_what_is_not_linked_does_not_go_out_with_it() -> None:
    parts = hidden()
    office, id = secret_patch(*parts)
    assert told(office, id) == {"fix_not_linked"}
    office.learn(linked(parts, "e" * 32))
    assert told(office, id) == {"fix_not_linked"}
    office.learn(linked(parts, id))
    assert told(office, id) == set()


@pytest.mark.req("S1-27")
def test_every_merge_request_that_is_missing_is_named() -> None:
    parts = hidden()
    office, id = secret_patch()
    office.learn(*parts, linked(parts, id))
    [found] = [
        each for each in office.verdict(id, "publish").findings if each.code == "fix_not_included"
    ]
    assert {each.id for each in found.lacking} == {each.id for each in parts}
    assert found.missing == ()
    assert ways(found) == [["release.include"]], "without that it would be empty"
    port = ported_bug()
    office.learn(port)
    office.ask(RITA, "release.include", id, merge_requests=[port.id])
    [found] = [e for e in office.verdict(id, "publish").findings if e.code == "fix_not_included"]
    assert ways(found) == [["release.include"], ["security_fix.unlink"]]


@pytest.mark.req("S1-27", "S1-51")
def test_what_is_not_as_it_is_linked_is_put_right_in_either_way() -> None:
    parts = hidden()
    office, id = secret_patch(*parts[:-1])
    office.learn(parts[-1], linked(parts, id))

    def told() -> Finding:
        [found] = [e for e in office.verdict(id, "publish").findings if e.code in CODES]
        return found

    assert ways(told()) == [["release.include"]], "it has nothing else"
    port = ported_bug()
    office.learn(port)
    office.ask(RITA, "release.include", id, merge_requests=[port.id])
    assert ways(told()) == [["release.include"], ["security_fix.unlink", "release.exclude"]]
    office.learn(linked(parts, None))
    assert ways(told()) == [["security_fix.link"], ["release.exclude"]]
    office.learn(*(replace(each, fix=None) for each in parts))
    link = ["security_fix.add_merge_request", "security_fix.link"]
    assert ways(told()) == [link, ["release.exclude"]]


@pytest.mark.req("S1-27")
def test_a_merge_request_that_was_closed_is_not_waited_for() -> None:
    first, *rest = hidden()
    office, id = secret_patch(*rest)
    office.learn(replace(first, status=Status.CLOSED), linked([first, *rest], id))
    assert told(office, id) == set()


@pytest.mark.req("S1-02", "S1-27")
def test_bug_fixes_in_the_open_need_no_security_fix() -> None:
    office = patch_office()
    id = prepared(office)
    port = ported_bug()
    office.learn(port)
    office.ask(RITA, "release.include", id, merge_requests=[port.id])
    assert told(office, id) == set()


@pytest.mark.req("S1-27", "X-05")
def test_what_is_reviewed_as_a_security_fix_goes_out_as_one_only() -> None:
    office = patch_office()
    id = prepared(office)
    for at, kind in enumerate(("strict", "backport")):
        loose = ported_bug(f"{at}", kind=kind)
        office.learn(loose)
        office.ask(RITA, "release.include", id, merge_requests=[loose.id])
        assert told(office, id) == {"fix_not_linked"}
        given = {"merge_requests": [loose.id], "reason": "It is part of no fix."}
        office.ask(RITA, "release.exclude", id, **given)


@pytest.mark.req("S1-27", "X-07")
def test_a_release_in_the_open_tells_nothing_of_what_is_hidden() -> None:
    parts = hidden()
    office = patch_office()
    id = prepared(office)
    office.learn(*parts, linked(parts, id))
    assert told(office, id) == set()


def shown_by(office: Office, id: str) -> set[tuple[str, str]]:
    """What publishing it would show, by action and subject."""
    return {(each.action, each.subject) for each in shown(office.release(id), office.records)}


@pytest.mark.req("S1-27", "S1-32", "X-07")
def test_publication_shows_only_fixes_that_went_out_with_it() -> None:
    parts = [replace(each, status=Status.MERGED) for each in hidden()]
    office, id = secret_patch(*parts[:-1])
    office.learn(parts[-1], linked(parts, id))
    assert shown_by(office, id) == set()
    office.ask(RITA, "release.include", id, merge_requests=[parts[-1].id])
    whole = {("merge_request.disclose", each.id) for each in parts}
    assert shown_by(office, id) == {*whole, ("security_fix.disclose", "7" * 32)}
    office.learn(replace(parts[0], status=Status.OPEN))
    assert shown_by(office, id) == set()
    office.learn(replace(parts[0], status=Status.CLOSED))
    assert ("security_fix.disclose", "7" * 32) in shown_by(office, id)


def many(number: int) -> tuple[Office, str]:
    """A hidden patch with so many hidden merge requests of no fix, merged."""
    office, id = secret_patch()
    told = {"embargoed": True, "status": Status.MERGED}
    parts = [
        replace(ported_bug(), id=f"{at:032x}", head=f"{at:040x}", number=at, **told)  # type: ignore[arg-type]
        for at in range(1, number + 1)
    ]
    office.learn(*parts)
    ids = [each.id for each in parts]
    for at in range(0, number, 400):
        office.ask(RITA, "release.include", id, merge_requests=ids[at : at + 400])
    return office, id


@pytest.mark.req("S1-27", "S1-37")
def test_publication_shows_thousands_at_once_and_its_gate_says_where_that_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office, id = many(2_000)
    assert "too_many" not in office.codes(id, "publish")
    told = shown_by(office, id)
    assert len(told) == 2_000 <= MOST_HIDDEN
    publish = next(each for each in AGGREGATE.commands if each.name == "publish")
    assert MOST_HIDDEN < MOST_SHOWN == publish.most
    for module in (embargo, hidden_checks):
        monkeypatch.setattr(module, "MOST_HIDDEN", 1_999)
    [found] = [e for e in office.verdict(id, "publish").findings if e.code == "too_many"]
    assert "2,000 hidden records" in found.message
    assert {each.action for each in found.acts} == {"release.exclude", "security_fix.unlink"}
    with refused("too_many", "carries_hidden"):
        office.ask(RITA, "release.reveal", id)


@pytest.mark.req("S1-27", "X-05")
def test_publication_shows_no_part_of_a_fix_that_stays_hidden_and_no_fix_of_nothing() -> None:
    parts = [replace(each, status=Status.MERGED) for each in hidden()]
    loose = replace(hidden("b")[0], fix=None, status=Status.MERGED)
    office, id = secret_patch(*parts, loose)
    gone = [replace(each, status=Status.CLOSED) for each in hidden("c")]
    elsewhere = linked(parts, "e" * 32)
    office.learn(elsewhere, *gone, linked([], id, "8"), linked(gone, id, "9"))
    assert shown_by(office, id) == {("merge_request.disclose", loose.id)}


@pytest.mark.req("S1-05", "S1-32", "X-07")
def test_publication_shows_the_hidden_package_that_brought_its_fixes_to_the_hosted_service() -> (
    None
):
    parts = [replace(each, status=Status.MERGED) for each in hidden()]
    office, id = secret_patch(*parts)
    office.learn(linked(parts, id))
    plan = replace(PATCH, title="Package", versions=("17.7.202603021200",))
    package = opened(office, "gitlab", "auto_deploy", plan, scheduled=None, embargoed=True)
    office.ask(RITA, "release.include", package, merge_requests=[parts[0].id])
    assert ("release.disclose", package) in shown_by(office, id)
    other = replace(hidden("b")[0], status=Status.MERGED)
    office.learn(other)
    office.ask(RITA, "release.include", package, merge_requests=[other.id])
    assert ("release.disclose", package) not in shown_by(office, id)
    told = {"merge_requests": [other.id], "reason": "Another time."}
    office.ask(RITA, "release.exclude", package, **told)
    commit = CommitItem("d" * 40, covered_by=other.id)
    office.ask(RITA, "release.include", package, commits=[commit])
    assert ("release.disclose", package) not in shown_by(office, id)
    office.ask(RITA, "release.exclude", package, commits=["d" * 40], reason="Another time.")
    another = opened(office, "planned_patch", "planned_patch", PATCH)
    office.ask(RITA, "release.include", another, merge_requests=[parts[0].id])
    assert ("release.disclose", package) in shown_by(office, id)
    assert ("release.disclose", another) not in shown_by(office, id)
