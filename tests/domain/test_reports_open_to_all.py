"""A hidden release takes no reports from what everybody knows to be made of the same commit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.evidence.aggregate import AGGREGATE
from domain.evidence.reports import hiding, in_the_open
from domain.evidence.state import Evidence, Outcome
from domain.kernel import Then
from domain.merge_request.state import Status
from tests.domain.given import DAY, NOON, asked_by
from tests.domain.release_stories import (
    CI,
    COMMIT,
    OTHER,
    PACKAGE,
    PROJECT,
    RITA,
    Office,
    merged,
    opened,
)
from tests.domain.test_release_deployment import built

VERSION = "1.2.0"


def aimed(office: Office, *, embargoed: bool, package: str | None = None) -> str:
    """A release that is aimed at a commit."""
    id = opened(office, "itsm_releases", "major", embargoed=embargoed)
    told = {"release_version": VERSION, "commit": COMMIT, "package": package}
    office.ask(RITA, "release.aim", id, **told)
    return id


def reported(office: Office) -> Evidence:
    """What is known of the newest report."""
    office.report("unit_tests")
    return newest(office)


def newest(office: Office) -> Evidence:
    """The report that was made last."""
    found = [each for (kind, _), each in office.states.items() if kind is Evidence]
    report: Evidence = max(found, key=lambda each: each.id)
    return report


OPEN: tuple[Any, ...] = (
    merged(),
    merged(status=Status.OPEN),
    merged(head=OTHER, merge_commit=COMMIT),
)


@pytest.mark.req("S1-12", "X-05")
@pytest.mark.parametrize("request_", OPEN)
def test_what_is_reported_of_a_merge_request_in_the_open_is_told(request_: Any) -> None:
    office = Office()
    office.learn(request_)
    before = reported(office)
    aimed(office, embargoed=True)
    assert not newest(office).embargoed, "it had been told, and tells nothing of the release"
    assert newest(office).id == before.id
    assert not reported(office).embargoed


@pytest.mark.req("S1-12", "X-05")
def test_a_gate_in_the_open_keeps_what_was_reported_for_it() -> None:
    office = Office()
    shown = aimed(office, embargoed=False)
    before = reported(office)
    hidden = aimed(office, embargoed=True)
    assert not office.states[Evidence, before.id].embargoed
    assert not reported(office).embargoed
    office.compare(hidden)
    assert newest(office).embargoed, "nothing in the open was compared with that"
    office.ask(RITA, "release.abort", shown, reason="Not wanted.")
    assert reported(office).embargoed


@pytest.mark.req("S1-12", "X-05")
@pytest.mark.parametrize("change", [{"embargoed": True}, {"project": "elsewhere"}])
def test_what_only_hidden_things_are_made_of_hides(change: dict[str, Any]) -> None:
    office = Office()
    office.learn(replace(merged(), **change))
    office.report("unit_tests")
    aimed(office, embargoed=True)
    assert newest(office).embargoed
    assert reported(office).embargoed


@pytest.mark.req("S1-12", "X-05")
def test_who_hides_a_merge_request_at_what_is_known_takes_no_reports_from_there() -> None:
    office = Office()
    shown = aimed(office, embargoed=False)
    before = reported(office)
    hidden = merged(id="9" * 32, number=9, embargoed=True, status=Status.OPEN)
    office.learn(hidden)
    told: dict[str, Any] = {"merge_request": hidden.id}
    assert hiding((COMMIT,), PROJECT, office.records, **told) == []
    assert not reported(office).embargoed
    office.learn(replace(hidden, concealed_at=before.reported_at))
    assert hiding((COMMIT,), PROJECT, office.records, **told) == []
    assert not reported(office).embargoed, "nor does what is hidden later"
    office.ask(RITA, "release.abort", shown, reason="Not wanted.")
    assert reported(office).embargoed, "now nothing else has it"
    assert hiding((COMMIT,), PROJECT, office.records, **told) != []
    office.learn(merged(status=Status.OPEN))
    assert not reported(office).embargoed
    assert hiding((COMMIT,), PROJECT, office.records, **told) == []


@pytest.mark.req("S1-12", "X-05")
def test_what_is_of_two_merge_requests_hides_with_neither() -> None:
    office = Office()
    first, second = HELD, replace(HELD, id="8" * 32, number=8)
    office.learn(replace(first, embargoed=False))
    assert reported(office).merge_request == first.id
    office.learn(replace(second, embargoed=False))
    assert reported(office).merge_request is None
    office.learn(first)
    assert in_the_open((newest(office),), office.records) == (newest(office),)


@pytest.mark.req("S1-12", "X-05")
def test_what_was_reported_of_an_earlier_head_in_the_open_stays_told() -> None:
    office = Office()
    shown = merged(status=Status.OPEN)
    office.learn(shown)
    before = reported(office)
    office.learn(replace(shown, head=OTHER, earlier_heads=(COMMIT,)), HELD)
    assert hiding((COMMIT,), PROJECT, office.records, merge_request=HELD.id) == []
    later = reported(office)
    assert later.id != before.id
    assert not later.embargoed, "nor does what is said of it later hide"
    office.learn(replace(shown, head=OTHER, earlier_heads=(COMMIT,), embargoed=True))
    assert reported(office).embargoed


BUILT = built(built_at=NOON - DAY)
HELD = merged(id="9" * 32, number=9, embargoed=True, status=Status.OPEN, opened_at=NOON)


@pytest.mark.req("S1-12", "X-05")
@pytest.mark.parametrize("subject", [COMMIT, PACKAGE])
def test_a_package_in_the_open_makes_its_commit_known_and_itself(subject: str) -> None:
    office = Office()
    office.learn(BUILT)
    office.report("unit_tests", subject=subject)
    aimed(office, embargoed=True, package=PACKAGE)
    office.learn(HELD)
    assert not newest(office).embargoed, "who hides something there takes nothing"
    assert hiding((subject,), PROJECT, office.records, merge_request=HELD.id) == []
    office.report("unit_tests", subject=subject)
    assert not newest(office).embargoed, "nor what is reported from then on"


@pytest.mark.req("S1-12", "X-05")
@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("concealed", [None, NOON + DAY])
def test_what_is_built_of_what_is_hidden_tells_nothing_of_it(
    concealed: datetime | None, *, told: bool
) -> None:
    office = Office()
    if told:
        reported(office)
    office.learn(replace(HELD, concealed_at=concealed), built(built_at=NOON + 2 * DAY))
    assert reported(office).embargoed is not told, "what was told it had not taken along"


@pytest.mark.req("S1-12", "X-05")
def test_what_is_only_claimed_to_be_built_makes_nothing_known() -> None:
    office = Office()
    office.learn(HELD, replace(BUILT, claimed=True))
    assert reported(office).embargoed


@pytest.mark.req("S1-12", "X-05")
def test_what_was_built_before_it_was_hidden_was_known_by_then() -> None:
    office = Office()
    office.learn(replace(HELD, concealed_at=NOON + DAY), built(built_at=NOON + DAY / 2))
    assert not reported(office).embargoed


@pytest.mark.req("S1-12", "X-05")
@pytest.mark.parametrize("hidden", [False, True])
def test_what_failed_in_secret_has_nothing_in_the_open_ask_for_more(hidden: bool) -> None:
    office = Office()
    request_ = merged(status=Status.OPEN)
    office.learn(request_)
    id = aimed(office, embargoed=hidden)
    told = {"project": PROJECT, "name": "package_and_test", "subject": COMMIT}
    told |= {"outcome": Outcome.FAILED, "manifest": office.manifest(id)}
    context = asked_by(CI, *office.states.values())
    event, *more = AGGREGATE.commands[0].run(None, context, **told)
    assert event.embargoed is hidden
    assert more == ([] if hidden else [Then("merge_request.demand", request_.id)])


@pytest.mark.req("S1-12")
def test_what_is_asked_for_in_the_open_comes_before_what_hides() -> None:
    shown = merged(status=Status.OPEN)
    secret = replace(shown, id="0" * 32, embargoed=True)
    told = {"project": PROJECT, "name": "package_and_test", "subject": COMMIT}
    context = asked_by(CI, secret, shown)
    _, *more = AGGREGATE.commands[0].run(None, context, **told, outcome=Outcome.FAILED)
    assert more == [Then("merge_request.demand", each.id) for each in (shown, secret)]
