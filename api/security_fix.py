"""What a security fix says beyond its fields: its merge requests, what is missing, and its gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Connection
from strawberry.types.field import StrawberryField

from api.can import can_field
from api.derived.fields import batched, resolved
from api.derived.nouns import TYPES
from api.gates import Gates, Moment, together
from api.hiding.visibility import Sight
from domain.gate import Verdict
from domain.merge_request.state import MergeRequest
from domain.security_fix.aggregate import AGGREGATE
from domain.security_fix.basis import Basis, Who
from domain.security_fix.linking import GATES as ACTS
from domain.security_fix.linking import verdict
from domain.security_fix.readiness import Completeness, completeness
from domain.security_fix.state import SecurityFix


def _ask(state: SecurityFix, act: str, moment: Moment) -> Verdict:
    return verdict(state, act, _basis(moment))


def _basis(moment: Moment) -> Basis:
    def within(kind: str) -> Who:
        return lambda action, place: moment.who(action, {kind: frozenset((place,))})

    by_project, known = within("project"), (moment.records, moment.standing.authority, moment.at)

    def cleared(project: str) -> frozenset[str]:
        return by_project(_READ, project)

    return Basis(*known, by_project, moment.sees, served=within("service"), cleared=cleared)


_READ: Final = f"{AGGREGATE.name}.read_embargoed"
GATES: Final = Gates(AGGREGATE, ACTS, _ask, "merge_request.sign_off")


T = TypeVar("T")


def judged(
    sight: Sight, found: Sequence[SecurityFix], answer: Callable[[SecurityFix, Basis], T]
) -> list[T]:
    """An answer about each fix, by what its readiness is judged by: read at once for all."""
    told: dict[str, T] = {}
    for moment, some in together(sight, found):
        basis = _basis(moment)
        basis.read(some)
        told |= {each.id: answer(each, basis) for each in some}
    return [told[each.id] for each in found]


def completenesses(
    _connection: Connection, sight: Sight, found: Sequence[SecurityFix]
) -> list[Completeness]:
    """What each of the fixes lacks, in as many questions as for one."""
    return judged(sight, found, completeness)


async def _merge_requests(root: Any, context: Any) -> Any:
    return await context.load_many(MergeRequest, root.merge_requests)


async def _related(root: Any, context: Any) -> Any:
    return await context.load_many(MergeRequest, root.related)


FIELDS: Final[dict[str, StrawberryField]] = {
    "merge_requests": resolved(
        "merge_requests",
        TYPES.later("list[MergeRequest]"),
        "Its merge requests. Only those the reader may see.",
        _merge_requests,
    ),
    "related_merge_requests": resolved(
        "related_merge_requests",
        TYPES.later("list[MergeRequest]"),
        "Those that carry nothing of it and are shown with it. Only those the reader may see.",
        _related,
    ),
    "completeness": batched(
        "completeness",
        TYPES.object(Completeness),
        "Whether it is complete now, and everything that is missing, by merge request.",
        completenesses,
    ),
    **can_field(GATES),
}
