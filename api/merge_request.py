"""What a merge request says beyond its fields: its sign-offs and whether you may merge it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection
from strawberry.types.base import StrawberryList
from strawberry.types.field import StrawberryField

from api.approved_then import as_used
from api.can import can_field
from api.derived.fields import batched
from api.derived.nouns import TYPES
from api.gates import Gates, Moment
from api.hiding.visibility import Sight
from domain.approval.voting import Standing
from domain.gate import Verdict
from domain.merge_request.aggregate import AGGREGATE
from domain.merge_request.merging import GATES as ACTS
from domain.merge_request.merging import verdict
from domain.merge_request.question import knowing
from domain.merge_request.standing import standings
from domain.merge_request.state import MergeRequest


def _ask(state: MergeRequest, act: str, moment: Moment) -> Verdict:
    scopes = {"project": frozenset((state.project,))}
    return verdict(
        state,
        act,
        at=moment.at,
        authority=moment.standing.authority,
        records=moment.records,
        by=moment.by,
        who=lambda action: knowing(state, action, lambda each: moment.who(each, scopes)),
        there=moment.who,
        sees=moment.sees,
    )


GATES: Final = Gates(AGGREGATE, tuple(ACTS), _ask, "merge_request.sign_off")


def sign_offs(
    _connection: Connection, sight: Sight, found: Sequence[MergeRequest]
) -> list[tuple[Standing, ...]]:
    """How the rules of each stand for the head at hand; told to who sees all of it."""
    partly = sight.partial(found)
    whole = [each for each in found if each.id not in partly]
    told = iter(as_used(sight, [(each, each.merged_at) for each in whole], standings))
    return [() if each.id in partly else next(told) for each in found]


FIELDS: Final[dict[str, StrawberryField]] = {
    "sign_offs": batched(
        "sign_offs",
        StrawberryList(TYPES.object(Standing)),
        "How each rule stands for the head at hand. Of a hidden one only who is cleared is told.",
        sign_offs,
    ),
    **can_field(GATES),
}
