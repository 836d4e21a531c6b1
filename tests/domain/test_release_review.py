"""A release is looked back on once it is out, and once more where that left something out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.release.parts import Delivery
from domain.release.state import Progress
from tests.domain.organisation import refused
from tests.domain.release_stories import RITA, Office, opened
from tests.domain.test_release_publication import boat


def tried(office: Office, id: str, where: str = "production") -> None:
    """Let it have gone somewhere, without success."""
    last = Delivery(where, "sha256:1", Progress.FAILED, RITA, office.at, RITA, office.at)
    office.learn(replace(office.release(id), deliveries=(last,)))


@pytest.mark.req("S3-11")
def test_it_is_looked_back_on_once_it_went_where_people_use_it_well_or_not() -> None:
    office = Office()
    major = opened(office, "itsm_releases", "major")
    tried(office, major, "staging")
    with refused("not_out_yet") as no:
        office.ask(RITA, "release.review", major, findings="Fine.")
    assert "It has to go to production first" in no.value.problems[0].message
    tried(office, major)
    last = replace(office.release(major).deliveries[0], progress=Progress.RUNNING)
    office.learn(replace(office.release(major), deliveries=(last,)))
    with refused("not_out_yet"):
        office.ask(RITA, "release.review", major, findings="Fine.")
    tried(office, major)
    office.ask(RITA, "release.review", major, findings="It failed.")


@pytest.mark.req("S3-11")
def test_what_is_only_published_is_looked_back_on_once_it_was() -> None:
    office, id = boat()
    with refused("not_out_yet") as no:
        office.ask(RITA, "release.review", id, findings="Fine.")
    assert "It has to be published first" in no.value.problems[0].message
    office.ask(RITA, "release.publish", id)
    office.ask(RITA, "release.review", id, findings="Fine.")


@pytest.mark.req("S3-11")
def test_a_release_is_looked_back_on_once_with_what_users_said() -> None:
    office = Office()
    major = opened(office, "itsm_releases", "major")
    assert "review_missing" in office.codes(major, "close")
    with refused("not_out_yet"):
        office.ask(RITA, "release.review", major, findings="Fine.")
    tried(office, major)
    with refused("text_missing"):
        office.ask(RITA, "release.review", major, findings="", feedback=" ")
    office.ask(RITA, "release.review", major, findings="Fine.")
    assert "feedback_missing" in office.codes(major, "close")
    with refused("reviewed_before"):
        office.ask(RITA, "release.review", major, findings="Fine, as I said.")
    told = {"findings": "Fine.", "feedback": "They like it.", "lessons": "Test sooner."}
    office.ask(RITA, "release.review", major, **told)
    assert "feedback_missing" not in office.codes(major, "close")
    with refused("reviewed_before"):
        office.ask(RITA, "release.review", major, **told)
    assert "review_missing" not in office.codes(major, "close")
