"""Tokens are issued for oneself and one's programs, limited, and revoked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.credential import AGGREGATE, Credential, Issued, Revoked, annul, issue, revoke
from domain.kernel import OPERATOR, Audience, Context
from domain.principal.state import Former
from tests.domain.authority_examples import person
from tests.domain.given import (
    ADA,
    BEN,
    CAT,
    DAY,
    NOON,
    ROBOT,
    asked_by,
    authority,
    given,
    refused,
    then,
)

HOUR = timedelta(hours=1)
PUBLIC_ID = "0123456789abcdEF"
HASH = "0" * 64
PEOPLE = (person(ADA), person(BEN), person(ROBOT, owner=BEN))
ISSUED = Issued(ADA, "my scripts", HASH, ("change.open",), NOON + DAY)


def asking(who: str, *states: Any, **more: Any) -> Context:
    return asked_by(who, *PEOPLE, *states, **({"subject": PUBLIC_ID} | more))


def issuing(who: str = ADA, *states: Any, **changed: Any) -> list[Any]:
    more = changed.pop("more", {})
    fine: dict[str, Any] = {"owner": ADA, "name": "my scripts", "keyed_hash": HASH}
    limits = {"actions": ("change.open",), "until": NOON + DAY}
    return issue(None, asking(who, *states, **more), **(fine | limits | changed))


def token(*events: Any) -> Credential:
    return given(AGGREGATE, ISSUED, *events, subject=PUBLIC_ID, by=ADA)


def test_a_person_has_a_token_issued_for_oneself() -> None:
    state = then(AGGREGATE, None, asking(ADA), issuing())
    assert issuing() == [ISSUED]
    assert (state.id, state.owner, state.issued_by) == (PUBLIC_ID, ADA, ADA)
    assert (state.since, state.until, state.actions) == (NOON, NOON + DAY, ("change.open",))


def test_a_token_may_be_for_everything_its_owner_may() -> None:
    [event] = issuing(actions=())
    assert event.actions == ()


@pytest.mark.parametrize("who,owner", [(BEN, ROBOT), (OPERATOR, ADA), (OPERATOR, ROBOT)])
def test_tokens_of_a_program_are_its_owners_and_all_are_the_operators(who: str, owner: str) -> None:
    [event] = issuing(who, owner=owner)
    assert event.owner == owner


@pytest.mark.parametrize("who,owner", [(ADA, BEN), (ADA, ROBOT), (CAT, ADA)])
def test_nobody_has_a_token_issued_for_somebody_else(who: str, owner: str) -> None:
    with refused("not_own_account"):
        issuing(who, owner=owner)


def test_a_linked_account_is_somebody_else_here() -> None:
    with refused("not_own_account"):
        issuing(ADA, person(BEN, linked=(ADA,)), owner=BEN)


@pytest.mark.parametrize("actions", [(), ("change.open",), ("credential.issue", "change.open")])
def test_a_limited_token_issues_none_that_may_do_more(actions: tuple[str, ...]) -> None:
    with refused("exceeds_own_token"):
        issuing(actions=actions, more={"limits": ("credential.issue", "change.edit")})


def test_a_limited_token_issues_one_for_what_it_may_do() -> None:
    more = {"limits": ("credential.issue", "change.open")}
    [event] = issuing(actions=("change.open",), more=more)
    assert event.actions == ("change.open",)


def test_a_claim_about_a_token_elsewhere_opens_nothing() -> None:
    with refused("mere_claim"):
        issuing(more={"claimed": True})


@pytest.mark.parametrize(
    "wrong,code",
    [
        ({"name": ""}, "text_missing"),
        ({"keyed_hash": "secret"}, "hash_unusable"),
        ({"keyed_hash": HASH + "\n"}, "hash_unusable"),
        ({"actions": ("approve",)}, "action_unusable"),
        ({"actions": ("change.*",)}, "action_unusable"),
        ({"actions": ("change.open", "change.open")}, "named_twice"),
        ({"actions": tuple(f"change.act{number}" for number in range(101))}, "too_many"),
        ({"until": NOON}, "until_passed"),
        ({"until": NOON + 367 * DAY}, "until_too_far"),
        ({"more": {"subject": "../etc"}}, "id_unusable"),
    ],
)
def test_what_cannot_be_a_token_is_refused(wrong: dict[str, Any], code: str) -> None:
    with refused(code):
        issuing(**wrong)


def test_the_suspended_and_unknown_get_none() -> None:
    with refused("suspended_person"):
        issuing(ADA, person(ADA, suspended=True))
    with refused("unknown_person"):
        issuing(OPERATOR, owner=CAT)


def test_a_token_is_usable_until_it_ends() -> None:
    found = authority(*PEOPLE)
    usable = [token().usable(found, at) for at in (NOON - 2 * DAY, NOON, NOON + DAY)]
    assert usable == [False, True, False]


def test_a_revoked_token_is_of_no_use() -> None:
    state = token(Revoked("leaked"))
    assert not state.usable(authority(*PEOPLE), NOON)
    assert (state.revoked_by, state.revoked_reason) == (ADA, "leaked")


def test_a_token_of_the_suspended_or_unknown_is_of_no_use() -> None:
    assert not token().usable(authority(person(ADA, suspended=True)), NOON)
    assert not token().usable(authority(), NOON)


@pytest.mark.parametrize("issuer", [BEN, OPERATOR])
def test_what_speaks_for_a_program_ends_as_that_gets_another_owner(issuer: str) -> None:
    made = replace(token(), owner=ROBOT, issued_by=issuer)
    kept = authority(person(ROBOT, owner=BEN, former=(Former(NOON, team="payments"),)))
    assert made.usable(kept, NOON)
    for owner, left in ((CAT, (BEN,)), (BEN, (BEN, CAT))):
        former = tuple(Former(NOON + nth * HOUR, owner=each) for nth, each in enumerate(left, 1))
        given_away = authority(person(ROBOT, owner=owner, former=former))
        assert made.given_away(given_away) == former[-1].until
        assert not made.usable(given_away, NOON + 3 * HOUR)
        later = replace(made, since=former[-1].until, issued_by=owner)
        assert later.usable(given_away, NOON + 3 * HOUR)
        assert not replace(later, issued_by=OPERATOR).usable(given_away, NOON + 3 * HOUR)


@pytest.mark.parametrize("who", [ADA, OPERATOR])
def test_an_owner_revokes_ones_own(who: str) -> None:
    assert revoke(token(), asking(who), reason="leaked") == [Revoked("leaked")]


def test_somebody_elses_token_is_annulled_not_revoked() -> None:
    with refused("not_own_account"):
        revoke(token(), asking(BEN), reason="leaked")
    assert annul(token(), asking(BEN), reason="leaked") == [Revoked("leaked")]


@pytest.mark.parametrize("command", [revoke, annul])
def test_a_token_is_revoked_once_and_not_without_a_reason(command: Any) -> None:
    with refused("revoked_already", "text_missing"):
        command(token(Revoked("leaked")), asking(ADA), reason=" ")


def test_tokens_are_not_for_everyone_to_see() -> None:
    assert AGGREGATE.audience is Audience.SCOPED


def test_a_history_begins_with_issuing_and_holds_nothing_foreign() -> None:
    with pytest.raises(TypeError, match="does not begin"):
        given(AGGREGATE, Revoked("leaked"))
    with pytest.raises(TypeError, match="no event of a credential"):
        token("something else")
