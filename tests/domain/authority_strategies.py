"""Random principals, grants, boards and delegations in a small world, for comparisons."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from domain.board.aggregate import Board, Seat, SeatKind
from domain.delegation.aggregate import Delegation
from domain.grant.aggregate import Grant, Scope, Status
from domain.principal.aggregate import Absence, Identity, Kind, Principal
from tests.domain.given import NOON

PEOPLE = tuple(f"user:{letter}" for letter in "abcd")
PROGRAMS = ("bot:e",)
ROLES = ("role:approver", "role:reader")
VALUES = ("any", "api", "web")
KINDS = ("cab", "ecab")
MOMENTS = tuple(NOON + timedelta(hours=hour) for hour in range(-3, 4))

people = st.sampled_from(PEOPLE)
principals = st.sampled_from(PEOPLE + PROGRAMS)
moments = st.sampled_from(MOMENTS)
ends = st.none() | moments
services = st.frozensets(st.sampled_from(VALUES[1:]))


@st.composite
def accounts(draw: st.DrawFn) -> Principal:
    id = draw(principals)
    program = id in PROGRAMS
    others = st.sampled_from([each for each in PEOPLE if each != id])
    absences = draw(st.lists(st.tuples(moments, moments), max_size=2))
    return Principal(
        id=id,
        version=1,
        kind=Kind.BOT if program else Kind.HUMAN,
        handle=f"{id[-1]}{draw(st.integers(0, 2))}",
        name=id,
        mail=None,
        team=draw(st.none() | st.just("red")),
        owner=draw(people) if program else None,
        registered_by="operator",
        registered_at=NOON,
        identities=tuple(
            Identity(number, "idp", f"{id}/{number}", "operator", draw(st.none() | st.just("x")))
            for number in range(draw(st.integers(0, 2)))
        ),
        linked=() if program else tuple(draw(st.lists(others, max_size=1))),
        absences=tuple(Absence(at, a, b, "operator") for at, (a, b) in enumerate(absences)),
        suspended=draw(st.booleans()),
    )


@st.composite
def grants(draw: st.DrawFn) -> Grant:
    id = f"grant-{draw(st.integers(0, 11))}"
    scope = draw(st.sampled_from([None, Scope.SERVICE, Scope.PROJECT]))
    status = draw(st.sampled_from([Status.ACTIVE, Status.ACTIVE, *Status]))
    # Whose a grant is and what it is for never changes, so it follows from the id.
    at = int(id.rpartition("-")[2])
    return Grant(
        id=id,
        version=1,
        person=(PEOPLE + PROGRAMS)[at % 5],
        role=ROLES[at % 2],
        scope=scope,
        value=draw(st.sampled_from(VALUES)) if scope else "any",
        since=draw(moments),
        until=draw(ends),
        approving=False,
        reason=None,
        granted_by="operator",
        granted_at=NOON,
        status=status,
        confirmed_at=draw(ends),
        revoked_at=NOON if status is Status.REVOKED else None,
    )


@st.composite
def boards(draw: st.DrawFn) -> Board:
    id = draw(st.sampled_from(["board-1", "board-2", "board-3"]))
    return Board(
        id=id,
        version=1,
        kind=draw(st.sampled_from(KINDS)),
        name=id,
        purpose=None,
        services=draw(st.sampled_from([("any",), ("api",), ("api", "web")])),
        established_by="operator",
        established_at=NOON,
        seats=tuple(draw(seats(f"{id}.{at}")) for at in range(draw(st.integers(0, 4)))),
        dissolved_at=draw(st.none() | st.none() | moments),
    )


@st.composite
def seats(draw: st.DrawFn, id: str) -> Seat:
    kind = draw(st.sampled_from(SeatKind))
    return Seat(
        id=id,
        person=draw(people),
        kind=kind,
        since=draw(moments),
        until=draw(ends),
        stands_for=draw(people) if kind is SeatKind.ALTERNATE else None,
        seated_by="operator",
        seated_at=NOON,
        ended=draw(st.none() | st.none() | moments),
    )


@st.composite
def delegations(draw: st.DrawFn) -> Delegation:
    at = draw(st.integers(0, 5))
    return Delegation(
        id=f"delegation-{at}",
        version=1,
        delegator=PEOPLE[at % 4],
        delegate=PEOPLE[(at + 1) % 4],
        board=None,
        role=ROLES[0],
        scope=None,
        value=None,
        max_risk=None,
        since=draw(moments),
        until=draw(moments),
        reason="away",
        given_at=NOON,
        revoked_at=draw(st.none() | moments),
    )


some = st.one_of(accounts(), grants(), grants(), grants(), boards(), delegations())


def histories() -> st.SearchStrategy[list[Any]]:
    """States in any order; a later one of the same id replaces the earlier."""
    return st.lists(some, max_size=30)


def turns() -> st.SearchStrategy[list[tuple[int, Any, bool]]]:
    """Which of two indexes learns, or forgets, which state."""
    return st.lists(st.tuples(st.integers(0, 1), some, st.booleans()), max_size=30)


def moment(number: int) -> datetime:
    return MOMENTS[number % len(MOMENTS)]
