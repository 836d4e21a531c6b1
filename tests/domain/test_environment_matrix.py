"""The matrix of what environments ask of a release: where something was bypassed, it says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from domain.deployment.blockers import BLOCKERS
from domain.deployment.state import Override, Wish
from domain.environment.state import Health, Report, Stop
from domain.gate import Status as Is
from domain.lock.state import Countersign
from domain.release.gate.environment_matrix import EnvironmentCell, environment_matrix
from domain.release.gate.matrix import matrix
from domain.release.gate.question import Question
from domain.release.standing import kind_of
from tests.domain.given import NOON
from tests.domain.organisation import OWEN, ROBOT, SUE, refused
from tests.domain.release_stories import RITA, Office
from tests.domain.test_release_deployment import LOCK, PLACE, TEST, built, office

UNWELL = replace(PLACE, reports=(Report(ROBOT, Health.UNHEALTHY, NOON),))
BEFORE = replace(LOCK, terms=replace(LOCK.terms, countersign=Countersign.BEFORE))
ID = "d" * 32


def cells(made: Office, release: str, where: str = TEST) -> Mapping[str, EnvironmentCell]:
    """The cells of one environment, by requirement."""
    state = made.release(release)

    def ask(_environment: str) -> Question:
        return Question(state, made.at, made.authority, made.records)

    rows = environment_matrix(kind_of(state, made.records), ask)
    return {row.requirement: cell for row in rows for cell in row.cells if cell.gate == where}


def overridden(*others: object) -> tuple[Office, str]:
    """A release whose deployment to the test environment somebody let go on nonetheless."""
    made, major = office(built(), *others)
    wish = Wish("a" * 32, "test", "None.", contents="All of it.", belongs_to=major)
    made.ask(RITA, "deployment.request", ID, wish=wish)
    made.ask(OWEN, "deployment.override", ID, reason="Customers cannot pay.")
    return made, major


def told(cell: EnvironmentCell) -> tuple[Is, bool, Override | None]:
    return cell.status, cell.passed, cell.override


@pytest.mark.req("S0-13", "X-05")
def test_what_an_environment_asks_stands_in_a_cell_of_each() -> None:
    made, major = office(built(), LOCK)
    found = cells(made, major)
    assert told(found["locks"]) == (Is.UNSATISFIED, False, None)
    assert {each.name for each in BLOCKERS} <= found.keys()
    assert (found["line"].status, found["window"].status) == (Is.SATISFIED, Is.NOT_APPLICABLE)
    elsewhere = cells(made, major, "deploy:production")
    assert elsewhere["locks"].status is Is.UNSATISFIED
    assert "health" not in elsewhere, "nobody keeps that one"


@pytest.mark.req("S0-12", "S0-13", "X-07")
def test_what_would_go_by_an_override_is_bypassed_and_says_by_whom_and_why() -> None:
    made, major = overridden(LOCK)
    found = cells(made, major)
    status, passed, override = told(found["locks"])
    assert (status, passed) == (Is.BYPASSED, False)
    assert override is not None
    assert (override.by, override.reason) == (OWEN, "Customers cannot pay.")
    assert override.countersigned_by is None
    assert [name for name, each in found.items() if each.override] == ["locks"]
    assert [name for name, each in found.items() if each.status is Is.BYPASSED] == ["locks"]
    made.ask(SUE, "deployment.countersign", ID)
    signed = cells(made, major)["locks"].override
    assert signed is not None
    assert signed.countersigned_by == SUE
    assert signed.countersigned_at is not None


@pytest.mark.req("S0-13")
def test_what_waits_for_its_second_person_first_is_not_bypassed_yet() -> None:
    made, major = overridden(BEFORE)
    cell = cells(made, major)["locks"]
    assert cell.status is Is.UNSATISFIED
    assert cell.override is not None
    made.ask(SUE, "deployment.countersign", ID)
    assert cells(made, major)["locks"].status is Is.BYPASSED


@pytest.mark.req("S0-12", "S0-13", "X-07")
def test_what_went_by_an_override_stays_bypassed_whatever_is_true_since() -> None:
    made, major = overridden(LOCK)
    made.ask(RITA, "release.deploy", major, environment="test")
    made.learn(replace(LOCK, terms=replace(LOCK.terms, until=NOON)))
    cell = cells(made, major)["locks"]
    assert (cell.status, cell.passed) == (Is.BYPASSED, True)
    assert cell.override is not None
    assert cell.override.used_at is not None
    (finding,) = cell.findings
    assert finding.evidence == (LOCK.id,)
    assert finding.message.endswith(f": signed by {cell.override.due.isoformat()}.")
    made.ask(SUE, "deployment.countersign", ID)
    (finding,) = cells(made, major)["locks"].findings
    assert finding.message.endswith(", and countersigned.")
    made.ask(RITA, "deployment.succeed", ID)
    assert cells(made, major)["locks"].status is Is.BYPASSED
    made.ask(RITA, "deployment.roll_back", ID, reason="It loses data.")
    assert not cells(made, major)["locks"].passed, "it has to go there anew"


@pytest.mark.req("S0-13", "X-05")
def test_a_bypass_satisfies_nothing_that_may_not_be_bypassed() -> None:
    made, major = overridden(LOCK)
    made.learn(replace(PLACE, stop=Stop(SUE, NOON, "Errors.")))
    made.learn(replace(built(), condemned=True))
    found = cells(made, major)
    for name in ("line", "package"):
        assert told(found[name]) == (Is.UNSATISFIED, False, None)
    with refused("line_stopped", "package_condemned"):
        made.ask(RITA, "release.deploy", major, environment="test")


@pytest.mark.req("S0-13", "X-05")
def test_a_requirement_of_the_playbook_is_never_bypassed() -> None:
    made, major = overridden(UNWELL)
    assert cells(made, major)["health"].status is Is.BYPASSED
    ask = Question(made.release(major), made.at, made.authority, made.records)
    own = {cell.status for row in matrix(ask) for cell in row.cells}
    assert Is.BYPASSED not in own


@pytest.mark.req("S0-13")
def test_what_came_up_since_is_not_bypassed() -> None:
    made, major = overridden(LOCK)
    made.learn(replace(LOCK, id="2" * 32))
    cell = cells(made, major)["locks"]
    assert cell.status is Is.UNSATISFIED
    assert {each.status for each in cell.findings} == {Is.BYPASSED, Is.UNSATISFIED}
