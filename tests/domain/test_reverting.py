"""Whatever mends a vulnerability is taken back by two, whatever its kind says of that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain.accord.standing import agreed
from domain.accord.state import Accord, Terms
from domain.adoption import Status as InForce
from domain.gate import Finding
from domain.gate import Status as Is
from domain.grant.aggregate import Scope
from domain.merge_request.merging import verdict
from domain.merge_request.reverting import revert
from domain.merge_request.state import MergeRequest
from domain.playbook.aggregate import Playbook
from tests.domain.given import asked_by
from tests.domain.organisation import adopted, refused
from tests.domain.patch_stories import APPSEC, patch_office
from tests.domain.release_stories import EVE, PROJECT, RITA, Office, hold, merged

SHIPPED = Path(__file__).parents[1] / "policies" / "shipped"
SILENT = (SHIPPED / "security.3.toml").read_text(encoding="utf-8")
"""The playbook as it was while it did not say how a fix is taken back."""


def shop(*states: Playbook) -> Office:
    """An office where the fix may be taken back, with these playbooks in force."""
    office = patch_office()
    office.learn(hold(RITA, "role:release_manager", Scope.PROJECT, PROJECT), adopted("gitaly"))
    office.learn(*states)
    return office


def accord_on(office: Office, state: MergeRequest) -> Finding:
    """What the gate says of the accord."""
    office.learn(state)
    found = verdict(
        state, "revert", at=office.at, authority=office.authority, records=office.records, by=RITA
    )
    return next(each for each in found.findings if each.requirement == "accord")


def agree(office: Office, state: MergeRequest, playbook: str, by: str = EVE) -> str:
    """Propose to take it back by a playbook, and have both parties agree."""
    id = office.fresh()
    office.learn(state)
    told = {"playbook": playbook, "kind": "revert", "subject": state.id}
    office.ask(by, "accord.propose", id, terms=Terms("It breaks.", path="take_back"), **told)
    office.ask(APPSEC, "accord.agree", id, rule="appsec")
    assert accord_on(office, state).code == "not_agreed"
    office.ask(RITA, "accord.agree", id, rule="release_managers")
    return id


PINNED = replace(adopted("security", SILENT), id="playbook silent", status=InForce.SUPERSEDED)
FIX = merged(kind="strict", playbook=PINNED.id, fix="f" * 32)


@pytest.mark.req("S1-52", "S1-53", "S1-54")
@pytest.mark.parametrize(
    "state",
    [
        FIX,
        replace(FIX, fix=None),
        replace(FIX, kind="bug_backport"),
        replace(FIX, fix=None, kind="bug_backport", embargoed=True),
        merged(fix="f" * 32),
    ],
    ids=("fix", "of a kind for fixes", "part of a fix", "hidden", "of any playbook"),
)
def test_a_fix_is_taken_back_by_two_where_its_kind_does_not_say_so(state: MergeRequest) -> None:
    office = shop(adopted("security", SILENT), PINNED)
    told = accord_on(office, state)
    assert (told.status, told.code) == (Is.UNSATISFIED, "not_agreed")
    assert all(word in told.message for word in ("vulnerability", "risks telling", "little time"))
    book = "gitaly" if state.kind == "component" else "security"
    assert f"revert of {book}" in told.acts[0].description
    assert "take_back" in told.acts[0].description
    with refused("not_agreed"):
        revert(state, asked_by(EVE, *office.states.values(), subject=state.id), reason="Slow.")
    agree(office, state, book)
    assert accord_on(office, state).status is Is.SATISFIED


@pytest.mark.req("S1-52")
@pytest.mark.parametrize("book", ["security", "planned_patch", "gitaly"])
def test_it_is_agreed_on_by_any_playbook_that_asks_for_no_less(book: str) -> None:
    office = shop(adopted("security", SILENT), PINNED)
    agree(office, FIX, book)
    assert accord_on(office, FIX).status is Is.SATISFIED


@pytest.mark.req("S1-52")
def test_the_version_in_force_says_how_where_an_older_one_did_not() -> None:
    office = shop(adopted("security"), PINNED)
    assert "revert of security" in accord_on(office, FIX).acts[0].description
    id = agree(office, FIX, "security")
    assert accord_on(office, FIX).evidence == (id,)


LESS = """
[[accord]]
name = "revert"
title = "Less"
about = "merge_request"
[[accord.party]]
name = "asks"
title = "Who asks"
requester = true
[[accord.party]]
name = "appsec"
title = "Application security"
role = "role:appsec"
"""


@pytest.mark.req("S1-52", "X-05")
def test_an_accord_of_the_same_name_that_asks_for_less_takes_no_fix_back() -> None:
    office = shop(adopted("security", SILENT + LESS), replace(PINNED, body=SILENT + LESS))
    assert "such as planned_patch" in accord_on(office, FIX).acts[0].description
    id = office.fresh()
    told = {"playbook": "security", "kind": "revert", "subject": FIX.id}
    office.ask(EVE, "accord.propose", id, terms=Terms("It breaks."), **told)
    office.ask(APPSEC, "accord.agree", id, rule="appsec")
    standing = (office.authority, office.at, office.records)
    assert agreed(office.states[Accord, id], *standing)
    assert accord_on(office, FIX).code == "not_agreed"
    other = agree(office, FIX, "planned_patch")
    assert accord_on(office, FIX).evidence == (other,)


@pytest.mark.req("S1-52")
def test_what_mends_a_bug_in_the_open_is_taken_back_by_whom_the_policy_lets() -> None:
    office = shop(adopted("security", SILENT), PINNED)
    for state in (merged(), replace(FIX, fix=None, kind="bug_backport")):
        assert accord_on(office, state).status is Is.NOT_APPLICABLE


@pytest.mark.req("S1-52")
def test_a_playbook_without_merge_requests_has_no_such_accord() -> None:
    office = shop(adopted("security", SILENT), PINNED, adopted("itsm"))
    office.learn(FIX)
    told = {"playbook": "itsm", "kind": "revert", "subject": FIX.id}
    with refused("unknown_kind"):
        office.ask(EVE, "accord.propose", office.fresh(), terms=Terms("Back."), **told)
