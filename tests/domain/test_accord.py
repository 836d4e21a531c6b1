"""Accords: each party is somebody else, and agrees to the very words at hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from domain.accord.agreements import lacking
from domain.accord.standing import agreed
from domain.accord.state import Accord, Terms
from domain.grant.aggregate import Scope
from domain.merge_request.merging import verdict as merge_verdict
from domain.merge_request.reverting import revert
from domain.merge_request.state import AuthorshipDecline, MergeRequest, Status
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.rotation.state import Covered, Rotation
from domain.turn_state import Kind, Turn
from domain.turn_state import Status as TurnStatus
from tests.domain.given import DAY, NOON, asked_by
from tests.domain.organisation import person, refused, revoked
from tests.domain.patch_stories import (
    APPSEC,
    BOOK,
    BOT,
    FINDER,
    MANAGERS,
    PATCH,
    VERSIONS,
    accord,
    begin,
    fix,
    on_duty,
    patch_office,
    ported_bug,
    prepared,
    request,
)
from tests.domain.release_stories import EVE, PROJECT, RITA, SAM, Office, hold, opened

BACKPORTS = "enter_phase:backports"
BEYOND = "line_not_supported"


def holds(office: Office, id: str) -> bool:
    found: Accord = office.states[Accord, id]
    return agreed(found, office.authority, office.at, office.records)


@pytest.mark.req("S1-41", "S1-49")
def test_a_timeline_is_agreed_by_application_security_and_a_release_manager() -> None:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    with refused("date_missing"):
        accord(office, APPSEC, id, "timeline")
    when = accord(office, APPSEC, id, "timeline", due=NOON + DAY)
    office.ask(APPSEC, "accord.agree", when, rule="appsec")
    assert not holds(office, when)
    with refused("not_entitled"):
        office.ask(APPSEC, "accord.agree", when, rule="release_managers")
    office.ask(RITA, "accord.agree", when, rule="release_managers")
    assert holds(office, when)
    terms = Terms("Sooner.", NOON + DAY / 2)
    office.ask(RITA, "accord.revise", when, terms=terms)
    assert not holds(office, when)
    found: Accord = office.states[Accord, when]
    assert (found.revision, found.voided, found.votes) == (2, 2, ())


@pytest.mark.req("S1-41", "X-04")
def test_an_agreement_falls_with_the_last_grant_of_the_role_it_was_given_by() -> None:
    office = patch_office()
    (own,) = (e for e in office.authority.grants_of(APPSEC) if e.role == "role:appsec")
    held = (own, replace(own, id="z other"))
    office.learn(*held)
    when = accord(office, APPSEC, prepared(office, "critical_patch"), "timeline", due=NOON + DAY)
    office.ask(APPSEC, "accord.agree", when, rule="appsec")
    office.ask(RITA, "accord.agree", when, rule="release_managers")
    for each in held:
        assert holds(office, when)
        office.learn(revoked(each, office.at))
    assert not holds(office, when)


@pytest.mark.req("S1-41")
def test_one_person_with_both_roles_is_one_party_and_an_objection_counts() -> None:
    office = patch_office()
    office.learn(hold(APPSEC, "role:release_manager"))
    id = prepared(office, "critical_patch", scheduled=None)
    when = accord(office, APPSEC, id, "timeline", due=NOON + DAY)
    for rule in ("appsec", "release_managers"):
        office.ask(APPSEC, "accord.agree", when, rule=rule)
    assert not holds(office, when)
    office.ask(RITA, "accord.object", when, rule="release_managers", reason="Too soon.")
    assert not holds(office, when)
    office.ask(RITA, "accord.agree", when, rule="release_managers")
    assert holds(office, when)
    office.ask(RITA, "accord.withdraw", when, reason="It was no hole.")
    assert not holds(office, when)
    with refused("not_awaited"):
        office.ask(RITA, "accord.agree", when, rule="release_managers")


@pytest.mark.req("S1-41", "X-05")
def test_whoever_is_cleared_proposes_and_what_is_hidden_is_unknown_to_all_others() -> None:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    when = accord(office, SAM, id, "timeline", due=NOON + DAY)
    assert office.states[Accord, when].embargoed
    with refused("not_entitled"):
        office.ask(SAM, "accord.agree", when, rule="appsec")
    with refused("not_entitled"):
        office.ask(EVE, "accord.withdraw", when, reason="Why not.")
    with refused("unknown_subject"):
        accord(office, SAM, "0" * 32, "timeline", due=NOON + DAY)
    office.knows = lambda record: not getattr(record, "embargoed", False)
    with refused("unknown_subject"):
        accord(office, SAM, id, "timeline", due=NOON + DAY)


@pytest.mark.req("S1-03", "X-02")
def test_a_line_beyond_the_policy_takes_both_release_managers_on_duty_and_who_asks() -> None:
    office = patch_office()
    plan = replace(PATCH, versions=(*VERSIONS, "17.3.7"))
    id = opened(office, "planned_patch", "planned_patch", plan)
    gate = "enter_phase:backports"
    assert "line_not_supported" in office.codes(id, gate)
    port = request("f" * 32, "17-3-stable-ee", author=SAM, embargoed=True)
    office.learn(port)
    office.ask(RITA, "release.include", id, merge_requests=[port.id])
    with refused("nobody_on_duty"):
        accord(office, SAM, port.id, "beyond_policy", versions=("17.3.7",))
    with refused("nobody_on_duty", "not_a_version"):
        accord(office, SAM, port.id, "beyond_policy", versions=("x",))
    on_duty(office)
    with refused("version_not_whole"):
        accord(office, SAM, port.id, "beyond_policy", versions=("17.3.7", "17.3"))
    beyond = accord(office, SAM, port.id, "beyond_policy", versions=("17.3.7",))
    with refused("version_not_whole"):
        office.ask(SAM, "accord.revise", beyond, terms=Terms("Another.", versions=("17",)))
    office.ask(MANAGERS[0], "accord.agree", beyond, rule="release_managers")
    assert "line_not_supported" in office.codes(id, gate)
    office.ask(MANAGERS[1], "accord.agree", beyond, rule="release_managers")
    assert holds(office, beyond)
    assert "line_not_supported" not in office.codes(id, gate)
    other = replace(office.states[Accord, beyond], terms=Terms("Another.", versions=("17.2.1",)))
    office.learn(other)
    assert "line_not_supported" in office.codes(id, gate)


@pytest.mark.req("S1-03", "X-03", "X-04")
def test_who_asks_agrees_to_what_another_made_of_it_by_asking_for_just_that() -> None:
    office = patch_office()
    on_duty(office)
    port = request("f" * 32, "17-3-stable-ee", author=SAM, embargoed=True)
    office.learn(port)
    id = accord(office, SAM, port.id, "beyond_policy", versions=("17.3.7",))
    ours, theirs = Terms("As we said.", versions=("17.3.7",)), Terms("Soon.", versions=("17.3.7",))

    def left() -> list[list[tuple[str, frozenset[str]]]]:
        found: Accord = office.states[Accord, id]
        ways = lacking(found, MANAGERS, office.authority, office.at, office.records)
        return [[(each.action, each.people) for each in acts] for acts in ways]

    office.ask(SAM, "accord.revise", id, terms=ours)
    assert office.states[Accord, id].version == 2, "who asks has agreed already"
    office.ask(MANAGERS[0], "accord.revise", id, terms=theirs)
    office.ask(MANAGERS[0], "accord.revise", id, terms=theirs)
    assert office.states[Accord, id].votes == (), "nobody else agrees by that"
    [way] = left()
    assert ("accord.revise", frozenset((SAM,))) in way
    office.ask(SAM, "accord.object", id, rule="requester", reason="Not so soon.")
    assert left() == [way], "they may think again"
    office.ask(SAM, "accord.revise", id, terms=theirs)
    found: Accord = office.states[Accord, id]
    assert (found.revision, found.terms) == (2, theirs)
    assert [(each.person, each.rule) for each in found.votes] == [(SAM, "requester")]
    assert all(("accord.revise", frozenset((SAM,))) not in each for each in left())
    for each in MANAGERS:
        office.ask(each, "accord.agree", id, rule="release_managers")
    assert holds(office, id)


@pytest.mark.req("S1-03", "X-03")
def test_what_is_proposed_beyond_the_policy_is_to_be_agreed_to_and_not_proposed_anew() -> None:
    office = patch_office()
    on_duty(office)
    plan = replace(PATCH, versions=(*VERSIONS, "17.3.7"))
    id = opened(office, "planned_patch", "planned_patch", plan)
    told = {"kind": "backport", "playbook": BOOK, "author": SAM}
    ports = [request(name * 32, "17-3-stable-ee", **told) for name in "ef"]
    office.learn(*ports)
    office.ask(RITA, "release.include", id, merge_requests=[each.id for each in ports])

    def helping() -> list[tuple[str, str, int, frozenset[str]]]:
        given = (office.release(id), office.at, office.authority, office.records)
        duty = frozenset(MANAGERS)
        asking = Question(*given, who=lambda _: duty, there=lambda *_: duty)
        [found] = [e for e in asked(asking, BACKPORTS).blocking if e.code == BEYOND]
        return [(each.action, each.subject, each.count, each.people) for each in found.acts]

    propose = ("accord.propose", "", 1, frozenset(MANAGERS))
    other = ("accord.agree", "", 1, frozenset(MANAGERS))
    assert helping() == [propose, other], "the one who does not propose it"
    beyond = accord(office, SAM, ports[0].id, "beyond_policy", versions=("17.3.7",))
    both = ("accord.agree", beyond, 2, frozenset(MANAGERS))
    assert helping() == [both, propose, other], "and for the other nothing is proposed"
    office.ask(MANAGERS[0], "accord.agree", beyond, rule="release_managers")
    assert helping() == [("accord.agree", beyond, 1, frozenset(MANAGERS[1:])), propose, other]
    office.learn(person(MANAGERS[1], suspended=True))
    alone = [(*propose[:3], frozenset(MANAGERS[:1])), (*other[:3], frozenset())]
    assert helping() == alone, "nobody else is on duty by then"


@pytest.mark.req("S1-03")
@pytest.mark.parametrize(
    "versions, code",
    [
        ((), "version_missing"),
        (("x",), "not_a_version"),
        (("17.3.8.9",), "not_a_version"),
        (("99999999999999999999.1.1",), "not_a_version"),
        (("17.3.7", "17.2.9"), "version_elsewhere"),
        (("17.6.1",), "version_elsewhere"),
    ],
)
def test_versions_that_the_backport_cannot_go_to_are_not_put_before_the_parties(
    versions: tuple[str, ...], code: str
) -> None:
    office = patch_office()
    on_duty(office)
    port = request("f" * 32, "refs/heads/17-3-stable-ee", author=SAM, embargoed=True)
    office.learn(port)
    with refused(code):
        accord(office, SAM, port.id, "beyond_policy", versions=versions)
    good = accord(office, SAM, port.id, "beyond_policy", versions=("17.3.7", "17.3.8"))
    with refused(code):
        office.ask(SAM, "accord.revise", good, terms=Terms("Another.", versions=versions))


@pytest.mark.req("S1-03", "X-05")
def test_whoever_is_cleared_asks_for_a_backport_beyond_the_policy_and_no_one_else() -> None:
    office = patch_office()
    on_duty(office)
    port = request("f" * 32, "17-3-stable-ee", author=SAM, embargoed=True)
    office.learn(port)
    for who in (EVE, RITA):
        id = accord(office, who, port.id, "beyond_policy", versions=("17.3.7",))
        assert not holds(office, id)
        for each in MANAGERS:
            office.ask(each, "accord.agree", id, rule="release_managers")
        assert holds(office, id)
    office.knows = lambda record: not getattr(record, "embargoed", False)
    for who in (SAM, EVE, MANAGERS[0]):
        with refused("unknown_subject"):
            accord(office, who, port.id, "beyond_policy", versions=("17.3.7",))


@pytest.mark.req("S1-03")
def test_a_release_manager_on_duty_who_asks_leaves_it_to_the_other_one_to_agree() -> None:
    office = patch_office()
    on_duty(office)
    port = ported_bug()
    office.learn(port)
    id = accord(office, MANAGERS[0], port.id, "beyond_policy", versions=("17.6.7",))
    with refused("not_entitled"):
        office.ask(MANAGERS[0], "accord.agree", id, rule="release_managers")
    assert not holds(office, id)
    office.ask(MANAGERS[1], "accord.agree", id, rule="release_managers")
    assert holds(office, id)
    on_duty(office, MANAGERS[:1])
    with refused("nobody_on_duty"):
        accord(office, MANAGERS[0], port.id, "beyond_policy", versions=("17.6.7",))


def parties(office: Office, port: MergeRequest, asks: str = SAM) -> set[str]:
    """Who has to agree for those on duty, to an accord that somebody asks for now."""
    id = accord(office, asks, port.id, "beyond_policy", versions=("17.6.7",))
    rules = {each.rule.name: each.rule for each in office.states[Accord, id].rules}
    return set(rules["release_managers"].people)


def taken_over(office: Office, by: str, recorded: datetime = NOON) -> None:
    """Somebody puts the first release manager on duty for all regions."""
    people, service = (MANAGERS[0],), office.states[Rotation, "rotation"].service
    kinds = (TurnStatus.STANDING, Kind.OVERRIDE, "rotation", service, None)
    when = (NOON - DAY, NOON + DAY)
    office.learn(Turn("turn", 1, *kinds, people, (), *when, None, None, by, recorded))


@pytest.mark.req("S1-03", "X-04")
def test_no_release_manager_takes_the_other_off_duty_and_agrees_for_both() -> None:
    office = patch_office()
    on_duty(office)
    port = ported_bug()
    office.learn(port)
    both, first = set(MANAGERS), {MANAGERS[0]}
    assert parties(office, port) == both
    taken_over(office, MANAGERS[0])
    assert parties(office, port) == both, "by their own word"
    taken_over(office, RITA)
    assert parties(office, port) == first, "somebody else put them on duty"
    assert parties(office, port, RITA) == both, "who asks is a party, too"
    taken_over(office, MANAGERS[0], port.opened_at - DAY)
    assert parties(office, port) == first, "before there was anything to agree on"


@pytest.mark.req("S1-03", "X-04")
def test_whoever_lets_go_of_a_region_once_there_is_something_to_agree_on_frees_nobody() -> None:
    office = patch_office()
    on_duty(office)
    port = ported_bug()
    office.learn(port)
    regular: Rotation = office.states[Rotation, "rotation"]
    for until, told in ((port.opened_at - DAY, set(MANAGERS[:1])), (NOON, set(MANAGERS))):
        covered = (Covered(regular.regions, until),)
        office.learn(replace(regular, regions=regular.regions[:1], covered=covered))
        assert parties(office, port) == told


@pytest.mark.req("X-02", "S1-02")
def test_a_supported_line_without_a_version_blocks() -> None:
    office = patch_office()
    plan = replace(PATCH, versions=VERSIONS[:2])
    id = opened(office, "planned_patch", "planned_patch", plan)
    assert "line_not_covered" in office.codes(id, "tag")


def merged_fix(office: Office) -> MergeRequest:
    first = fix()[0]
    book = "playbook planned_patch"
    done = replace(first, kind="strict", playbook=book, status=Status.MERGED, author=SAM)
    office.learn(done)
    return done


def revert_codes(office: Office, state: MergeRequest) -> dict[str, str]:
    found = merge_verdict(
        state, "revert", at=office.at, authority=office.authority, records=office.records, by=RITA
    )
    return {each.code: each.message for each in found.blocking}


@pytest.mark.req("S1-52", "S1-53", "S1-54")
def test_a_fix_is_taken_back_only_when_application_security_and_release_managers_agree() -> None:
    office = patch_office()
    office.learn(hold(RITA, "role:release_manager", Scope.PROJECT, PROJECT))
    done = merged_fix(office)
    told = revert_codes(office, done)["not_agreed"]
    assert all(word in told for word in ("vulnerability", "risks telling", "little time"))
    with refused("unknown_path"):
        accord(office, EVE, done.id, "revert", path="force")
    around = accord(office, EVE, done.id, "revert", path="fix_in_the_open")
    back = accord(office, EVE, done.id, "revert", path="take_back")
    for id in (around, back):
        assert revert_codes(office, done).keys() == {"not_agreed"}
        office.ask(APPSEC, "accord.agree", id, rule="appsec")
        office.ask(RITA, "accord.agree", id, rule="release_managers")
        agreed = revert_codes(office, done).get("not_agreed", "")
        assert ("It was agreed to leave it as it is: Fix the ordinary" in agreed) == (id == around)
    assert revert_codes(office, done) == {}
    context = asked_by(EVE, *office.states.values(), at=office.at, subject=done.id)
    with refused("text_missing"):
        revert(done, context, reason=" ")
    [event] = revert(done, context, reason="It takes the service down.")
    assert {each.requirement for each in event.evidence} == {"status", "accord"}
    gone = replace(done, reverted_at=office.at)
    assert revert_codes(office, gone).keys() == {"not_merged"}
    assert "not_merged" in revert_codes(office, request("9" * 32, "master"))


def opened_by(told: str) -> tuple[list[bool], list[bool]]:
    """Which paths of taking a fix back are told to open the gate, and which to open nothing."""
    opening, _, around = told.partition("opens nothing:")
    paths = ("fix_in_the_open", "replace_the_fix", "take_back")
    return [each in opening for each in paths], [each in around for each in paths]


@pytest.mark.req("S1-52", "S1-54")
def test_who_could_help_to_take_a_fix_back_is_named_and_a_program_is_not() -> None:
    office = patch_office()
    office.learn(hold(RITA, "role:release_manager", Scope.PROJECT, PROJECT))
    done = replace(merged_fix(office), embargoed=True)
    office.learn(done)
    cleared = frozenset((APPSEC, RITA, EVE, BOT))
    everybody = cleared | {SAM}

    def helping() -> tuple[str, set[str], str]:
        found = merge_verdict(
            done,
            "revert",
            at=office.at,
            authority=office.authority,
            records=office.records,
            by=RITA,
            who=lambda action: cleared if action.endswith("read_embargoed") else everybody,
        )
        acts = found.blocking[0].acts
        if acts[0].action == "accord.propose":
            assert [each.rule for each in acts[1:]] == ["appsec", "release_managers"]
            assert all(
                e.action == "accord.agree" and e.people - {SAM} == e.people for e in acts[1:]
            )
            return acts[0].action, set(acts[0].people), acts[0].description
        people = {who for each in acts for who in each.people}
        assert sum(each.count for each in acts) == len(acts) <= len(people)
        return acts[0].action, people, acts[0].description

    action, people, told = helping()
    assert (action, people) == ("accord.propose", {APPSEC, EVE}), "not who wrote it, nor the last"
    assert opened_by(told) == ([False, True, True], [True, False, False])
    accord(office, SAM, done.id, "revert", path="fix_in_the_open")
    assert helping()[0] == "accord.propose", "that way leads around it"
    back = accord(office, SAM, done.id, "revert", path="take_back")
    assert helping()[:2] == ("accord.agree", {APPSEC, RITA})
    office.ask(APPSEC, "accord.agree", back, rule="appsec")
    assert helping()[:2] == ("accord.agree", {RITA})
    office.ask(SAM, "accord.withdraw", back, reason="It was nothing.")
    assert helping()[0] == "accord.propose"
    dead = accord(office, RITA, done.id, "revert", path="take_back")
    assert helping()[:2] == ("accord.propose", {APPSEC, EVE}), (
        "nobody is left to agree for who asked"
    )
    back = accord(office, EVE, done.id, "revert", path="take_back")
    assert helping()[:2] == ("accord.agree", {APPSEC, RITA})
    office.ask(RITA, "accord.withdraw", dead, reason="Another one proposes it.")


@pytest.mark.req("S1-52")
def test_who_asks_to_take_a_fix_back_or_wrote_it_agrees_as_no_party() -> None:
    office = patch_office()
    office.learn(
        hold(RITA, "role:release_manager", Scope.PROJECT, PROJECT),
        hold(SAM, "role:release_manager", Scope.PROJECT, PROJECT),
    )
    done = merged_fix(office)
    back = accord(office, RITA, done.id, "revert", path="take_back")
    office.ask(APPSEC, "accord.agree", back, rule="appsec")
    for who in (RITA, SAM):
        with refused("own_change"):
            office.ask(who, "accord.agree", back, rule="release_managers")
    assert not holds(office, back)


@pytest.mark.req("S1-52", "X-04")
def test_what_was_agreed_on_before_it_was_merged_takes_nothing_back() -> None:
    office = patch_office()
    office.learn(hold(RITA, "role:release_manager", Scope.PROJECT, PROJECT))
    done = merged_fix(office)
    back = accord(office, EVE, done.id, "revert", path="take_back")
    office.ask(APPSEC, "accord.agree", back, rule="appsec")
    office.ask(RITA, "accord.agree", back, rule="release_managers")
    proposed = office.states[Accord, back].opened_at
    for merged, codes in ((proposed - DAY, set()), (proposed + DAY, {"not_agreed"})):
        office.learn(replace(done, merged_at=merged))
        assert set(revert_codes(office, replace(done, merged_at=merged))) == codes


@pytest.mark.req("S1-52", "S2-02", "X-04")
@pytest.mark.parametrize("proposed_before", [True, False])
def test_whom_two_say_to_have_written_nothing_of_it_agrees_as_anybody_else(
    proposed_before: bool,
) -> None:
    office = patch_office()
    office.learn(hold(RITA, "role:release_manager", Scope.PROJECT, PROJECT))
    done = replace(merged_fix(office), contributors=(APPSEC, FINDER))
    freed = AuthorshipDecline(APPSEC, office.at, EVE, office.at)
    office.learn(done if proposed_before else replace(done, declines=(freed,)))
    back = accord(office, EVE, done.id, "revert", path="take_back")
    office.learn(replace(done, declines=(freed,)))
    with refused("own_change"):
        office.ask(FINDER, "accord.agree", back, rule="appsec")
    office.ask(APPSEC, "accord.agree", back, rule="appsec")
    office.ask(RITA, "accord.agree", back, rule="release_managers")
    assert holds(office, back)
    office.learn(done)
    assert not holds(office, back), "they have a hand in it"


def test_the_first_steps_of_a_critical_patch_wait_for_its_timeline() -> None:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    office.attest(APPSEC, id, "assessment", "enter_phase:first_steps")
    with refused("not_agreed"):
        begin(office, id, office.at)
