"""Who could see a hidden record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, select
from strawberry.types.base import StrawberryList
from strawberry.types.field import StrawberryField

from api.derived.fields import batched
from api.derived.nouns import TYPES
from api.hiding import shown_before
from api.hiding.visibility import Sight
from domain.exposure import Onlooker, Owned, onlookers, owners
from domain.grant.state import Grant, Scope
from domain.kernel import OPERATOR, is_person
from domain.merge_request.state import MergeRequest
from domain.release.state import Release
from domain.security_fix.state import SecurityFix

Hidden = SecurityFix | MergeRequest | Release
COULD: Final = (
    "Who could see it while it was hidden, by which grant and when, and who acted on it. By the "
    "policy in force now; empty for what was never hidden."
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


def _field(name: str) -> dict[str, StrawberryField]:
    kind = StrawberryList(TYPES.object(Onlooker))
    return {"onlookers": batched("onlookers", kind, COULD, _onlookers(name))}


FIX_FIELDS: Final = _field("security_fix")
RELEASE_FIELDS: Final = _field("release")
MERGE_REQUEST_FIELDS: Final = _field("merge_request") | shown_before.FIELDS
