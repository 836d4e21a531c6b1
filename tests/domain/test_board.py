"""Boards are established, filled by somebody else, chaired by a member, and dissolved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from domain.board.aggregate import (
    AGGREGATE,
    Board,
    SeatKind,
    SeatRow,
    confirm_services,
    dissolve,
    edit,
    establish,
)
from domain.board.events import (
    ChairAppointed,
    ChairProposed,
    Dissolved,
    Established,
    PurposeChanged,
    Renamed,
    SeatConfirmed,
    Seated,
    ServicesChanged,
    ServicesProposed,
    Unseated,
)
from domain.board.seats import appoint_chair, confirm_chair, confirm_seat, seat, unseat
from domain.kernel import Context
from tests.domain.authority_examples import person
from tests.domain.given import (
    ADA,
    BEN,
    CAT,
    DAN,
    DAY,
    NOON,
    ROBOT,
    SUBJECT,
    Told,
    asked_by,
    authority,
    given,
    refused,
    then,
)

CAB = Established("cab", "Change board", "Looks at changes.", ("any",))
ADA_SITS = Seated(ADA, SeatKind.MEMBER, NOON - DAY, None, None)
BEN_STANDS_IN = Seated(BEN, SeatKind.ALTERNATE, NOON - DAY, None, ADA)
FIRST, SECOND = (f"{SUBJECT}.{number}" for number in (2, 3))
WAITS = replace(ADA_SITS, waits=True)
PEOPLE = (person(ADA), person(BEN), person(CAT), person(DAN), person(ROBOT, owner=DAN))


def cab(*events: Any) -> Board:
    return given(AGGREGATE, CAB, *events, by=CAT)


def asking(who: str, *states: Any, **more: Any) -> Context:
    return asked_by(who, *PEOPLE, *states, **more)


# Boards.


@pytest.mark.req("S3-20")
def test_a_board_is_established_with_nobody_on_it() -> None:
    events = establish(None, asking(CAT), kind="cab", name="Change board", services=("api",))
    board = given(AGGREGATE, *events, by=CAT)
    assert (board.kind, board.services, board.seats) == ("cab", ("api",), ())
    assert board.established_by == CAT


@pytest.mark.parametrize(
    "wrong,code",
    [
        ({"kind": "CAB"}, "kind_unusable"),
        ({"kind": "cab\n"}, "kind_unusable"),
        ({"name": " "}, "text_missing"),
        ({"purpose": "\ud800"}, "text_unreadable"),
        ({"services": ()}, "services_missing"),
        ({"services": ("api", "any")}, "name_unusable"),
        ({"services": ("api", "api")}, "named_twice"),
        ({"services": tuple(f"s{number}" for number in range(21))}, "too_many"),
    ],
)
def test_a_board_has_a_kind_a_name_and_services(wrong: dict[str, Any], code: str) -> None:
    fine: dict[str, Any] = {"kind": "cab", "name": "Change board", "services": ("any",)}
    with refused(code):
        establish(None, asking(CAT), **(fine | wrong))


def test_only_what_changed_is_an_event() -> None:
    events = edit(cab(), asking(CAT), name="Board", purpose=None, services=("any",))
    assert events == [Renamed("Board"), PurposeChanged(None)]
    assert edit(cab(), asking(CAT)) == []


def test_a_board_decides_for_other_services_from_now_on() -> None:
    board = cab(*edit(cab(), asking(CAT), services=("api",)))
    assert board.decides_for(frozenset(("api",)))
    assert not board.decides_for(frozenset(("web",)))


@pytest.mark.req("S3-20")
def test_a_board_decides_for_more_services_once_a_second_person_agreed() -> None:
    narrow = replace(CAB, services=("api",))
    board = given(AGGREGATE, narrow, by=CAT)
    for services in (("any",), ("api", "web"), ("web",)):
        [wish] = edit(board, asking(CAT), services=services)
        asked = given(AGGREGATE, narrow, wish, by=CAT)
        assert wish == ServicesProposed(services)
        assert asked.services == ("api",)
        with refused("own_proposal"):
            confirm_services(asked, asking(CAT), services=services)
        [agreed] = confirm_services(asked, asking(DAN), services=services)
        after = given(AGGREGATE, narrow, wish, agreed, by=CAT)
        assert (after.services, after.widening) == (services, None)


def test_what_is_confirmed_is_what_was_asked_for_and_not_turned_down() -> None:
    narrow, wish = replace(CAB, services=("api",)), ServicesProposed(("any",))
    asked = given(AGGREGATE, narrow, wish, by=CAT)
    assert edit(asked, asking(CAT), services=("any",)) == []
    with refused("not_awaited"):
        confirm_services(asked, asking(DAN), services=("api", "web"))
    [kept] = edit(asked, asking(BEN), services=("api",))
    assert kept == ServicesChanged(("api",))
    with refused("not_awaited"):
        after = given(AGGREGATE, narrow, wish, kept, by=CAT)
        confirm_services(after, asking(DAN), services=("any",))


def test_an_edit_is_checked_like_an_establishment() -> None:
    with refused("text_missing", "services_missing"):
        edit(cab(), asking(CAT), name="", services=())


def test_nothing_more_happens_on_a_dissolved_board() -> None:
    board, context = cab(ADA_SITS, Dissolved("merged")), asking(CAT)
    with refused("dissolved"):
        edit(board, context, name="Again")
    with refused("dissolved"):
        seat(board, context, person=BEN)
    with refused("dissolved"):
        unseat(board, context, seat=FIRST, reason="left")
    with refused("dissolved"):
        appoint_chair(board, context, seat=FIRST)
    with refused("dissolved"):
        dissolve(board, context, reason="again")
    with refused("dissolved", "not_awaited"):
        confirm_seat(board, asking(DAN), seat=FIRST)
    with refused("dissolved", "not_awaited"):
        confirm_chair(board, asking(DAN), seat=FIRST)
    with refused("dissolved", "not_awaited"):
        confirm_services(board, asking(DAN), services=("api",))


def test_a_board_is_dissolved_with_a_reason() -> None:
    board, context = cab(ADA_SITS), asking(CAT)
    after = then(AGGREGATE, board, context, dissolve(board, context, reason="merged"))
    assert (after.dissolved_at, after.dissolved_by) == (NOON, CAT)
    assert authority(after).revoked(FIRST)


# Seats.


@pytest.mark.req("S3-20", "X-04")
def test_a_member_is_seated_by_somebody_else_for_a_time() -> None:
    board, context = cab(), asking(CAT)
    events = seat(board, context, person=ADA, until=NOON + DAY)
    [taken] = then(AGGREGATE, board, context, events).seats
    assert (taken.id, taken.person, taken.kind) == (FIRST, ADA, SeatKind.MEMBER)
    assert (taken.since, taken.until) == (NOON, NOON + DAY)
    assert (taken.seated_by, taken.seated_at) == (CAT, NOON)


@pytest.mark.req("S3-20", "X-04")
def test_a_seat_counts_once_a_second_person_confirmed_it() -> None:
    board = cab(*seat(cab(), asking(CAT), person=ADA))
    assert (board.seats[0].waits, board.seats[0].held(NOON)) == (True, False)
    assert authority(board).seats("cab", NOON) == {}
    assert not authority(board).valid_grant(FIRST, NOON)
    later = asking(DAN, at=NOON + DAY)
    board = then(AGGREGATE, board, later, confirm_seat(board, later, seat=FIRST))
    assert (board.seats[0].waits, board.seats[0].confirmed_by) == (False, DAN)
    assert authority(board).seats("cab", NOON + DAY) == {ADA: FIRST}
    assert not board.seats[0].held(NOON), "and not for what was before"


@pytest.mark.req("X-04")
@pytest.mark.parametrize(
    "who,states,code",
    [
        (CAT, (), "own_proposal"),
        (DAN, (person(DAN, linked=(CAT,)),), "own_proposal"),
        (ADA, (), "own_seat"),
        (DAN, (person(DAN, linked=(ADA,)),), "own_seat"),
    ],
)
def test_neither_who_seated_nor_who_is_seated_confirms_it(
    who: str, states: tuple[Any, ...], code: str
) -> None:
    with refused(code):
        confirm_seat(cab(WAITS), asking(who, *states), seat=FIRST)


def test_a_seat_is_confirmed_once_and_not_when_it_is_over() -> None:
    agreed = (WAITS, SeatConfirmed(FIRST))
    turned_down = (WAITS, Unseated(FIRST, "no"))
    past = (replace(WAITS, until=NOON),)
    for events in (agreed, turned_down, past):
        with refused("not_awaited"):
            confirm_seat(cab(*events), asking(DAN), seat=FIRST)
    with refused("suspended_person"):
        confirm_seat(cab(WAITS), asking(DAN, person(ADA, suspended=True)), seat=FIRST)
    with refused("unknown_seat"):
        confirm_seat(cab(), asking(DAN), seat=FIRST)


def test_a_seat_from_before_seats_were_confirmed_counts() -> None:
    old = msgspec.json.decode(msgspec.json.encode(ADA_SITS), type=Seated)
    assert not old.waits
    assert authority(cab(old)).seats("cab", NOON) == {ADA: FIRST}


def test_whose_seat_waits_does_not_chair() -> None:
    with refused("not_a_member"):
        appoint_chair(cab(WAITS), asking(CAT), seat=FIRST)


def test_nobody_seats_oneself() -> None:
    with refused("own_seat"):
        seat(cab(), asking(ADA), person=ADA)


def test_nobody_seats_another_account_of_theirs() -> None:
    with refused("own_seat"):
        seat(cab(), asking(CAT, person(ADA, linked=(CAT,))), person=ADA)


def test_only_people_sit_on_boards() -> None:
    with refused("machine"):
        seat(cab(), asking(CAT), person=ROBOT)


@pytest.mark.parametrize("who,code", [("user:nobody", "unknown_person"), (DAN, "suspended_person")])
def test_only_people_who_are_there_sit_on_boards(who: str, code: str) -> None:
    with refused(code):
        seat(cab(), asking(CAT, person(DAN, suspended=True)), person=who)


def test_a_claim_about_a_seat_elsewhere_gives_no_right() -> None:
    with refused("mere_claim"):
        seat(cab(), asking(CAT, claimed=True), person=ADA)


def test_a_person_has_one_seat_at_a_time() -> None:
    board = cab(replace(ADA_SITS, until=NOON + DAY))
    with refused("seated_already"):
        seat(board, asking(CAT), person=ADA)
    assert seat(board, asking(CAT), person=ADA, since=NOON + DAY)


def test_two_accounts_of_one_person_have_one_seat() -> None:
    with refused("seated_already"):
        seat(cab(ADA_SITS), asking(CAT, person(BEN, linked=(ADA,))), person=BEN)


def test_an_alternate_stands_for_a_member() -> None:
    assert seat(cab(ADA_SITS), asking(CAT), person=BEN, stands_for=ADA) == [
        replace(BEN_STANDS_IN, since=NOON, waits=True)
    ]


@pytest.mark.parametrize("member", [DAN, BEN])
def test_an_alternate_stands_for_nobody_else(member: str) -> None:
    with refused("not_a_member"):
        board = cab(ADA_SITS, BEN_STANDS_IN, Unseated(f"{SUBJECT}.3", "moved"))
        seat(board, asking(CAT), person=DAN if member == BEN else BEN, stands_for=member)


def test_nobody_stands_for_another_account_of_theirs() -> None:
    with refused("own_alternate", "seated_already"):
        twin = person(BEN, linked=(ADA,))
        seat(cab(ADA_SITS), asking(CAT, twin), person=BEN, stands_for=ADA)


def test_a_term_that_ends_before_it_begins_is_refused() -> None:
    with refused("ends_before_it_begins"):
        seat(cab(), asking(CAT), person=ADA, since=NOON + DAY, until=NOON + DAY)


def test_a_board_has_so_many_seats_and_no_more() -> None:
    full = [replace(ADA_SITS, person=f"user:{number}") for number in range(24)]
    with refused("too_many"):
        seat(cab(*full), asking(CAT), person=ADA)


def test_a_seat_is_taken_away_with_a_reason() -> None:
    board, context = cab(ADA_SITS), asking(CAT)
    after = then(AGGREGATE, board, context, unseat(board, context, seat=FIRST, reason="left"))
    assert (after.seats[0].ended, after.seats[0].ended_by) == (NOON, CAT)
    assert authority(after).seats("cab", NOON) == {}
    assert authority(after).revoked(FIRST)


def test_a_seat_is_taken_away_once_and_not_without_a_reason() -> None:
    with refused("unseated_already", "text_missing"):
        unseat(cab(ADA_SITS, Unseated(FIRST, "left")), asking(CAT), seat=FIRST, reason="")
    with refused("unknown_seat"):
        unseat(cab(), asking(CAT), seat=FIRST, reason="left")


def test_a_seat_taken_away_before_it_began_was_never_held() -> None:
    board = cab(
        replace(ADA_SITS, since=NOON + DAY), Told(Unseated(FIRST, "changed plans"), CAT, NOON)
    )
    assert [board.seats[0].held(NOON + number * DAY) for number in range(3)] == [False] * 3


def test_an_old_board_stays_small_and_counts_forgotten_seats_as_taken_away() -> None:
    long = "user:" + "f" * 32
    term = replace(ADA_SITS, person=long, until=NOON - DAY / 2, stands_for=long)
    many = [Told(term, long, NOON) for _ in range(100)]
    gone = [Told(Unseated(f"{SUBJECT}.{number}", "left"), long, NOON) for number in range(103)]
    wordy = Established("c" * 60, "n" * 200, "p" * 500, tuple(f"{n:0100}" for n in range(20)))
    board = given(AGGREGATE, wordy, *many, *gone, Told(ADA_SITS, CAT, NOON), Dissolved("r" * 500))
    assert (len(board.seats), board.seats[-1].person) == (26, ADA)
    assert authority(board).revoked(f"{SUBJECT}.3")
    assert len(msgspec.json.encode(board)) < 16_000


# The chair.


def test_a_member_chairs_the_board_in_the_place_of_another() -> None:
    both = (ADA_SITS, replace(ADA_SITS, person=BEN), ChairAppointed(FIRST))
    [named] = appoint_chair(cab(*both), asking(CAT), seat=SECOND)
    board = cab(*both, named)
    assert authority(board).chair("cab", NOON) == ADA
    [chairs] = confirm_chair(board, asking(DAN), seat=SECOND)
    board = cab(*both, named, chairs)
    assert [each.kind for each in board.seats] == [SeatKind.MEMBER, SeatKind.CHAIR]
    assert [each.nomination for each in board.seats] == [None, None]
    assert authority(board).chair("cab", NOON) == BEN


@pytest.mark.parametrize("who,code", [(CAT, "own_proposal"), (BEN, "own_seat")])
def test_a_chair_takes_a_second_person_who_is_not_the_chair(who: str, code: str) -> None:
    board = cab(replace(ADA_SITS, person=BEN), ChairProposed(FIRST))
    with refused(code):
        confirm_chair(board, asking(who), seat=FIRST)


def test_nobody_chairs_whom_nobody_named_or_who_was_turned_down() -> None:
    both = (ADA_SITS, replace(ADA_SITS, person=BEN), ChairAppointed(FIRST), ChairProposed(SECOND))
    with refused("not_awaited"):
        confirm_chair(cab(*both[:3]), asking(DAN), seat=SECOND)
    with refused("chairs_already"):
        appoint_chair(cab(*both), asking(CAT), seat=SECOND)
    [kept] = appoint_chair(cab(*both), asking(CAT), seat=FIRST)
    assert kept == ChairAppointed(FIRST)
    with refused("not_awaited"):
        confirm_chair(cab(*both, kept), asking(DAN), seat=SECOND)
    with refused("not_awaited"):
        confirm_chair(cab(*both, Unseated(SECOND, "left")), asking(DAN), seat=SECOND)


def test_nobody_appoints_oneself() -> None:
    with refused("own_seat"):
        appoint_chair(cab(ADA_SITS), asking(ADA), seat=FIRST)


def test_an_alternate_does_not_chair_nor_who_has_left() -> None:
    alternate = cab(ADA_SITS, BEN_STANDS_IN)
    for board, id in ((alternate, f"{SUBJECT}.3"), (cab(ADA_SITS, Unseated(FIRST, "x")), FIRST)):
        with refused("not_a_member"):
            appoint_chair(board, asking(CAT), seat=id)


def test_who_chairs_is_not_appointed_again() -> None:
    with refused("chairs_already"):
        appoint_chair(cab(ADA_SITS, ChairAppointed(FIRST)), asking(CAT), seat=FIRST)
    with refused("unknown_seat"):
        appoint_chair(cab(), asking(CAT), seat="elsewhere")


# What is kept beside a board.


def test_a_boards_seats_are_listed_with_their_real_end() -> None:
    board = cab(ADA_SITS, Told(Unseated(FIRST, "left"), CAT, NOON))
    [rows] = AGGREGATE.rows
    member = SeatKind.MEMBER
    assert list(rows.of(board)) == [SeatRow(FIRST, ADA, member, "cab", None, NOON - DAY, NOON)]


def test_a_board_acts_for_itself_and_for_its_services_on_both_sides_of_an_edit() -> None:
    board = given(AGGREGATE, replace(CAB, services=("api",)))
    after = AGGREGATE.scopes(board, "edit", {"services": ("web",)})
    assert after == {"board": {SUBJECT}, "service": {"api", "web"}}
    assert AGGREGATE.scopes(None, "establish", {"services": ("api",)}) == {"service": {"api"}}


def test_a_history_begins_with_a_board_and_holds_nothing_foreign() -> None:
    with pytest.raises(TypeError, match="does not begin"):
        given(AGGREGATE, ADA_SITS)
    with pytest.raises(TypeError, match="no event of a board"):
        cab("something else")
