"""What may await a decision of somebody, as the database finds it: perhaps too much, never less."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Table,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    union,
)

from api.hiding.visibility import Sight
from domain.authority import Authority
from domain.grant.holdings import grant_in_force, values_in
from domain.grant.state import Grant, Status
from domain.kernel import Aggregate
from domain.principal.state import Principal
from domain.wording import ANY

HANDS: Final = ("requester", "owner", "contributor")
"""The parts in a change that keep from deciding on it, whatever its status."""
BY_OTHERS: Final = frozenset(("accord", "release"))
"""Where votes may count or not by what other records say, so that rows cannot tell what is met."""
ANEW: Final = frozenset(("accord",))
"""Where who is kept out is asked for anew of what it is about, so that rows cannot tell it."""


def candidates(sight: Sight, aggregate: Aggregate[Any], seat: str) -> FromClause:
    """Every open rule, with its title, that may wait for whoever has this seat.

    What the votes say of a rule, and whether one has voted, is believed unless votes on the subject
    may count otherwise by now than when they were cast.
    """
    authority, tables = sight.standing.authority, sight.reader.tables
    state = tables.snapshot(aggregate)
    awaited, people, votes = (
        tables.rows[f"{aggregate.name}_{each}"] for each in ("awaited", "people", "votes")
    )
    mine = sorted(authority.linked(seat))
    involved = people.c.person.in_(sorted({*mine, *authority.linked(sight.principal)}))
    hands = [people.c.part.in_(HANDS)] if "part" in people.c else []
    decided = _has(votes, awaited, votes.c.rule == awaited.c.rule, votes.c.seat.in_(mine))
    out = () if aggregate.name in ANEW else (~_has(people, awaited, involved, *hands),)
    told = (awaited.c.filled.is_(false()), awaited.c.waits.is_(false()))
    open_ = and_(~decided, *(() if aggregate.name in BY_OTHERS else told))
    if doubtful := doubted(sight, awaited, votes):
        open_ = or_(open_, awaited.c.owner.in_(doubtful))
    return (
        select(awaited.c.owner, awaited.c.rule, func.min(awaited.c.title).label("title"))
        .select_from(awaited.join(state, state.c.id == awaited.c.owner))
        .where(open_, or_(false(), *entitling(sight, awaited, state, seat)))
        .where(*out)
        .group_by(awaited.c.owner, awaited.c.rule)
        .subquery()
    )


def _has(rows: Table, awaited: Table, *tests: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(rows.c.owner == awaited.c.owner, *tests)


def doubted(sight: Sight, awaited: Table, votes: Table) -> Sequence[str]:
    """What waits for decisions and has a vote that may count otherwise than when it was cast.

    Votes are looked up by what they may have lost their force by; where nothing is like that, as
    where nobody ever lost a right, no statement is needed.
    """
    reader, doubts = sight.reader, sight.standing.authority.doubts()
    grants, people = (reader.snapshot(each) for each in (Grant, Principal))
    ways = []
    if doubts.revoked:
        revoked = select(grants.c.id).where(grants.c.status == Status.REVOKED.value)
        ways += [votes.c.grant.in_(revoked), votes.c.role_grant.in_(revoked)]
    if doubts.seats:
        ways.append(votes.c.grant.in_(sorted(doubts.seats)))
    for column in (votes.c.person, votes.c.seat):
        if doubts.suspended:
            ways.append(column.in_(select(people.c.id).where(people.c.suspended.is_(True))))
        if doubts.people:
            ways.append(column.in_(sorted(doubts.people)))
    if not ways:
        return ()
    cast = union(*(select(votes.c.owner).where(way) for way in ways)).subquery()
    found = select(awaited.c.owner).join(cast, cast.c.owner == awaited.c.owner).distinct()
    return sight.connection.execute(found).scalars().all()


# By what right.


def entitling(
    sight: Sight, awaited: Table, state: Table, seat: str
) -> Iterator[ColumnElement[bool]]:
    """The ways in which an open rule is for this person."""
    authority, at = sight.standing.authority, sight.at
    if authority.person(seat) is None or authority.suspended(seat):
        return
    yield awaited.c.person == seat
    held = roles_held(authority, seat, at)
    if held:
        anywhere = sorted({role for role, _, _ in held})
        yield and_(awaited.c.role.in_(anywhere), awaited.c.scope.is_(None))
    for (role, kind), values in sorted(by_key(held).items()):
        if kind:
            yield _within(awaited, role, kind, values)
    yield from _seated(sight, awaited, state, seat)


def roles_held(authority: Authority, person: str, at: datetime) -> list[tuple[str, str, str]]:
    """Role, scope kind ("" for none) and value of every grant in force."""
    return [
        (role, kind or "", value)
        for (role, kind), place in authority.by_person.get(person, {}).items()
        for value, holdings in values_in(place).items()
        if grant_in_force(holdings, at) is not None
    ]


def by_key(held: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str], set[str]]:
    """The values held, by role and scope kind."""
    found: dict[tuple[str, str], set[str]] = {}
    for role, kind, value in held:
        found.setdefault((role, kind), set()).add(value)
    return found


def _within(awaited: Table, role: str, kind: str, values: set[str]) -> ColumnElement[bool]:
    """The role is held for every value that the rule names, each of which is a row of its own."""
    mine = and_(awaited.c.role == role, awaited.c.scope == kind)
    if ANY in values:
        return mine
    other = awaited.alias()
    beyond = exists().where(
        other.c.owner == awaited.c.owner,
        other.c.rule == awaited.c.rule,
        func.coalesce(other.c.role, "") == role,  # else SQLite looks up all rows of the role
        other.c.scope == kind,
        or_(other.c.value.is_(None), other.c.value.not_in(sorted(values))),
    )
    return and_(mine, ~beyond)


def _seated(sight: Sight, awaited: Table, state: Table, seat: str) -> Iterator[ColumnElement[bool]]:
    """The boards on which the person sits or stands in, each for the services it decides for."""
    for board in sight.standing.authority.boards_of(seat, sight.at):
        wanted = awaited.c.board.in_((board.kind, board.id))
        named = "service" in state.c and ANY not in board.services
        yield and_(wanted, state.c.service.in_(board.services)) if named else wanted
