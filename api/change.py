"""What a change says beyond its fields: its approvals, its gates, what is owed and remarked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection
from strawberry.types.base import StrawberryList
from strawberry.types.field import StrawberryField

from api.approved_then import as_used
from api.can import can_field
from api.derived.fields import batched
from api.derived.nouns import TYPES
from api.gates import Gates, Moment
from api.hiding.telling import unseen_among
from api.hiding.ties import untold
from api.hiding.visibility import Sight
from domain.approval.voting import Standing
from domain.change.aggregate import AGGREGATE
from domain.change.gates import GATES as ACTS
from domain.change.gates import verdict
from domain.change.question import may_approve
from domain.change.standing import debt, outstanding, scopes_of, standings, used_at
from domain.change.state import Change, Link, LinkKind, Obligation, Since
from domain.gate import Verdict


def _ask(state: Change, act: str, moment: Moment) -> Verdict:
    return verdict(
        state,
        act,
        at=moment.at,
        authority=moment.standing.authority,
        records=moment.records,
        who=lambda action: moment.who(action, scopes_of(state)),
        there=moment.who,
        now=moment.now,
    )


GATES: Final = Gates(AGGREGATE, tuple(ACTS), _ask, "change.approve", may_approve)


def approvals(
    _connection: Connection, sight: Sight, changes: Sequence[Change]
) -> list[tuple[Standing, ...]]:
    """How the rules of each change stand, in all phases opened so far; once used, as they did."""
    return as_used(sight, [(each, used_at(each)) for each in changes], standings)


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


def settled_debts(
    _connection: Connection, sight: Sight, changes: Sequence[Change]
) -> list[tuple[Standing, ...]]:
    """How the rules of what was owed stood as that was settled, for each change."""
    owed = [_settled(each) for each in changes]
    asked = [((change, one), at) for each in owed for change, one, at in each]
    told = iter(as_used(sight, asked, lambda of, authority, at: debt(*of, authority, at)))
    return [tuple(rule for _ in each for rule in next(told)) for each in owed]


def _settled(change: Change) -> list[tuple[Change, Obligation, datetime]]:
    """What was owed and took votes, with when those settled it."""
    every = ((each, each.fulfilled_at) for each in change.obligations if each.rule)
    return [(change, each, at) for each, at in every if at]


def links(
    connection: Connection, sight: Sight, changes: Sequence[Change]
) -> list[tuple[Link, ...]]:
    """What each change is tied to, without what is hidden from the reader."""
    kind = LinkKind.MERGE_REQUEST
    named = {e.reference.encode() for change in changes for e in change.links if e.kind is kind}
    unseen = unseen_among(connection, sight, named)
    secret = untold(sight, [each for change in changes for each in change.commits])
    return [_links(change, unseen, secret) for change in changes]


def _links(change: Change, unseen: Collection[str], secret: Collection[Since]) -> tuple[Link, ...]:
    commits = {each.commit for each in change.commits if each in secret}
    hidden = {LinkKind.MERGE_REQUEST: unseen, LinkKind.COMMIT: commits}
    return tuple(each for each in change.links if each.reference not in hidden.get(each.kind, ()))


STANDINGS: Final = StrawberryList(TYPES.object(Standing))
FIELDS: Final[dict[str, StrawberryField]] = {
    "approvals": batched(
        "approvals", STANDINGS, "How each approval rule of this revision stands.", approvals
    ),
    "debts": batched(
        "debts", STANDINGS, "How the approval rules of what is owed afterwards stand.", debts
    ),
    "settled_debts": batched(
        "settled_debts",
        STANDINGS,
        "How the approval rules of what was owed afterwards stood as that was settled.",
        settled_debts,
    ),
    "links": batched(
        "links", StrawberryList(TYPES.object(Link)), "The links of this change.", links
    ),
    **can_field(GATES),
}
