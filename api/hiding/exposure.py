"""Who could see a hidden record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, false, func, not_, or_, select, union_all
from strawberry.types.base import StrawberryList
from strawberry.types.field import StrawberryField

from api.derived.fields import batched
from api.derived.nouns import TYPES
from api.hiding import shown_before
from api.hiding.hushed import hushed, of_what_is_told
from api.hiding.visibility import Sight
from domain.comment import Comment
from domain.exposure import Onlooker, Owned, Span, onlookers, owners, suspensions
from domain.grant.state import Grant, Scope
from domain.kernel import OPERATOR, is_person
from domain.merge_request.state import MergeRequest
from domain.release.state import Release
from domain.security_fix.state import SecurityFix

Hidden = SecurityFix | MergeRequest | Release
COULD: Final = (
    "Who could see it while it was hidden, by which grant and when, and who acted on it or wrote "
    "a comment on it, and so did. That somebody merely looked is not recorded: whoever could may "
    "have. By the policy in force now; empty for what was never hidden."
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
        owned, suspended = _owned(sight, grants), _suspended(sight, grants, found)
        acts = _acts(connection, sight, name, found)
        partly = sight.partial(found)
        return [
            ()
            if each.id in partly
            else onlookers(
                grants,
                roles,
                _places(each),
                _terms(each),
                acts.get(each.id, {}),
                own=_own(each),
                owned=owned,
                suspended=suspended,
            )
            for each in found
        ]

    return question


def _owned(sight: Sight, grants: Sequence[Grant]) -> dict[str, tuple[Owned, ...]]:
    """Who owned the programs that hold these grants."""
    programs = {each.person for each in grants if not is_person(each.person)}
    known = map(sight.held.authority.person, programs)
    return {each.id: owners(each) for each in known if each is not None}


def _suspended(
    sight: Sight, grants: Sequence[Grant], found: Sequence[Hidden]
) -> dict[str, tuple[Span, ...]]:
    """When those were suspended who hold these grants, or whose own these are."""
    people = {each.person for each in grants}.union(*map(_own, found))
    known = map(sight.held.authority.person, people)
    return {each.id: suspensions(each) for each in known if each is not None}


def _own(each: Hidden) -> dict[str, datetime | None]:
    """Whose own it is: they carry it on while it is hidden, until they are freed of that."""
    if not isinstance(each, MergeRequest):
        return {}
    return {each.author: each.freed_at, each.opened_by: None}


def _places(each: Hidden) -> tuple[tuple[Scope, str], ...]:
    """What a clearance for it is given for: its project, and the service of a release."""
    project = ((Scope.PROJECT, each.project),) if each.project else ()
    return (*project, (Scope.SERVICE, each.service)) if isinstance(each, Release) else project


def _terms(each: Hidden) -> tuple[Span, ...]:
    """From when until when it was hidden, each time; nothing for what never was."""
    if not (each.embargoed or each.revealed_at):
        return _before(each)
    since = each.hidden_since if isinstance(each, MergeRequest) else each.opened_at
    return (*_before(each), (since, each.revealed_at))


def _before(each: Hidden) -> tuple[Span, ...]:
    """The times before it was shown and hidden again; a merge request alone is."""
    past = each.embargoes if isinstance(each, MergeRequest) else ()
    return tuple((one.since, one.until) for one in past)


def _acts(
    connection: Connection, sight: Sight, name: str, found: Sequence[Hidden]
) -> dict[str, dict[str, int]]:
    """How many events of each record were whose while it was hidden, as far as they are told.

    And how many of comments on it.
    """
    events, comments = sight.reader.tables.events, sight.reader.snapshot(Comment)
    spans = [(each.id, span) for each in found for span in _terms(each)]
    veil = sight.veil
    told = (events.c.actor != OPERATOR, of_what_is_told(veil), not_(hushed(veil)))
    own = select(events.c.subject, events.c.actor).where(
        events.c.aggregate == name,
        or_(false(), *(_meanwhile(events.c.subject, id, events.c.at, span) for id, span in spans)),
        *told,
    )
    said = (
        select(comments.c.subject, events.c.actor)
        .join_from(comments, events, events.c.subject == comments.c.id)
        .where(
            events.c.aggregate == "comment",
            comments.c.subject.in_([each.id for each in found]),
            or_(
                false(),
                *(_meanwhile(comments.c.subject, id, events.c.at, span) for id, span in spans),
            ),
            *told,
        )
    )
    every = union_all(own, said).subquery("acts")
    counted = select(every.c.subject, every.c.actor, func.count())
    counts: dict[str, dict[str, int]] = {}
    for subject, actor, count in connection.execute(counted.group_by(*every.c)):
        counts.setdefault(subject, {})[actor] = count
    return counts


def _meanwhile(
    of: ColumnElement[str], id: str, at: ColumnElement[datetime], span: Span
) -> ColumnElement[bool]:
    """Events of a record from when it was hidden until it was revealed, both included."""
    since, until = span
    ended = (at <= until,) if until else ()
    return and_(of == id, at >= since, *ended)


def _field(name: str) -> dict[str, StrawberryField]:
    kind = StrawberryList(TYPES.object(Onlooker))
    return {"onlookers": batched("onlookers", kind, COULD, _onlookers(name))}


FIX_FIELDS: Final = _field("security_fix")
RELEASE_FIELDS: Final = _field("release")
MERGE_REQUEST_FIELDS: Final = _field("merge_request") | shown_before.FIELDS
