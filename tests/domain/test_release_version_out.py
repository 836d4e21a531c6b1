"""A version that is in production is that of the release that went there first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.deployment.state import Status
from domain.gate import Finding
from domain.gate import Status as Is
from domain.process.release import ReleaseStatus
from domain.release.state import Delivery, Progress, Stood, cargo_of
from tests.domain.given import DAY, NOON
from tests.domain.organisation import refused
from tests.domain.release_stories import COMMIT, OTHER, PACKAGE, PLAN, RITA, Office, filled
from tests.domain.test_release_there import deployment

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


def told(office: Office, id: str) -> tuple[Finding, ...]:
    """What is told of a version before it goes to production, where anything is."""
    found = office.verdict(id, LIVE).findings
    return tuple(e for e in found if e.status is not Is.SATISFIED)


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
    own, told = (e for e in office.verdict(second, LIVE).findings if e.requirement == SAME)
    assert own.status is Is.SATISFIED
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


@pytest.mark.req("S4-04", "S3-11")
def test_what_was_given_up_has_no_version_unless_it_went_there() -> None:
    office, first, second = both()
    office.learn(replace(office.release(first), status=ReleaseStatus.ABORTED))
    assert TAKEN not in office.codes(second, LIVE)
    assert SAME not in {e.requirement for e in told(office, second)}, "it does not go on"
    went(office, first)
    assert TAKEN in office.codes(second, LIVE)
    went(office, first, progress=Progress.ROLLED_BACK)
    assert TAKEN not in office.codes(second, LIVE), "it was taken back"


@pytest.mark.req("S4-04")
@pytest.mark.parametrize("progress", [Progress.FAILED, Progress.ROLLED_BACK])
def test_what_failed_there_later_takes_back_nothing_of_what_it_brought_before(
    progress: Progress,
) -> None:
    office, first, second = both()
    went(office, first, progress=progress, deployment="f" * 32)
    stood = deployment("production", NOON - DAY)
    office.learn(replace(stood, wish=replace(stood.wish, belongs_to=first)))
    assert TAKEN in office.codes(second, LIVE)
    with refused("still_live"):
        office.ask(RITA, "release.abort", first, reason="It failed.")
    office.learn(replace(stood, status=Status.ROLLED_BACK))
    assert TAKEN not in office.codes(second, LIVE)


@pytest.mark.req("S4-04")
@pytest.mark.parametrize("progress", [Progress.FAILED, Progress.ROLLED_BACK])
def test_what_failed_by_hand_later_takes_back_nothing_either(progress: Progress) -> None:
    office, first, second = both()
    went(office, first, progress=progress)
    span = Stood("production", "1.2.0", NOON - DAY)
    office.learn(replace(office.release(first), stood=(span,)))
    assert TAKEN in office.codes(second, LIVE)
    office.learn(replace(office.release(first), stood=(replace(span, until=NOON),)))
    assert TAKEN not in office.codes(second, LIVE)


@pytest.mark.req("S4-04")
@pytest.mark.parametrize("versions", [("9.0.0",), ("1.3.0", "1.2.0")])
def test_what_is_live_keeps_its_versions(versions: tuple[str, ...]) -> None:
    office, first, _ = both()
    went(office, first, "staging")
    went(office, first)
    with refused("version_live"):
        office.ask(RITA, "release.edit", first, plan=replace(PLAN, versions=versions))
    office.ask(RITA, "release.edit", first, plan=replace(PLAN, title="Push the shop"))
    went(office, first, progress=Progress.ROLLED_BACK)
    office.ask(RITA, "release.edit", first, plan=replace(PLAN, versions=versions))


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


@pytest.mark.req("S4-04")
def test_what_is_live_stays_made_of_what_it_was_made_of() -> None:
    office, first, _ = both()
    other, digest = OTHER, "sha256:" + "9" * 64
    told = {"release_version": "1.2.0"}

    def aim(**made: Any) -> None:
        office.ask(RITA, "release.aim", first, **told, **made)

    went(office, first, "staging")
    aim(commit=other)
    aim(commit=COMMIT)
    went(office, first)
    for made in ({"commit": other}, {"commit": None}, {"commit": other, "package": PACKAGE}):
        with refused("version_live"):
            aim(**made)
    aim(package=PACKAGE)
    for made in ({"package": digest}, {"package": None}):
        with refused("version_live"):
            aim(**made)
    aim(package=PACKAGE, commit=COMMIT)
    went(office, first, progress=Progress.ROLLED_BACK)
    aim(commit=other, package=None)


@pytest.mark.req("S4-04")
@pytest.mark.parametrize("progress", [Progress.RUNNING, Progress.FAILED, Progress.ROLLED_BACK])
def test_what_is_about_to_be_live_or_was_before_stays_so_no_less(progress: Progress) -> None:
    office, first, _ = both()
    went(office, first, progress=progress)
    span = Stood("production", "1.2.0", NOON - DAY)
    if progress is not Progress.RUNNING:
        office.ask(RITA, "release.aim", first, release_version="1.2.0", commit=OTHER)
        office.learn(replace(office.release(first), stood=(span,)))
    with refused("version_live"):
        office.ask(RITA, "release.aim", first, release_version="1.2.0", commit="7" * 40)
