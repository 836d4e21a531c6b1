"""What a change says beyond its fields: its approvals, its gates, what is owed and remarked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection
from strawberry.types.base import StrawberryList
from strawberry.types.field import StrawberryField

from api.fields import batched
from api.gates import Gates, Moment, can_field
from api.hushed import unseen_among
from api.nouns import TYPES
from api.visibility import Sight
from domain.change.aggregate import AGGREGATE
from domain.change.gates import GATES as ACTS
from domain.change.gates import verdict
from domain.change.standing import debt, outstanding, scopes_of, standings
from domain.change.state import Change, Link, LinkKind
from domain.gate import Verdict
from domain.voting import Standing


def _ask(state: Change, act: str, moment: Moment) -> Verdict:
    return verdict(
        state,
        act,
        at=moment.at,
        authority=moment.standing.authority,
        records=moment.records,
        who=lambda action: moment.who(action, scopes_of(state)),
    )


GATES: Final = Gates(AGGREGATE, tuple(ACTS), _ask, "change.approve")


def approvals(
    _connection: Connection, sight: Sight, changes: Sequence[Change]
) -> list[tuple[Standing, ...]]:
    """How the rules of each change stand, in all phases opened so far."""
    authority = sight.held.authority
    return [standings(each, authority, sight.moment).rules for each in changes]


def debts(
    _connection: Connection, sight: Sight, changes: Sequence[Change]
) -> list[tuple[Standing, ...]]:
    """How the rules of what is still owed stand, for each change."""
    authority = sight.held.authority
    return [
        tuple(
            standing
            for owed in outstanding(each)
            for standing in debt(each, owed, authority, sight.moment).rules
        )
        for each in changes
    ]


def links(
    connection: Connection, sight: Sight, changes: Sequence[Change]
) -> list[tuple[Link, ...]]:
    """What each change is tied to, without what is hidden from the reader."""
    named = {e.reference.encode() for change in changes for e in change.links if e.kind is HIDEABLE}
    unseen = unseen_among(connection, sight, named)
    return [
        tuple(e for e in change.links if e.kind is not HIDEABLE or e.reference not in unseen)
        for change in changes
    ]


HIDEABLE: Final = LinkKind.MERGE_REQUEST
"""The ties to what may be under embargo."""
STANDINGS: Final = StrawberryList(TYPES.object(Standing))
FIELDS: Final[dict[str, StrawberryField]] = {
    "approvals": batched(
        "approvals", STANDINGS, "How each approval rule of this revision stands.", approvals
    ),
    "debts": batched(
        "debts", STANDINGS, "How the approval rules of what is owed afterwards stand.", debts
    ),
    "links": batched(
        "links", StrawberryList(TYPES.object(Link)), "The links of this change.", links
    ),
    **can_field(GATES),
}
