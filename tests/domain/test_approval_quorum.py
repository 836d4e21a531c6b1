"""When a rule is met, rejected, or can never be met."""

from __future__ import annotations

import pytest

from domain.approval.approval import Choice, OpenRule, Quorum, Rule, Standpoint, open_rules, tally
from tests.domain.approval_examples import (
    ANN,
    BOB,
    CAT,
    DAN,
    DIGEST,
    EVE,
    REVISION,
    count,
    counted,
    rule,
    vote,
)

BOARD = (ANN, BOB, CAT)
REJECT, ABSTAIN = Choice.REJECT, Choice.ABSTAIN


def needed(of: Rule, members: int, *excluded: str) -> int:
    people = frozenset(f"user:{number}" for number in range(members)) | {"bot:ci"}
    (opened,) = open_rules([of], {of.name: people}, frozenset(excluded))
    return opened.needed


@pytest.mark.req("S2-01")
def test_a_rule_for_two_is_satisfied_by_two_and_not_by_one() -> None:
    one = count(rule("review", 2), [vote(ANN, "review")], {"review": BOARD})
    two = count(rule("review", 2), [vote(ANN, "review"), vote(BOB, "review")], {"review": BOARD})
    assert not one.satisfied
    assert one.of("review").missing == 1
    assert one.of("review").candidates == {BOB, CAT}
    assert one.of("review").lacking == 0
    assert two.satisfied
    assert counted(two, "review") == [ANN, BOB]


def test_the_same_person_twice_is_one_approval() -> None:
    standings = count(rule("r", 2), [vote(ANN, "r"), vote(ANN, "r")], {"r": BOARD})
    assert not standings.satisfied
    assert counted(standings, "r") == [ANN]


def test_a_percentage_is_rounded_up_in_integers() -> None:
    def percent(number: int) -> Rule:
        return rule("r", number, Quorum.PERCENT)

    assert needed(percent(50), 5) == 3
    assert needed(percent(60), 5) == 3
    assert needed(percent(61), 5) == 4
    assert needed(percent(1), 3) == 1
    assert needed(percent(100), 3) == 3
    # In binary fractions 0.07 * 100 is 7.000000000000001, which would round up to 8.
    assert needed(percent(7), 100) == 7
    assert needed(percent(100), 250) == 250


def test_exclusions_and_machines_are_taken_out_before_the_percentage() -> None:
    assert needed(rule("r", 50, Quorum.PERCENT), 5, "user:0") == 2
    assert needed(rule("r", 1, Quorum.ALL), 5, "user:0") == 4


def test_a_rule_that_gives_no_number_needs_one() -> None:
    assert needed(Rule("r", "R"), 5) == 1


def test_any_needs_one_and_all_needs_all() -> None:
    assert needed(rule("r", 9, Quorum.ANY), 5) == 1
    assert needed(rule("r", 1, Quorum.ALL), 5) == 5


def test_a_rule_needs_no_fewer_than_its_mandatory_people() -> None:
    assert needed(rule("r", 1, mandatory=(ANN, BOB, ANN)), 5) == 2


def test_numbers_stay_as_they_were_when_the_board_grows() -> None:
    opened = open_rules([rule("r", 1, Quorum.ALL)], {"r": frozenset((ANN, BOB))}, frozenset())
    votes = [vote(ANN, "r"), vote(CAT, "r")]
    assert count((), votes, {"r": BOARD}, opened=opened).satisfied


@pytest.mark.parametrize("quorum", list(Quorum))
def test_a_rule_that_nobody_may_fill_is_impossible(quorum: Quorum) -> None:
    standings = count(rule("r", 1, quorum), [], {"r": (ANN,)}, excluded=[ANN])
    assert standings.impossible
    assert not standings.satisfied
    assert standings.of("r").lacking == 1


def test_a_set_without_rules_is_never_satisfied() -> None:
    standings = count((), [vote(ANN, "r")], {})
    assert not standings.satisfied
    assert standings.impossible
    assert [each.reason for each in standings.stray] == ["unknown_rule"]


def test_too_few_entitled_is_impossible_before_anyone_voted() -> None:
    standings = count(rule("r", 3), [], {"r": (ANN, BOB, "bot:ci")})
    assert standings.of("r").status is Standpoint.IMPOSSIBLE
    assert standings.of("r").lacking == 1


def test_rejected_when_the_quorum_can_no_longer_be_met() -> None:
    first = [vote(ANN, "r", REJECT)]
    assert not count(rule("r", 2), first, {"r": BOARD}).rejected
    assert count(rule("r", 2), [*first, vote(BOB, "r", REJECT)], {"r": BOARD}).rejected


def test_abstaining_can_make_a_quorum_unreachable_too() -> None:
    votes = [vote(ANN, "r", ABSTAIN), vote(BOB, "r", ABSTAIN)]
    assert count(rule("r", 2), votes, {"r": BOARD}).rejected


def test_a_veto_rejects_even_when_enough_have_approved() -> None:
    votes = [vote(ANN, "r"), vote(BOB, "r", REJECT)]
    assert count(rule("r"), votes, {"r": BOARD}).satisfied
    assert count(rule("r", veto=True), votes, {"r": BOARD}).rejected


def test_a_mandatory_person_must_be_among_those_who_approve() -> None:
    chaired = rule("r", 2, mandatory=(ANN,))
    without = count(chaired, [vote(BOB, "r"), vote(CAT, "r")], {"r": BOARD})
    assert not without.satisfied
    assert without.of("r").missing == 1
    assert without.of("r").missing_mandatory == (ANN,)
    assert count(chaired, [vote(BOB, "r"), vote(ANN, "r")], {"r": BOARD}).satisfied


def test_a_mandatory_person_who_says_no_rejects() -> None:
    chaired = rule("r", 1, mandatory=(ANN,))
    assert count(chaired, [vote(ANN, "r", REJECT)], {"r": BOARD}).rejected


@pytest.mark.parametrize("members", [BOARD, (BOB, CAT)])
def test_a_mandatory_person_who_may_not_decide_is_impossible(members: tuple[str, ...]) -> None:
    excluded = [ANN] if ANN in members else []
    standings = count(rule("r", mandatory=(ANN,)), [], {"r": members}, excluded=excluded)
    assert standings.impossible


def test_a_later_stage_waits_until_every_earlier_one_is_satisfied() -> None:
    staged = [rule("tech", 1), rule("peer", 1, distinct=False), rule("cab", 1, stage=2)]
    entitled = {"tech": (ANN, BOB), "peer": (ANN, BOB), "cab": (CAT, DAN)}
    early = count(staged, [vote(ANN, "tech"), vote(CAT, "cab")], entitled)
    assert early.of("cab").status is Standpoint.WAITING
    assert [each.reason for each in early.of("cab").void] == ["not_open"]
    votes = [vote(ANN, "tech"), vote(ANN, "peer"), vote(CAT, "cab")]
    assert count(staged, votes, entitled).satisfied


def test_a_later_stage_that_lacks_people_is_impossible_while_it_waits() -> None:
    staged = [rule("tech"), rule("cab", 2, stage=2)]
    standings = count(staged, [], {"tech": (ANN, BOB), "cab": (CAT,)})
    assert standings.of("tech").status is Standpoint.OPEN
    assert standings.of("cab").status is Standpoint.IMPOSSIBLE


def test_a_rule_opened_by_hand_needs_at_least_one() -> None:
    with pytest.raises(ValueError, match="0 approvals"):
        OpenRule(rule("r"), 0, 3)


@pytest.mark.parametrize(
    "number, quorum, stage",
    [
        (0, Quorum.COUNT, 1),
        (-1, Quorum.ANY, 1),
        (0, Quorum.PERCENT, 1),
        (101, Quorum.PERCENT, 1),
        (1, Quorum.COUNT, 0),
    ],
)
def test_a_rule_with_numbers_out_of_range_cannot_be_written(
    number: int, quorum: Quorum, stage: int
) -> None:
    with pytest.raises(ValueError, match="r"):
        rule("r", number, quorum, stage=stage)


def test_a_rule_without_a_name_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="name"):
        rule("")


def test_two_rules_of_one_name_are_refused() -> None:
    twice = [rule("r"), rule("r")]
    with pytest.raises(ValueError, match="share a name"):
        open_rules(twice, {}, frozenset())
    opened = [OpenRule(each, 1, 1) for each in twice]
    with pytest.raises(ValueError, match="share a name"):
        tally(opened, [], revision=REVISION, digest=DIGEST, entitled={}, excluded=frozenset())


def test_the_standing_of_a_rule_that_is_not_in_the_set_is_an_error() -> None:
    with pytest.raises(KeyError):
        count(rule("r"), [], {"r": (EVE,)}).of("other")
