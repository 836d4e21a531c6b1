"""What makes a new revision of a release is told with all that has to be done again by then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from domain.change.state import Change, Link, LinkKind
from domain.change.state import Status as ChangeStatus
from domain.evidence.aggregate import Outcome
from domain.explanation import Explanation, Way, explain
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from tests.domain.given import DAY, NOON
from tests.domain.organisation import CAB_ONE, CAB_TWO
from tests.domain.release_stories import OTHER, RITA, Office, approved_change, filled
from tests.domain.test_release_in_advance import LIVE
from tests.domain.test_release_ways import acts, told

BOARD: Final = (CAB_ONE, CAB_TWO)
APPROVED: Final = ["release.request_approval", "release.approve"]


def tied_elsewhere() -> Change:
    """A change that is tied to another commit, so that the release contains several."""
    return replace(approved_change("f" * 32), links=(Link(LinkKind.COMMIT, OTHER),))


def ready(kind: str, votes: tuple[str, ...] = BOARD, **more: Any) -> tuple[Office, str]:
    """A release in staging, with every test passed, that the board approved for production."""
    office = Office()
    id = filled(office, "itsm_releases", kind, **more)
    office.learn(approved_change("e" * 32), tied_elsewhere())
    office.ask(RITA, "release.include", id, changes=("e" * 32, "f" * 32))
    office.report("unit_tests", "regression_tests")
    office.report("security_tests", outcome=Outcome.FAILED)  # so that people approve it
    office.compare(id)
    office.deploy(id, "staging")
    office.ask(RITA, "release.request_approval", id)
    for who in votes:
        office.ask(who, "release.approve", id, rule="cab")
    return office, id


def carry_out(office: Office, id: str, way: Way) -> None:
    """Do what a way tells, in its order, as people here do it."""
    given: dict[str, dict[str, Any]] = {
        "release.exclude": {"changes": ("e" * 32,), "reason": "It is off."},
        "release.reschedule": {"scheduled": office.at, "reason": "It can go."},
        "release.request_approval": {},
    }
    for slot in way.acts:
        if slot.action == "release.approve":
            for who in BOARD[: slot.count]:
                office.ask(who, slot.action, id, rule=slot.rule)
        elif slot.action == "release.deploy":
            office.deploy(id, "staging")
        elif slot.action == "evidence.report":
            office.compare(id)
        else:
            office.ask(RITA, slot.action, id, **given[slot.action])


@pytest.mark.req("S1-20", "X-04")
def test_to_take_something_out_is_told_with_all_that_it_voids() -> None:
    office, id = ready("minor", BOARD[:1])
    assert office.verdict(id, LIVE).allowed
    office.learn(approved_change("e" * 32, ChangeStatus.DRAFT))
    assert office.codes(id, LIVE) == {"not_authorised"}
    said = told(office, id, LIVE)
    assert said.complete
    for way in said.ways:
        assert way.acts[0].action == "release.exclude"
    (way,) = (each for each in said.ways if APPROVED[0] in dict(acts(each)))
    steps = [each.action for each in way.acts]
    assert steps.count("release.deploy") == steps.count("evidence.report") == 1
    assert [each for each in steps if each in APPROVED] == APPROVED
    carry_out(office, id, way)
    assert office.verdict(id, LIVE).allowed


@pytest.mark.req("S1-20", "X-04")
@pytest.mark.parametrize("votes", [BOARD, BOARD[:1]])
def test_an_earlier_date_is_told_with_its_approval_and_to_wait_is_not(
    votes: tuple[str, ...],
) -> None:
    office, id = ready("standard", votes, scheduled=NOON + 9 * DAY)
    said = told(office, id, LIVE)
    wait, sooner = sorted(said.ways, key=lambda way: way.acts[-1].action != "release.wait")
    left = [("release.approve", len(BOARD) - len(votes))] if len(votes) < len(BOARD) else []
    assert acts(wait) == [*left, ("release.wait", 0)]
    assert acts(sooner) == [
        ("release.reschedule", 1),
        ("release.request_approval", 1),
        ("release.approve", len(BOARD)),
    ]
    carry_out(office, id, sooner)
    assert office.verdict(id, LIVE).allowed


@pytest.mark.req("S1-20", "X-04")
def test_what_nobody_could_do_again_is_not_told_to_be_voided() -> None:
    office, id = ready("standard", scheduled=NOON + 9 * DAY)

    def who(action: str) -> frozenset[str]:
        return frozenset(() if action == "release.request_approval" else (RITA,))

    def left() -> Explanation:
        given = (office.release(id), office.at, office.authority, office.records)
        return explain(asked(Question(*given, who), LIVE), approve="release.approve")

    (wait,) = left().ways
    assert acts(wait) == [("release.wait", 0)]
    office.learn(approved_change("e" * 32, ChangeStatus.DRAFT))
    assert not left().ways
    assert "too few may ask for release.request_approval" in (left().impossible_reason or "")
