"""Whom others named as having written a merge request says no, and a second person agrees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.explanation import explain
from domain.merge_request.aggregate import awaited
from domain.merge_request.checks import approvals, beyond_reach
from domain.merge_request.events import AuthorshipDeclined, DeclineAgreed
from domain.merge_request.freeing import AGREE, DECLINE
from domain.merge_request.merging import verdict
from domain.merge_request.question import Question
from domain.merge_request.standing import involved, standings
from domain.merge_request.state import Status
from domain.principal.accounts import LASTING
from domain.principal.aggregate import Principal
from domain.principal.state import Former
from tests.domain.given import NOON, authority, known
from tests.domain.merge_stories import (
    AUTHOR,
    BASE,
    COMMITTER,
    FIRST,
    OTHER_HEAD,
    SECOND,
    THIRD,
    opened,
)
from tests.domain.organisation import MANAGER, MAX, SUE, Story, person, refused


def freed(story: Story, who: str = FIRST, second: str = MAX) -> Story:
    """One who was named, and is no more."""
    story.ask(who, "decline_authorship")
    story.ask(second, "agree_decline", person=who)
    return story


@pytest.mark.req("S2-02", "X-04")
def test_nobody_keeps_others_from_signing_off_by_naming_them() -> None:
    story = opened(author=FIRST, contributors=(SECOND,))
    with refused("named_by_others", "own_change"):
        story.ask(FIRST, "sign_off", rule="reviews")
    story.ask(FIRST, "decline_authorship")
    assert not story.ask(FIRST, "decline_authorship"), "they said so"
    with refused("named_by_others", "own_change") as caught:
        story.ask(FIRST, "sign_off", rule="reviews")
    told = caught.value.problems[0].message
    assert "agreeToMergeRequestDecline" in told, "what is left is for somebody else"
    assert "say that you did not" not in told
    story.ask(MAX, "agree_decline", person=FIRST)
    (told,) = story.state.declines
    assert (told.declined_by, told.agreed_by) == (FIRST, MAX)
    freed(story, SECOND)
    for each in (FIRST, SECOND):
        story.ask(each, "sign_off", rule="reviews")
    now = standings(story.state, authority(*story.world), story.at)
    assert now.satisfied


@pytest.mark.req("S2-02", "S1-16")
@pytest.mark.parametrize(
    "able,beyond",
    [({FIRST, SECOND, MAX}, False), ({SECOND, MAX}, True), ({FIRST}, True)],
)
def test_it_is_beyond_reach_only_where_nobodys_word_frees_anybody(
    able: set[str], beyond: bool
) -> None:
    story = opened(contributors=(FIRST,))
    story.world = tuple(e for e in story.world if getattr(e, "person", "") != THIRD)
    world = (authority(*story.world), known(*story.others))
    ask = Question(story.state, story.at, *world, who=lambda _: frozenset(able))
    assert beyond_reach(ask) is beyond
    assert "named_by_others" in {each.code for each in approvals(ask)}


@pytest.mark.req("S2-02", "X-04")
@pytest.mark.parametrize("second", [AUTHOR, FIRST, SECOND])
def test_nobody_with_a_hand_in_it_agrees(second: str) -> None:
    story = opened(author=FIRST, contributors=(SECOND,))
    story.ask(FIRST, "decline_authorship")
    with refused("own_change"):
        story.ask(second, "agree_decline", person=FIRST)


@pytest.mark.req("S2-02")
def test_who_opened_it_pushed_to_it_or_retargeted_it_wrote_it() -> None:
    story = opened(contributors=(FIRST, SECOND))
    story.ask(FIRST, "push", head=OTHER_HEAD, base=BASE)
    story.ask(SECOND, "retarget", target="other", base=BASE)
    for each in (AUTHOR, FIRST, SECOND):
        with refused("own_change"):
            story.ask(each, "decline_authorship")
    with refused("not_named"):
        story.ask(THIRD, "decline_authorship")


@pytest.mark.req("S2-02", "X-04")
def test_nor_does_who_acted_by_another_account() -> None:
    story = opened(author=FIRST)
    known_as: Principal = person(AUTHOR, linked=(FIRST,))
    story.learn(known_as, person(FIRST, linked=(AUTHOR,)))
    with refused("own_change"):
        story.ask(FIRST, "decline_authorship")


@pytest.mark.req("S2-02", "S1-23", "X-04")
@pytest.mark.parametrize("suspended", [False, True])
def test_who_stands_behind_what_is_named_says_so_for_it(suspended: bool) -> None:
    story = opened(author=COMMITTER, contributors=(THIRD,))
    story.learn(
        person(COMMITTER, owner=FIRST),
        person(FIRST, linked=(THIRD,)),
        person(THIRD, linked=(FIRST,), suspended=suspended),
    )
    with refused("named_by_others", "own_change"):
        story.ask(FIRST, "sign_off", rule="reviews")
    freed(story)
    assert set(story.state.hands) == {AUTHOR}
    assert set(story.state.declines[0].contributors) == {COMMITTER, THIRD}
    with refused("not_named"):
        story.ask(FIRST, "decline_authorship")
    story.ask(FIRST, "sign_off", rule="reviews")
    story.ask(AUTHOR, "push", head=OTHER_HEAD, base=BASE, contributors=(COMMITTER,))
    assert story.state.declines == ()
    with refused("own_change"):
        story.ask(FIRST, "sign_off", rule="reviews")


@pytest.mark.req("S2-02", "S1-23", "X-04")
def test_each_who_owned_what_is_named_says_so_for_themselves() -> None:
    story = opened(author=COMMITTER)
    story.learn(person(COMMITTER, owner=SECOND, former=(Former(story.at, owner=FIRST),)))
    freed(story, SECOND)
    assert set(story.state.hands) == {AUTHOR, FIRST}
    with refused("own_change", "named_by_others"):
        story.ask(FIRST, "sign_off", rule="reviews")
    story.ask(SECOND, "sign_off", rule="reviews")
    freed(story)
    assert set(story.state.hands) == {AUTHOR}
    story.ask(FIRST, "sign_off", rule="reviews")


@pytest.mark.req("S2-02", "S1-23", "X-04")
def test_what_early_logs_say_of_one_frees_nobody_who_stood_behind_the_same_program() -> None:
    story = opened(author=COMMITTER, contributors=(FIRST,))
    story.learn(person(COMMITTER, owner=FIRST, former=(Former(story.at, owner=SECOND),)))
    story._fold(AuthorshipDeclined((COMMITTER, FIRST)), FIRST, {})
    story._fold(DeclineAgreed(FIRST), MAX, {})
    assert set(story.state.hands) == {AUTHOR, COMMITTER}
    for each in (FIRST, SECOND):
        with refused("own_change", "named_by_others"):
            story.ask(each, "sign_off", rule="reviews")
    freed(story)
    assert set(story.state.hands) == {AUTHOR, SECOND}, "said anew, it is known who else is left"
    story.ask(FIRST, "sign_off", rule="reviews")
    with refused("own_change", "named_by_others"):
        story.ask(SECOND, "sign_off", rule="reviews")


@pytest.mark.req("S2-02", "S1-23", "X-04")
def test_who_owned_it_once_frees_neither_who_owns_it_nor_who_did_besides() -> None:
    story = opened(author=COMMITTER)
    since = story.state.opened_at
    left = (Former(story.at, owner=FIRST), Former(since - LASTING, owner=THIRD))
    story.learn(person(COMMITTER, owner=SECOND, former=left))
    with refused("not_named"):
        story.ask(THIRD, "decline_authorship")
    freed(story)
    story.ask(FIRST, "sign_off", rule="reviews")
    with refused("own_change", "named_by_others"):
        story.ask(SECOND, "sign_off", rule="reviews")
    story.ask(AUTHOR, "push", head=OTHER_HEAD, base=BASE, contributors=(COMMITTER,))
    for each in (FIRST, SECOND):
        with refused("own_change"):
            story.ask(each, "sign_off", rule="reviews")


@pytest.mark.req("S2-02", "S1-23", "X-04")
def test_who_was_freed_and_turns_out_to_be_the_authors_counts_as_the_author() -> None:
    story = opened(contributors=(COMMITTER, FIRST))
    story.learn(person(COMMITTER, owner=SECOND))
    freed(story)
    freed(story, SECOND)
    assert {FIRST, SECOND, COMMITTER}.isdisjoint(involved(story.state, authority(*story.world)))
    story.learn(person(COMMITTER, owner=AUTHOR, former=(Former(story.at, owner=SECOND),)))
    story.learn(person(AUTHOR, linked=(FIRST,)))
    assert {FIRST, COMMITTER} <= involved(story.state, authority(*story.world))
    with refused("own_change"):
        story.ask(FIRST, "sign_off", rule="reviews")
    story.ask(SECOND, "sign_off", rule="reviews")


@pytest.mark.req("S2-02", "S1-23", "X-04")
def test_who_handed_a_program_over_acts_by_nothing_that_its_new_owner_does() -> None:
    story = opened(contributors=(SECOND, THIRD))
    story.learn(person(COMMITTER, owner=AUTHOR, former=(Former(story.at, owner=SECOND),)))
    freed(story, SECOND)
    freed(story, THIRD, SECOND)
    assert {SECOND, THIRD}.isdisjoint(involved(story.state, authority(*story.world)))
    story.ask(SECOND, "sign_off", rule="reviews")


@pytest.mark.req("S2-02", "X-04")
def test_nobody_says_so_for_a_program_of_theirs_that_acted() -> None:
    story = opened(author=FIRST)
    story.learn(person(COMMITTER, owner=FIRST))
    story.ask(COMMITTER, "push", head=OTHER_HEAD, base=BASE)
    with refused("own_change"):
        story.ask(FIRST, "decline_authorship")


@pytest.mark.req("S2-02")
def test_programs_neither_say_so_nor_agree() -> None:
    story = opened(author=FIRST, contributors=(COMMITTER,))
    with refused("not_a_person"):
        story.ask(COMMITTER, "decline_authorship")
    story.ask(FIRST, "decline_authorship")
    with refused("not_a_person"):
        story.ask(COMMITTER, "agree_decline", person=FIRST)


@pytest.mark.req("S2-02")
def test_what_nobody_says_or_what_was_agreed_to_is_not_agreed_to() -> None:
    story = opened(author=FIRST)
    with refused("not_awaited"):
        story.ask(MAX, "agree_decline", person=FIRST)
    freed(story)
    with refused("not_awaited"):
        story.ask(SUE, "agree_decline", person=FIRST)
    with refused("not_named"):
        story.ask(FIRST, "decline_authorship")
    story.ask(AUTHOR, "close", reason="Never mind.")
    with refused("not_open"):
        story.ask(FIRST, "decline_authorship")


@pytest.mark.req("S2-02", "S1-52")
def test_after_it_was_merged_they_say_so_as_well() -> None:
    story = opened(author=FIRST)
    story.state = replace(story.state, status=Status.MERGED)
    assert FIRST in story.state.hands
    freed(story)
    assert FIRST not in story.state.hands


@pytest.mark.req("S2-02")
def test_who_is_named_again_or_pushes_after_it_has_a_hand_in_it() -> None:
    for by, named in ((AUTHOR, (FIRST,)), (FIRST, ())):
        story = freed(opened(author=FIRST))
        story.ask(by, "push", head=OTHER_HEAD, base=BASE, contributors=named)
        assert story.state.declines == ()
        with refused("own_change"):
            story.ask(FIRST, "sign_off", rule="reviews")
    story = freed(opened(author=FIRST))
    story.ask(AUTHOR, "push", head=OTHER_HEAD, base=BASE)
    story.ask(FIRST, "sign_off", rule="reviews")


@pytest.mark.req("S2-01")
def test_an_inbox_leaves_to_the_rules_whether_what_they_sign_off_counts() -> None:
    story = freed(freed(opened(author=FIRST, contributors=(SECOND,))), SECOND)
    for each in (FIRST, SECOND):
        story.ask(each, "sign_off", rule="reviews")
    told = {(each.filled, each.waits) for each in awaited(story.state)}
    assert told == {(False, False)}, "who agreed may have lost their word since"


GRANT = replace(MANAGER, id="9" * 32)
LOST: dict[str, tuple[Any, ...]] = {
    "suspended": (person(MAX, suspended=True),),
    "revoked": (replace(GRANT, revoked_at=NOON),),
    "the author's": (person(MAX, linked=(AUTHOR,)), person(AUTHOR, linked=(MAX,))),
    "their own": (person(MAX, linked=(FIRST,)), person(FIRST, linked=(MAX,))),
}


@pytest.mark.req("S2-02", "S1-23", "X-04")
@pytest.mark.parametrize("why", LOST)
@pytest.mark.parametrize("signed_before", [True, False])
def test_who_agreed_counts_while_a_vote_of_theirs_would(why: str, signed_before: bool) -> None:
    story = opened(author=FIRST)
    story.learn(GRANT)
    story.ask(FIRST, "decline_authorship")
    story._fold(DeclineAgreed(FIRST, GRANT.id), MAX, {})
    story.ask(SECOND, "sign_off", rule="reviews")
    if signed_before:
        story.ask(FIRST, "sign_off", rule="reviews")
    assert FIRST not in involved(story.state, authority(*story.world))
    story.learn(*LOST[why])
    now = authority(*story.world)
    assert FIRST in involved(story.state, now)
    assert not standings(story.state, now, story.at).satisfied
    with refused("named_by_others", "own_change") as caught:
        story.ask(FIRST, "sign_off", rule="reviews")
    assert "say so again" in caught.value.problems[0].message
    with refused("not_awaited") as caught:
        story.ask(SUE, "agree_decline", person=FIRST)
    assert "say so again" in caught.value.problems[0].message
    freed(story, FIRST, SUE)
    if not signed_before:
        story.ask(FIRST, "sign_off", rule="reviews")
    assert standings(story.state, authority(*story.world), story.at).satisfied


@pytest.mark.req("S2-02", "X-04")
def test_an_early_log_tells_no_grant_and_it_counts_by_the_account() -> None:
    story = opened(author=FIRST)
    story.learn(replace(GRANT, revoked_at=NOON))
    story.ask(FIRST, "decline_authorship")
    story._fold(DeclineAgreed(FIRST), MAX, {})
    assert FIRST not in involved(story.state, authority(*story.world))


@pytest.mark.req("S2-02", "X-04")
def test_whoever_was_freed_by_nobody_frees_nobody() -> None:
    story = opened(author=FIRST, contributors=(SECOND,))
    freed(freed(story), SECOND, FIRST)
    assert {FIRST, SECOND}.isdisjoint(involved(story.state, authority(*story.world)))
    story.learn(person(MAX, suspended=True))
    assert {FIRST, SECOND} <= involved(story.state, authority(*story.world))


@pytest.mark.req("X-05")
def test_where_nobody_can_sign_off_the_gate_says_what_helps() -> None:
    for named, told in (((FIRST, SECOND), True), ((), False)):
        story = opened(contributors=named)
        if not named:
            story.learn(person(FIRST, suspended=True), person(SECOND, suspended=True))
        ask = Question(story.state, story.at, authority(*story.world), known(*story.world))
        (found,) = approvals(ask)
        assert found.code == "quorum_impossible"
        assert ("may say that they did not" in found.message) is told


def asked(story: Story) -> tuple[list[str], list[tuple[str, int, frozenset[str]]]]:
    """What keeps it from being merged, as it is explained, and who helps in which order."""

    def who(action: str) -> frozenset[str]:
        merging = action in (AGREE, "merge_request.merge")
        return frozenset((MAX, AUTHOR) if merging else (FIRST, SECOND, THIRD, AUTHOR))

    told: dict[str, Any] = {
        "at": story.at,
        "authority": authority(*story.world),
        "records": known(*story.others),
    }
    found = verdict(story.state, "merge", by=MAX, who=who, **told)
    acts = [(e.action, e.count, e.people) for each in found.blocking for e in each.acts]
    assert explain(found).ways, "somebody can"
    return list(found.codes), acts


@pytest.mark.req("S2-01", "S2-02", "X-05")
def test_the_gate_names_whose_word_frees_whom_others_named_and_who_agrees() -> None:
    story = opened(author=FIRST)
    story.learn(person(THIRD, suspended=True))
    codes, acts = asked(story)
    assert codes == ["named_by_others", "approvals_missing"]
    assert acts == [(DECLINE, 1, frozenset((FIRST,))), (AGREE, 1, frozenset((MAX,)))]
    story.ask(FIRST, "decline_authorship")
    assert asked(story)[1] == acts[1:]
    story.ask(MAX, "agree_decline", person=FIRST)
    assert asked(story)[0] == ["approvals_missing"]
    for each in (FIRST, SECOND):
        story.ask(each, "sign_off", rule="reviews")


@pytest.mark.req("S2-01", "S2-02", "X-05")
def test_where_it_takes_the_word_of_all_of_them_it_names_all() -> None:
    story = opened(author=FIRST, contributors=(SECOND,))
    story.learn(person(THIRD, suspended=True))
    both = frozenset((FIRST, SECOND))
    assert asked(story)[1] == [(DECLINE, 2, both), *[(AGREE, 1, frozenset((MAX,)))] * 2]
