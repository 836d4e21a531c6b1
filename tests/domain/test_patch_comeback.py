"""What a patch lost past its cut-off comes back: the gates say how, and not to give it up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.explanation import explain
from domain.merge_request.state import MergeRequest, Status
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.security_fix.state import SecurityFix
from tests.domain.patch_stories import APPSEC, BOT, BRANCHES, begin, fix, patch_office, prepared
from tests.domain.release_stories import CI, RITA, SAM, Office

GATE = "enter_phase:backports"
AGAIN = "Link the fix of merge request shop!7 again, which was taken off."


def under_way() -> tuple[Office, str, list[MergeRequest]]:
    """A patch in early merging, with one fix that is linked to it, and its parts."""
    office = patch_office()
    id = prepared(office)
    begin(office, id)
    found: SecurityFix = office.states[SecurityFix, "a" * 32]
    return office, id, [office.states[MergeRequest, each] for each in found.merge_requests]


def take_off(office: Office) -> None:
    found: SecurityFix = office.states[SecurityFix, "a" * 32]
    office.ask(APPSEC, "security_fix.unlink", found.id, reason="A slip.")


def steps(office: Office, id: str, gate: str = GATE) -> list[list[str]]:
    """What is told to open a gate, in words, where everybody may do everything."""
    everybody = frozenset((RITA, SAM, CI, BOT, APPSEC))
    given = (office.release(id), office.at, office.authority, office.records)
    question = Question(*given, lambda _: everybody, there=lambda *_: everybody)
    return [[e.description for e in way.acts] for way in explain(asked(question, gate)).ways]


@pytest.mark.req("S1-11", "S1-20", "S1-27")
def test_what_was_closed_of_a_fix_that_was_taken_off_is_opened_and_the_fix_linked_again() -> None:
    office, id, parts = under_way()
    take_off(office)
    port = parts[1]
    office.learn(replace(port, status=Status.CLOSED))
    ways = steps(office, id)
    assert ways
    for way in ways:
        assert not any(each.startswith("Give it up") for each in way), way
    (back, *_) = [way for way in ways if AGAIN in way]
    name = f"Open merge request shop!{port.number} again."
    assert back.index(name) < back.index(AGAIN)


@pytest.mark.req("S1-11", "S1-20", "S1-27")
def test_what_was_aimed_elsewhere_of_it_is_aimed_at_its_branch_first() -> None:
    office, id, parts = under_way()
    take_off(office)
    office.learn(replace(parts[1], target="elsewhere", retargeted_at=office.at))
    (back, *_) = [way for way in steps(office, id) if AGAIN in way]
    name = f"Aim merge request shop!{parts[1].number} at {BRANCHES[0]} again."
    assert back.index(name) < back.index(AGAIN)


@pytest.mark.req("S1-20", "S1-21", "S1-27")
def test_of_two_that_are_aimed_at_one_branch_the_last_to_come_there_goes_back() -> None:
    office, id, parts = under_way()
    _, port, *_ = parts
    office.learn(replace(port, target=BRANCHES[1], retargeted_at=office.at))
    ways = steps(office, id)
    assert any(
        f"Aim merge request shop!{port.number} at {BRANCHES[0]} again." in way for way in ways
    ), ways
    assert not any(each.startswith("Give it up") for way in ways for each in way)
    assert len(fix()) == len(parts)
