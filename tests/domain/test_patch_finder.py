"""Who found the vulnerability is no part of application security for the patch that mends it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.accord.standing import agreed
from domain.accord.state import Accord
from domain.grant.aggregate import Scope
from domain.merge_request.state import Status
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.release.state import Judgement
from domain.security_fix.state import FinderProposal, SecurityFix
from tests.domain.given import DAY, NOON
from tests.domain.organisation import person, refused
from tests.domain.patch_stories import (
    APPSEC,
    FINDER,
    PATCH,
    accord,
    begin,
    fix,
    linked,
    patch_office,
    prepared,
    tag_and_test,
    to_preparation,
)
from tests.domain.release_stories import PROJECT, RITA, Office, hold, opened

STEPS = "enter_phase:first_steps"


def agree(office: Office, id: str, appsec: str = APPSEC) -> str:
    """A timeline that both parties agree to."""
    when = accord(office, RITA, id, "timeline", due=NOON + DAY)
    office.ask(appsec, "accord.agree", when, rule="appsec")
    office.ask(RITA, "accord.agree", when, rule="release_managers")
    return when


def holds(office: Office, id: str) -> bool:
    found: Accord = office.states[Accord, id]
    return agreed(found, office.authority, office.at, office.records)


@pytest.mark.req("S1-20", "S1-40", "S1-47")
def test_who_found_it_attests_neither_the_assessment_nor_the_announcement() -> None:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    for requirement, gate in (("assessment", STEPS), ("announcement", "publish")):
        with refused("own_find"):
            office.attest(FINDER, id, requirement, gate)
        office.attest(APPSEC, id, requirement, gate)
    agree(office, id)
    assert office.codes(id, STEPS) == set()


@pytest.mark.req("S1-20", "S1-41")
def test_who_found_it_agrees_to_no_timeline_as_application_security() -> None:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    when = accord(office, FINDER, id, "timeline", due=NOON + DAY)
    with refused("own_find"):
        office.ask(FINDER, "accord.agree", when, rule="appsec")
    office.ask(RITA, "accord.agree", when, rule="release_managers")
    assert not holds(office, when)
    office.ask(APPSEC, "accord.agree", when, rule="appsec")
    assert holds(office, when)


@pytest.mark.req("S1-20", "S1-40", "S1-41")
@pytest.mark.parametrize("by", ["link", "merge request"])
def test_what_its_finder_said_before_it_was_known_what_is_fixed_counts_no_more(by: str) -> None:
    office = patch_office()
    id = opened(office, "critical_patch", "critical_patch", PATCH, scheduled=None)
    office.attest(FINDER, id, "assessment", STEPS)
    when = agree(office, id, FINDER)
    assert holds(office, when)
    if by == "link":
        office.learn(linked(fix(), id, "a"))
        assert "own_find" in office.codes(id, STEPS)
    else:
        parts = tuple(replace(each, excluded=(FINDER,)) for each in fix())
        office.learn(*parts)
        office.ask(RITA, "release.include", id, merge_requests=[each.id for each in parts])
        assert "attestation_missing" in office.codes(id, STEPS), "it was of what was in it then"
        with refused("own_find"):
            office.attest(FINDER, id, "assessment", STEPS)
    assert not holds(office, when)
    assert "not_agreed" in office.codes(id, STEPS)


@pytest.mark.req("S1-20", "S1-40")
def test_another_attests_anew_what_the_finder_attested_before_the_first_steps() -> None:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    known: SecurityFix = office.states[SecurityFix, "a" * 32]
    office.learn(replace(known, reporter=APPSEC))
    office.attest(FINDER, id, "assessment", STEPS)
    agree(office, id, FINDER)
    office.at = NOON
    office.ask(RITA, "release.enter_phase", id)
    office.finish_tasks(id, "first_steps")
    assert office.codes(id, "enter_phase:early_merge") == set()
    office.learn(known)
    found = office.verdict(id, "enter_phase:early_merge").blocking
    assert {each.code for each in found} == {"own_find"}
    assert "assessment" in found[0].message
    office.ask(FINDER, "release.withdraw_attestation", id, requirement="assessment", gate=STEPS)
    assert office.codes(id, "enter_phase:early_merge") == {"attestation_missing"}
    office.attest(APPSEC, id, "assessment", STEPS)
    assert office.codes(id, "enter_phase:early_merge") == set()


def known_late(office: Office) -> tuple[str, SecurityFix]:
    """A patch past the first steps by the word of one who turns out to have found its fix."""
    id = prepared(office, "critical_patch", scheduled=None)
    known: SecurityFix = office.states[SecurityFix, "a" * 32]
    office.learn(replace(known, reporter=APPSEC))
    office.attest(FINDER, id, "assessment", STEPS)
    agree(office, id, FINDER)
    office.at = NOON
    office.ask(RITA, "release.enter_phase", id)
    office.finish_tasks(id, "first_steps")
    office.at = NOON + DAY / 24
    office.learn(known)
    return id, known


@pytest.mark.req("S1-20", "S1-40")
def test_that_another_calls_it_wrong_opens_nothing_for_the_finders_word() -> None:
    office = patch_office()
    id, known = known_late(office)
    gate, asked = "enter_phase:early_merge", {"requirement": "assessment", "gate": STEPS}
    assert office.codes(id, gate) == {"own_find"}
    no = {"judgement": Judgement.FAILS, "comment": "It was assessed wrongly."}
    office.ask(APPSEC, "release.attest", id, **asked, **no)
    [found] = office.verdict(id, gate).blocking
    assert found.code == "attested_against"
    assert {each.action for each in found.acts} >= {"release.withdraw_attestation"}
    office.ask(RITA, "release.aim", id, release_version="17.6.1", commit="8" * 40)
    assert office.codes(id, gate) == {"attested_against"}, "whatever it is aimed at since"
    office.learn(replace(known, reporter=APPSEC))
    assert office.codes(id, gate) == {"attested_against"}, "the finder's word is no answer to it"
    office.learn(known)
    office.attest(APPSEC, id, "assessment", STEPS)
    assert office.codes(id, gate) == set()
    office.learn(replace(person(APPSEC), suspended=True))
    assert office.codes(id, gate) == {"own_find"}


@pytest.mark.req("S1-20", "S1-40")
def test_what_another_attested_of_something_else_is_no_word_on_what_went_on() -> None:
    office = patch_office()
    id = opened(office, "critical_patch", "critical_patch", PATCH, scheduled=None)
    office.attest(APPSEC, id, "assessment", STEPS)
    office.learn(*fix(), linked(fix(), id, "a"))
    known: SecurityFix = office.states[SecurityFix, "a" * 32]
    office.learn(replace(known, reporter=APPSEC))
    office.ask(RITA, "release.include", id, merge_requests=[each.id for each in fix()])
    office.attest(FINDER, id, "assessment", STEPS)
    agree(office, id, FINDER)
    office.ask(RITA, "release.enter_phase", id)
    office.finish_tasks(id, "first_steps")
    office.at += DAY / 24
    office.learn(known)
    assert "own_find" in office.codes(id, "enter_phase:early_merge")
    office.attest(APPSEC, id, "assessment", STEPS)
    assert "own_find" not in office.codes(id, "enter_phase:early_merge")


@pytest.mark.req("S1-20", "S1-54")
def test_who_found_it_does_not_agree_to_taking_its_fix_back() -> None:
    office = patch_office()
    office.learn(hold(RITA, "role:release_manager", Scope.PROJECT, PROJECT))
    done = replace(fix()[0], status=Status.MERGED, excluded=(FINDER,))
    office.learn(done)
    back = accord(office, APPSEC, done.id, "revert", path="take_back")
    with refused("own_find"):
        office.ask(FINDER, "accord.agree", back, rule="appsec")
    office.ask(RITA, "accord.agree", back, rule="release_managers")
    assert not holds(office, back), "who asks is no party either: a third decides"


@pytest.mark.req("S1-20", "S1-47")
def test_a_critical_patch_goes_out_by_the_word_of_another_than_its_finder() -> None:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    office.attest(APPSEC, id, "assessment", STEPS)
    agree(office, id)
    begin(office, id, office.at)
    to_preparation(office, id, None)
    tag_and_test(office, id)
    office.attest(APPSEC, id, "announcement", "publish")
    assert office.codes(id, "publish") == set()
    known: SecurityFix = office.states[SecurityFix, "a" * 32]
    office.learn(replace(known, reporter=APPSEC))
    assert "own_find" in office.codes(id, "publish")


@pytest.mark.req("S1-20", "S1-40", "X-05")
def test_it_is_said_whose_word_frees_somebody_to_attest() -> None:
    """Both of application security are kept out: one opened it, the other says they found it."""
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    known: SecurityFix = office.states[SecurityFix, "a" * 32]
    said = FinderProposal(FINDER, FINDER, NOON, of_self=True)
    claimed = replace(known, reporter=None, finder_agreed=False, finder_proposals=(said,))
    everybody = frozenset((APPSEC, FINDER, RITA))

    def acts() -> dict[str, frozenset[str]]:
        given = (office.release(id), office.at, office.authority, office.records)
        found = asked(Question(*given, lambda _: everybody), STEPS).blocking
        [lacking] = [each for each in found if each.code == "attestation_missing"]
        return {each.action: each.people for each in lacking.acts}

    assert acts() == {"release.attest": {APPSEC}}
    office.learn(claimed)
    freeing = {APPSEC, RITA}
    assert acts() == {"security_fix.name_finder": freeing, "release.attest": {APPSEC}}
    office.learn(replace(claimed, opened_by=RITA))
    assert acts() == {"release.attest": {APPSEC}}
    office.learn(replace(claimed, opened_by=FINDER, finder_proposals=()))
    assert acts() == {"release.attest": {APPSEC}}
