"""Whether a security fix went out with a release, and why not, asked of any release there was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
import strawberry
from sqlalchemy import Connection, select
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.derived.identity import read_id
from api.derived.nouns import TYPES
from api.hiding.stood import stood
from api.hiding.visibility import Sight
from api.history.past import PastSight, Then
from api.security_fix import judged
from domain.inclusion import Inclusion
from domain.merge_request.state import MergeRequest
from domain.release.evidence.carried import carried, named
from domain.release.standing import kind_of as kind_of_release
from domain.release.state import Release
from domain.security_fix.outcome import (
    MARKS,
    Mark,
    Outcome,
    Taken,
    absent,
    causes,
    full,
    settled,
)
from domain.security_fix.readiness import Completeness, completeness
from domain.security_fix.standing import kind_of
from domain.security_fix.state import SecurityFix

_FACTS: Final = msgspec.json.Decoder(dict[str, Any])
Fixes = Mapping[str, SecurityFix]
Asked = tuple[SecurityFix, str]
"""A fix, and the id of the release it is asked about."""


def outcomes(_connection: Connection, sight: Sight, asked: Sequence[Asked]) -> list[Outcome | None]:
    """What each release takes of each fix; None where there is no such release to be seen.

    As many statements for many fixes as for one, for each release that is asked about.
    """
    releases = sight.find(Release, {id for _, id in asked})
    told: dict[tuple[str, str], Outcome] = {}
    for id, release in releases.items():
        fixes = {fix.id: fix for fix, of in asked if of == id}
        told |= {(fix, id): each for fix, each in _of_release(sight, release, fixes).items()}
    return [told.get((fix.id, id)) for fix, id in asked]


def _of_release(sight: Sight, release: Release, fixes: Fixes) -> dict[str, Outcome]:
    marks = _marks(sight, release.id)
    cut, out = full(marks, kind_of_release(release, sight.records)), settled(marks)
    seen = _seen_at(sight, cut, fixes, release)
    last = _stood(sight, out, fixes)
    inside = _inside(sight, release, out)
    gone = _unlinked(last, release.id)
    closed = _closed(_then(sight, out), last.values(), inside)
    found = {}
    for id, fix in fixes.items():
        then, lacks = seen.get(id, (None, None))
        kind, after = kind_of(fix, sight.records), last.get(id)
        taken = Taken(release, kind, then, after, lacks, id in gone, inside, closed)
        held = after.tracker if after else None
        told = _Answer(tuple(causes(taken)), absent(taken), held, gone.get(id))
        found[id] = _outcome(told, cut, out, lacks)
    return found


def _inside(sight: Sight, release: Release, mark: Mark | None) -> frozenset[str]:
    """The merge requests that it carries, or carried as it was settled: by how they stood then."""
    items = sight.records.find(Inclusion, release=release.id)
    then = _then(sight, mark)
    if mark is not None:
        release = sight.reader.stood(sight.connection, Release, {release.id}, mark.position + 1)[
            release.id
        ]
        every = frozenset(each.id for each in items)
        items = then.records.find(Inclusion, id=every) if every else ()
    own = [each for each in items if each.included]
    ids = named(own)
    found = then.records.find(MergeRequest, id=ids) if ids else ()
    return carried(own, {each.id: each for each in found}, release.plan.project)


@dataclass(frozen=True, slots=True)
class _Answer:
    causes: tuple[Any, ...]
    absent: tuple[str, ...]
    tracker: str | None
    unlinked: datetime | None


def _outcome(
    told: _Answer, cut: Mark | None, out: Mark | None, lacks: Completeness | None
) -> Outcome:
    return Outcome(
        included=not told.causes,
        taken_until=cut.at if cut else None,
        settled_at=out.at if out else None,
        causes=told.causes,
        tracker=told.tracker,
        merge_requests=told.absent,
        completeness=lacks,
        unlinked_at=told.unlinked,
    )


def _marks(sight: Sight, release: str) -> list[Mark]:
    """When it entered its phases, was published and ended, in order."""
    events = sight.reader.tables.events
    statement = (
        select(events.c.position, events.c.at, events.c.kind, events.c.facts)
        .where(events.c.aggregate == "release", events.c.subject == release)
        .where(events.c.kind.in_(MARKS), events.c.position < _until(sight))
        .order_by(events.c.position)
    )
    return [
        Mark(row.position, row.at, row.kind, _FACTS.decode(row.facts).get("phase"))
        for row in sight.connection.execute(statement)
    ]


def _until(sight: Sight) -> int:
    """Up to where the log is told of: its end, or a moment of the past."""
    return sight.then.until if isinstance(sight, PastSight) else sight.length


def _stood(sight: Sight, mark: Mark | None, fixes: Fixes) -> Fixes:
    """The fixes right after a moment in the history of the release, or as they are told of."""
    if mark is None:
        return fixes
    return stood(sight, SecurityFix, fixes, mark.position + 1)


def _seen_at(
    sight: Sight, mark: Mark | None, fixes: Fixes, release: Release
) -> dict[str, tuple[SecurityFix, Completeness]]:
    """The fixes at a moment, and what they lacked then for the release by all known then.

    That is as it stood right before: what is published is in the open, and takes nothing hidden.
    """
    then, past = tuple(_stood(sight, mark, fixes).values()), _then(sight, mark)
    if mark is not None:
        known = sight.reader.stood(sight.connection, Release, {release.id}, mark.position)
        release = known[release.id]
    found = judged(past, then, lambda fix, basis: completeness(fix, basis, release))
    return {fix.id: (fix, lacks) for fix, lacks in zip(then, found, strict=True)}


def _then(sight: Sight, mark: Mark | None) -> Sight:
    """What is told of a moment in the history of the release, or of now."""
    if mark is None:
        return sight
    told = (sight.reader, sight.connection, sight.principal, sight.limits, sight.at)
    return PastSight(*told, then=Then(mark.position + 1, mark.at))


def _unlinked(fixes: Fixes, release: str) -> dict[str, datetime]:
    """When those of the fixes were taken off this release, the last time, that ever were."""
    off = ((id, each) for id, fix in fixes.items() for each in fix.unlinked)
    return {id: each.at for id, each in off if each.tracker == release and each.at}


def _closed(sight: Sight, fixes: Iterable[SecurityFix], inside: frozenset[str]) -> set[str]:
    """The merge requests of these fixes that are not in the release, since they were given up."""
    ids = frozenset(id for fix in fixes for id in fix.merge_requests) - inside
    found = sight.records.find(MergeRequest, id=ids) if ids else ()
    return {each.id for each in found if each.given_up}


def _field() -> StrawberryField:
    asked = strawberry.argument(description="The release, whether it is out or not.")

    async def resolver(root: Any, info: Info, release: Any) -> Any:
        return await info.context.batch(outcomes, (root, read_id(release, "Release") or ""))

    resolver.__annotations__ = {
        "root": Any,
        "info": Info,
        "release": Annotated[strawberry.ID, asked],
        "return": Any,
    }
    about = (
        "Whether it goes out with a release or went out with it, and if not, why: by what the "
        "release had when it took no more. Null if there is no such release to be seen."
    )
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = strawberry.annotation.StrawberryAnnotation(
        StrawberryOptional(TYPES.object(Outcome))
    )
    return field  # type: ignore[no-any-return]


FIELDS: Final[dict[str, StrawberryField]] = {"outcome": _field()}
"""What a security fix has of it."""
