"""A security fix goes beyond the support policy where, and as long as, it is agreed on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.accord.state import Accord, Terms
from domain.merge_request.state import MergeRequest
from domain.security_fix.linking import readiness
from domain.security_fix.parts import add_merge_request
from domain.security_fix.readiness import Slot
from domain.security_fix.state import SecurityFix
from tests.domain.given import asked_by
from tests.domain.organisation import refused
from tests.domain.patch_stories import (
    APPSEC,
    BOOK,
    BRANCHES,
    MANAGERS,
    accord,
    fix,
    linked,
    on_duty,
    patch_office,
    request,
)
from tests.domain.release_stories import SAM, Office

OUTSIDE = "17-3-stable-ee"


def port(name: str = "f", target: str = OUTSIDE) -> MergeRequest:
    """A hidden backport of the fix."""
    told = {"kind": "backport", "playbook": BOOK, "fix": "7" * 32, "author": SAM}
    return request(name * 32, target, embargoed=True, **told)


def slots(office: Office, *more: MergeRequest) -> dict[str, Slot]:
    """Each branch that the fix is told to go to, with these beside what has to be there."""
    office.learn(*fix(), *more)
    state = linked([*fix(), *more], None)
    found = readiness(state, office.at, office.authority, office.records)
    lines = [each.version for each in found.slots if each.version]
    assert list(found.versions) == lines
    return {each.branch: each for each in found.slots}


def codes(slot: Slot) -> set[str]:
    return {each.code for each in slot.findings if each.code}


def agreed(office: Office, subject: str, *versions: str) -> str:
    """An accord of who asks and of both release managers on duty."""
    id = accord(office, SAM, subject, "beyond_policy", versions=versions)
    for each in MANAGERS:
        office.ask(each, "accord.agree", id, rule="release_managers")
    return id


@pytest.mark.req("S1-03", "S1-21", "X-05")
def test_a_backport_beyond_the_policy_has_what_others_have_once_every_party_agreed() -> None:
    office = patch_office()
    on_duty(office)
    office.learn(port())
    assert codes(slots(office, port())[OUTSIDE]) == {"unsupported_version"}
    id = accord(office, SAM, port().id, "beyond_policy", versions=("17.3.7",))
    office.ask(MANAGERS[0], "accord.agree", id, rule="release_managers")
    assert codes(slots(office, port())[OUTSIDE]) == {"unsupported_version"}
    office.ask(MANAGERS[1], "accord.agree", id, rule="release_managers")
    found = slots(office, port())
    assert found[OUTSIDE].version == "17.3"
    assert codes(found[OUTSIDE]) == codes(found["17-4-stable-ee"]), "it has to be as good"
    office.ask(SAM, "accord.revise", id, terms=Terms("Another.", versions=("17.3.7", "17.3.9")))
    assert codes(slots(office, port())[OUTSIDE]) == {"unsupported_version"}


@pytest.mark.req("S1-03", "X-05")
@pytest.mark.parametrize("versions", [("17.2.9",), ("17",), ("some",), ()])
def test_an_accord_counts_for_the_branch_of_a_version_that_it_names(
    versions: tuple[str, ...],
) -> None:
    office = patch_office()
    on_duty(office)
    office.learn(port())
    id = agreed(office, port().id, "17.3.7")
    good = office.states[Accord, id]
    office.learn(replace(good, terms=replace(good.terms, versions=versions)))
    assert codes(slots(office, port())[OUTSIDE]) == {"unsupported_version"}


@pytest.mark.req("S1-03", "X-05")
def test_an_accord_counts_for_the_merge_request_that_it_is_about_and_one_goes_there() -> None:
    office = patch_office()
    on_duty(office)
    other = port("e")
    office.learn(port(), other)
    agreed(office, other.id, "17.3.7")
    assert codes(slots(office, port())[OUTSIDE]) == {"unsupported_version"}
    assert codes(slots(office, port(), other)[OUTSIDE]) == {"merge_requests_several"}


@pytest.mark.req("S1-03", "X-05")
def test_what_the_parties_lack_to_revised_terms_is_told_and_who_asked_agrees_again() -> None:
    office = patch_office()
    on_duty(office)
    office.learn(port())
    id = agreed(office, port().id, "17.3.7")
    terms = Terms("Two customers need it.", versions=("17.3.7",))
    office.ask(MANAGERS[0], "accord.revise", id, terms=terms)
    for each in MANAGERS:
        office.ask(each, "accord.agree", id, rule="release_managers")
    office.learn(*fix(), port())
    state = linked([*fix(), port()], None)

    def helping() -> list[list[tuple[str, str | None, frozenset[str]]]]:
        told = (office.at, office.authority, office.records)
        found = readiness(state, *told, who=lambda *_: frozenset((SAM, *MANAGERS)))
        (slot,) = (each for each in found.slots if each.branch == OUTSIDE)
        (said,) = (each for each in slot.findings if each.code == "unsupported_version")
        return [[(e.action, e.rule, e.people) for e in acts] for acts in said.instead]

    assert helping() == [[("accord.agree", "requester", frozenset((SAM,)))]]
    office.ask(SAM, "accord.agree", id, rule="requester")
    assert codes(slots(office, port())[OUTSIDE]) == codes(slots(office, port())[BRANCHES[0]])


def added(office: Office, part: MergeRequest) -> list[object]:
    """What putting it on the fix yields."""
    state: SecurityFix = linked(fix(), None)
    context = asked_by(APPSEC, *office.states.values(), at=office.at, subject=state.id)
    return add_merge_request(state, context, merge_request=part.id)


@pytest.mark.req("S1-02", "S1-03")
def test_it_becomes_part_of_the_fix_once_every_party_agreed_and_not_before() -> None:
    office = patch_office()
    on_duty(office)
    part = replace(port(), fix=None)
    office.learn(*fix(), part)
    with refused("unsupported_version"):
        added(office, part)
    id = agreed(office, part.id, "17.3.7")
    assert added(office, part)
    office.ask(SAM, "accord.withdraw", id, reason="Nobody needs it.")
    with refused("unsupported_version"):
        added(office, part)
