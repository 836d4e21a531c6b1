"""People and programs get accounts, are described, identified and tied to one another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.kernel import OPERATOR, Context
from domain.principal.aggregate import (
    AGGREGATE,
    Kind,
    NewIdentity,
    Principal,
    edit,
    link_account,
    link_identity,
    register,
    unlink_account,
    unlink_identity,
    verify_identity,
)
from domain.principal.events import (
    AccountLinked,
    AccountUnlinked,
    HandleChanged,
    IdentityLinked,
    IdentityUnlinked,
    IdentityVerified,
    MailChanged,
    NameChanged,
    OwnerChanged,
    Registered,
    TeamChanged,
    UnlinkingProposed,
)
from tests.domain.authority_examples import person
from tests.domain.given import ADA, BEN, CAT, DAN, ROBOT, asked_by, authority, given, refused

NEW = "user:" + "9" * 32
ISSUER = "https://idp.example"
HUMAN = Registered(Kind.HUMAN, "ada", "Ada Lovelace", "ada@example.org", "engines")
PROGRAM = Registered(Kind.BOT, "deployer", "Deployer", owner=BEN)
LINKED = IdentityLinked(ISSUER, "42", verified=False)
PEOPLE = (person(BEN), person(CAT), person(DAN))


def ada(*events: Any, by: str = CAT) -> Principal:
    return given(AGGREGATE, HUMAN, *events, subject=ADA, by=by)


def asking(who: str, *states: Any, subject: str = ADA, **more: Any) -> Context:
    return asked_by(who, *PEOPLE, *states, subject=subject, **more)


def registering(who: str = CAT, *states: Any, **changed: Any) -> list[Any]:
    subject = changed.pop("subject", NEW)
    fine: dict[str, Any] = {"kind": Kind.HUMAN, "handle": "grace", "name": "Grace Hopper"}
    return register(None, asking(who, *states, subject=subject), **(fine | changed))


# Registering.


@pytest.mark.req("S3-18", "S2-22")
def test_a_person_gets_an_account() -> None:
    events = registering(mail="grace@example.org", team="navy")
    assert events == [
        Registered(Kind.HUMAN, "grace", "Grace Hopper", "grace@example.org", "navy", None)
    ]


def test_the_operator_registers_the_first_person_with_an_identity() -> None:
    events = registering(OPERATOR, identity=NewIdentity(ISSUER, "7"))
    found = given(AGGREGATE, *events, subject=NEW, by=OPERATOR)
    assert authority(found).identified(ISSUER, "7") == NEW


def test_an_identity_given_with_an_account_waits_for_a_second_person() -> None:
    events = registering(CAT, identity=NewIdentity(ISSUER, "7"))
    found = given(AGGREGATE, *events, subject=NEW, by=CAT)
    assert authority(found).identified(ISSUER, "7") is None
    with refused("own_proposal"):
        verify_identity(found, asking(CAT), identity=2)
    [event] = verify_identity(found, asking(DAN), identity=2)
    verified = given(AGGREGATE, *events, event, subject=NEW, by=CAT)
    assert authority(verified).identified(ISSUER, "7") == NEW


def test_nobody_moves_an_identity_to_another_account_alone() -> None:
    old = ada(LINKED, IdentityVerified(2))
    parted = ada(LINKED, IdentityVerified(2), *unlink_identity(old, asking(CAT), identity=2))
    identity = NewIdentity(ISSUER, "42")
    context = asking(CAT, parted, subject=NEW)
    told: dict[str, Any] = {"kind": Kind.HUMAN, "handle": "grace", "name": "Grace"}
    events = register(None, context, **told, identity=identity)
    moved = given(AGGREGATE, *events, subject=NEW, by=CAT)
    assert authority(parted, moved).identified(ISSUER, "42") is None
    with refused("own_proposal"):
        verify_identity(moved, asking(CAT, parted), identity=2)


def test_a_program_has_a_person_responsible_for_it() -> None:
    [event] = registering(kind=Kind.BOT, subject=ROBOT, owner=BEN)
    program = given(AGGREGATE, event, subject=ROBOT)
    assert authority(program, *PEOPLE).linked(BEN) == {BEN, ROBOT}


@pytest.mark.parametrize(
    "wrong,code",
    [
        ({"kind": Kind.BOT, "subject": ROBOT}, "owner_missing"),
        ({"kind": Kind.BOT, "subject": ROBOT, "owner": "bot:" + "1" * 32}, "unknown_person"),
        ({"owner": BEN}, "owner_of_person"),
        ({"subject": ROBOT}, "id_unusable"),
        ({"subject": "user:me"}, "id_unusable"),
        ({"handle": ""}, "handle_unusable"),
        ({"handle": "two words"}, "handle_unusable"),
        ({"handle": "grace\n"}, "handle_unusable"),
        ({"handle": "ádám"}, "handle_unusable"),
        ({"name": "\u200b\x00"}, "text_unreadable"),
        ({"name": "x" * 201}, "text_too_long"),
        ({"mail": "nobody"}, "mail_unusable"),
        ({"mail": "a b@c"}, "mail_unusable"),
        ({"team": "any"}, "name_unusable"),
        ({"identity": NewIdentity("", "42")}, "text_missing"),
    ],
)
def test_what_describes_nobody_is_refused(wrong: dict[str, Any], code: str) -> None:
    codes = [code, "machine"] if str(wrong.get("owner", "")).startswith("bot:") else [code]
    with refused(*codes):
        registering(**wrong)


def test_everything_wrong_with_an_account_is_said_at_once() -> None:
    with refused("handle_unusable", "text_missing", "mail_unusable", "owner_of_person"):
        registering(handle="", name="", mail="", owner=BEN)


def test_a_suspended_person_is_responsible_for_nothing() -> None:
    with refused("suspended_person"):
        gone = person(BEN, suspended=True)
        registering(CAT, gone, kind=Kind.BOT, subject=ROBOT, owner=BEN)


def test_a_handle_is_one_accounts_whatever_its_case() -> None:
    with refused("handle_taken"):
        registering(CAT, ada(), handle="ADA")


def test_an_identity_is_one_accounts() -> None:
    with refused("identity_taken"):
        known = ada(replace(LINKED, verified=True))
        registering(CAT, known, identity=NewIdentity(ISSUER, "42"))


def test_an_identity_is_never_taken_from_a_claim() -> None:
    with refused("mere_claim"):
        context = asking(CAT, subject=NEW, claimed=True)
        identity = NewIdentity(ISSUER, "42")
        register(None, context, kind=Kind.HUMAN, handle="g", name="G", identity=identity)


# Describing.


def test_only_what_changed_is_an_event() -> None:
    new = {"handle": "countess", "name": "Ada Lovelace", "mail": None}
    assert edit(ada(), asking(CAT), **new) == [HandleChanged("countess"), MailChanged(None)]  # type: ignore[arg-type]


def test_what_is_left_out_stays() -> None:
    edited = ada(NameChanged("Ada King"), TeamChanged(None))
    before = ada()
    assert (edited.name, edited.team) == ("Ada King", None)
    assert (edited.handle, edited.mail) == (before.handle, before.mail)


def test_an_edit_without_a_change_is_no_event() -> None:
    assert edit(ada(), asking(CAT), handle="ada", team="engines") == []


def test_a_program_is_handed_over_to_another_person() -> None:
    program = given(AGGREGATE, PROGRAM, subject=ROBOT)
    events = edit(program, asking(CAT, subject=ROBOT), owner=DAN)
    assert events == [OwnerChanged(DAN)]
    assert given(AGGREGATE, PROGRAM, *events, subject=ROBOT).owner == DAN


def test_the_identities_of_a_program_are_verified_anew_as_it_gets_another_owner() -> None:
    linked = (PROGRAM, LINKED, IdentityVerified(2))
    assert authority(given(AGGREGATE, *linked, subject=ROBOT)).identified(ISSUER, "42") == ROBOT
    handed = given(AGGREGATE, *linked, OwnerChanged(DAN), subject=ROBOT)
    assert authority(handed).identified(ISSUER, "42") is None
    [verified] = verify_identity(handed, asking(CAT, subject=ROBOT), identity=2)
    again = given(AGGREGATE, *linked, OwnerChanged(DAN), verified, subject=ROBOT)
    assert authority(again).identified(ISSUER, "42") == ROBOT


def test_an_edit_is_checked_like_a_registration() -> None:
    with refused("handle_taken", "text_missing", "name_unusable", "owner_of_person"):
        other = given(AGGREGATE, replace(HUMAN, handle="grace"), subject=NEW)
        edit(ada(), asking(CAT, other), handle="Grace", name="", team="", owner=BEN)


def test_the_case_of_ones_own_handle_may_change() -> None:
    assert edit(ada(), asking(CAT, ada()), handle="Ada") == [HandleChanged("Ada")]


# Identities.


@pytest.mark.req("X-04")
def test_an_identity_counts_once_a_second_person_has_verified_it() -> None:
    state = ada(*link_identity(ada(), asking(CAT), issuer=ISSUER, subject="42"))
    [linked] = state.identities
    assert authority(state).identified(ISSUER, "42") is None
    [event] = verify_identity(state, asking(DAN), identity=linked.number)
    assert authority(ada(LINKED, event)).identified(ISSUER, "42") == ADA


def test_the_operator_needs_nobody_to_verify() -> None:
    [event] = link_identity(ada(), asking(OPERATOR), issuer=ISSUER, subject="42")
    assert event == replace(LINKED, verified=True)


def test_who_linked_an_identity_may_not_verify_it() -> None:
    with refused("own_proposal"):
        verify_identity(ada(LINKED, by=CAT), asking(CAT), identity=2)


def test_another_account_of_who_linked_it_may_not_verify_it() -> None:
    with refused("own_proposal"):
        twin = person(DAN, linked=(CAT,))
        verify_identity(ada(LINKED, by=CAT), asking(DAN, twin), identity=2)


def test_a_person_may_verify_what_somebody_else_linked() -> None:
    state = ada(LINKED, by=CAT)
    assert verify_identity(state, asking(ADA, state), identity=2) == [IdentityVerified(2)]


def test_an_identity_that_became_anothers_is_not_verified() -> None:
    with refused("identity_taken"):
        other = replace(given(AGGREGATE, HUMAN, replace(LINKED, verified=True)), id=BEN)
        verify_identity(ada(LINKED), asking(DAN, other), identity=2)


def test_an_identity_is_verified_once() -> None:
    with refused("verified_already"):
        verify_identity(ada(LINKED, IdentityVerified(2)), asking(DAN), identity=2)


def test_an_identity_is_linked_once_and_to_one_account() -> None:
    with refused("linked_already"):
        link_identity(ada(LINKED), asking(DAN), issuer=ISSUER, subject="42")
    with refused("identity_taken"):
        other = replace(given(AGGREGATE, HUMAN, replace(LINKED, verified=True)), id=BEN)
        link_identity(ada(), asking(DAN, other), issuer=ISSUER, subject="42")


def test_an_account_has_so_many_identities_and_no_more() -> None:
    many = [replace(LINKED, subject=str(number)) for number in range(16)]
    with refused("too_many"):
        link_identity(ada(*many), asking(DAN), issuer=ISSUER, subject="x")


def test_an_identity_taken_away_maps_to_nobody_and_its_number_is_not_used_again() -> None:
    state = ada(replace(LINKED, verified=True))
    assert unlink_identity(state, asking(CAT), identity=2) == [IdentityUnlinked(2)]
    again = ada(replace(LINKED, verified=True), IdentityUnlinked(2), LINKED)
    assert [each.number for each in again.identities] == [4]
    assert authority(again).identified(ISSUER, "42") is None


@pytest.mark.parametrize("command", [verify_identity, unlink_identity])
def test_what_is_not_linked_cannot_be_touched(command: Any) -> None:
    with refused("unknown_identity"):
        command(ada(), asking(CAT), identity=2)


# Accounts of the same person.


def test_two_accounts_of_one_person_are_tied() -> None:
    events = link_account(ada(), asking(CAT), account=BEN)
    assert events == [AccountLinked(BEN)]
    assert authority(ada(*events), *PEOPLE).linked(BEN) == {ADA, BEN}


@pytest.mark.parametrize(
    "account,codes",
    [
        (ADA, ("same_account", "unknown_person")),
        (NEW, ("unknown_person",)),
        (ROBOT, ("machine", "unknown_person")),
        (CAT, ("linked_already",)),
    ],
)
def test_only_another_known_person_is_linked(account: str, codes: tuple[str, ...]) -> None:
    with refused(*codes):
        link_account(ada(AccountLinked(CAT)), asking(DAN), account=account)


@pytest.mark.parametrize("who,owner", [(BEN, CAT), (CAT, CAT)])
def test_nobody_hands_a_program_over_from_or_to_oneself(who: str, owner: str) -> None:
    program = given(AGGREGATE, PROGRAM, subject=ROBOT)
    with refused("own_account"):
        edit(program, asking(who, program, subject=ROBOT), owner=owner)


def test_nobody_leaves_a_team_by_oneself() -> None:
    with refused("own_account"):
        edit(ada(), asking(ADA, ada()), team="looms")
    assert edit(ada(), asking(CAT, ada()), team="looms") == [TeamChanged("looms")]


def test_somebody_else_says_that_accounts_are_different_people() -> None:
    state = ada(AccountLinked(BEN))
    assert unlink_account(state, asking(CAT, state), account=BEN) == [UnlinkingProposed(BEN)]
    assert ada(AccountLinked(BEN), AccountUnlinked(BEN)).linked == ()


@pytest.mark.parametrize("who", [ADA, BEN])
def test_nobody_unties_an_account_of_their_own(who: str) -> None:
    state = ada(AccountLinked(BEN))
    with refused("own_account"):
        unlink_account(state, asking(who, state), account=BEN)


def test_what_is_not_tied_is_not_untied() -> None:
    with refused("not_linked"):
        unlink_account(ada(), asking(CAT), account=BEN)


def test_a_history_begins_with_an_account_and_holds_nothing_foreign() -> None:
    with pytest.raises(TypeError, match="does not begin"):
        given(AGGREGATE, NameChanged("Nobody"))
    with pytest.raises(TypeError, match="no event of a principal"):
        ada("something else")
