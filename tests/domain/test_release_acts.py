"""Deciding on a release and carrying it out: each act passes its gate, and none twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.adoption import Status as Adoption
from domain.kernel import Recorded
from domain.playbook.aggregate import Playbook
from domain.release.commands.contents import CommitItem
from domain.release.commands.tagging import tag
from domain.release.events import Included
from domain.release.evolve import passed_over
from domain.release.state import Progress
from domain.release.vote_events import Authorized, QuorumFoundImpossible, Returned
from tests.domain.given import DAY, asked_by
from tests.domain.organisation import (
    CAB,
    CAB_ONE,
    CAB_TWO,
    CHAIR,
    PLAYBOOKS,
    adopted,
    board,
    kinds,
    refused,
)
from tests.domain.release_stories import (
    COMMIT,
    DATE,
    OTHER,
    PAULA,
    PLAN,
    RITA,
    Office,
    filled,
    opened,
)

LIVE = "deploy:production"


def asked(office: Office, kind: str = "major") -> str:
    release = opened(office, "itsm_releases", kind)
    office.ask(RITA, "release.request_approval", release)
    return release


# Approval.


@pytest.mark.req("S3-07", "S3-19", "S3-20")
def test_the_product_owner_approves_apart_from_the_board() -> None:
    office = Office()
    major = asked(office)
    assert office.codes(major, LIVE) >= {"approvals_missing"}
    with refused("not_entitled"):
        office.ask(PAULA, "release.approve", major, rule="cab")
    with refused("not_entitled"):
        office.ask(CAB_ONE, "release.approve", major, rule="product_owner")
    office.ask(CAB_ONE, "release.approve", major, rule="cab")
    office.ask(PAULA, "release.approve", major, rule="product_owner")
    events = office.ask(CAB_TWO, "release.approve", major, rule="cab")
    assert kinds(events) == ["Approved", "Authorized"]
    assert isinstance(events[1], Authorized)
    assert {each.requirement for each in events[1].baseline} >= {"approval", "tests"}
    assert "approvals_missing" not in office.codes(major, LIVE)


@pytest.mark.req("X-04")
def test_votes_fall_with_every_change_of_what_was_approved() -> None:
    office = Office()
    changes: dict[str, dict[str, Any]] = {
        "edit": {"plan": replace(PLAN, notes="Other notes.")},
        "reschedule": {"scheduled": DATE + DAY, "reason": "Rain."},
        "aim": {"release_version": "1.2.0", "commit": OTHER},
    }
    for verb, arguments in changes.items():
        major = asked(office)
        office.ask(PAULA, "release.approve", major, rule="product_owner")
        office.ask(RITA, f"release.{verb}", major, **arguments)
        found = office.release(major)
        assert (found.votes, found.rules, found.voided) == ((), (), 1), verb
        with refused("not_awaited"):
            office.ask(CAB_ONE, "release.approve", major, rule="cab")


@pytest.mark.req("S1-12", "X-04")
def test_to_who_is_not_told_of_a_move_what_people_decided_before_stands() -> None:
    office = Office()
    major = asked(office)
    office.ask(PAULA, "release.approve", major, rule="product_owner")
    before = office.release(major)
    moves = office.ask(RITA, "release.include", major, commits=(CommitItem(OTHER),))
    after = office.release(major)
    assert (after.revision, after.votes, after.rules, after.voided) == (2, (), (), 1)
    [move] = [each for each in moves if isinstance(each, Included)]
    told = passed_over(before, Recorded(move, "", major, after.version, DATE, RITA))
    assert (told.revision, told.digest, told.contents) == (2, after.digest, after.contents)
    assert [(vote.person, vote.revision, vote.digest) for vote in told.votes] == [
        (PAULA, 2, after.digest)
    ]
    assert (told.rules, told.voided) == (before.rules, 0)


def test_a_rejection_out_of_reach_returns_the_release_as_a_new_revision() -> None:
    office = Office()
    major = asked(office)
    told = {"rule": "product_owner", "reason": "Not what we asked for."}
    events = office.ask(PAULA, "release.reject", major, **told)
    assert kinds(events) == ["Rejected", "Returned"]
    assert isinstance(events[1], Returned)
    found = office.release(major)
    assert found.rejection is not None
    assert (found.rejection.reason, found.revision, found.rules) == (told["reason"], 2, ())
    assert PAULA not in found.contributors
    office.ask(RITA, "release.request_approval", major)
    with refused("asked_already"):
        office.ask(RITA, "release.request_approval", major)


def test_a_vote_may_be_taken_back_and_an_abstention_is_none() -> None:
    office = Office()
    major = asked(office)
    office.ask(CAB_ONE, "release.approve", major, rule="cab")
    office.ask(CAB_ONE, "release.withdraw_vote", major, rule="cab")
    with refused("no_vote"):
        office.ask(CAB_ONE, "release.withdraw_vote", major, rule="cab")
    office.ask(CAB_ONE, "release.abstain", major, rule="cab")
    office.ask(CHAIR, "release.approve", major, rule="cab")
    assert "approvals_missing" in office.codes(major, LIVE)
    assert office.ask(RITA, "release.recount", major) == []


def test_a_quorum_nobody_can_fill_is_an_alarm() -> None:
    office = Office()
    office.learn(board("cab", CAB_ONE))
    assert CAB.id == board("cab", CAB_ONE).id
    major = opened(office, "itsm_releases", "major")
    events = office.ask(RITA, "release.request_approval", major)
    assert isinstance(events[1], QuorumFoundImpossible)
    assert office.release(major).alarms == ("cab",)
    assert "quorum_impossible" in office.codes(major, LIVE)


def test_where_nobody_approves_nobody_is_asked() -> None:
    office = Office()
    train = opened(office)
    with refused("nobody_to_ask"):
        office.ask(RITA, "release.request_approval", train)


# Tagging and deploying.


@pytest.mark.parametrize("name", ["", "-x", "a b", "a..b", "a.lock", "a//b", "a~1", "é", "x" * 101])
def test_a_tag_has_a_name_that_git_takes(name: str) -> None:
    office = Office()
    train = filled(office)
    office.at = DATE
    with refused("not_a_tag"):
        office.ask(RITA, "release.tag", train, release_version="1.2.0", name=name)


@pytest.mark.req("S3-09", "S0-13", "S3-13")
def test_one_deployment_runs_in_an_environment_and_says_how_it_ended() -> None:
    office = Office()
    major = filled(office, "itsm_releases", "major")
    with refused("not_deploying"):
        office.settle(major, "test", Progress.SUCCEEDED)
    office.ask(RITA, "release.deploy", major, environment="test")
    with refused("deployment_running"):
        office.ask(RITA, "release.deploy", major, environment="test")
    with refused("deployment_running"):
        office.ask(RITA, "release.abort", major, reason="No.")
    with refused("text_missing"):
        office.settle(major, "test", Progress.FAILED)
    office.settle(major, "test", Progress.FAILED, "It did not start.")
    assert office.release(major).reached("test") is None
    office.deploy(major, "test")
    assert office.release(major).reached("test") is not None
    with refused("not_deploying"):
        office.settle(major, "test", Progress.FAILED, "Too late.")
    office.settle(major, "test", Progress.ROLLED_BACK, "It was slow.")
    assert office.release(major).reached("test") is None


def test_what_was_deployed_is_not_what_is_carried_once_that_changes() -> None:
    office = Office()
    major = filled(office, "itsm_releases", "major")
    office.deploy(major, "test")
    office.ask(RITA, "release.edit", major, plan=replace(PLAN, notes="Typo."))
    assert office.release(major).reached("test") is not None
    office.ask(RITA, "release.aim", major, release_version="1.2.0", commit=OTHER)
    assert office.release(major).reached("test") is None


def test_what_is_published_stays_as_it_was() -> None:
    office = Office()
    monthly = filled(office, "gitlab", "monthly", replace(PLAN, versions=("17.5.0",)))
    office.learn(replace(office.release(monthly), published_at=office.at, published_by=RITA))
    with refused("published_before"):
        office.ask(RITA, "release.edit", monthly, plan=PLAN)
    with refused("published_before"):
        told = {"merge_requests": ("m" * 32,), "reason": "Gone."}
        office.ask(RITA, "release.exclude", monthly, **told)
    with refused("published_before"):
        office.ask(RITA, "release.abort", monthly, reason="No.")
    with refused("published_before"):
        office.ask(RITA, "release.publish", monthly)


# Another version of the playbook.


@pytest.mark.req("X-02", "X-07", "S0-30")
def test_a_release_goes_over_to_a_newer_playbook_only_when_somebody_says_so() -> None:
    office = Office()
    train = filled(office)
    with refused("unchanged"):
        office.ask(RITA, "release.take_playbook", train, reason="Newer.")
    before = office.codes(train, "tag")
    _adopt(office, 'name = "date"', 'name = "day"', more=True)
    assert office.codes(train, "tag") == before
    assert office.release(train).playbook == "playbook mozilla"
    office.ask(RITA, "release.take_playbook", train, reason="Notes are needed now.")
    found = office.release(train)
    assert (found.playbook, found.revision) == ("playbook mozilla 2", 4)
    assert [task.name for task in found.tasks][-1] == "cake"
    assert found.tasks[-1].number == 5


def test_a_playbook_that_no_longer_fits_is_not_taken() -> None:
    office = Office()
    train = filled(office)
    _adopt(office, 'version_form = "N.N.N"', 'version_form = "YYYY.MM.DD"')
    with refused("not_a_version"):
        office.ask(RITA, "release.take_playbook", train, reason="Newer.")
    _adopt(office, 'name = "release_day"', 'name = "day_of_release"', "playbook mozilla 3")
    with refused("unknown_phase"):
        office.ask(RITA, "release.take_playbook", train, reason="Newer.")
    _adopt(office, 'name = "train"', 'name = "tram"', "playbook mozilla 4")
    with refused("unknown_kind"):
        office.ask(RITA, "release.take_playbook", train, reason="Newer.")


def _adopt(
    office: Office, old: str, new: str, id: str = "playbook mozilla 2", *, more: bool = False
) -> None:
    """Put another version of the train's playbook into force."""
    text = (PLAYBOOKS / "mozilla.toml").read_text()
    assert old in text
    text = text.replace(old, new, 1)
    if more:
        task = '[[release.phase.task]]\nname = "cake"\ntitle = "Buy cake"\n'
        text = text.replace(
            '[[release.requirement]]\nname = "something_merged"',
            task + '[[release.requirement]]\nname = "something_merged"',
            1,
        )
    for each in [each for each in office.states.values() if isinstance(each, Playbook)]:
        if each.name == "mozilla":
            office.learn(replace(each, status=Adoption.SUPERSEDED))
    office.learn(replace(adopted("mozilla", text), id=id, number=2))


def test_nobody_tags_by_a_claim_or_in_another_persons_place() -> None:
    office = Office()
    train = filled(office)

    office.at = DATE
    context = asked_by(RITA, *office.states.values(), at=office.at, subject=train)
    for wrong, code in (
        ({"claimed": True, "happened": DATE - DAY}, "mere_claim"),
        ({"behalf": PAULA}, "not_in_person"),
    ):
        with refused(code):
            tag(office.release(train), replace(context, **wrong), release_version="1.2.0")
    assert office.release(train).target("1.2.0").commit == COMMIT
