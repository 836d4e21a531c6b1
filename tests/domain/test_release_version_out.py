"""A version that is in production is that of the release that went there first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.gate import Status as Is
from domain.process.release import ReleaseStatus
from domain.release.state import Delivery, Progress, cargo_of
from tests.domain.given import DAY, NOON
from tests.domain.release_stories import PLAN, RITA, Office, filled

LIVE = "deploy:production"
TAKEN = "version_taken"
SAME = "version"


def went(office: Office, id: str, where: str = "production", **more: Any) -> None:
    """Let a release have gone somewhere."""
    state = office.release(id)
    told = (where, cargo_of(state), Progress.SUCCEEDED, RITA, office.at, RITA, office.at)
    delivery = replace(Delivery(*told), **more)
    kept = tuple(each for each in state.deliveries if each.environment != where)
    office.learn(replace(state, deliveries=(*kept, delivery)))


def both() -> tuple[Office, str, str]:
    """Two releases with one version, of a kind that is neither tagged nor published."""
    office = Office()
    first, second = (filled(office, "itsm_releases", "minor") for _ in range(2))
    return office, first, second


@pytest.mark.req("S4-04")
@pytest.mark.parametrize("progress", Progress)
def test_a_version_goes_to_production_with_one_release_alone(progress: Progress) -> None:
    office, first, second = both()
    assert TAKEN not in office.codes(second, LIVE)
    [told] = (e for e in office.verdict(second, LIVE).findings if e.requirement == SAME)
    assert (told.status, told.evidence) == (Is.NOT_APPLICABLE, (first,))
    went(office, first, progress=progress)
    arriving = progress in (Progress.RUNNING, Progress.SUCCEEDED)
    assert (TAKEN in office.codes(second, LIVE)) is arriving
    assert TAKEN not in office.codes(second, "deploy:staging"), "only where people use it"
    assert TAKEN not in office.codes(first, LIVE)
    assert TAKEN not in office.codes(filled(office, "mozilla", "train"), "deploy:staging")


@pytest.mark.req("S4-04")
def test_another_version_of_its_own_or_of_another_service_goes_there() -> None:
    office, first, second = both()
    went(office, first)
    assert TAKEN in office.codes(filled(office), LIVE), "of whatever kind"
    for plan in (replace(PLAN, versions=("1.2.1",)), replace(PLAN, service="elsewhere")):
        office.learn(replace(office.release(second), plan=plan))
        assert TAKEN not in office.codes(second, LIVE)
    office.learn(replace(office.release(second), plan=PLAN))
    office.learn(replace(office.release(first), status=ReleaseStatus.ABORTED))
    assert TAKEN not in office.codes(second, LIVE), "what was given up has none"


@pytest.mark.req("S4-04")
def test_the_first_to_go_there_goes_there_again() -> None:
    office, first, second = both()
    went(office, first, "staging")
    assert TAKEN not in office.codes(second, LIVE), "it was in staging alone"
    went(office, second)
    went(office, first, started_at=NOON - DAY)
    assert TAKEN not in office.codes(first, LIVE)
    assert TAKEN in office.codes(second, LIVE)
    went(office, first, progress=Progress.ROLLED_BACK)
    assert TAKEN in office.codes(first, LIVE), "by now it is that of the other"
    assert TAKEN not in office.codes(second, LIVE)


@pytest.mark.req("S4-04")
def test_what_was_published_has_its_version_in_production_too() -> None:
    office, first, second = both()
    office.learn(replace(office.release(first), published_at=NOON))
    assert TAKEN in office.codes(second, LIVE)
    hidden = replace(office.release(first), embargoed=True)
    office.learn(hidden)
    assert TAKEN not in office.codes(second, LIVE), "what is hidden is not told"
