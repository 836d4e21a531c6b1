"""Plain approvals are counted, not tallied; what follows from them is the same either way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from domain.approval import electorate
from domain.approval.electorate import Electorate
from domain.release.vote_events import QuorumFoundImpossible
from tests.domain.merge_stories import FIRST, SECOND, opened
from tests.domain.organisation import CAB_ONE, CAB_TWO, CHAIR, Story, board, kinds, revoked
from tests.domain.release_stories import PAULA, RITA, Office
from tests.domain.release_stories import opened as planned


@contextmanager
def no_tally(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever makes a full tally in the block fails."""

    def tally(*_: Any, **__: Any) -> None:
        raise AssertionError("a full tally was made")

    with monkeypatch.context() as patched:
        patched.setattr(electorate, "tally", tally)
        yield


@pytest.fixture(params=[True, False], ids=["counted", "tallied"])
def counting(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether plain approvals are counted, or everything is tallied."""
    if not request.param:
        monkeypatch.setattr(Electorate, "plainly", lambda *_, **__: None)
    return bool(request.param)


def asked() -> tuple[Office, str]:
    """A major release put before its product owner and the board."""
    office = Office()
    major = planned(office, "itsm_releases", "major")
    office.ask(RITA, "release.request_approval", major)
    return office, major


def signed_by_one() -> Story:
    story = opened()
    story.ask(FIRST, "sign_off", rule="reviews")
    return story


def test_signing_off_makes_no_full_tally(monkeypatch: pytest.MonkeyPatch) -> None:
    story = opened()
    with no_tally(monkeypatch):
        assert kinds(story.ask(FIRST, "sign_off", rule="reviews")) == ["SignedOff"]
        assert kinds(story.ask(SECOND, "sign_off", rule="reviews")) == ["SignedOff"]


def test_approving_a_release_makes_no_full_tally(monkeypatch: pytest.MonkeyPatch) -> None:
    office, major = asked()
    with no_tally(monkeypatch):
        office.ask(CAB_ONE, "release.approve", major, rule="cab")
        office.ask(PAULA, "release.approve", major, rule="product_owner")


@pytest.mark.usefixtures("counting")
def test_a_release_is_authorized_by_its_last_approval_and_once() -> None:
    office, major = asked()
    told = [
        kinds(office.ask(who, "release.approve", major, rule=rule))
        for who, rule in (
            (CAB_ONE, "cab"),
            (PAULA, "product_owner"),
            (CAB_TWO, "cab"),
            (CHAIR, "cab"),
        )
    ]
    assert told == [["Approved"], ["Approved"], ["Approved", "Authorized"], ["Approved"]]
    assert office.ask(RITA, "release.recount", major) == []


@pytest.mark.usefixtures("counting")
def test_a_rejection_returns_a_release_whoever_approved_it() -> None:
    office, major = asked()
    office.ask(CAB_ONE, "release.approve", major, rule="cab")
    events = office.ask(PAULA, "release.reject", major, rule="product_owner", reason="Not so.")
    assert kinds(events) == ["Rejected", "Returned"]


@pytest.mark.usefixtures("counting")
def test_an_approval_tells_of_a_board_that_has_become_too_small() -> None:
    office, major = asked()
    office.learn(board("cab", CAB_ONE))
    _, alarm = office.ask(PAULA, "release.approve", major, rule="product_owner")
    assert isinstance(alarm, QuorumFoundImpossible)
    assert office.ask(RITA, "release.recount", major) == []


@pytest.mark.usefixtures("counting")
def test_a_sign_off_tells_of_reviewers_who_have_become_too_few() -> None:
    story = signed_by_one()
    lost = [each for each in story.world if getattr(each, "person", "") == SECOND]
    story.learn(*[revoked(each) for each in lost if getattr(each, "role", "") == "role:reviewer"])
    assert kinds(story.ask(FIRST, "sign_off", rule="reviews")) == [
        "SignedOff",
        "QuorumFoundImpossible",
    ]
