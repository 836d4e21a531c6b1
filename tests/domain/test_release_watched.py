"""A release is closed once what brought it to where it runs works and was watched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.deployment.state import Deployment, Status, Wish
from domain.gate import Status as Is
from domain.release.state import Delivery, Progress
from tests.domain.given import NOON
from tests.domain.organisation import OWEN, SERVICE, SUE, refused
from tests.domain.release_stories import RITA, Office, filled

CODES = {"not_verified", "not_watched"}
STANDS = "d" * 32


def arrived(
    playbook: str, kind: str, where: str = "production", *, kept: bool = True
) -> tuple[Office, str]:
    """A release that went there, by a deployment that is kept here or by hand."""
    made = Office()
    id = filled(made, playbook, kind)
    wish = Wish("a" * 32, where, "None.", belongs_to=id)
    told = (where, "a" * 32, "1.2.0", SERVICE, wish, OWEN, NOON)
    made.learn(Deployment(STANDS, 2, Status.SUCCEEDED, *told, started_at=NOON, current=True))
    went = Delivery(where, "", Progress.SUCCEEDED, RITA, NOON, RITA, NOON, STANDS if kept else None)
    made.learn(replace(made.release(id), deliveries=(went,)))
    return made, id


def said(made: Office, release: str) -> list[Any]:
    """What its close says of that."""
    findings = made.verdict(release, "close").findings
    return [each for each in findings if each.requirement == "watched"]


@pytest.mark.req("S4-06", "S3-09")
@pytest.mark.parametrize("playbook,kind", [("mozilla", "train"), ("itsm_releases", "major")])
def test_a_release_is_not_closed_before_what_brought_it_is_verified_and_watched(
    playbook: str, kind: str
) -> None:
    made, id = arrived(playbook, kind)
    assert made.codes(id, "close") >= CODES
    with refused(*CODES):
        made.ask(RITA, "release.close", id)
    assert {act.action for each in said(made, id) for act in each.acts} == {
        "deployment.verify",
        "deployment.watch",
    }
    made.ask(SUE, "deployment.watch", STANDS, well=False, note="Errors.")
    made.ask(SUE, "deployment.verify", STANDS, passed=False, findings="Login fails.")
    assert made.codes(id, "close") >= CODES
    made.ask(SUE, "deployment.watch", STANDS, well=True, note="Quiet.")
    assert made.codes(id, "close") & CODES == {"not_verified"}
    made.ask(SUE, "deployment.verify", STANDS, passed=True, findings="Login works.")
    assert not made.codes(id, "close") & CODES


def test_what_was_brought_elsewhere_or_taken_back_is_not_looked_after() -> None:
    made, id = arrived("itsm_releases", "major", "staging")
    assert [each.status for each in said(made, id)] == [Is.NOT_APPLICABLE]
    made, id = arrived("itsm_releases", "major")
    (went,) = made.release(id).deliveries
    back = replace(went, progress=Progress.ROLLED_BACK)
    made.learn(replace(made.release(id), deliveries=(back,)))
    assert [each.status for each in said(made, id)] == [Is.NOT_APPLICABLE]


@pytest.mark.req("S4-06", "S3-09")
@pytest.mark.parametrize("playbook,kind", [("mozilla", "train"), ("itsm_releases", "major")])
def test_of_what_was_brought_by_hand_somebody_attests_that_it_works_and_was_watched(
    playbook: str, kind: str
) -> None:
    made, id = arrived(playbook, kind, kept=False)
    (finding,) = said(made, id)
    assert (finding.code, [each.action for each in finding.acts]) == (
        "not_verified",
        ["release.attest"],
    )
    made.attest(RITA, id, "watched", "close", "fails")
    assert [each.code for each in said(made, id)] == ["attested_against"]
    made.attest(RITA, id, "watched", "close")
    assert [each.status for each in said(made, id)] == [Is.SATISFIED]
    (went,) = made.release(id).deliveries
    made.learn(replace(made.release(id), deliveries=(replace(went, settled_at=made.at),)))
    assert [each.code for each in said(made, id)] == ["not_verified"], "it came there anew"
    with refused("unknown_requirement"):
        made.attest(RITA, id, "in_production", "close")
