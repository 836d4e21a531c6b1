"""The matrix: every requirement at every gate, and what cannot be known blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.evidence.aggregate import Outcome
from domain.explanation import explain
from domain.grant.aggregate import Grant, Scope
from domain.playbook.aggregate import Playbook
from domain.principal.state import Principal
from domain.release.act_events import Tagged
from domain.release.commands.contents import CommitItem
from domain.release.gate.gates import asked
from domain.release.gate.matrix import difference, matrix
from domain.release.gate.question import Question
from domain.release.state import Judgement
from domain.verdict import Status as Is
from domain.waiver.state import Waiver
from tests.domain.given import DAY
from tests.domain.organisation import (
    CAB_ONE,
    CAB_TWO,
    HOUR,
    PLAYBOOKS,
    adopted,
    person,
    refused,
    revoked,
)
from tests.domain.release_stories import (
    CI,
    COMMIT,
    DATE,
    EVE,
    OTHER,
    PACKAGE,
    PAULA,
    PLAN,
    PROJECT,
    QUINN,
    RAY,
    RITA,
    SAM,
    Office,
    filled,
    hold,
    opened,
)

STAGING, LIVE = "deploy:staging", "deploy:production"


def cells(office: Office, id: str) -> Mapping[tuple[str, str], Is]:
    ask = Question(office.release(id), office.at, office.authority, office.records)
    return {(row.requirement, cell.gate): cell.status for row in matrix(ask) for cell in row.cells}


def tagged_train(office: Office) -> str:
    train = filled(office)
    office.at = DATE
    office.ask(RITA, "release.tag", train, release_version="1.2.0")
    return train


def test_every_requirement_stands_at_each_of_its_gates() -> None:
    office = Office()
    train = tagged_train(office)
    found = cells(office, train)
    assert found["tests", STAGING] is Is.UNSATISFIED
    assert found["tagged", STAGING] is Is.SATISFIED
    assert found["repositories", "tag"] is Is.NOT_APPLICABLE
    assert ("qa", STAGING) not in found
    assert ("qa", LIVE) in found


# Evidence.


@pytest.mark.req("S4-21", "X-05")
@pytest.mark.parametrize("outcome", Outcome)
def test_only_what_passed_is_evidence(outcome: Outcome) -> None:
    office = Office()
    train = tagged_train(office)
    office.report("unit_tests", "integration_tests", outcome=outcome)
    wanted = Is.SATISFIED if outcome is Outcome.PASSED else Is.UNSATISFIED
    assert cells(office, train)["tests", STAGING] is wanted


@pytest.mark.req("S4-21")
def test_evidence_counts_for_exactly_one_commit_by_a_reporter_who_counts() -> None:
    office = Office()
    train = tagged_train(office)
    office.learn(person(SAM), hold(QUINN, "role:qa", Scope.PROJECT, PROJECT))
    wrong: tuple[dict[str, Any], ...] = (
        {"subject": OTHER},
        {"project": "other"},
        {"by": QUINN},
        {"by": "bot:" + "0" * 32},
    )
    for told in wrong:
        office.report("unit_tests", **told)
        office.report("integration_tests", **told)
        assert cells(office, train)["tests", STAGING] is Is.UNSATISFIED, told
    office.report("unit_tests", "integration_tests")
    assert cells(office, train)["tests", STAGING] is Is.SATISFIED
    office.learn(person(CI, suspended=True))
    assert cells(office, train)["tests", STAGING] is Is.UNSATISFIED


def test_the_newest_report_counts_also_when_it_is_worse() -> None:
    office = Office()
    train = tagged_train(office)
    office.report("unit_tests", "integration_tests")
    office.report("unit_tests", outcome=Outcome.FAILED)
    assert "evidence_failed" in office.codes(train, STAGING)
    office.report("unit_tests")
    assert cells(office, train)["tests", STAGING] is Is.SATISFIED


def test_what_failed_on_the_package_is_not_mended_by_the_commit() -> None:
    office = Office()
    train = tagged_train(office)
    office.ask(RITA, "release.aim", train, release_version="1.2.0", package=PACKAGE)
    office.report("unit_tests", "integration_tests")
    assert cells(office, train)["tests", STAGING] is Is.SATISFIED
    office.report("unit_tests", subject=PACKAGE, outcome=Outcome.FAILED)
    assert cells(office, train)["tests", STAGING] is Is.UNSATISFIED


def test_each_of_several_versions_needs_evidence_of_its_own() -> None:
    office = Office()
    train = filled(office, plan=replace(PLAN, versions=("1.2.0", "1.1.9")))
    office.ask(RITA, "release.aim", train, release_version="1.1.9", commit=OTHER)
    office.report("unit_tests", "integration_tests")
    assert cells(office, train)["tests", STAGING] is Is.UNSATISFIED
    office.report("unit_tests", "integration_tests", subject=OTHER)
    assert cells(office, train)["tests", STAGING] is Is.SATISFIED


@pytest.mark.parametrize(
    "subject",
    ["abc", "sha256:12", COMMIT.upper() + "A", "main", "", "0" * 40, "sha256:" + "0" * 64],
)
def test_evidence_is_of_a_full_hash_or_digest(subject: str) -> None:
    office = Office()
    with refused("not_a_subject"):
        office.report("unit_tests", subject=subject)
    with refused("link_unusable"):
        office.report("unit_tests", link="javascript:alert(1)")


# What people attest.


@pytest.mark.req("S4-22", "S4-23", "X-04")
def test_what_is_attested_counts_for_what_the_release_carried_then() -> None:
    office = Office()
    train = tagged_train(office)
    with refused("not_entitled"):
        office.attest(RITA, train, "qa", LIVE)
    with refused("unknown_requirement"):
        office.attest(QUINN, train, "qa", STAGING)
    office.attest(QUINN, train, "qa", LIVE)
    assert cells(office, train)["qa", LIVE] is Is.SATISFIED
    said = office.release(train).attestations[0]
    assert (said.person, said.role) == (QUINN, "role:qa")
    assert said.grant == hold(QUINN, "role:qa").id
    office.ask(RITA, "release.edit", train, plan=replace(PLAN, notes="Typo mended."))
    assert cells(office, train)["qa", LIVE] is Is.SATISFIED
    office.ask(RITA, "release.aim", train, release_version="1.2.0", commit=OTHER)
    assert cells(office, train)["qa", LIVE] is Is.UNSATISFIED


def test_what_was_attested_falls_with_the_right_it_was_given_by() -> None:
    office = Office()
    train = tagged_train(office)
    office.attest(QUINN, train, "qa", LIVE)
    office.learn(revoked(hold(QUINN, "role:qa"), office.at))
    assert cells(office, train)["qa", LIVE] is Is.UNSATISFIED


BOTH = (("one", "other"), ("other", "one"))
"""In which order two grants of somebody are taken away."""


@pytest.mark.req("S4-22", "X-04")
@pytest.mark.parametrize("order", BOTH)
def test_what_was_attested_falls_with_the_last_grant_of_its_role(order: tuple[str, ...]) -> None:
    office = Office()
    train = tagged_train(office)
    held = {each: replace(hold(EVE, "role:qa"), id=each) for each in ("one", "other")}
    office.learn(*held.values(), hold(EVE, "role:release_manager"))
    office.attest(EVE, train, "qa", LIVE)
    for each in order:
        assert cells(office, train)["qa", LIVE] is Is.SATISFIED
        office.learn(revoked(held[each], office.at))
    assert cells(office, train)["qa", LIVE] is Is.UNSATISFIED


@pytest.mark.req("S4-15", "X-04")
@pytest.mark.parametrize("order", BOTH)
def test_a_waiver_falls_with_the_last_grant_of_the_role_that_waives(order: tuple[str, ...]) -> None:
    office = Office()
    train = dwelling(office)
    own = hold(EVE, "role:engineering_manager")
    held = {"one": own, "other": replace(own, id="other")}
    office.learn(*held.values(), hold(EVE, "role:qa"))
    office.ask(EVE, "waiver.grant", waiver := ask_waiver(office, train))
    for each in order:
        assert office.states[Waiver, waiver].holds(office.at, office.authority)
        assert cells(office, train)["staging_time", LIVE] is Is.WAIVED
        office.learn(revoked(held[each], office.at))
    assert office.codes(train, LIVE) == {"dwell_too_short"}
    assert not office.states[Waiver, waiver].holds(office.at, office.authority)


@pytest.mark.req("S4-22", "X-04")
def test_everybodys_newest_word_counts_and_what_one_found_stands_until_they_take_it_back() -> None:
    office = Office()
    train, told = tagged_train(office), {"requirement": "qa", "gate": LIVE}
    office.learn(hold(EVE, "role:qa"), hold(PAULA, "role:qa"))
    office.attest(QUINN, train, "qa", LIVE, "fails")
    for judgement in ("holds", "fails", "holds"):
        office.attest(EVE, train, "qa", LIVE, judgement)
        assert "attested_against" in office.codes(train, LIVE), "what another says changes nothing"
    [found] = [e for e in office.verdict(train, LIVE).blocking if e.code == "attested_against"]
    acts = {each.action: each.people for each in found.acts}
    assert acts["release.withdraw_attestation"] == {QUINN}
    office.attest(PAULA, train, "qa", LIVE, "fails")
    office.ask(QUINN, "release.withdraw_attestation", train, **told)
    assert "attested_against" in office.codes(train, LIVE), "Paula has not"
    office.attest(PAULA, train, "qa", LIVE)
    assert cells(office, train)["qa", LIVE] is Is.SATISFIED
    office.ask(PAULA, "release.withdraw_attestation", train, **told)
    assert cells(office, train)["qa", LIVE] is Is.SATISFIED, "what Eve said stands"
    office.attest(QUINN, train, "qa", LIVE, "fails")
    lost = hold(QUINN, "role:qa")
    for gone in (revoked(lost, office.at), replace(lost, until=office.at)):
        assert cells(office, train)["qa", LIVE] is Is.UNSATISFIED
        office.learn(gone)
        assert cells(office, train)["qa", LIVE] is Is.SATISFIED, "nobody waits for who is gone"
        office.learn(lost)


@pytest.mark.req("S4-22", "S1-23", "X-04")
@pytest.mark.parametrize("kind", ["train", "hotfix"])
def test_no_result_of_qa_is_of_who_had_a_hand_in_it(kind: str) -> None:
    office = Office()
    id = filled(office, kind=kind)
    office.learn(*(hold(each, "role:qa") for each in (RITA, SAM)))
    for by in (RITA, SAM):
        for judgement in ("holds", "fails"):
            with refused("own_release"):
                office.attest(by, id, "qa", LIVE, judgement)
    office.attest(QUINN, id, "qa", LIVE)
    assert cells(office, id)["qa", LIVE] is Is.SATISFIED


def test_what_stands_against_it_blocks_until_it_is_taken_back() -> None:
    office = Office()
    train = tagged_train(office)
    office.attest(QUINN, train, "qa", LIVE, "fails")
    assert "attested_against" in office.codes(train, LIVE)
    with refused("nothing_attested"):
        told = {"requirement": "qa", "gate": LIVE}
        office.ask(RITA, "release.withdraw_attestation", train, **told)
    office.ask(QUINN, "release.withdraw_attestation", train, **told)
    assert "attested_against" not in office.codes(train, LIVE)


@pytest.mark.req("S4-22", "X-04")
def test_what_stands_against_it_goes_with_what_was_built_not_with_the_list() -> None:
    office = Office()
    train = tagged_train(office)
    office.learn(hold(EVE, "role:qa"))
    office.attest(QUINN, train, "qa", LIVE, "fails")
    item = (CommitItem("6" * 40, "m" * 32),)
    for change in ("include", "exclude"):
        told = {"commits": item} if change == "include" else {"commits": ("6" * 40,)}
        more = {} if change == "include" else {"reason": "It waits."}
        office.ask(RITA, f"release.{change}", train, **told, **more)
        office.attest(EVE, train, "qa", LIVE)
        assert "attested_against" in office.codes(train, LIVE), "the very same goes out"
    made = office.release(train).target("1.2.0")
    for package, against in ((None, True), (f"sha256:{'7' * 64}", True), (None, False)):
        commit = made.commit if against else OTHER
        aim = {"release_version": "1.2.0", "commit": commit, "package": package}
        office.ask(RITA, "release.aim", train, **aim)
        assert ("attested_against" in office.codes(train, LIVE)) is against


@pytest.mark.req("S4-22", "X-04")
def test_a_word_is_of_the_service_for_which_it_was_given() -> None:
    office = Office()
    train = tagged_train(office)
    office.attest(QUINN, train, "qa", LIVE)
    state = office.release(train)
    (said,) = state.attestations
    assert (said.service, said.project) == (state.plan.service, state.plan.project)
    for judgement, code in (("holds", "attestation_missing"), ("fails", "attested_against")):
        elsewhere = replace(said, service="elsewhere", judgement=Judgement(judgement))
        office.learn(replace(state, attestations=(elsewhere,)))
        assert code in office.codes(train, LIVE)


@pytest.mark.req("S4-22", "X-04")
def test_what_was_found_before_anything_was_built_stands_until_it_is_looked_at_again() -> None:
    office = Office()
    train = tagged_train(office)
    made = office.release(train)
    office.learn(replace(made, targets=()))
    office.attest(QUINN, train, "qa", LIVE, "fails")
    office.learn(replace(made, attestations=office.release(train).attestations))
    assert "attested_against" in office.codes(train, LIVE)


@pytest.mark.req("S3-08")
def test_the_way_back_is_reviewed_by_somebody_without_a_hand_in_it() -> None:
    office = Office()
    major = opened(office, "itsm_releases", "major")
    office.learn(hold(RITA, "role:release_reviewer"))
    with refused("own_release"):
        office.attest(RITA, major, "rollback_plan", LIVE)
    office.attest(RAY, major, "rollback_plan", LIVE)
    assert cells(office, major)["rollback_plan", LIVE] is Is.SATISFIED
    office.ask(RITA, "release.edit", major, plan=replace(PLAN, rollback_plan="Pray."))
    assert cells(office, major)["rollback_plan", LIVE] is Is.UNSATISFIED


@pytest.mark.req("S1-16")
def test_an_extra_reviewer_is_needed_only_if_the_end_to_end_pipeline_failed() -> None:
    office = Office()
    monthly = filled(office, "gitlab", "monthly", replace(PLAN, versions=("17.5.0",)))
    key = ("end_to_end", "tag")
    assert cells(office, monthly)[key] is Is.UNSATISFIED
    assert "evidence_missing" in office.codes(monthly, "tag")
    office.report("package_and_test")
    assert cells(office, monthly)[key] is Is.NOT_APPLICABLE
    office.report("package_and_test", outcome=Outcome.FAILED)
    assert "attestation_missing" in office.codes(monthly, "tag")
    office.attest(SAM, monthly, "end_to_end", "tag")
    assert cells(office, monthly)[key] is Is.SATISFIED
    assert cells(office, monthly)["end_to_end", "publish"] is Is.UNSATISFIED, "it is asked anew"
    office.report("package_and_test")
    assert cells(office, monthly)["end_to_end", "publish"] is Is.NOT_APPLICABLE


# Waivers.


TURN = 'gates = ["deploy:staging", "deploy:production"]\nsource = "S4-14"'


def dwelling(office: Office) -> str:
    """A train in staging, for which only the time there is still lacking in production."""
    text = (PLAYBOOKS / "mozilla.toml").read_text()
    assert text.count(TURN) == 1
    office.learn(adopted("mozilla", text.replace(TURN, 'gates = ["deploy:staging"]')))
    train = tagged_train(office)
    office.report("unit_tests", "integration_tests", "hosting_release")
    office.attest(RITA, train, "safe", STAGING)
    office.deploy(train, "staging")
    office.attest(RITA, train, "safe", LIVE)
    office.attest(QUINN, train, "qa", LIVE)
    return train


WAIVED: dict[str, Any] = {"requirement": "staging_time", "gate": LIVE, "reason": "It burns."}


def ask_waiver(office: Office, train: str, hours: int = 48, gate: str = LIVE) -> str:
    id = office.fresh()
    told = {"release": train, "requirement": "staging_time", "gate": gate}
    until = office.at + timedelta(hours=hours)
    office.ask(RITA, "waiver.request", id, **told, reason="It burns.", expires_at=until)
    return id


def ways(office: Office, train: str, able: Callable[[str], frozenset[str]]) -> list[list[Any]]:
    """By what acts of whom production opens, as these may ask for them."""
    given = (office.at, office.authority, office.records, able)
    found = explain(asked(Question(office.release(train), *given), LIVE))
    return [[(each.action, each.people, each.count) for each in way.acts] for way in found.ways]


@pytest.mark.req("S1-20", "X-04")
def test_a_gate_names_who_asks_for_a_waiver_and_who_grants_it() -> None:
    office = Office()
    train = dwelling(office)

    def able(action: str) -> frozenset[str]:
        return frozenset((RITA, QUINN, EVE) if action.startswith("waiver.") else ())

    wait, grant = [("release.wait", (), 0)], ("waiver.grant", (EVE,), 1)
    asking = ("waiver.request", tuple(sorted((RITA, QUINN))), 1)
    assert ways(office, train, able) == [wait, [asking, grant]]
    ask_waiver(office, train)
    assert ways(office, train, able) == [wait, [grant]]
    assert ways(office, train, lambda _: frozenset((RITA, QUINN))) == [wait]
    office.at += 2 * DAY
    office.learn(replace(office.release(train), deliveries=()))  # it is nowhere, so none waits
    assert [asking, grant] in ways(office, train, able), "what was asked for ran out"
    office.ask(
        EVE, "waiver.request", office.fresh(), release=train, **WAIVED, expires_at=office.at + DAY
    )
    assert [asking, grant] in ways(office, train, able), "who asked does not grant it"


@pytest.mark.req("S1-20", "X-04")
@pytest.mark.parametrize("how", ["suspended", "revoked"])
def test_what_somebody_asked_to_be_waived_who_may_not_any_more_is_asked_for_anew(how: str) -> None:
    office = Office()
    train = dwelling(office)
    office.learn(right := hold(RAY, "role:asking"))
    told = {"release": train, **WAIVED, "expires_at": office.at + DAY}
    office.ask(RAY, "waiver.request", id := office.fresh(), **told)
    office.learn(replace(office.states[Waiver, id], requested_grant=right.id))
    grant = ("waiver.grant", (EVE,), 1)

    def able(action: str) -> frozenset[str]:
        return frozenset((QUINN, EVE) if action.startswith("waiver.") else ())

    assert [grant] in ways(office, train, able)
    office.learn(person(RAY, suspended=True) if how == "suspended" else revoked(right, office.at))
    asking = ("waiver.request", (QUINN,), 1)
    assert ways(office, train, able)[1:] == [[asking, grant]]
    with refused("proposer_lost"):
        office.ask(EVE, "waiver.grant", id)
    office.ask(QUINN, "waiver.request", again := office.fresh(), **told)
    office.ask(EVE, "waiver.grant", again)
    assert cells(office, train)["staging_time", LIVE] is Is.WAIVED


@pytest.mark.req("S4-07", "S1-20")
def test_what_is_not_there_yet_is_told_to_be_deployed_and_when_it_can_have_stood_there() -> None:
    office = Office()
    train = tagged_train(office)
    found = next(e for e in office.verdict(train, LIVE).blocking if e.requirement == "staging_time")
    deploys, waits = found.acts
    assert (deploys.action, waits.action, waits.count) == ("release.deploy", "release.wait", 0)
    assert (office.at + 312 * HOUR).isoformat() in waits.description


@pytest.mark.req("S4-15", "X-04")
def test_a_waiver_lifts_one_requirement_for_one_revision_for_a_while() -> None:
    office = Office()
    train = dwelling(office)
    assert office.codes(train, LIVE) == {"dwell_too_short"}
    waiver = ask_waiver(office, train)
    assert office.codes(train, LIVE) == {"dwell_too_short"}
    office.ask(EVE, "waiver.grant", waiver)
    assert cells(office, train)["staging_time", LIVE] is Is.WAIVED
    finding = next(f for f in office.verdict(train, LIVE).findings if f.status is Is.WAIVED)
    assert finding.evidence == (waiver,)
    assert "soon" not in finding.message
    office.at += 30 * HOUR
    finding = next(f for f in office.verdict(train, LIVE).findings if f.status is Is.WAIVED)
    assert "soon" in finding.message
    office.at += 20 * HOUR
    assert office.codes(train, LIVE) == {"dwell_too_short"}


@pytest.mark.req("X-04")
@pytest.mark.parametrize("spoilt", ["suspended", "revoked", "who asked for it"])
def test_a_waiver_counts_only_while_who_granted_it_may(spoilt: str) -> None:
    office = Office()
    train = dwelling(office)
    office.ask(EVE, "waiver.grant", waiver := ask_waiver(office, train))
    assert cells(office, train)["staging_time", LIVE] is Is.WAIVED
    granted = office.states[Waiver, waiver]
    assert granted.holds(office.at, office.authority)
    before = office.states[Principal, EVE], office.states[Grant, granted.grant]
    if spoilt == "suspended":
        office.learn(replace(before[0], suspended=True))
    elif spoilt == "who asked for it":
        office.learn(replace(before[0], linked=(RITA,)))
    else:
        office.learn(replace(before[1], revoked_at=office.at))
    assert office.codes(train, LIVE) == {"dwell_too_short"}
    assert not granted.holds(office.at, office.authority)
    office.learn(*before)
    assert cells(office, train)["staging_time", LIVE] is Is.WAIVED


def test_a_waiver_is_for_the_revision_that_was_asked_for() -> None:
    office = Office()
    train = dwelling(office)
    granted, asked = ask_waiver(office, train), ask_waiver(office, train)
    office.ask(EVE, "waiver.grant", granted)
    office.ask(RITA, "release.edit", train, plan=replace(PLAN, notes="Other notes."))
    assert "dwell_too_short" in office.codes(train, LIVE)
    with refused("moved_on"):
        office.ask(EVE, "waiver.grant", asked)


def test_a_waiver_is_granted_by_somebody_independent_with_the_role() -> None:
    office = Office()
    train = dwelling(office)
    waiver = ask_waiver(office, train)
    with refused("not_independent", "not_entitled"):
        office.ask(RITA, "waiver.grant", waiver)
    office.learn(hold(RITA, "role:engineering_manager"))
    with refused("not_independent"):
        office.ask(RITA, "waiver.grant", waiver)
    with refused("not_entitled"):
        office.ask(QUINN, "waiver.grant", waiver)
    office.ask(EVE, "waiver.decline", waiver, objection="No.")
    with refused("already_settled"):
        office.ask(EVE, "waiver.grant", waiver)
    again = ask_waiver(office, train)
    office.ask(EVE, "waiver.grant", again)
    office.ask(EVE, "waiver.revoke", again, reason="It does not burn.")
    assert "dwell_too_short" in office.codes(train, LIVE)


def test_what_nobody_may_waive_is_not_asked_for() -> None:
    office = Office()
    train = dwelling(office)
    told = {"release": train, "gate": LIVE, "reason": "x", "expires_at": office.at + DAY}
    for requirement, code in (("qa", "not_waivable"), ("luck", "unknown_requirement")):
        with refused(code):
            office.ask(RITA, "waiver.request", office.fresh(), requirement=requirement, **told)
    with refused("unknown_requirement"):
        ask_waiver(office, train, gate="tag")
    with refused("until_passed"):
        ask_waiver(office, train, hours=0)
    with refused("until_too_far"):
        ask_waiver(office, train, hours=24 * 91)


# What cannot be evaluated.


@pytest.mark.req("X-05")
def test_without_its_playbook_nothing_passes() -> None:
    office = Office()
    train = dwelling(office)
    office.at += 20 * DAY
    assert office.verdict(train, LIVE).allowed
    del office.states[Playbook, "playbook mozilla"]
    found = office.verdict(train, LIVE)
    assert not found.allowed
    assert {each.status for each in found.blocking} == {Is.ERROR}


@pytest.mark.req("X-05")
def test_a_gate_that_the_playbook_asks_nothing_for_stays_closed() -> None:
    office = Office()
    train = dwelling(office)
    assert "nothing_to_evaluate" in office.codes(train, "publish")
    assert office.codes(train, "deploy:moon") == {"unknown_environment"}


def test_what_counted_is_kept_with_the_act() -> None:
    office = Office()
    train = filled(office)
    office.at = DATE
    (event,) = office.ask(RITA, "release.tag", train, release_version="1.2.0")
    assert isinstance(event, Tagged)
    kept = {each.requirement: each.status for each in event.evidence}
    assert kept["something_merged"] is Is.SATISFIED
    assert kept["repositories"] is Is.NOT_APPLICABLE


# Over time.


@pytest.mark.req("S4-07", "S4-14")
def test_a_gate_tells_what_will_block_at_a_time_to_come() -> None:
    office = Office()
    train = dwelling(office)
    arrived = office.release(train).reached("staging")
    assert arrived is not None
    assert arrived.settled_at is not None
    ready = arrived.settled_at + 312 * HOUR
    assert office.codes(train, LIVE, ready - HOUR) == {"dwell_too_short"}
    assert office.verdict(train, LIVE, ready).allowed
    waiver = ask_waiver(office, train)
    office.ask(EVE, "waiver.grant", waiver)
    assert office.verdict(train, LIVE).allowed
    assert office.codes(train, LIVE, office.at + 49 * HOUR) == {"dwell_too_short"}


def test_what_changed_since_the_approval_is_told_cell_by_cell() -> None:
    office = Office()
    minor = opened(office, "itsm_releases", "standard")
    office.ask(RITA, "release.aim", minor, release_version="1.2.0", commit=COMMIT)
    office.report("unit_tests", "regression_tests")
    office.ask(RITA, "release.request_approval", minor)
    ask = Question(office.release(minor), office.at, office.authority, office.records)
    assert difference(ask) == ()
    for member in (CAB_ONE, CAB_TWO):
        office.ask(member, "release.approve", minor, rule="cab")
    office.report("unit_tests", outcome=Outcome.FAILED)
    ask = Question(office.release(minor), office.at, office.authority, office.records)
    told = {(e.requirement, e.gate): (e.before, e.now) for e in difference(ask)}
    changed = (Is.SATISFIED, Is.UNSATISFIED)
    assert told == {("tests", STAGING): changed, ("tests", LIVE): changed}


@pytest.mark.req("S4-09", "S4-24", "S4-28")
def test_nothing_goes_out_on_a_holiday_where_the_process_keeps_it() -> None:
    office = Office()
    train = dwelling(office)
    thanksgiving = datetime(2026, 11, 27, 4, 59, tzinfo=UTC)
    assert office.codes(train, LIVE, thanksgiving) == {"on_holiday"}
    (found,) = office.verdict(train, LIVE, thanksgiving).blocking
    assert "Thanksgiving" in found.message
    assert office.verdict(train, LIVE, thanksgiving + timedelta(minutes=1)).allowed
    assert office.codes(train, LIVE, datetime(2026, 7, 1, 12, tzinfo=UTC)) == {"on_holiday"}
