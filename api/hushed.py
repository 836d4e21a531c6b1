"""What events in the open tell of what is hidden: what they follow from, and what they name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, exists, false, or_, union_all

from api.visibility import Sight
from domain.kernel import OPERATOR, Audience
from ledger.store import batches

IDS: Final = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
FIRST: Final = ".0"
"""How the id of a request's first event ends, which is the cause of its other ones."""


def hushed(sight: Sight) -> ColumnElement[bool]:
    """Whether an event follows from one about something that is hidden from the reader.

    Of it nobody else is told who asked for it, by which request, and in which words.
    """
    names = _hiding(sight)
    if not names:
        return false()
    events = sight.reader.tables.events
    cause = events.alias("cause")
    first = events.c.request + FIRST
    unseen = [and_(cause.c.aggregate == n, cause.c.subject.in_(sight.unseen(n))) for n in names]
    return and_(events.c.id != first, exists().where(cause.c.id == first, or_(*unseen)))


def alias(leaf: bytes, at: datetime) -> str:
    """The id that a request goes by where its own is not told, of the same form.

    It is made of the hash of the entry, from which nobody can tell what was hashed.
    """
    millis = int(at.replace(tzinfo=at.tzinfo or UTC).timestamp() * 1000)
    rest = leaf.hex()
    return f"{millis:012x}7{rest[:3]}{8 + leaf[16] % 4:x}{rest[3:18]}"


@dataclass(frozen=True, slots=True)
class Telling:
    """What may be told of an event: no id of what is hidden from the reader, and words or none.

    Nor fields that are `untold`.
    """

    unseen: Collection[str] = ()
    words: bool = True
    untold: Collection[str] = ()

    def of(self, value: Any, *, word: bool) -> Any:
        """The value of a field as the reader gets it, None for what is not to be seen."""
        if isinstance(value, tuple):
            return tuple(each for each in value if not self._hides(each, word=word))
        return None if self._hides(value, word=word) else value

    def _hides(self, value: Any, *, word: bool) -> bool:
        return (word and not self.words) or (isinstance(value, str) and value in self.unseen)


def unseen_among(connection: Connection, sight: Sight, texts: Iterable[bytes]) -> Collection[str]:
    """The ids in these texts of what is hidden from the reader."""
    names = _hiding(sight)
    ids = {each.decode() for text in texts for each in IDS.findall(text)}
    found: set[str] = set()
    for some in batches(ids) if names else ():
        hidden = [sight.unseen(each) for each in names]
        named = [each.where(each.selected_columns.id.in_(some)) for each in hidden]
        found.update(connection.execute(union_all(*named)).scalars())
    return found


def _hiding(sight: Sight) -> list[str]:
    """The kinds of records that may be hidden from the reader."""
    known = sight.reader.registry.aggregates
    embargoed = [each.name for each in known if each.audience is Audience.EMBARGOED]
    return [] if sight.principal == OPERATOR else embargoed
