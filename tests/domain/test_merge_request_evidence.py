"""What is reported of a merge request's head counts only from who may report, and only for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.adoption import Status as Adoption
from domain.evidence.aggregate import AGGREGATE as EVIDENCE
from domain.evidence.aggregate import Outcome
from domain.explanation import explain
from domain.grant.aggregate import Scope
from domain.kernel import Then
from domain.merge_request.checks import beyond_reach
from domain.merge_request.events import Assigned
from domain.merge_request.merging import verdict
from domain.merge_request.question import Question
from domain.verdict import Verdict
from tests.domain.deployment_stories import STAGING, environment
from tests.domain.given import NOON, asked_by, authority, known
from tests.domain.merge_stories import (
    AUTHOR,
    CI,
    FIRST,
    HEAD,
    OTHER_BASE,
    OTHER_HEAD,
    PROGRAMS,
    PROJECT,
    RELEASES,
    SECOND,
    opened,
    report,
)
from tests.domain.organisation import (
    DUTY,
    ENG,
    OWEN,
    Story,
    adopted,
    grant,
    kinds,
    person,
    refused,
)

SIGNERS = (
    grant(FIRST, "role:appsec", Scope.PROJECT, PROJECT),
    grant(SECOND, "role:maintainer", Scope.PROJECT, PROJECT, id="maintains"),
)


def signed_off(**changes: Any) -> Story:
    """A security merge request with both sign-offs, in the right hands, without a pipeline."""
    story = opened(playbook="security", kind="strict", **changes)
    story.learn(*PROGRAMS, *SIGNERS)
    story.ask(FIRST, "sign_off", rule="appsec")
    story.ask(SECOND, "sign_off", rule="maintainer")
    story.ask(AUTHOR, "assign", assignee=RELEASES)
    return story


def codes(story: Story, by: str = OWEN) -> tuple[str, ...]:
    """What keeps it from being merged."""
    return judged(story, by=by).codes


def judged(story: Story, **asked: Any) -> Verdict:
    """Whether it may be merged."""
    index, records = authority(*story.world), known(*story.others)
    return verdict(story.state, "merge", at=story.at, authority=index, records=records, **asked)


@pytest.mark.req("S1-23")
def test_it_is_merged_once_the_pipeline_of_its_head_passed() -> None:
    story = signed_off()
    assert codes(story) == ("evidence_missing",)
    story.learn(report(story.state))
    assert codes(story) == ()
    assert kinds(story.ask(OWEN, "merge")) == ["Merged"]


@pytest.mark.req("S1-23", "X-05")
@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: report(s, subject=OTHER_HEAD),
        lambda s: report(s, project="group/other"),
        lambda s: report(s, name="other"),
        lambda s: report(s, reporter="bot:" + "0" * 32),
        lambda s: report(s, reporter=RELEASES),
        lambda s: report(s, reporter=AUTHOR),
        lambda s: report(s, Outcome.SKIPPED),
        lambda s: report(s, Outcome.NEUTRAL),
        lambda s: report(s, Outcome.RUNNING),
    ],
    ids=[
        "another commit",
        "another project",
        "another check",
        "nobody knows the reporter",
        "the reporter has another role",
        "the author reports",
        "skipped",
        "neutral",
        "running",
    ],
)
def test_what_is_no_pass_of_this_head_by_who_may_tell_counts_for_nothing(
    spoil: Callable[[Any], Any],
) -> None:
    story = signed_off()
    story.learn(grant(AUTHOR, "role:ci_bot", Scope.PROJECT, PROJECT), spoil(story.state))
    assert codes(story) == ("evidence_missing",)
    with refused("evidence_missing"):
        story.ask(OWEN, "merge")


def test_the_newest_report_counts_and_others_do_not_hide_it() -> None:
    story = signed_off()
    later = NOON + timedelta(minutes=1)
    story.learn(report(story.state), report(story.state, Outcome.FAILED, reported_at=later))
    assert codes(story) == ("evidence_failed",)
    again = later + timedelta(minutes=1)
    story.learn(report(story.state, id="again", reported_at=again))
    story.learn(
        report(story.state, Outcome.FAILED, id="x", reporter=RELEASES, reported_at=story.at)
    )
    assert codes(story) == ()


def test_a_suspended_reporter_or_one_whose_role_was_taken_back_does_not_count() -> None:
    story = signed_off()
    story.learn(report(story.state), person(CI, suspended=True))
    assert codes(story) == ("evidence_missing",)


@pytest.mark.req("S1-23")
def test_a_push_takes_the_pipeline_along_with_the_sign_offs_and_none_comes_back() -> None:
    story = signed_off()
    story.learn(report(story.state))
    story.ask(AUTHOR, "push", head=OTHER_HEAD, base=OTHER_BASE)
    assert set(codes(story)) == {"approvals_missing", "evidence_missing"}
    story.ask(AUTHOR, "push", head=HEAD, base=OTHER_BASE)
    assert set(codes(story)) == {"approvals_missing"}


@pytest.mark.req("S1-25")
def test_it_has_to_be_in_the_hands_of_the_program_that_releases() -> None:
    story = signed_off()
    story.learn(report(story.state))
    assert story.ask(AUTHOR, "assign", assignee=RELEASES) == []
    assert story.ask(AUTHOR, "assign", assignee=CI) == [Assigned(CI)]
    assert codes(story) == ("not_assigned",)
    story.ask(AUTHOR, "assign", assignee=None)
    assert codes(story) == ("not_assigned",)
    with refused("unknown_person"):
        story.ask(AUTHOR, "assign", assignee="bot:" + "0" * 32)
    [told] = judged(story, by=OWEN).blocking
    assert [each.action for each in told.acts] == ["merge_request.assign"]
    story.learn(person(RELEASES, suspended=True))
    [told] = judged(story, by=OWEN).blocking
    assert (told.acts, "Nobody in office holds role:release_bot" in told.message) == ((), True)


# A third person looks only at what failed end to end.

TESTER = grant(DUTY, "role:software_engineer_in_test", Scope.PROJECT, PROJECT)


def bug() -> Story:
    """A backport of a bug fix that its maintainer signed off."""
    story = opened(playbook="security", kind="bug_backport", target="17-1-stable")
    story.learn(*PROGRAMS, SIGNERS[1], TESTER)
    story.ask(SECOND, "sign_off", rule="maintainer")
    return story


def end_to_end(story: Story, outcome: Outcome, **changes: Any) -> Any:
    return report(story.state, outcome, name="package_and_test", **changes)


@pytest.mark.req("S1-14", "S1-15", "S1-16", "S1-17")
def test_nobody_else_is_asked_while_the_end_to_end_tests_pass() -> None:
    story = bug()
    assert codes(story) == ("evidence_missing",)
    story.learn(end_to_end(story, Outcome.PASSED))
    assert codes(story) == ()
    assert [rule.rule.name for rule in story.state.rules] == ["maintainer"]


PASS, FAIL, RUN, SKIP = Outcome.PASSED, Outcome.FAILED, Outcome.RUNNING, Outcome.SKIPPED
APPROVE, REJECT, BACK, PUSH = "approve", "reject", "take back", "push"
UNKNOWN, WANTED, AGAINST = ("evidence_missing",), ("approvals_missing",), ("rejected",)
ORDERS: Any = (
    ((FAIL, PASS), ()),
    ((PASS, FAIL), WANTED),
    ((FAIL, FAIL), WANTED),
    ((FAIL, APPROVE), ()),
    ((FAIL, APPROVE, FAIL), ()),
    ((FAIL, APPROVE, PASS, FAIL), ()),
    ((FAIL, PASS, APPROVE, FAIL), ()),
    ((FAIL, APPROVE, BACK, PASS), ()),
    ((FAIL, APPROVE, BACK, PASS, FAIL), WANTED),
    ((FAIL, RUN), UNKNOWN),
    ((FAIL, APPROVE, RUN), UNKNOWN),
    ((FAIL, APPROVE, RUN, FAIL), ()),
    ((PASS, RUN), UNKNOWN),
    ((PASS, SKIP), UNKNOWN),
    ((FAIL, REJECT), AGAINST),
    ((FAIL, REJECT, PASS), AGAINST),
    ((FAIL, REJECT, BACK, PASS), ()),
    ((FAIL, REJECT, PASS, BACK), ()),
    ((FAIL, REJECT, APPROVE, FAIL), ()),
    ((FAIL, APPROVE, PUSH, FAIL), WANTED),
    ((FAIL, APPROVE, PUSH, PASS), ()),
)


@pytest.mark.req("S1-15", "S1-16", "X-05")
@pytest.mark.parametrize("steps, left", ORDERS)
def test_the_newest_result_of_the_head_says_whether_a_third_person_looks(
    steps: tuple[Any, ...], left: tuple[str, ...]
) -> None:
    story = bug()
    for number, step in enumerate(steps):
        if isinstance(step, Outcome):
            told = end_to_end(story, step, id=f"{number}", reported_at=story.at)
            strange = end_to_end(story, FAIL, id=f"s{number}", reporter=AUTHOR)
            elsewhere = end_to_end(story, FAIL, id=f"e{number}", subject="9" * 40)
            later = story.at + timedelta(seconds=1)
            story.learn(told, *(replace(e, reported_at=later) for e in (strange, elsewhere)))
            story.ask(ENG, "demand")
        elif step == PUSH:
            story.ask(AUTHOR, "push", head=OTHER_HEAD, base=OTHER_BASE)
            story.ask(SECOND, "sign_off", rule="maintainer")
        else:
            verb = {APPROVE: "sign_off", REJECT: "reject", BACK: "withdraw_sign_off"}[step]
            why = {"reason": "It breaks."} if step == REJECT else {}
            story.ask(DUTY, verb, rule="engineer_in_test", **why)
    assert codes(story) == left


@pytest.mark.req("S1-16", "X-05")
def test_after_a_rejection_that_a_rerun_follows_it_is_told_who_takes_it_back_or_approves() -> None:
    story = bug()
    story.learn(end_to_end(story, Outcome.FAILED))
    other = grant(ENG, "role:software_engineer_in_test", Scope.PROJECT, PROJECT)
    for more in ((), (other,)):
        story.learn(*more)
        story.ask(OWEN, "demand")
        story.ask(DUTY, "reject", rule="engineer_in_test", reason="It breaks.")
        story.learn(end_to_end(story, Outcome.PASSED, id="again", reported_at=story.at))
        assert codes(story) == ("rejected",)
        found = explain(judged(story, who=lambda _action: frozenset((DUTY, ENG)))).ways
        ways = {way.acts[0].action: way.acts[0].people for way in found}
        assert ways.pop("merge_request.withdraw_sign_off") == (DUTY,)
        assert ways == ({"merge_request.sign_off": (ENG,)} if more else {})
    story.ask(DUTY, "withdraw_sign_off", rule="engineer_in_test")
    assert codes(story) == ()
    story.ask(DUTY, "reject", rule="engineer_in_test", reason="It breaks.")
    story.ask(ENG, "sign_off", rule="engineer_in_test")
    assert codes(story) == ()


@pytest.mark.req("S1-16")
def test_it_is_beyond_reach_while_nobody_may_look_at_what_failed_and_not_once_it_passed() -> None:
    def beyond() -> bool:
        asked: Any = {"authority": authority(*story.world), "records": known(*story.others)}
        return beyond_reach(Question(story.state, story.at, **asked))

    story = bug()
    story.learn(end_to_end(story, Outcome.FAILED))
    story.ask(ENG, "recount")
    assert not beyond()
    story.world = tuple(each for each in story.world if each != TESTER)
    assert beyond()
    story.learn(end_to_end(story, Outcome.PASSED, id="again", reported_at=story.at))
    assert not beyond()


@pytest.mark.req("S1-16")
def test_a_third_person_is_asked_once_they_failed() -> None:
    story = bug()
    story.learn(end_to_end(story, Outcome.FAILED))
    assert codes(story) == ("approvals_missing",)
    assert kinds(story.ask(ENG, "recount")) == ["ReviewDemanded"]
    assert story.ask(ENG, "recount") == []
    with refused("not_entitled"):
        story.ask(SECOND, "sign_off", rule="engineer_in_test")
    story.ask(DUTY, "sign_off", rule="engineer_in_test")
    assert codes(story) == ()


@pytest.mark.req("S1-16", "X-05")
@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.NEUTRAL, Outcome.RUNNING])
def test_while_it_is_not_known_whether_they_failed_it_is_not_merged(outcome: Outcome) -> None:
    story = bug()
    story.learn(end_to_end(story, outcome))
    assert codes(story) == ("evidence_missing",)


@pytest.mark.req("S1-16")
def test_a_push_does_away_with_the_demand_and_a_known_failure_brings_it_at_once() -> None:
    story = bug()
    story.learn(end_to_end(story, Outcome.FAILED))
    story.ask(ENG, "recount")
    story.ask(AUTHOR, "push", head=OTHER_HEAD, base=OTHER_BASE)
    assert [rule.rule.name for rule in story.state.rules] == ["maintainer"]
    story.learn(end_to_end(story, Outcome.FAILED, id="other", subject=HEAD))
    assert kinds(story.ask(AUTHOR, "push", head=HEAD, base=OTHER_BASE)) == [
        "Pushed",
        "ReviewDemanded",
        "Then",
    ], "the report keeps that it is known in the open"


def test_a_failed_report_has_the_merge_requests_of_the_head_ask_for_more() -> None:
    story = bug()
    failing = {"project": PROJECT, "name": "package_and_test", "subject": HEAD}
    run = EVIDENCE.commands[0].run
    context = asked_by(CI, *story.others)
    told, *more = run(None, context, **failing, outcome=Outcome.FAILED)
    assert (told.merge_request, told.embargoed) == (story.state.id, False)
    assert more == [Then("merge_request.demand", story.state.id)]
    passed = run(None, context, **failing, outcome=Outcome.PASSED)
    assert kinds(passed) == ["Reported"]


@pytest.mark.req("X-05")
def test_evidence_is_of_an_environment_that_is_known() -> None:
    """A slip in its name would never count for anything; what CI looks at first may be new here."""
    told = {"project": PROJECT, "name": "qa", "subject": "5" * 40, "outcome": Outcome.FAILED}
    run, gone = EVIDENCE.commands[0].run, replace(environment(STAGING), name="lab", retired=True)
    book = adopted("gitlab")
    older = replace(book, id="older", status=Adoption.SUPERSEDED)
    declined = replace(book, id="declined", status=Adoption.DECLINED)
    for where, world in (("gstg", book), ("gstg", older), ("lab", gone), (None, gone)):
        assert run(None, asked_by(CI, world), **told, environment=where)
    for where, world in (("gstq", book), ("gst", book), ("gstg", declined), ("gstg", gone)):
        with refused("unknown_environment"):
            run(None, asked_by(CI, world), **told, environment=where)


def test_what_is_reported_of_a_hidden_head_is_hidden() -> None:
    story = opened(playbook="security", kind="strict", embargoed=True)
    context = asked_by(CI, *PROGRAMS, *story.others)
    given = {"project": PROJECT, "name": "pipeline", "subject": HEAD, "outcome": Outcome.PASSED}
    (told,) = EVIDENCE.commands[0].run(None, context, **given)
    assert (told.merge_request, told.embargoed) == (story.state.id, True)


@pytest.mark.req("S1-23", "X-04")
def test_a_program_of_who_wrote_it_is_no_word_of_others() -> None:
    story = signed_off()
    story.learn(person(CI, owner=AUTHOR), report(story.state))
    assert codes(story) == ("evidence_missing",)
    told = verdict(
        story.state,
        "merge",
        at=story.at,
        authority=authority(*story.world),
        records=known(*story.others),
        by=OWEN,
    ).findings
    (said,) = [each.message for each in told if each.code == "evidence_missing"]
    assert "by who wrote it, or by a program of theirs, which does not count" in said
    other = "bot:" + "7" * 32
    ci = grant(other, "role:ci_bot", Scope.PROJECT, PROJECT, id="other ci")
    story.learn(person(other, owner=DUTY), ci, report(story.state, reporter=other))
    assert codes(story) == ()
