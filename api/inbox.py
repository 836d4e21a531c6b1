"""The inbox: what awaits a decision of yours, by grants and seats that are in force now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

import strawberry
from sqlalchemy import ColumnElement, FromClause, Row, Table, and_, exists, false, func, or_, select
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.connections import connection_type
from api.fields import attribute, build
from api.identity import PERSON, read_id
from api.meanings import camel, one, several, spaced
from api.nouns import TYPES
from api.paging import After, Before, First, Last, Listing, asked, page
from api.visibility import Sight
from domain.authority import Authority
from domain.board import Board
from domain.holdings import grant_in_force, values_in
from domain.kernel import Aggregate, refusal
from domain.wording import ANY

OF: Final = (
    "A person who delegated to you, to see what awaits them that you may decide in their place."
)


SEAT: Final = Annotated[strawberry.ID | None, strawberry.argument(description=OF)]


@dataclass(frozen=True, slots=True)
class Awaiting:
    """Something that awaits a decision, under which rule."""

    subject: Any
    rule: str
    title: str


def inbox_field(aggregate: Aggregate[Any]) -> dict[str, StrawberryField]:
    """The query for what awaits a decision, of one aggregate with rows of open rules."""
    noun = TYPES.name(aggregate.state)
    name = camel(f"{aggregate.table}_awaiting_me")
    publish(noun, aggregate)

    async def resolver(  # noqa: PLR0917  (Strawberry passes them by name)
        info: Info,
        on_behalf_of: Any = strawberry.UNSET,
        first: First = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        after: After = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        seat = read_id(on_behalf_of, PERSON) or "" if on_behalf_of else info.context.asker.principal

        def make(sight: Sight) -> Listing:
            return inbox(sight, aggregate, name, seat)

        return await page(info.context, make, asked(first, last, after, before))

    resolver.__annotations__ |= {"info": Info, "on_behalf_of": SEAT}
    about = f"The {several(noun)} that await a decision of yours, oldest first."
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = TYPES.later(f"Awaiting{noun}Connection")
    return {name: field}


def publish(noun: str, aggregate: Aggregate[Any]) -> None:
    """The type of an entry of the inbox, and its connection."""
    fields = {
        "subject": attribute("subject", TYPES.later(noun), f"The {spaced(noun)} to decide on."),
        "rule": attribute("rule", str, "The name of the rule to decide under."),
        "title": attribute("title", str, "What the rule asks for, in words."),
    }
    fields["subject"].graphql_name = camel(aggregate.name)
    name = f"Awaiting{noun}"
    about = f"{one(noun).capitalize()} that awaits a decision of yours."
    TYPES.publish(name, build(name, about, fields))
    connection_type(TYPES, name)


def inbox(sight: Sight, aggregate: Aggregate[Any], name: str, seat: str) -> Listing:
    """What awaits the decision of whoever has this seat: the asker, or who delegated to them."""
    authority, tables = sight.standing.authority, sight.reader.tables
    check_seat(sight, seat)
    state = tables.snapshot(aggregate)
    awaited, people, votes = (
        tables.rows[f"{aggregate.name}_{each}"] for each in ("awaited", "people", "votes")
    )
    involved = authority.linked(seat) | authority.linked(sight.principal)
    decided = votes.c.seat.in_(sorted(authority.linked(seat)))
    ways = or_(false(), *entitling(sight, awaited, state, seat))
    open_rules = (
        select(awaited.c.owner, awaited.c.rule, func.min(awaited.c.title).label("title"))
        .select_from(awaited.join(state, state.c.id == awaited.c.owner))
        .where(awaited.c.filled.is_(false()), ways)
        .where(~_has(people, awaited, people.c.person.in_(sorted(involved))))
        .where(~_has(votes, awaited, votes.c.rule == awaited.c.rule, decided))
        .group_by(awaited.c.owner, awaited.c.rule)
        .subquery()
    )
    return _listing(sight, aggregate, name, open_rules, seat)


def _listing(
    sight: Sight, aggregate: Aggregate[Any], name: str, open_rules: FromClause, seat: str
) -> Listing:
    state = sight.reader.snapshot(aggregate.state)
    columns = sight.reader.columns(aggregate.state)
    statement = (
        select(*columns, open_rules.c.rule, open_rules.c.title)
        .select_from(state.join(open_rules, open_rules.c.owner == state.c.id))
        .where(sight.visible(aggregate.state))
    )
    width = len(columns)

    def node(row: Row[Any]) -> Awaiting:
        return Awaiting(sight.reader.state_of(aggregate.state, row), row[width], row[width + 1])

    return Listing(name, statement, (state.c.id, open_rules.c.rule), node, {"seat": seat})


def check_seat(sight: Sight, seat: str) -> None:
    """Refuse to show the inbox of somebody who did not delegate to the asker."""
    if seat == sight.principal:
        return
    lent = sight.standing.authority.delegators(sight.principal, sight.at)
    if all(each.delegator != seat for each in lent):
        raise refusal("not_held", "This person has delegated nothing to you.", "onBehalfOf")


def _has(rows: Table, awaited: Table, *tests: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(rows.c.owner == awaited.c.owner, *tests)


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
    """The boards on which the person sits, each for the services it decides for."""
    for board in boards_of(sight, seat):
        wanted = awaited.c.board == board.kind
        named = "service" in state.c and ANY not in board.services
        yield and_(wanted, state.c.service.in_(board.services)) if named else wanted


def boards_of(sight: Sight, person: str) -> list[Board]:
    """The boards on which a person's seat counts now."""
    seats = sight.reader.tables.rows["board_seats"]
    owners = select(seats.c.owner).where(seats.c.person == person).distinct()
    authority, at = sight.standing.authority, sight.at
    found = [authority.board(owner) for (owner,) in sight.connection.execute(owners)]
    return [
        board
        for board in found
        if board is not None and board.sits(at) and person in authority.seats(board.id, at)
    ]
