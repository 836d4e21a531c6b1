"""A release is looked back on once it is out, and once more where that left something out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.kernel import Recorded
from domain.release.act_events import Reviewed
from domain.release.aggregate import AGGREGATE as RELEASE
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.release.parts import Delivery
from domain.release.state import Progress
from tests.domain.organisation import HOUR, adopted, refused
from tests.domain.release_stories import RITA, Office, opened
from tests.domain.test_release_publication import PLAYBOOK, boat


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


def acts(office: Office, id: str, gate: str) -> list[list[str]]:
    """By what acts the gate says that what it asks about looking back is met."""
    ask = Question(office.release(id), office.at, office.authority, office.records)
    (lacking,) = (e for e in asked(ask, gate).findings if e.code == "review_missing")
    return [[each.description for each in way] for way in (lacking.acts, *lacking.instead)]


@pytest.mark.req("S3-11")
def test_a_gate_says_what_brings_it_out_before_it_is_looked_back_on() -> None:
    office = Office()
    major = opened(office, "itsm_releases", "major")
    look = "Look back on how it went."
    assert acts(office, major, "close") == [["Deploy it to production.", look]]
    tried(office, major)
    assert acts(office, major, "close") == [[look]]


def reviewed(gates: str, more: str = "") -> tuple[Office, str]:
    """A release whose playbook asks at these gates that it was looked back on; it goes to sea."""
    body = PLAYBOOK.replace('"publish", ', "").replace('"publish"', '"close"')
    body = body.replace('environments = ["slip"]', 'environments = ["slip", "sea"]')
    body = body.replace('"deploy:slip"', '"deploy:slip", "deploy:sea"')
    row = f'name = "back"\ntitle = "Back"\nabout = "review"\ngates = [{gates}]\n{more}'
    office = Office()
    office.learn(adopted("boats", f"{body}\n[[release.requirement]]\n{row}"))
    return office, opened(office, "boats", "load", scheduled=None)


@pytest.mark.req("S3-11")
def test_one_that_goes_out_only_after_it_was_looked_back_on_may_be_before() -> None:
    office, id = reviewed('"deploy:sea", "close"')
    assert acts(office, id, "deploy:sea") == [["Look back on how it went."]]
    office.ask(RITA, "release.review", id, findings="Fine at the slip.")
    assert "review_missing" not in office.codes(id, "deploy:sea")


@pytest.mark.req("S3-11")
def test_where_that_is_waived_it_goes_out_first() -> None:
    office, id = reviewed('"deploy:sea", "close"', 'waivable_by = "role:service_owner"\n')
    with refused("not_out_yet"):
        office.ask(RITA, "release.review", id, findings="Fine at the slip.")
    assert acts(office, id, "deploy:sea") == [[]]
    assert acts(office, id, "close") == [["Deploy it to sea.", "Look back on how it went."]]


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


@pytest.mark.req("S3-11")
@pytest.mark.parametrize("published", [False, True])
def test_what_was_said_before_it_was_out_counts_for_nothing_and_is_said_anew(
    published: bool,
) -> None:
    office, major = boat() if published else (made := Office(), planned(made))
    early(office, major)
    if published:
        office.ask(RITA, "release.publish", major)
    else:
        assert told(office, major) == {f"{EARLY} It has to go to production first."}
        tried(office, major)
        assert told(office, major) == {EARLY}
    office.ask(RITA, "release.review", major, findings="It went well.", feedback="They like it.")
    assert "review_missing" not in office.codes(major, "close")
    with refused("reviewed_before"):
        office.ask(RITA, "release.review", major, findings="It went well.", feedback="They do.")


EARLY = "Nobody has looked back on it since it was out."


def planned(office: Office) -> str:
    """One that has only been where it is tested."""
    id = opened(office, "itsm_releases", "major")
    tried(office, id, "staging")
    return id


def told(office: Office, id: str) -> set[str]:
    """What its close gate says of looking back."""
    found = office.verdict(id, "close").findings
    return {each.message for each in found if each.code == "review_missing"}


def early(office: Office, id: str) -> None:
    """As old logs have it: somebody looked back on it before it was out."""
    state, said = office.release(id), Reviewed("Fine.", "They like it.", None)
    told = Recorded(said, f"{id}-r.0", id, state.version + 1, office.at, RITA)
    office.learn(RELEASE.evolve(state, told))
    office.at += HOUR
