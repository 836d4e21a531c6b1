"""What of the history of something that is out stays untold, and how the reader counts the rest.

The log counts all that happened. Who is told how high it counted could tell from a number that was
skipped that something hidden had been there (S1-12).
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import lru_cache
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, Connection, Select, and_, not_, or_, select

from api.hiding.hushed import UNTOLD, of_what_is_told
from api.hiding.names import Names, names
from api.hiding.veil import VEILS, Veil
from api.hiding.visibility import Sight
from domain.kernel import Seen
from domain.merge_request.state import MergeRequest
from domain.release.fold_plan import WRITTEN
from domain.release.state import Release
from domain.security_fix.state import SecurityFix
from ledger.queries import any_of
from ledger.store import batches

Counted = MergeRequest | Release | SecurityFix
COUNTED: Final[Mapping[type, str]] = {
    MergeRequest: "merge_request",
    Release: "release",
    SecurityFix: "security_fix",
}
"""What may have a past of which some stays hidden once it is out."""
KINDS: Final = frozenset(COUNTED.values())
REVISION: Final = "revision"
PART: Final = "-"
"""What parts a manifest: the name of what is listed, and that of where it stands."""


class Of(Protocol):
    """What is of a record."""

    @property
    def aggregate(self) -> str:
        """The kind of record."""

    @property
    def subject(self) -> str:
        """Its id."""


@dataclass(frozen=True, slots=True)
class Untold:
    """What the reader is not told of in the history of a record, by the numbers that it made."""

    versions: tuple[int, ...] = ()
    revisions: tuple[int, ...] = ()
    actors: frozenset[str] = frozenset()
    """Who is told of as having written nothing on it."""
    names: Names = field(default_factory=dict)
    """What stands for its contents, as the reader is told of them, by what truly did."""

    def version(self, number: int) -> int:
        """A version as the reader counts it."""
        return number - bisect_right(self.versions, number)

    def revision(self, number: int) -> int:
        """A revision as the reader counts it."""
        return number - bisect_right(self.revisions, number)

    def of(self, seen: Seen) -> int:
        """How many numbers, of those that a request names as `seen`, the reader does not count."""
        return len(self.revisions if seen is Seen.REVISION else self.versions)

    def retold(self, value: Any) -> Any:
        """The same value, revisions in it as the reader counts them, names as they know them."""
        if not self.revisions:
            return value
        if type(value) is str:
            name, *rest = value.split(PART)
            return PART.join((self.names.get(name, name), *rest))
        if type(value) is tuple:
            return tuple(map(self.retold, value))
        if not is_dataclass(value) or isinstance(value, type):
            return value
        kept = {each.name: getattr(value, each.name) for each in fields(value) if each.init}
        told = {name: self.retold(each) for name, each in kept.items()}
        counted = isinstance(kept.get(REVISION), int)
        return replace(
            value, **told | ({REVISION: self.revision(kept[REVISION])} if counted else {})
        )


NOTHING: Final = Untold()


def untold(
    connection: Connection, sight: Sight, subjects: Mapping[str, Collection[str]]
) -> dict[str, Untold]:
    """What of the history of records is not told, by id; `subjects` are ids by kind of record."""
    those = {name: list(ids) for name, ids in subjects.items() if ids}
    found: dict[str, list[Any]] = {}
    for row in connection.execute(_asked(sight.veil, tuple(those)), those) if those else ():
        found.setdefault(row.subject, []).append(row)
    wrote = _wrote(connection, sight, found)
    moved = {
        id: {e.version for e in rows} for id, rows in found.items() if id in _releases(subjects)
    }
    named = names(connection, sight.reader, moved) if moved else {}
    return {
        id: _untold(rows, wrote.get(id, frozenset()), named.get(id, {}))
        for id, rows in found.items()
    }


@lru_cache(maxsize=VEILS)
def _asked(veil: Veil, names: tuple[str, ...]) -> Select[Any]:
    """The events that are not told, of records whose ids are bound by the name of their kind."""
    told = veil.events.c
    columns = (told.subject, told.version, told.facts, told.actor, told.behalf)
    those = or_(*(and_(told.aggregate == name, any_of(told.subject, name)) for name in names))
    return select(*columns).where(those, *_hidden(veil)).order_by(told.version)


def _releases(subjects: Mapping[str, Collection[str]]) -> Collection[str]:
    return subjects.get(COUNTED[Release], ())


def _wrote(
    connection: Connection, sight: Sight, subjects: Collection[str]
) -> dict[str, frozenset[str]]:
    """Who had a hand in these releases by what the reader is told of."""
    events, registry = sight.reader.tables.events, sight.reader.registry
    kinds = [registry.kind_of[each] for each in WRITTEN]
    asked = (
        select(events.c.subject, events.c.actor, events.c.behalf)
        .where(events.c.aggregate == COUNTED[Release], events.c.subject.in_(subjects))
        .where(events.c.kind.in_(kinds))
        .where(of_what_is_told(sight.veil))
        .distinct()
    )
    found: dict[str, frozenset[str]] = {}
    for subject, *who in connection.execute(asked) if subjects else ():
        found[subject] = found.get(subject, frozenset()).union(filter(None, who))
    return found


def _untold(rows: Sequence[Any], wrote: frozenset[str], named: Names) -> Untold:
    revisions = (json.loads(each.facts).get(REVISION) for each in rows)
    actors = {who for each in rows for who in (each.actor, each.behalf) if who}
    return Untold(
        tuple(each.version for each in rows),
        tuple(each for each in revisions if each is not None),
        frozenset(actors - wrote),
        named,
    )


def untold_events(sight: Sight, state: type, ids: Collection[str]) -> dict[str, frozenset[int]]:
    """The versions that such records had by what the reader is not told of, by id."""
    name, found = COUNTED.get(state, ""), dict[str, set[int]]()
    for some in batches(ids) if name else ():
        asked = _asked(sight.veil, (name,))
        for each in sight.connection.execute(asked, {name: some}):
            found.setdefault(each.subject, set()).add(each.version)
    return {id: frozenset(each) for id, each in found.items()}


def _hidden(veil: Veil) -> tuple[ColumnElement[bool], ...]:
    """What events have to be for not being told of, though what they are of is."""
    return (veil.events.c.kind.in_(UNTOLD), not_(of_what_is_told(veil)))


def may_have_hidden(each: Counted) -> bool:
    """Whether a record is hidden, or was, so that some of its past may stay so."""
    return each.embargoed or each.revealed_at is not None


def untold_of(connection: Connection, sight: Sight, found: Sequence[Counted]) -> list[Untold]:
    """What is not told of each of these; nothing of what never was hidden."""
    subjects: dict[str, list[str]] = {}
    for each in found:
        if may_have_hidden(each):
            subjects.setdefault(COUNTED[type(each)], []).append(each.id)
    known = untold(connection, sight, subjects)
    return [known.get(each.id, NOTHING) for each in found]


def untold_beside(connection: Connection, sight: Sight, found: Sequence[Of]) -> list[Untold]:
    """What is not told of the record that each of these events is of."""
    subjects: dict[str, set[str]] = {}
    for each in found:
        if each.aggregate in KINDS:
            subjects.setdefault(each.aggregate, set()).add(each.subject)
    known = untold(connection, sight, subjects)
    return [known.get(each.subject, NOTHING) for each in found]


def counts(state: type, seen: Seen) -> bool:
    """Whether the reader may count otherwise what a request about such a record names as `seen`."""
    return state is Release if seen is Seen.REVISION else seen is Seen.VERSION and state in COUNTED


def uncounted(sight: Sight, state: type, id: str, seen: Seen) -> int:
    """How many numbers of a record, of those that `seen` names, its reader does not count."""
    return untold(sight.connection, sight, {COUNTED[state]: (id,)}).get(id, NOTHING).of(seen)
