"""A critical patch goes out when application security and release managers agreed that it does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.accord.state import Accord, Status, Terms
from domain.gate import Act, Finding
from domain.release.gate.gates import verdict
from tests.domain.given import DAY, NOON
from tests.domain.organisation import person, refused, ways
from tests.domain.patch_stories import (
    APPSEC,
    FINDER,
    accord,
    begin,
    patch_office,
    prepared,
    tag_and_test,
    to_preparation,
)
from tests.domain.release_stories import RITA, SAM, Office, hold

STEPS = "enter_phase:first_steps"
SECOND = timedelta(seconds=1)
OWN = {"before_agreed_date", "agreed_date_passed", "date_not_agreed", "not_agreed"}


def agree(office: Office, when: str) -> None:
    office.ask(APPSEC, "accord.agree", when, rule="appsec")
    office.ask(RITA, "accord.agree", when, rule="release_managers")


def agreed(office: Office, id: str, due: datetime) -> str:
    """Terms to which both parties agree."""
    when = accord(office, APPSEC, id, "timeline", due=due)
    agree(office, when)
    return when


def patch(scheduled: datetime | None = None) -> tuple[Office, str]:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=scheduled)
    return office, id


def say(office: Office, who: str, when: str) -> None:
    """That one of the parties agrees, a while after what was said before."""
    office.at += DAY / 24
    office.ask(who, "accord.agree", when, rule="appsec" if who == APPSEC else "release_managers")


def status(office: Office, when: str) -> Status:
    found: Accord = office.states[Accord, when]
    return found.status


def at(office: Office, id: str, when: datetime, gate: str = "publish") -> set[str]:
    """What the gate has against the date at a moment."""
    office.at = when
    return OWN & office.codes(id, gate)


@pytest.mark.req("S1-41", "S1-44")
def test_it_is_published_on_the_agreed_day_neither_before_nor_after() -> None:
    office, id = patch()
    due = NOON + 20 * DAY
    agreed(office, id, due)
    assert at(office, id, NOON + DAY) == {"before_agreed_date"}
    assert at(office, id, NOON + DAY, STEPS) == set(), "work begins at once"
    assert at(office, id, due - DAY - SECOND) == {"before_agreed_date"}
    [early] = [e for e in office.verdict(id, "publish").blocking if e.code in OWN]
    assert ways(early) == [["release.wait"], ["accord.revise"]]
    assert at(office, id, due - DAY) == set()
    assert at(office, id, due) == set()
    assert at(office, id, due + SECOND) == {"agreed_date_passed"}
    assert at(office, id, due + SECOND, STEPS) == {"agreed_date_passed"}


@pytest.mark.req("S1-41", "S1-44")
def test_who_moves_its_date_alone_closes_its_gates_until_that_is_agreed_on() -> None:
    office, id = patch()
    due = NOON + DAY / 2
    when = agreed(office, id, due)
    later = NOON + 90 * DAY
    told = {"scheduled": later, "reason": "Later."}
    office.ask(RITA, "release.reschedule", id, **told)
    for gate in (STEPS, "publish"):
        assert OWN & office.codes(id, gate) == {"date_not_agreed"}
    found = office.verdict(id, "publish").blocking
    [differs] = [each for each in found if each.code == "date_not_agreed"]
    assert ways(differs) == [["release.reschedule"], ["accord.revise"]]
    assert all(each.isoformat() in differs.message for each in (later, due))
    office.ask(RITA, "release.reschedule", id, scheduled=due, reason="As agreed.")
    assert OWN & office.codes(id, "publish") == set()
    office.ask(RITA, "release.reschedule", id, **told)
    office.ask(RITA, "accord.revise", when, terms=Terms("Later.", later))
    assert OWN & office.codes(id, "publish") == {"not_agreed"}
    agree(office, when)
    assert OWN & office.codes(id, "publish") == {"before_agreed_date"}
    assert OWN & office.codes(id, STEPS) == set()


@pytest.mark.req("S1-41", "S1-44")
def test_what_was_agreed_on_last_counts_and_an_emergency_goes_out_by_that() -> None:
    office, id = patch()
    office.attest(APPSEC, id, "assessment", STEPS)
    first = agreed(office, id, NOON + 20 * DAY)
    begin(office, id, office.at)
    to_preparation(office, id, None)
    tag_and_test(office, id)
    office.attest(APPSEC, id, "announcement", "publish")
    with refused("before_agreed_date"):
        office.ask(RITA, "release.publish", id)
    agreed(office, id, office.at + DAY / 24)
    assert office.codes(id, "publish") == set()
    with refused("accord_superseded", "not_awaited"):
        agree(office, first)
    late = agreed(office, id, office.at + 20 * DAY)
    assert office.codes(id, "publish") == {"before_agreed_date"}
    office.ask(RITA, "accord.revise", late, terms=Terms("Exploited.", office.at + DAY / 24))
    agree(office, late)
    office.ask(RITA, "release.publish", id)
    assert office.release(id).published_at is not None


@pytest.mark.req("S1-41", "S1-44")
@pytest.mark.parametrize("first, then", [(1, 20), (20, 1)])
def test_nobody_brings_terms_back_alone_that_the_parties_agreed_to_before(
    first: int, then: int
) -> None:
    office, id = patch()
    before = agreed(office, id, NOON + first * DAY)
    office.at += DAY / 24
    later = agreed(office, id, NOON + then * DAY)
    early = {"before_agreed_date"} if then > 1 else set()
    assert OWN & office.codes(id, "publish") == early
    assert [status(office, e) for e in (before, later)] == [Status.SUPERSEDED, Status.OPEN]
    for who in (APPSEC, RITA):
        with refused("accord_superseded", "not_awaited"):
            say(office, who, before)
    with refused("accord_superseded"):
        office.ask(RITA, "accord.revise", before, terms=Terms("Now.", NOON + DAY))
    assert OWN & office.codes(id, "publish") == early


@pytest.mark.req("S1-41", "S1-44")
@pytest.mark.parametrize("how", ["withdraw", "revise", "object"])
def test_without_the_terms_agreed_on_last_nothing_is_agreed(how: str) -> None:
    office, id = patch()
    agreed(office, id, NOON + DAY)
    office.at += DAY / 24
    later = agreed(office, id, NOON + 20 * DAY)
    if how == "withdraw":
        office.ask(RITA, "accord.withdraw", later, reason="Sooner.")
    elif how == "revise":
        office.ask(RITA, "accord.revise", later, terms=Terms("Sooner.", NOON + DAY))
    else:
        told = {"rule": "release_managers", "reason": "Sooner."}
        office.ask(RITA, "accord.object", later, **told)
    assert OWN & office.codes(id, "publish") == {"not_agreed"}
    [found] = [e for e in office.verdict(id, STEPS).blocking if e.code == "not_agreed"]
    wanted = "accord.propose" if how == "withdraw" else "accord.agree"
    assert [each.action for each in found.acts] == [wanted]
    agreed(office, id, NOON + DAY)
    assert OWN & office.codes(id, "publish") == set()


def lacking(office: Office, id: str) -> Finding:
    """What the gate says of the agreement, to those who may agree, or could by their roles."""
    found = verdict(
        office.release(id),
        STEPS,
        at=office.at,
        authority=office.authority,
        records=office.records,
        who=lambda _: frozenset((APPSEC, FINDER, RITA, SAM)),
    ).blocking
    [lack] = [each for each in found if each.code == "not_agreed"]
    return lack


def parties(acts: tuple[Act, ...]) -> dict[str | None, frozenset[str]]:
    """Who of each party is asked to agree, once."""
    assert {(each.action, each.count) for each in acts} == {("accord.agree", 1)}
    return {each.rule: each.people for each in acts}


@pytest.mark.req("S1-41", "X-03")
def test_of_each_party_that_has_not_agreed_it_is_named_who_does() -> None:
    office, id = patch()
    appsec, managers = {"appsec": {APPSEC}}, {"release_managers": {RITA}}
    when = accord(office, APPSEC, id, "timeline", due=NOON + DAY)
    assert parties(lacking(office, id).acts) == appsec | managers
    say(office, RITA, when)
    assert parties(lacking(office, id).acts) == appsec
    told = {"rule": "appsec", "reason": "Sooner."}
    office.ask(APPSEC, "accord.object", when, **told)
    assert parties(lacking(office, id).acts) == appsec, "who objected may agree after all"
    other = accord(office, RITA, id, "timeline", due=NOON + DAY / 2)
    found = lacking(office, id)
    assert [parties(each) for each in (found.acts, *found.instead)] == [appsec, appsec | managers]
    for way, terms in ((found.acts, when), (found.instead[0], other)):
        assert {each.subject for each in way} == {terms}
    office.learn(person(APPSEC, suspended=True))
    dead = lacking(office, id)
    assert (parties(dead.acts), dead.instead) == ({None: frozenset()}, ()), "a party has nobody"


@pytest.mark.req("S1-41", "X-03")
def test_who_holds_the_roles_of_both_parties_is_asked_for_one_of_them() -> None:
    office, id = patch()
    office.learn(hold(APPSEC, "role:release_manager"))
    when = accord(office, APPSEC, id, "timeline", due=NOON + DAY)
    assert parties(lacking(office, id).acts) == {"appsec": {APPSEC}, "release_managers": {RITA}}
    office.ask(APPSEC, "accord.agree", when, rule="release_managers")
    assert parties(lacking(office, id).acts) == {"appsec": {APPSEC}, "release_managers": {RITA}}


@pytest.mark.req("S1-41", "S1-44")
@pytest.mark.parametrize("one, other", [(APPSEC, RITA), (RITA, APPSEC)])
def test_what_a_party_agreed_to_before_it_agreed_to_the_terms_is_no_word_any_more(
    one: str, other: str
) -> None:
    office, id = patch()
    soon = accord(office, one, id, "timeline", due=NOON + DAY)
    late = accord(office, other, id, "timeline", due=NOON + 20 * DAY)
    say(office, one, soon)
    say(office, other, late)
    say(office, other, soon)
    assert OWN & office.codes(id, "publish") == set()
    with refused("accord_superseded", "not_awaited"):
        say(office, one, late)
    assert OWN & office.codes(id, "publish") == set()


@pytest.mark.req("S1-41", "S1-44")
def test_terms_proposed_since_stay_until_both_agree_or_one_goes_back_on_them() -> None:
    office, id = patch()
    first = agreed(office, id, NOON + DAY)
    bare = accord(office, APPSEC, id, "timeline", due=NOON + 30 * DAY)
    late = accord(office, APPSEC, id, "timeline", due=NOON + 20 * DAY)
    say(office, APPSEC, late)
    say(office, RITA, first)
    assert status(office, late) is Status.OPEN, "one party does not end what the other asks for"
    told = {"rule": "release_managers", "reason": "Why?"}
    office.ask(RITA, "accord.object", first, **told)
    say(office, RITA, first)
    assert status(office, late) is Status.OPEN
    assert OWN & office.codes(id, "publish") == set()
    say(office, RITA, late)
    assert OWN & office.codes(id, "publish") == {"before_agreed_date"}
    assert [status(office, e) for e in (first, bare)] == [Status.SUPERSEDED, Status.OPEN]
    sooner = accord(office, RITA, id, "timeline", due=NOON + DAY)
    say(office, RITA, sooner)
    say(office, RITA, late)
    assert status(office, sooner) is Status.SUPERSEDED, "who asked for it agreed to the other"


@pytest.mark.req("S1-41", "S1-44")
@pytest.mark.parametrize("how", ["agree", "object"])
def test_of_terms_that_stood_side_by_side_before_the_later_ones_bind_alone(how: str) -> None:
    office, id = patch()
    first = agreed(office, id, NOON + DAY)
    kept: Accord = office.states[Accord, first]
    office.at += DAY / 24
    later = agreed(office, id, NOON + 20 * DAY)
    office.learn(kept)
    if how == "object":
        told = {"rule": "release_managers", "reason": "Why?"}
        office.ask(RITA, "accord.object", first, **told)
    say(office, RITA, first)
    assert OWN & office.codes(id, "publish") == {"before_agreed_date"}
    office.ask(RITA, "accord.withdraw", later, reason="Sooner.")
    assert OWN & office.codes(id, "publish") == {"not_agreed"}
