"""Merge requests: two reviews, and the second reviewer merges."""

from __future__ import annotations

from typing import Any

import pytest

from domain.gate import Verdict
from domain.grant.aggregate import Scope
from domain.kernel import Refusal
from domain.merge_request.aggregate import AGGREGATE, awaited
from domain.merge_request.merging import verdict
from domain.merge_request.state import Status
from tests.domain.given import authority, known
from tests.domain.merge_stories import (
    AUTHOR,
    BASE,
    COMMITTER,
    FIRST,
    MERGE_COMMIT,
    OPENING,
    OTHER_HEAD,
    PROJECT,
    SECOND,
    THIRD,
    handed_over,
    opened,
    signed,
)
from tests.domain.organisation import (
    DUTY,
    ENG,
    MAX,
    OWEN,
    Story,
    grant,
    kinds,
    person,
    refused,
)
from tests.domain.test_own_vote_kept import lent


def third_reviewer(story: Story) -> Story:
    story.learn(grant(THIRD, "role:reviewer", Scope.PROJECT, PROJECT))
    return story


# The rule of two reviews.


@pytest.mark.req("S2-01", "S2-02")
def test_two_reviews_and_the_second_reviewer_merges() -> None:
    story = signed()
    events = story.ask(SECOND, "merge", merge_commit=MERGE_COMMIT)
    assert kinds(events) == ["Merged"]
    state = story.state
    assert (state.status, state.merged_by, state.merge_commit) == (
        Status.MERGED,
        SECOND,
        MERGE_COMMIT,
    )
    evidence = {each.requirement: each.evidence for each in events[0].evidence}
    assert len(evidence["reviews"]) == 2


@pytest.mark.req("S2-01")
def test_one_review_is_not_enough() -> None:
    story = opened()
    story.ask(FIRST, "sign_off", rule="reviews")
    with refused("approvals_missing"):
        story.ask(FIRST, "merge")


@pytest.mark.req("S2-02")
@pytest.mark.parametrize("by", [FIRST, THIRD, OWEN, COMMITTER])
def test_nobody_but_the_second_reviewer_merges(by: str) -> None:
    with refused("not_the_merger"):
        signed().ask(by, "merge")


@pytest.mark.req("S2-02")
@pytest.mark.parametrize("by", [AUTHOR, ENG])
def test_author_and_contributors_neither_sign_off_nor_merge(by: str) -> None:
    story = opened(contributors=(ENG,))
    story.learn(grant(by, "role:reviewer", Scope.PROJECT, PROJECT))
    with refused("own_change"):
        story.ask(by, "sign_off", rule="reviews")
    story.ask(FIRST, "sign_off", rule="reviews")
    story.ask(SECOND, "sign_off", rule="reviews")
    with refused("own_merge_request"):
        story.ask(by, "merge")


def test_who_ever_contributed_to_an_earlier_head_does_not_sign_off() -> None:
    story = opened(contributors=(FIRST,))
    story.ask(AUTHOR, "push", head=OTHER_HEAD, base=BASE)
    with refused("own_change"):
        story.ask(FIRST, "sign_off", rule="reviews")


def test_who_pushed_does_not_sign_off() -> None:
    story = opened()
    story.ask(FIRST, "push", head=OTHER_HEAD, base=BASE, contributors=(ENG,))
    assert story.state.contributors == (AUTHOR, ENG, FIRST)
    with refused("own_change"):
        story.ask(FIRST, "sign_off", rule="reviews")


def test_who_has_it_written_by_a_program_does_not_sign_off() -> None:
    story = opened(contributors=(COMMITTER,))
    story.learn(person(COMMITTER, owner=FIRST))
    with refused("own_change"):
        story.ask(FIRST, "sign_off", rule="reviews")


def test_a_program_signs_nothing_off() -> None:
    story = opened()
    story.learn(grant(COMMITTER, "role:reviewer", Scope.PROJECT, PROJECT))
    with refused("not_a_person"):
        story.ask(COMMITTER, "sign_off", rule="reviews")


def test_signing_off_takes_the_role_for_the_project() -> None:
    story = opened(project="gitlab-org/other")
    with refused("not_entitled"):
        story.ask(FIRST, "sign_off", rule="reviews")


@pytest.mark.req("S1-20")
def test_a_security_fix_takes_application_security_and_a_maintainer() -> None:
    story = opened(playbook="security", kind="strict")
    story.learn(
        grant(MAX, "role:appsec", Scope.PROJECT, PROJECT),
        grant(MAX, "role:maintainer", Scope.PROJECT, PROJECT, id="second grant"),
        grant(FIRST, "role:maintainer", Scope.PROJECT, PROJECT, id="third grant"),
    )
    story.ask(MAX, "sign_off", rule="appsec")
    story.ask(MAX, "sign_off", rule="maintainer")
    with refused("approvals_missing"):
        story.ask(OWEN, "merge")
    story.ask(FIRST, "sign_off", rule="maintainer")
    handed_over(story)
    assert kinds(story.ask(OWEN, "merge")) == ["Merged"]


# The gate.


def told(story: Story, by: str | None, **more: Any) -> Verdict:
    people, records = authority(*story.world), known(*story.world)
    asked = {"at": story.at, "authority": people, "records": records, "by": by, **more}
    return verdict(story.state, "merge", **asked)


def test_the_gate_says_who_merges() -> None:
    assert told(signed(), SECOND).allowed
    finding = told(signed(), None).blocking[0]
    assert (finding.code, set(finding.acts[0].people)) == ("not_the_merger", {SECOND})


def test_who_had_a_hand_in_it_is_told_who_merges() -> None:
    may = {"who": lambda _action: frozenset((AUTHOR, FIRST, SECOND, OWEN))}
    half = opened()
    half.ask(FIRST, "sign_off", rule="reviews")
    stories = ((opened(), {FIRST, SECOND}), (half, {SECOND}), (signed(), {SECOND}))
    for story, people in stories:
        found = told(story, AUTHOR, **may).blocking
        (merger,) = (each for each in found if each.requirement == "merger")
        (act,) = merger.acts
        assert (merger.code, set(act.people)) == ("own_merge_request", people)


def test_where_a_delegate_approved_last_who_may_not_merge_the_gate_names_who_approves_anew() -> (
    None
):
    story = opened()
    story.learn(lent(SECOND, DUTY, board=None, role="role:reviewer"))
    story.ask(FIRST, "sign_off", rule="reviews")
    story.ask(DUTY, "sign_off", rule="reviews", behalf=SECOND)
    may = {"who": lambda _action: frozenset((FIRST, SECOND))}
    (finding,) = told(story, FIRST, **may).blocking
    (act,) = finding.acts
    assert (finding.code, act.action) == ("not_the_merger", "merge_request.sign_off")
    assert act.people == {FIRST, SECOND}
    story.ask(SECOND, "sign_off", rule="reviews")
    assert told(story, SECOND, **may).allowed
    assert told(story, FIRST, **may).blocking[0].acts[0].people == {SECOND}


def test_where_anybody_may_merge_the_gate_names_nobody() -> None:
    story = opened(playbook="security", kind="strict")
    story.learn(
        grant(MAX, "role:appsec", Scope.PROJECT, PROJECT),
        grant(FIRST, "role:maintainer", Scope.PROJECT, PROJECT, id="third grant"),
    )
    story.ask(MAX, "sign_off", rule="appsec")
    story.ask(FIRST, "sign_off", rule="maintainer")
    handed_over(story)
    assert told(story, OWEN).allowed
    (finding,) = told(story, None).blocking
    assert (finding.code, set(finding.acts[0].people)) == ("not_the_merger", set())


def test_until_all_have_reviewed_nobody_in_particular_merges() -> None:
    assert told(opened(), SECOND).codes == ("approvals_missing",)


def test_a_missing_playbook_blocks() -> None:
    story = signed()
    story.world = tuple(each for each in story.world if not hasattr(each, "body"))
    with pytest.raises(Refusal):
        story.ask(SECOND, "merge")


def test_an_inbox_finds_the_open_rules() -> None:
    row = awaited(opened().state)[0]
    assert (row.rule, row.role, row.scope, row.value, row.filled) == (
        "reviews",
        "role:reviewer",
        "project",
        PROJECT,
        False,
    )
    assert awaited(signed().state)[0].filled
    story = signed()
    story.ask(SECOND, "merge")
    assert awaited(story.state) == ()


def test_it_acts_in_its_project() -> None:
    assert AGGREGATE.scopes(None, "open", OPENING) == {"project": {PROJECT}}
    assert AGGREGATE.scopes(opened().state, "push", {}) == {"project": {PROJECT}}
