"""Who could see a hidden record, and what of it had been shown before it was hidden."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CompoundSelect, Connection, and_, func, literal, select, union_all
from strawberry.types.base import StrawberryList
from strawberry.types.field import StrawberryField

from api.derived.fields import batched
from api.derived.nouns import TYPES
from api.hiding.visibility import Sight
from domain.belonging import BELONGING
from domain.exposure import Onlooker, Owned, Shown, onlookers, owners
from domain.grant.state import Grant, Scope
from domain.kernel import OPERATOR, is_person
from domain.merge_request.state import MergeRequest
from domain.release.state import Release
from domain.security_fix.state import SecurityFix

Hidden = SecurityFix | MergeRequest | Release
MERGE_REQUEST: Final = "merge_request"
COULD: Final = (
    "Who could see it while it was hidden, by which grant and when, and who acted on it. By the "
    "policy in force now; empty for what was never hidden."
)
BEFORE: Final = (
    "What everybody could read of it before it was hidden, with comments on it, reports of its "
    "commits and its places in releases; empty if it always was."
)


def _onlookers(name: str) -> Callable[..., list[tuple[Onlooker, ...]]]:
    """The question who could see records of an aggregate, for a page of them at once."""

    def question(
        connection: Connection, sight: Sight, found: Sequence[Any]
    ) -> list[tuple[Onlooker, ...]]:
        judge: Any = sight.held.judge
        lines = judge.allowing(f"{name}.read_embargoed") if judge else ()
        roles = {(line.role, line.scope) for line in lines}
        grants = sight.records.find(Grant, scope=frozenset((Scope.PROJECT, Scope.SERVICE)))
        owned = _owned(sight, grants)
        acts = _acts(connection, sight, name, [each.id for each in found])
        partly = sight.partial(found)
        return [
            () if each.id in partly else _of(each, roles, grants, acts.get(each.id, {}), owned)
            for each in found
        ]

    return question


def _owned(sight: Sight, grants: Sequence[Grant]) -> dict[str, tuple[Owned, ...]]:
    """Who owned the programs that hold these grants."""
    programs = {each.person for each in grants if not is_person(each.person)}
    known = map(sight.held.authority.person, programs)
    return {each.id: owners(each) for each in known if each is not None}


def _of(
    each: Hidden,
    roles: set[tuple[str, str]],
    grants: Sequence[Grant],
    acts: dict[str, int],
    owned: dict[str, tuple[Owned, ...]],
) -> tuple[Onlooker, ...]:
    since = _since(each)
    if since is None:
        return ()
    own = (each.author, each.opened_by) if isinstance(each, MergeRequest) else ()
    term = (since, each.revealed_at)
    return onlookers(grants, roles, _places(each), term, acts, own=own, owned=owned)


def _places(each: Hidden) -> tuple[tuple[Scope, str], ...]:
    """What a clearance for it is given for: its project, and the service of a release."""
    project = ((Scope.PROJECT, each.project),) if each.project else ()
    return (*project, (Scope.SERVICE, each.service)) if isinstance(each, Release) else project


def _since(each: Hidden) -> datetime | None:
    """When it was hidden; None for what never was."""
    if isinstance(each, MergeRequest) and each.concealed_at:
        return each.concealed_at
    return each.opened_at if each.embargoed or each.revealed_at else None


def _acts(
    connection: Connection, sight: Sight, name: str, ids: Sequence[str]
) -> dict[str, dict[str, int]]:
    events = sight.reader.tables.events
    found: dict[str, dict[str, int]] = {}
    statement = (
        select(events.c.subject, events.c.actor, func.count())
        .where(events.c.aggregate == name, events.c.subject.in_(ids), events.c.actor != OPERATOR)
        .group_by(events.c.subject, events.c.actor)
    )
    for subject, actor, count in connection.execute(statement):
        found.setdefault(subject, {})[actor] = count
    return found


def shown(
    connection: Connection, sight: Sight, found: Sequence[MergeRequest]
) -> list[tuple[Shown, ...]]:
    """What had been shown of each, oldest first."""
    events = sight.reader.tables.events
    partly = sight.partial(found)
    hidden = {e.id: e.concealed_at for e in found if e.concealed_at and e.id not in partly}
    told: dict[str, list[Shown]] = {}
    known = _belongings(sight, hidden).subquery()
    its = and_(events.c.aggregate == known.c.aggregate, events.c.subject == known.c.id)
    statement = (
        select(known.c.whose, events.c.kind, events.c.at, events.c.actor)
        .join_from(known, events, its)
        .where(events.c.sealed.is_(False))
        .order_by(events.c.position)
    )
    for subject, kind, at, actor in connection.execute(statement) if hidden else ():
        if at <= hidden[subject]:
            told.setdefault(subject, []).append(Shown(kind, at, actor))
    return [tuple(told.get(each.id, ())) for each in found]


def _belongings(sight: Sight, ids: Collection[str]) -> CompoundSelect[Any]:
    """The merge requests with these ids, and what belongs to them: comments, reports, places."""
    columns = {MERGE_REQUEST: ["id"]} | {
        name: [column for column, kinds in owners.items() if MERGE_REQUEST in kinds]
        for name, owners in BELONGING.items()
    }
    tables = {
        name: sight.reader.tables.snapshot(sight.reader.registry.by_name[name]) for name in columns
    }
    return union_all(
        *(
            select(
                literal(name).label("aggregate"),
                tables[name].c.id,
                tables[name].c[of].label("whose"),
            ).where(tables[name].c[of].in_(ids))
            for name, owners in columns.items()
            for of in owners
        )
    )


def _field(name: str) -> dict[str, StrawberryField]:
    kind = StrawberryList(TYPES.object(Onlooker))
    return {"onlookers": batched("onlookers", kind, COULD, _onlookers(name))}


FIX_FIELDS: Final = _field("security_fix")
RELEASE_FIELDS: Final = _field("release")
MERGE_REQUEST_FIELDS: Final = _field("merge_request") | {
    "shown_before": batched("shown_before", StrawberryList(TYPES.object(Shown)), BEFORE, shown),
}
