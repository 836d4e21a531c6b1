"""What takes two is done by two: who asked first still may as the second person agrees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from domain.board import aggregate as boards
from domain.board import seats
from domain.board.events import Established, Seated
from domain.board.state import SeatKind
from domain.environment import aggregate as environments
from domain.environment import blocking, planning
from domain.environment.evolve import Blocked, Defined, Stopped
from domain.environment.readiness import Helped, blocker_findings, line_finding
from domain.environment.state import Cover, Plan
from domain.grant import aggregate as grants
from domain.grant.state import Grant, Scope
from domain.kernel import Aggregate
from domain.lock import aggregate as locks
from domain.lock.aggregate import declare
from domain.lock.evolve import Confirmed, Declared
from domain.lock.seconding import confirmers
from domain.lock.state import Kind, Lock, Terms, Waiting
from domain.principal import aggregate as principals
from domain.principal.events import AccountLinked, Registered
from domain.principal.state import Kind as Being
from domain.principal.state import Principal
from tests.domain.authority_examples import grant, person
from tests.domain.given import (
    ADA,
    BEN,
    CAT,
    DAN,
    DAY,
    NOON,
    SUBJECT,
    asked_by,
    authority,
    given,
    then,
)
from tests.domain.organisation import refused

EVE = "user:" + "f" * 32
RIGHT = grant("right", CAT)
PEOPLE = tuple(person(each) for each in (ADA, BEN, CAT, DAN, EVE))
MANAGER = "role:release_manager"
LOST: dict[str, Principal | Grant] = {
    "suspended": person(CAT, suspended=True),
    "revoked": replace(RIGHT, revoked_at=NOON),
}
Act = tuple[Callable[..., list[Any]], dict[str, Any]]


@dataclass(frozen=True)
class Takes:
    """Something that takes two: what was before, what both do, and how it is done anew."""

    aggregate: Aggregate[Any]
    before: tuple[Any, ...]
    first: Act
    second: Act
    anew: tuple[Act, ...]
    code: str = "proposer_lost"
    told: str = ""


GIVEN: dict[str, Any] = {"person": ADA, "role": MANAGER, "reason": "She joins."}
CAB = Established("cab", "Change board", None, ("api",))
MEMBER = Seated(ADA, SeatKind.MEMBER, NOON - DAY, None, None)
CHAIRED: dict[str, Any] = {"seat": f"{SUBJECT}.2"}
WIDER: dict[str, Any] = {"services": ("any",)}
ENDLESS = Terms("Year end", Kind.HARD, since=NOON, environments=("production",))
ENDING = replace(ENDLESS, until=NOON + DAY)
ENDED: dict[str, Any] = {"reason": "It is over."}
SOMEBODY = Registered(Being.HUMAN, "ada", "Ada", None)
IDENTITY: dict[str, Any] = {"issuer": "https://idp.example", "subject": "42"}
OTHER: dict[str, Any] = {"account": BEN}
STRICT = Plan("test", "hosted", 1, cover=(Cover.CHANGE,), tied=True)
BARE: dict[str, Any] = {"plan": replace(STRICT, cover=(), tied=False)}
PLACE = Defined("staging", STRICT)
RAISED: dict[str, Any] = {"name": "incident", "note": "It is over.", "raised_by": ADA}

EACH = {
    "a role": Takes(
        grants.AGGREGATE,
        (),
        (grants.give, GIVEN),
        (grants.confirm, {}),
        ((grants.revoke, {"reason": "Cat is gone."}), (grants.give, GIVEN)),
        told="giveGrant",
    ),
    "a seat": Takes(
        boards.AGGREGATE,
        (CAB,),
        (seats.seat, {"person": ADA}),
        (seats.confirm_seat, CHAIRED),
        ((seats.unseat, CHAIRED | ENDED), (seats.seat, {"person": ADA})),
        told="seatBoardMember",
    ),
    "who chairs": Takes(
        boards.AGGREGATE,
        (CAB, MEMBER),
        (seats.appoint_chair, CHAIRED),
        (seats.confirm_chair, CHAIRED),
        ((seats.appoint_chair, CHAIRED),),
        told="appointBoardChair",
    ),
    "what a board decides for": Takes(
        boards.AGGREGATE,
        (CAB,),
        (boards.edit, WIDER),
        (boards.confirm_services, WIDER),
        ((boards.edit, WIDER),),
        told="editBoard",
    ),
    "a lock": Takes(
        locks.AGGREGATE,
        (),
        (declare, {"terms": ENDLESS}),
        (locks.confirm, {}),
        ((locks.amend, {"terms": ENDLESS}),),
        told="amendLock",
    ),
    "what a lock is to say": Takes(
        locks.AGGREGATE,
        (Declared(ENDING, ()),),
        (locks.amend, {"terms": ENDLESS}),
        (locks.confirm, {}),
        ((locks.amend, {"terms": ENDLESS}),),
        told="amendLock",
    ),
    "the end of a lock": Takes(
        locks.AGGREGATE,
        (Declared(ENDING, ()), Confirmed(1, None)),
        (locks.lift, ENDED),
        (locks.confirm, {}),
        ((locks.lift, ENDED),),
        told="liftLock",
    ),
    "an identity": Takes(
        principals.AGGREGATE,
        (SOMEBODY,),
        (principals.link_identity, IDENTITY),
        (principals.verify_identity, {"identity": 2}),
        ((principals.unlink_identity, {"identity": 2}), (principals.link_identity, IDENTITY)),
        told="linkPrincipalIdentity",
    ),
    "untying an account": Takes(
        principals.AGGREGATE,
        (SOMEBODY, AccountLinked(BEN)),
        (principals.unlink_account, OTHER),
        (principals.confirm_unlinking, OTHER),
        ((principals.unlink_account, OTHER),),
        told="unlinkPrincipalAccount",
    ),
    "what an environment asks": Takes(
        environments.AGGREGATE,
        (PLACE,),
        (planning.edit, BARE),
        (planning.confirm, {}),
        ((planning.edit, BARE),),
        code="nothing_proposed",
        told="editEnvironment",
    ),
    "a line": Takes(
        environments.AGGREGATE,
        (PLACE, Stopped("Errors.")),
        (environments.ask_to_resume, ENDED),
        (environments.resume, {}),
        ((environments.ask_to_resume, ENDED),),
        code="not_asked",
        told="askToResumeEnvironment",
    ),
}
"""What takes two, and is done anew by another where the first may not any more."""


def done(
    takes: Takes,
    state: Any,
    by: str,
    act: Act,
    *lost: Any,
    right: str | None = "right",
    **more: Any,
) -> tuple[Any, list[Any]]:
    """What becomes of it as somebody does this, in a world where somebody lost something."""
    run, told = act
    known = {(type(each), each.id): each for each in (*PEOPLE, RIGHT, *lost)}
    roles = frozenset((MANAGER,))
    under = authority(*known.values(), approving=roles, roles=roles)
    if takes.aggregate in (boards.AGGREGATE, principals.AGGREGATE) and state is not None:
        under.learn(state)
    context = asked_by(by, *known.values(), under=under, grant=right, **more)
    fresh = state if run not in (grants.give, declare) else None
    events = run(fresh, context, **told)
    return then(takes.aggregate, fresh, context, events), events


def begun(takes: Takes) -> Any:
    subject = ADA if takes.aggregate is principals.AGGREGATE else SUBJECT
    return given(takes.aggregate, *takes.before, subject=subject, by=BEN) if takes.before else None


def meant(takes: Takes, state: Any) -> Act:
    """The second person's act, on what was asked for last."""
    run, told = takes.second
    if run is seats.confirm_seat:
        return run, {"seat": state.seats[-1].id}
    return (run, {"identity": state.identities[-1].number} if "identity" in told else told)


@pytest.mark.req("X-04")
@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize("what", EACH)
def test_one_alone_does_nothing_of_what_somebody_asked_for_who_may_not_any_more(
    what: str, how: str
) -> None:
    takes, lost = EACH[what], LOST[how]
    asked, _ = done(takes, begun(takes), CAT, takes.first)
    assert done(takes, asked, DAN, meant(takes, asked))[1], "while they may it takes one more"
    with refused(takes.code) as caught:
        done(takes, asked, DAN, meant(takes, asked), lost)
    told = next(e.message for e in caught.value.problems if e.code == takes.code)
    assert takes.told in told
    for act in takes.anew:
        asked, _ = done(takes, asked, EVE, act, lost, right=None)
    assert done(takes, asked, DAN, meant(takes, asked), lost)[1]


WISHES = (
    "a seat",
    "who chairs",
    "what a board decides for",
    "what an environment asks",
    "a line",
)
OTHERS = ("a role", "an identity", "untying an account")
LOCKS = ("a lock", "what a lock is to say", "the end of a lock")


@pytest.mark.req("S0-13", "X-04")
@pytest.mark.parametrize("gone", [("right",), ("other",), ("right", "other")])
@pytest.mark.parametrize("what", [*LOCKS, *OTHERS, *WISHES])
def test_a_first_word_falls_with_the_last_grant_it_was_given_by(
    what: str, gone: tuple[str, ...]
) -> None:
    takes, other = EACH[what], grant("other", CAT)
    held = ("right", other.id)
    asked, _ = done(takes, begun(takes), CAT, takes.first, other, grants=lambda _who: held)
    lost = [replace(e, revoked_at=NOON) for e in (RIGHT, other) if e.id in gone]
    void = len(gone) == len(held)
    if what in LOCKS:
        assert confirmers(asked, (DAN,), authority(*PEOPLE, *lost)) == (() if void else (DAN,))
    if void:
        with refused(takes.code):
            done(takes, asked, DAN, meant(takes, asked), *lost)
    else:
        assert done(takes, asked, DAN, meant(takes, asked), *lost)[1]


@pytest.mark.parametrize("what", EACH)
def test_what_was_asked_for_before_rights_were_kept_goes_by_the_account(what: str) -> None:
    takes = EACH[what]
    early, _ = done(takes, begun(takes), CAT, takes.first, right=None)
    assert done(takes, early, DAN, meant(takes, early), LOST["revoked"])[1]


@pytest.mark.req("S0-13", "X-04")
@pytest.mark.parametrize("how", LOST)
def test_a_blocker_stays_that_one_alone_still_wishes_away(how: str) -> None:
    takes = replace(EACH["a line"], before=(PLACE, Blocked("incident", "Errors.", beside=True)))
    act: Act = (blocking.unblock, RAISED | {"raised_by": BEN})
    asked, _ = done(takes, begun(takes), CAT, act)
    again, events = done(takes, asked, DAN, act, LOST[how], right=None)
    assert [type(each).__name__ for each in events] == ["UnblockingRequested"]
    assert [type(e).__name__ for e in done(takes, again, EVE, act, LOST[how])[1]] == ["Unblocked"]
    held, other = ("right", "other"), grant("other", CAT)
    both, _ = done(takes, begun(takes), CAT, act, other, grants=lambda _who: held)
    gone = [replace(each, revoked_at=NOON) for each in (RIGHT, other)]
    assert [type(e).__name__ for e in done(takes, both, DAN, act, gone[0], other)[1]] == [
        "Unblocked"
    ]
    assert [type(e).__name__ for e in done(takes, both, DAN, act, *gone)[1]] == [
        "UnblockingRequested"
    ]
    for lost in ((), (LOST[how],)):
        (found,) = blocker_findings(asked, helped(*lost))
        assert ("as a second person" in found.acts[0].description) is not bool(lost)


@pytest.mark.parametrize("how", LOST)
def test_the_gate_of_a_line_asks_for_the_first_word_anew(how: str) -> None:
    takes = EACH["a line"]
    asked, _ = done(takes, begun(takes), CAT, takes.first)
    for lost, count in (((), 1), ((LOST[how],), 2)):
        assert len(line_finding(asked, helped(*lost)).acts) == count


def helped(*lost: Any) -> Helped:
    return Helped(lambda _action: frozenset((DAN, EVE)), authority(*PEOPLE, RIGHT, *lost), NOON)


@pytest.mark.parametrize("what", LOCKS)
@pytest.mark.parametrize("how", LOST)
def test_nobody_is_told_to_confirm_a_lock_that_nobody_may(what: str, how: str) -> None:
    takes = EACH[what]
    asked, _ = done(takes, begun(takes), CAT, takes.first)
    assert isinstance(asked, Lock)
    known = authority(*PEOPLE, RIGHT)
    assert confirmers(asked, (DAN,), known) == (DAN,)
    known.learn(LOST[how])
    assert (confirmers(asked, (DAN,), known), asked.waiting is not None) == ((), True)


def test_who_says_the_same_of_a_lock_while_its_word_stands_says_nothing() -> None:
    takes = EACH["a lock"]
    asked, _ = done(takes, None, CAT, takes.first)
    assert done(takes, asked, EVE, takes.anew[0])[1] == []
    assert asked.waiting is Waiting.DECLARATION


def test_what_a_seat_was_given_by_is_kept_while_it_waits() -> None:
    takes = EACH["a seat"]
    asked, _ = done(takes, begun(takes), CAT, takes.first)
    assert [each.grant for each in asked.offered] == ["right"]
    agreed, _ = done(takes, asked, DAN, meant(takes, asked))
    assert agreed.offered == ()
    assert done(takes, asked, EVE, takes.anew[0])[0].offered == ()


def test_a_role_for_one_project_is_given_by_right_of_a_grant() -> None:
    takes = EACH["a role"]
    limited = GIVEN | {"scope": Scope.PROJECT, "value": "shop"}
    state, _ = done(takes, None, CAT, (grants.give, limited))
    assert state.granted_grant == "right"
