"""Who works on a hidden release is told what stands beside it in the open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.gate import Finding
from domain.gate import Status as Is
from domain.passage import evidence
from domain.release.state import Progress
from tests.domain.patch_stories import request
from tests.domain.release_stories import DATE, OTHER, RITA, Office, filled

GATES = ("tag", "deploy:staging", "publish", "close")


def told(made: Office, id: str, gate: str = "close") -> list[Finding]:
    """What a gate says of what stands beside the release."""
    return [each for each in made.verdict(id, gate).findings if each.requirement == "beside"]


def hidden(made: Office) -> str:
    """A hidden release with something hidden in it."""
    made.learn(request("f" * 32, "master", embargoed=True))
    id = filled(made, embargoed=True)
    made.ask(RITA, "release.include", id, merge_requests=["f" * 32])
    return id


@pytest.mark.req("S4-04", "S1-12", "X-05")
def test_a_tag_that_was_set_in_the_open_as_well_is_told_and_kept() -> None:
    made = Office()
    made.at = DATE
    id, other = hidden(made), filled(made)
    known = replace(made.release(id), tags=())
    made.learn(known)
    assert [each.status for each in told(made, id)] == [Is.NOT_APPLICABLE]
    made.report("pipeline", subject=OTHER)
    made.ask(RITA, "release.aim", other, release_version="1.2.0", commit=OTHER)
    made.ask(RITA, "release.tag", other, release_version="1.2.0", name="v1.2.0")
    [mine] = made.release(other).tags
    made.learn(replace(known, tags=(replace(mine, commit="1" * 40),)))
    for gate in GATES:
        [found] = told(made, id, gate)
        assert (found.status, found.evidence) == (Is.SATISFIED, (other,))
        assert "v1.2.0" in found.message
    [kept] = [e for e in evidence(made.verdict(id, "publish")) if e.requirement == "beside"]
    assert kept.evidence == (other,)
    made.learn(replace(known, tags=(mine,)))
    assert [each.status for each in told(made, id)] == [Is.NOT_APPLICABLE], "it is the same commit"
    elsewhere = made.release(other)
    made.learn(replace(known, tags=(replace(mine, commit="1" * 40),)))
    made.learn(replace(elsewhere, tags=(replace(elsewhere.tags[0], projects=("toy",)),)))
    assert [each.status for each in told(made, id)] == [Is.NOT_APPLICABLE], "of another project"


@pytest.mark.req("S0-13", "S1-12", "X-05")
def test_what_is_deployed_in_the_open_where_it_is_under_way_is_told() -> None:
    made = Office()
    made.at = DATE
    id, other = hidden(made), filled(made, "itsm_releases", "major")
    made.ask(RITA, "release.aim", other, release_version="1.2.0", commit=OTHER)
    made.compare(other, OTHER)
    made.ask(RITA, "release.deploy", other, environment="test")
    [going] = made.release(other).deliveries
    assert [each.status for each in told(made, id)] == [Is.NOT_APPLICABLE]
    made.learn(replace(made.release(id), deliveries=(going,)))
    for gate in GATES:
        [found] = told(made, id, gate)
        assert (found.status, found.evidence) == (Is.SATISFIED, (other,))
        assert "test" in found.message
    made.settle(other, "test", Progress.SUCCEEDED)
    assert [each.status for each in told(made, id)] == [Is.NOT_APPLICABLE]


def test_nothing_of_it_is_asked_in_the_open() -> None:
    made = Office()
    made.at = DATE
    id = filled(made)
    assert [told(made, id, gate) for gate in GATES] == [[], [], [], []]
