"""Principals, grants, boards and delegations as they stand, with what a test leaves open."""

from __future__ import annotations

from typing import Any

from domain.board.aggregate import Board, Seat, SeatKind
from domain.delegation.aggregate import Delegation
from domain.grant.aggregate import Grant, Status
from domain.principal.aggregate import Kind, Principal
from tests.domain.given import ADA, BEN, CAT, DAY, NOON

NOWHERE: frozenset[str] = frozenset()


def person(id: str, **more: Any) -> Principal:
    kind = Kind.HUMAN if id.startswith("user:") else Kind.BOT
    fixed = (id, 1, kind, id[-4:], "Somebody", None, None, more.pop("owner", None), ADA, NOON)
    return Principal(*fixed, **more)


def grant(id: str = "g1", who: str = ADA, **more: Any) -> Grant:
    made: dict[str, Any] = {
        "role": "role:release_manager",
        "scope": None,
        "value": "any",
        "since": NOON - DAY,
        "until": None,
        "approving": False,
        "reason": "needed",
        "granted_by": CAT,
        "granted_at": NOON - DAY,
        "status": Status.ACTIVE,
    }
    return Grant(id=id, version=1, person=who, **(made | more))


def seat(id: str, who: str, **more: Any) -> Seat:
    fixed: dict[str, Any] = {"since": NOON - DAY, "until": None, "stands_for": None}
    kind = SeatKind.ALTERNATE if more.get("stands_for") else more.pop("kind", SeatKind.MEMBER)
    return Seat(id, who, kind, seated_by=CAT, seated_at=NOON - DAY, **(fixed | more))


def board(*seats: Seat, id: str = "board", **more: Any) -> Board:
    fixed: dict[str, Any] = {"kind": "cab", "services": ("any",)}
    named: dict[str, Any] = {
        "name": "CAB",
        "purpose": None,
        "established_by": CAT,
        "established_at": NOON - DAY,
    }
    return Board(id=id, version=1, seats=seats, **named, **(fixed | more))


def delegation(**more: Any) -> Delegation:
    fixed: dict[str, Any] = {
        "delegator": ADA,
        "delegate": BEN,
        "board": None,
        "role": None,
        "scope": None,
        "value": None,
        "max_risk": None,
        "since": NOON - DAY,
        "until": NOON + DAY,
        "reason": "away",
        "given_at": NOON - DAY,
    }
    return Delegation(id="lent", version=1, **(fixed | more))
