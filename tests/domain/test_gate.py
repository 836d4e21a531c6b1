"""A gate opens only when every requirement that applies was evaluated and is met."""

from __future__ import annotations

from typing import cast

import pytest

from domain.approval.approval import Choice
from domain.gate import (
    UNKNOWN,
    Finding,
    Reference,
    Requirement,
    Status,
    Verdict,
    approval_findings,
    evaluate,
)
from domain.kernel import refusal
from tests.domain.approval_examples import ANN, BOB, CAT, count, rule, vote

BOARD = {"cab": (ANN, BOB)}


def finding(status: Status, code: str = "") -> Finding:
    return Finding("pipeline", status, "The pipeline is green", code=code)


def asking(*findings: Finding) -> Verdict:
    return evaluate([Requirement("pipeline", "The pipeline is green", lambda: findings)])


@pytest.mark.parametrize("status", [Status.SATISFIED, Status.WAIVED, Status.BYPASSED])
def test_what_is_met_or_lifted_opens_the_gate(status: Status) -> None:
    verdict = asking(finding(status))
    assert verdict.allowed
    assert verdict.blocking == ()


@pytest.mark.parametrize("status", [Status.UNSATISFIED, Status.ERROR])
def test_one_finding_that_blocks_closes_the_gate(status: Status) -> None:
    verdict = asking(finding(Status.SATISFIED), finding(status, "pipeline_failed"))
    assert not verdict.allowed
    assert verdict.codes == ("pipeline_failed",)


@pytest.mark.req("X-05")
def test_a_gate_that_asks_nothing_is_closed() -> None:
    assert evaluate([]).codes == ("nothing_to_evaluate",)
    assert not Verdict(()).allowed


@pytest.mark.req("X-05")
def test_a_requirement_that_finds_nothing_is_unsatisfied() -> None:
    verdict = asking()
    assert verdict.codes == ("nothing_to_evaluate",)
    assert verdict.findings[0].requirement == "pipeline"


@pytest.mark.req("X-05")
def test_a_gate_of_which_nothing_applies_is_closed() -> None:
    verdict = asking(finding(Status.NOT_APPLICABLE))
    assert not verdict.allowed
    assert verdict.codes == ("nothing_to_evaluate",)
    assert not Verdict((finding(Status.NOT_APPLICABLE),)).allowed


@pytest.mark.req("S1-16")
def test_a_condition_that_does_not_apply_leaves_the_rest_to_decide() -> None:
    assert asking(finding(Status.NOT_APPLICABLE), finding(Status.SATISFIED)).allowed


@pytest.mark.req("X-05")
def test_a_check_that_raises_blocks_and_says_why_in_words() -> None:
    def broken() -> Finding:
        raise LookupError("no such pipeline")

    verdict = evaluate(
        [
            Requirement("pipeline", "The pipeline is green", broken, "S1-16"),
            Requirement("window", "Now is inside the window", lambda: finding(Status.SATISFIED)),
        ]
    )
    assert not verdict.allowed
    error, other = verdict.findings
    assert error.status is Status.ERROR
    assert error.code == "could_not_be_evaluated"
    assert (error.message, error.fault) == ("No such pipeline.", "")
    assert error.source == "S1-16"
    assert other.status is Status.SATISFIED


@pytest.mark.req("X-05")
@pytest.mark.parametrize(
    "cause,said",
    [
        (refusal("calendar_unknown", "Nobody knows when it is."), "Nobody knows when it is."),
        (LookupError(), UNKNOWN),
        (KeyError("itsm"), UNKNOWN),
        (AttributeError("'NoneType' object has no attribute 'plan'"), UNKNOWN),
        (ZeroDivisionError("division by zero"), UNKNOWN),
    ],
)
def test_what_a_program_calls_its_faults_is_for_logs_and_not_for_people(
    cause: Exception, said: str
) -> None:
    def broken() -> Finding:
        raise cause

    (error,) = evaluate([Requirement("pipeline", "The pipeline is green", broken)]).findings
    assert error.message == said
    logged = f"{type(cause).__name__} at {__file__}:" if said == UNKNOWN else ""
    assert error.fault.startswith(logged)
    assert bool(error.fault) == (said == UNKNOWN)


@pytest.mark.req("X-05")
@pytest.mark.parametrize("answer", [True, None, "satisfied", [finding(Status.SATISFIED), True]])
def test_an_answer_that_is_no_finding_blocks(answer: object) -> None:
    check = Requirement("pipeline", "The pipeline is green", lambda: cast("Finding", answer))
    verdict = evaluate([check])
    assert [each.status for each in verdict.findings] == [Status.ERROR]


def test_being_interrupted_is_no_finding() -> None:
    def interrupted() -> Finding:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate([Requirement("pipeline", "The pipeline is green", interrupted)])


# Approvals as findings.


def test_a_satisfied_rule_names_the_votes_that_counted() -> None:
    approved = vote(ANN, "cab")
    (found,) = approval_findings(count(rule("cab"), [approved], BOARD))
    assert found.status is Status.SATISFIED
    assert found.evidence == (approved.id,)
    assert found.missing == ()
    assert found.code == ""


def test_an_open_rule_says_what_is_missing() -> None:
    standings = count(rule("cab", 2, mandatory=(ANN,)), [], BOARD)
    (found,) = approval_findings(standings)
    assert found.status is Status.UNSATISFIED
    assert found.code == "approvals_missing"
    assert found.missing == ("1 named", "1 more")
    assert found.lacking == (Reference("principal", ANN),)
    assert found.message == "0 of 2 approvals."
    assert found.standing == standings.of("cab")


def test_every_way_to_stand_has_its_code() -> None:
    rules = [rule("met"), rule("no"), rule("few", 3), rule("later", stage=2)]
    entitled = {"met": (ANN,), "no": (BOB,), "few": (CAT,), "later": ("user:x",)}
    votes = [vote(ANN, "met"), vote(BOB, "no", Choice.REJECT)]
    verdict = Verdict(approval_findings(count(rules, votes, entitled)))
    assert {each.requirement: each.code for each in verdict.findings} == {
        "met": "",
        "no": "rejected",
        "few": "quorum_impossible",
        "later": "stage_waiting",
    }
    assert not verdict.allowed


def test_an_impossible_rule_says_how_many_people_it_lacks() -> None:
    both = [rule("appsec"), rule("cab", 2)]
    few = approval_findings(count(both, [], {"appsec": (ANN,), "cab": (ANN, BOB)}))
    expected = "Too few people may approve appsec and cab: 1 more must become entitled."
    assert [each.message for each in few] == [expected, expected]


def test_an_impossible_rule_names_the_mandatory_person_who_may_not() -> None:
    chaired = rule("cab", mandatory=(ANN,))
    (found,) = approval_findings(count(chaired, [], BOARD, excluded=[ANN]))
    assert found.message == "Nobody can satisfy this: 1 of those who must approve may not."


@pytest.mark.req("X-05")
def test_approvals_without_any_rule_block() -> None:
    verdict = Verdict(approval_findings(count((), [], {})))
    assert verdict.codes == ("nothing_to_evaluate",)
