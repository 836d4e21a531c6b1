"""The heads of a merge request: a sign-off names one, and falls with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.approval.approval import Void
from domain.kernel import Refusal, Then
from domain.merge_request.aggregate import AGGREGATE
from domain.merge_request.embargo import is_same
from domain.merge_request.revising import MOST_CONTRIBUTORS
from domain.merge_request.standing import standings
from domain.merge_request.state import Status, digest_of, head_of
from tests.domain.given import authority
from tests.domain.merge_stories import (
    AUTHOR,
    BASE,
    COMMITTER,
    FIRST,
    HEAD,
    MERGE_WORLD,
    OPENING,
    OTHER_BASE,
    OTHER_HEAD,
    SECOND,
    opened,
    signed,
)
from tests.domain.organisation import (
    ASA,
    ENG,
    OWEN,
    Story,
    kinds,
    refused,
)

# What a sign-off names.


def test_a_push_voids_the_sign_offs() -> None:
    story = signed()
    story.ask(AUTHOR, "push", head=OTHER_HEAD, base=BASE)
    assert (story.state.votes, story.state.voided, story.state.revision) == ((), 2, 2)
    with refused("approvals_missing"):
        story.ask(SECOND, "merge")


def test_pushing_the_old_head_back_revives_nothing() -> None:
    story = signed()
    before = story.state.digest
    story.ask(AUTHOR, "push", head=OTHER_HEAD, base=BASE)
    story.ask(AUTHOR, "push", head=HEAD, base=BASE)
    assert (story.state.head, story.state.votes) == (HEAD, ())
    assert story.state.digest != before
    with refused("approvals_missing"):
        story.ask(SECOND, "merge")


def test_another_base_under_the_same_head_voids_the_sign_offs() -> None:
    story = signed()
    story.ask(AUTHOR, "push", head=HEAD, base=OTHER_BASE)
    assert story.state.votes == ()


def test_a_retarget_voids_the_sign_offs() -> None:
    story = signed()
    story.ask(AUTHOR, "retarget", target="16-7-stable", base=OTHER_BASE)
    assert (story.state.target, story.state.votes) == ("16-7-stable", ())
    with refused("approvals_missing"):
        story.ask(SECOND, "merge")


def test_what_moves_nothing_voids_nothing() -> None:
    story = signed()
    assert story.ask(AUTHOR, "push", head=HEAD, base=BASE) == []
    assert story.ask(AUTHOR, "retarget", target="master", base=BASE) == []
    assert len(story.state.votes) == 2


def test_a_contributor_who_becomes_known_voids_the_sign_offs() -> None:
    story = signed()
    assert kinds(story.ask(AUTHOR, "push", head=HEAD, base=BASE, contributors=(ENG,))) == ["Pushed"]
    assert story.state.votes == ()


@pytest.mark.parametrize(
    "part",
    [
        {"project": "other"},
        {"number": 8},
        {"head": OTHER_HEAD},
        {"target": "other"},
        {"base": OTHER_BASE},
    ],
)
def test_a_sign_off_counts_for_its_own_merge_request_alone(part: dict[str, Any]) -> None:
    state = opened().state
    at = head_of(state)
    assert digest_of(state.kind, state.playbook, at, 1) == state.digest
    assert digest_of(state.kind, state.playbook, replace(at, **part), 1) != state.digest
    assert digest_of(state.kind, state.playbook, at, 2) != state.digest


def test_a_vote_from_another_digest_is_void() -> None:
    story = signed()
    strange = replace(story.state, digest="sha256:other")
    now = standings(strange, authority(*story.world), story.at).of("reviews")
    assert [each.reason for each in now.void] == [Void.OTHER_DIGEST] * 2


def test_closing_and_reopening_asks_everybody_anew() -> None:
    story = signed()
    story.ask(AUTHOR, "close", reason="Not now.")
    with refused("not_open"):
        story.ask(SECOND, "merge")
    with refused("not_awaited"):
        story.ask(SECOND, "sign_off", rule="reviews")
    story.ask(AUTHOR, "reopen")
    assert (story.state.status, story.state.votes, story.state.revision) == (Status.OPEN, (), 2)
    assert story.state.closed_because is None


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"head": "main"}, "not_a_commit"),
        ({"head": "0" * 40}, "not_a_commit"),
        ({"base": "main"}, "not_a_commit"),
        ({"base": OTHER_HEAD}, "nothing_to_merge"),
        ({"contributors": ("nobody",)}, "unknown_person"),
        ({"contributors": (ENG,) * (MOST_CONTRIBUTORS + 1)}, "too_many"),
    ],
)
def test_a_push_names_what_is_there(changes: dict[str, Any], code: str) -> None:
    story = opened()
    with refused(code):
        story.ask(AUTHOR, "push", **({"head": OTHER_HEAD, "base": BASE} | changes))
    many = (ENG,) * MOST_CONTRIBUTORS
    assert story.ask(AUTHOR, "push", head=OTHER_HEAD, base=BASE, contributors=many)


def test_a_retarget_names_what_is_there() -> None:
    for target, base, code in (
        ("", BASE, "name_unusable"),
        ("other", "x", "not_a_commit"),
        ("a..b", BASE, "not_a_branch"),
        ("other", HEAD, "nothing_to_merge"),
    ):
        with refused(code):
            opened().ask(AUTHOR, "retarget", target=target, base=base)
    with pytest.raises(Refusal) as refusal:
        opened().ask(AUTHOR, "retarget", target="a b..c~^:", base=HEAD)
    assert {each.code for each in refusal.value.problems} == {"not_a_branch", "nothing_to_merge"}


def test_known_contributors_named_again_void_nothing() -> None:
    story = opened(contributors=(ENG,))
    story.ask(FIRST, "sign_off", rule="reviews")
    assert story.ask(AUTHOR, "push", head=HEAD, base=BASE, contributors=(AUTHOR, ENG)) == []
    everybody = story.state.contributors
    assert story.ask(AUTHOR, "push", head=HEAD, base=BASE, contributors=everybody) == []


# Opening.


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"playbook": "none"}, "unknown_playbook"),
        ({"kind": "none"}, "unknown_kind"),
        ({"number": 0}, "number_unusable"),
        ({"number": 2**31}, "number_unusable"),
        ({"head": "main"}, "not_a_commit"),
        ({"base": HEAD.upper().replace("1", "A")}, "not_a_commit"),
        ({"project": "any"}, "name_unusable"),
        ({"target": ""}, "name_unusable"),
        ({"target": "a b..c~^:"}, "not_a_branch"),
        ({"base": HEAD}, "nothing_to_merge"),
        ({"title": " "}, "text_missing"),
        ({"author": "user:" + "f" * 32}, "unknown_person"),
        ({"contributors": ("nobody",)}, "unknown_person"),
    ],
)
def test_a_merge_request_names_what_is_there(changes: dict[str, Any], code: str) -> None:
    with refused(code):
        opened(**changes)


def test_the_same_merge_request_is_opened_once() -> None:
    other = Story(AGGREGATE, (*MERGE_WORLD, opened().state), subject="9" * 32)
    with refused("already_known"):
        other.ask(AUTHOR, "open", **OPENING)
    other.ask(AUTHOR, "open", **(OPENING | {"number": 8}))


def test_opening_does_not_tell_what_is_under_embargo() -> None:
    hidden = opened(embargoed=True)
    other = Story(AGGREGATE, (*MERGE_WORLD, hidden.state), subject="9" * 32)
    other.ask(AUTHOR, "open", **OPENING)
    hidden.learn(other.state)
    hidden.ask(ASA, "reveal")
    told = hidden.ask(OWEN, "reveal")
    assert not hidden.state.embargoed
    reason = {"reason": "The same merge request was revealed under another id."}
    assert told[-1] == Then("merge_request.close", other.state.id, reason)


@pytest.mark.req("S1-12")
@pytest.mark.parametrize("merged", [False, True])
def test_who_opens_a_number_in_secret_first_has_no_other_one_closed(merged: bool) -> None:
    hidden = opened(embargoed=True)
    other = Story(AGGREGATE, (*MERGE_WORLD, hidden.state), subject="9" * 32)
    other.ask(AUTHOR, "open", **(OPENING | {"head": OTHER_HEAD}))
    hidden.learn(other.state)
    if merged:
        hidden.state = replace(hidden.state, status=Status.MERGED)
        hidden.ask(ASA, "reveal")
        told = hidden.ask(OWEN, "reveal")
        assert Then("merge_request.close", other.state.id, told[-1].arguments) in told
        return
    with refused("number_taken"):
        hidden.ask(OWEN, "reveal")
    assert not any(is_same(hidden.state, each) for each in (other.state,))


def test_of_two_that_are_the_same_one_is_open() -> None:
    """The second could leave a contributor out."""
    closed = opened()
    closed.ask(AUTHOR, "close", reason="Opened anew.")
    other = Story(AGGREGATE, MERGE_WORLD, subject="9" * 32)
    other.ask(AUTHOR, "open", **OPENING)
    closed.learn(other.state)
    with refused("already_known"):
        closed.ask(AUTHOR, "reopen")


def test_a_program_may_open_it_for_its_author() -> None:
    story = Story(AGGREGATE, MERGE_WORLD)
    story.ask(COMMITTER, "open", **OPENING, author=AUTHOR)
    assert (story.state.author, story.state.contributors) == (AUTHOR, (AUTHOR, COMMITTER))


@pytest.mark.req("S1-12", "S1-50")
def test_two_who_did_not_write_it_show_it() -> None:
    story = opened()
    story.ask(OWEN, "conceal", reason="It is a hole.")
    assert kinds(story.ask(OWEN, "reveal")) == ["RevealProposed"]
    assert story.ask(OWEN, "reveal") == []
    with refused("needs_second_person"):
        story.ask(AUTHOR, "reveal")
    [said] = story.state.reveal_proposals
    assert (said.proposed_by, said.revision, story.state.embargoed) == (OWEN, 1, True)
    assert kinds(story.ask(ASA, "reveal")) == ["Revealed"]
    assert story.state.reveal_proposals == ()
    own = opened(embargoed=True)
    with refused("needs_second_person"):
        own.ask(AUTHOR, "reveal")


@pytest.mark.req("S1-12", "X-04")
def test_the_word_of_the_first_is_of_what_it_was_made_of_then() -> None:
    story = opened(embargoed=True)
    story.ask(OWEN, "reveal")
    story.ask(AUTHOR, "push", head="7" * 40, base=BASE)
    assert kinds(story.ask(ASA, "reveal")) == ["RevealProposed"]
    story.state = replace(story.state, excluded=(ASA,))
    assert kinds(story.ask(OWEN, "reveal")) == ["RevealProposed"], "who found it shows nothing"
    story.state = replace(story.state, excluded=())
    for each in story.world:
        if getattr(each, "id", None) == ASA:
            story.learn(replace(each, suspended=True))
    assert story.ask(OWEN, "reveal") == []


def test_an_embargo_is_ended_once() -> None:
    story = opened(embargoed=True)
    assert story.state.embargoed
    story.ask(ASA, "reveal")
    story.ask(OWEN, "reveal")
    assert not story.state.embargoed
    with refused("not_embargoed"):
        story.ask(OWEN, "reveal")


@pytest.mark.parametrize("verb", ["push", "retarget", "close", "merge"])
def test_nothing_happens_to_a_merged_one(verb: str) -> None:
    story = signed()
    story.ask(SECOND, "merge")
    arguments = {
        "push": {"head": OTHER_HEAD, "base": BASE},
        "retarget": {"target": "other", "base": BASE},
        "close": {"reason": "Late."},
        "merge": {},
    }[verb]
    with refused("not_open"):
        story.ask(SECOND, verb, **arguments)
