"""Which votes count: the newest of each person, on this content, by those who may."""

from __future__ import annotations

import pytest

from domain.approval.approval import Choice
from tests.domain.approval_examples import (
    ANN,
    BOB,
    CAT,
    DAN,
    count,
    counted,
    reasons,
    rule,
    vote,
)

BOARD = {"r": (ANN, BOB, CAT)}
REJECT, WITHDRAW = Choice.REJECT, Choice.WITHDRAW


@pytest.mark.req("X-04")
def test_a_vote_on_another_revision_is_void_and_says_so() -> None:
    standings = count(rule("r"), [vote(ANN, "r", revision=1)], BOARD)
    assert not standings.satisfied
    assert reasons(standings, "r") == [(ANN, "other_revision")]
    assert ANN in standings.of("r").candidates


def test_a_vote_on_other_content_is_void_though_the_revision_is_the_same() -> None:
    standings = count(rule("r"), [vote(ANN, "r", digest="sha256:bb")], BOARD)
    assert reasons(standings, "r") == [(ANN, "other_digest")]


def test_a_vote_on_old_content_replaces_nothing() -> None:
    votes = [vote(ANN, "r"), vote(ANN, "r", REJECT, revision=1)]
    assert count(rule("r"), votes, BOARD).satisfied


def test_the_newest_decision_of_a_person_replaces_the_older() -> None:
    votes = [vote(ANN, "r"), vote(ANN, "r", REJECT)]
    changed = count(rule("r"), votes, BOARD)
    assert not changed.satisfied
    assert reasons(changed, "r") == [(ANN, "superseded")]
    assert count(rule("r"), [*votes, vote(ANN, "r")], BOARD).satisfied


def test_withdrawing_leaves_the_person_undecided() -> None:
    standings = count(rule("r"), [vote(ANN, "r"), vote(ANN, "r", WITHDRAW)], BOARD)
    assert not standings.satisfied
    assert ANN in standings.of("r").candidates


@pytest.mark.parametrize("choice", [Choice.APPROVE, REJECT])
def test_who_is_excluded_counts_neither_for_nor_against(choice: Choice) -> None:
    standings = count(rule("r", veto=True), [vote(ANN, "r", choice)], BOARD, excluded=[ANN])
    assert not standings.satisfied
    assert not standings.rejected
    assert reasons(standings, "r") == [(ANN, "excluded")]


def test_who_is_not_entitled_does_not_count() -> None:
    standings = count(rule("r"), [vote(DAN, "r")], BOARD)
    assert reasons(standings, "r") == [(DAN, "not_entitled")]


def test_machines_never_fill_a_human_rule() -> None:
    entitled = {"r": (ANN, "bot:ci")}
    standings = count(rule("r"), [vote("bot:ci", "r")], entitled)
    assert not standings.satisfied
    assert reasons(standings, "r") == [("bot:ci", "machine")]
    assert standings.of("r").candidates == {ANN}
    assert not count(rule("r"), [vote("bot:ci", "r", behalf=ANN)], entitled).satisfied


@pytest.mark.parametrize("reason", ["grant_revoked", "suspended"])
def test_a_vote_that_lost_its_force_is_void_for_that_reason(reason: str) -> None:
    cast = vote(ANN, "r")
    standings = count(rule("r"), [cast], BOARD, void={cast.id: reason})
    assert not standings.satisfied
    assert reasons(standings, "r") == [(ANN, reason)]
    assert ANN in standings.of("r").candidates


def test_what_was_replaced_stays_replaced_when_the_newer_vote_loses_its_force() -> None:
    votes = [vote(ANN, "r"), vote(ANN, "r", REJECT)]
    standings = count(rule("r"), votes, BOARD, void={votes[1].id: "grant_revoked"})
    assert not standings.satisfied


def test_a_grant_that_merely_ran_out_leaves_the_vote_in_force() -> None:
    cast = vote(DAN, "r")
    assert not count(rule("r"), [cast], BOARD).satisfied
    assert count(rule("r"), [cast], BOARD, lapsed=[cast.id]).satisfied


def test_an_exclusion_voids_a_vote_whose_grant_ran_out() -> None:
    cast = vote(DAN, "r")
    standings = count(rule("r"), [cast], BOARD, lapsed=[cast.id], excluded=[DAN])
    assert not standings.satisfied


def test_a_vote_whose_grant_ran_out_is_among_those_who_could_meet_the_rule() -> None:
    votes = [vote(DAN, "r"), vote(ANN, "r", REJECT)]
    standings = count(rule("r", 2), votes, {"r": (ANN,)}, lapsed=[votes[0].id])
    assert standings.rejected
    assert not standings.impossible


# Delegation.


def test_a_delegate_fills_the_seat_of_the_delegator() -> None:
    chaired = rule("r", 1, mandatory=(ANN,))
    standings = count(chaired, [vote(DAN, "r", behalf=ANN)], BOARD)
    assert standings.satisfied
    assert counted(standings, "r") == [DAN]


def test_a_delegate_without_an_entitled_delegator_counts_for_nothing() -> None:
    standings = count(rule("r"), [vote(ANN, "r", behalf=DAN)], BOARD)
    assert reasons(standings, "r") == [(ANN, "not_entitled")]


@pytest.mark.parametrize("excluded", [ANN, DAN])
def test_delegation_never_leads_around_an_exclusion(excluded: str) -> None:
    cast = vote(DAN, "r", behalf=ANN)
    standings = count(rule("r"), [cast], BOARD, excluded=[excluded])
    assert reasons(standings, "r") == [(DAN, "excluded")]


def test_one_person_never_fills_two_places_as_member_and_as_delegate() -> None:
    votes = [vote(BOB, "r"), vote(BOB, "r", behalf=ANN)]
    standings = count(rule("r", 2), votes, BOARD)
    assert not standings.satisfied
    assert standings.of("r").missing == 1


def test_the_delegator_may_take_back_what_the_delegate_decided() -> None:
    votes = [vote(DAN, "r", behalf=ANN), vote(ANN, "r", WITHDRAW)]
    standings = count(rule("r"), votes, BOARD)
    assert not standings.satisfied
    assert ANN in standings.of("r").candidates


def test_taking_back_what_a_delegate_decided_revives_nothing() -> None:
    votes = [vote(ANN, "r"), vote(DAN, "r", REJECT, behalf=ANN), vote(DAN, "r", WITHDRAW)]
    assert not count(rule("r"), votes, BOARD).satisfied


# One person, several rules.


@pytest.mark.req("S1-20")
def test_two_sign_offs_need_two_people() -> None:
    both = [rule("appsec"), rule("maintainer")]
    entitled = {"appsec": (ANN, BOB), "maintainer": (ANN, CAT)}
    votes = [vote(ANN, "appsec"), vote(ANN, "maintainer")]
    alone = count(both, votes, entitled)
    assert not alone.satisfied
    assert sum(each.missing for each in alone.rules) == 1
    assert reasons(alone, "maintainer") == [(ANN, "counted_elsewhere")]
    assert count(both, [*votes, vote(CAT, "maintainer")], entitled).satisfied


def test_people_are_shared_out_so_that_most_rules_are_met() -> None:
    both = [rule("appsec"), rule("maintainer")]
    entitled = {"appsec": (ANN, BOB), "maintainer": (ANN, BOB)}
    votes = [vote(ANN, "appsec"), vote(BOB, "appsec"), vote(ANN, "maintainer")]
    standings = count(both, votes, entitled)
    assert standings.satisfied
    assert counted(standings, "appsec") == [BOB]
    assert counted(standings, "maintainer") == [ANN]


def test_a_mandatory_person_is_kept_for_the_rule_that_names_them() -> None:
    both = [rule("cab"), rule("owner", mandatory=(ANN,))]
    entitled = {"cab": (ANN, BOB), "owner": (ANN, BOB)}
    votes = [vote(ANN, "cab"), vote(BOB, "cab"), vote(ANN, "owner")]
    assert counted(count(both, votes, entitled), "owner") == [ANN]


def test_a_rule_that_is_not_distinct_lets_one_person_count_again() -> None:
    both = [rule("appsec"), rule("advice", distinct=False)]
    entitled = {"appsec": (ANN,), "advice": (ANN,)}
    assert count(both, [vote(ANN, "appsec"), vote(ANN, "advice")], entitled).satisfied


def test_rules_that_each_have_people_may_together_have_too_few() -> None:
    three = [rule("appsec"), rule("maintainer"), rule("cab")]
    entitled = {"appsec": (ANN, BOB), "maintainer": (ANN, BOB), "cab": (ANN, BOB)}
    standings = count(three, [], entitled)
    assert standings.impossible
    assert standings.of("cab").rivals == ("appsec", "maintainer")
    assert standings.of("cab").lacking == 1


def test_one_refusal_rejects_when_the_others_are_needed_elsewhere() -> None:
    both = [rule("appsec"), rule("maintainer")]
    entitled = {"appsec": (ANN, BOB), "maintainer": (BOB,)}
    assert not count(both, [], entitled).rejected
    assert count(both, [vote(ANN, "appsec", REJECT)], entitled).rejected


def test_a_person_mandatory_for_two_distinct_rules_makes_them_impossible() -> None:
    both = [rule("cab", mandatory=(ANN,)), rule("owner", mandatory=(ANN,))]
    assert count(both, [], {"cab": (ANN, BOB), "owner": (ANN, BOB)}).impossible


def test_a_delegate_and_the_delegator_are_both_used_up() -> None:
    both = [rule("appsec"), rule("maintainer")]
    entitled = {"appsec": (ANN,), "maintainer": (ANN, BOB)}
    lent = vote(BOB, "appsec", behalf=ANN)
    for person in (ANN, BOB):
        assert not count(both, [lent, vote(person, "maintainer")], entitled).satisfied


def test_of_two_approvals_by_delegates_the_one_that_helps_most_counts() -> None:
    three = [rule("appsec"), rule("maintainer"), rule("cab")]
    entitled = {"appsec": (ANN, CAT), "maintainer": (ANN, BOB), "cab": (BOB, DAN)}
    votes = [vote(BOB, "appsec", behalf=ANN), vote(CAT, "appsec"), vote(ANN, "maintainer")]
    standings = count(three, [*votes, vote(BOB, "cab")], entitled)
    assert standings.satisfied
    assert reasons(standings, "appsec") == [(BOB, "counted_elsewhere")]
