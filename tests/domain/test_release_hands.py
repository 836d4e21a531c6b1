"""Who did the work that a release contains does not judge it, where its kind asks for that."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.approval.approval import Standpoint
from domain.merge_request.state import MergeRequest
from domain.release.checks.beyond import beyond_reach
from domain.release.commands.contents import CommitItem
from domain.release.gate.question import Question
from domain.release.gate.voters import APPROVE, READ, involved, standings
from tests.domain.organisation import ANN, CAB, OWEN, adopted, refused
from tests.domain.release_stories import (
    COMMIT,
    EVE,
    PAULA,
    PLAYBOOKS,
    RAY,
    RITA,
    SAM,
    Office,
    approved_change,
    hold,
    merged,
    opened,
)

LIVE = "deploy:production"
VOTERS = frozenset((PAULA, *(seat.person for seat in CAB.seats)))


def major(office: Office) -> str:
    """A major release with one change, of Ann and Owen, and one merge request, of Sam."""
    change, request = approved_change(), merged()
    office.learn(change, request)
    id = opened(office, "itsm_releases", "major")
    told = {"changes": (change.id,), "merge_requests": (request.id,)}
    office.ask(RITA, "release.include", id, **told)
    return id


def asked(office: Office, id: str) -> Question:
    return Question(office.release(id), office.at, office.authority, office.records)


def told_by(office: Office, id: str) -> dict[str, Standpoint]:
    """How the rules stand."""
    return {each.rule.name: each.status for each in standings(asked(office, id)).rules}


def lenient(office: Office) -> None:
    """Let the same kinds of release ask for no independence of the contents."""
    body = next(each for each in PLAYBOOKS if each.name == "itsm_releases").body
    assert "independent = true\nsource" in body
    body = body.replace("independent = true\nsource", "source")
    office.learn(adopted("itsm_releases", body))


@pytest.mark.req("S1-16", "S1-12", "X-06")
@pytest.mark.parametrize(
    "hidden,able,cleared,beyond",
    [
        (False, VOTERS, (), False),
        (False, VOTERS - {PAULA}, (), True),
        (True, VOTERS, VOTERS, False),
        (True, VOTERS, VOTERS - {PAULA}, True),
    ],
)
def test_nobody_can_approve_it_where_the_policy_lets_too_few_or_it_is_hidden_from_them(
    hidden: bool, able: frozenset[str], cleared: Collection[str], beyond: bool
) -> None:
    office = Office()
    id = major(office)
    office.ask(RITA, "release.request_approval", id)
    state = replace(office.release(id), embargoed=hidden)
    may = {APPROVE: frozenset(able), READ: frozenset(cleared)}
    ask = Question(
        state, office.at, office.authority, office.records, there=lambda action, _: may[action]
    )
    assert beyond_reach(ask) is beyond
    assert not beyond_reach(asked(office, id)), "where no policy is looked at"


@pytest.mark.req("S3-07", "S3-19", "X-04")
@pytest.mark.parametrize("hand", [ANN, OWEN, SAM])
def test_who_did_the_work_in_it_does_not_approve_it(hand: str) -> None:
    office = Office()
    id = major(office)
    office.learn(hold(hand, "role:product_owner"))
    office.ask(RITA, "release.request_approval", id)
    with refused("own_change"):
        office.ask(hand, "release.approve", id, rule="product_owner")
    office.ask(PAULA, "release.approve", id, rule="product_owner")
    assert told_by(office, id)["product_owner"] is Standpoint.SATISFIED


@pytest.mark.req("S3-07", "X-04")
def test_whose_merge_request_answers_for_a_commit_does_not_approve_it_either() -> None:
    office = Office()
    office.learn(merged(), hold(SAM, "role:product_owner"))
    id = opened(office, "itsm_releases", "major")
    office.ask(RITA, "release.include", id, commits=(CommitItem(COMMIT, "m" * 32),))
    assert involved(asked(office, id)) == {RITA, SAM}
    office.ask(RITA, "release.request_approval", id)
    with refused("own_change"):
        office.ask(SAM, "release.approve", id, rule="product_owner")


@pytest.mark.req("S3-07", "S2-02")
def test_an_approval_is_void_once_its_giver_wrote_on_what_is_in_it() -> None:
    office = Office()
    id = major(office)
    office.ask(RITA, "release.request_approval", id)
    office.ask(PAULA, "release.approve", id, rule="product_owner")
    request = office.states[MergeRequest, "m" * 32]
    office.learn(replace(request, contributors=(PAULA,)))
    assert told_by(office, id)["product_owner"] is not Standpoint.SATISFIED
    office.learn(request)
    assert told_by(office, id)["product_owner"] is Standpoint.SATISFIED


@pytest.mark.req("S3-07")
def test_a_kind_that_does_not_ask_for_it_lets_whoever_did_the_work_approve() -> None:
    office = Office()
    lenient(office)
    id = major(office)
    assert involved(asked(office, id)) == {RITA}
    office.learn(hold(ANN, "role:product_owner"))
    office.ask(RITA, "release.request_approval", id)
    office.ask(ANN, "release.approve", id, rule="product_owner")
    assert told_by(office, id)["product_owner"] is Standpoint.SATISFIED


@pytest.mark.req("S1-46", "X-05")
def test_what_is_hidden_in_a_release_in_the_open_tells_of_nobody() -> None:
    office = Office()
    id = major(office)
    office.learn(merged(embargoed=True))
    assert involved(asked(office, id)) == {RITA, ANN, OWEN}


@pytest.mark.req("S3-08", "X-01")
@pytest.mark.parametrize("hand", [ANN, OWEN, SAM])
def test_who_did_the_work_in_it_does_not_attest_what_takes_somebody_independent(hand: str) -> None:
    office = Office()
    id = major(office)
    office.learn(hold(hand, "role:release_reviewer"))
    with refused("own_release"):
        office.attest(hand, id, "rollback_plan", LIVE)
    office.attest(RAY, id, "rollback_plan", LIVE)


@pytest.mark.req("X-01")
def test_who_did_the_work_in_it_waives_nothing_of_it() -> None:
    office = Office()
    id = major(office)
    office.learn(merged(author=EVE))
    waiver, until = office.fresh(), office.at + timedelta(days=2)
    told = {"release": id, "requirement": "healthy", "gate": "close"}
    office.ask(RITA, "waiver.request", waiver, **told, reason="It burns.", expires_at=until)
    with refused("not_independent"):
        office.ask(EVE, "waiver.grant", waiver)
    office.learn(merged())
    office.ask(EVE, "waiver.grant", waiver)
