"""What is told of an event that may be read: by which name of a request, with which fields."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

from sqlalchemy import Connection

from api.hiding.visibility import Sight
from ledger.store import batches

IDS: Final = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def alias(leaf: bytes, at: datetime) -> str:
    """The id that a request goes by where its own is not told, of the same form.

    It is made of the hash of the entry, from which nobody can tell what was hashed.
    """
    millis = int(at.replace(tzinfo=at.tzinfo or UTC).timestamp() * 1000)
    rest = leaf.hex()
    return f"{millis:012x}7{rest[:3]}{8 + leaf[16] % 4:x}{rest[3:18]}"


@dataclass(frozen=True, slots=True)
class Telling:
    """What may be told of an event: nothing `unseen`, no `untold` field, words only if `words`."""

    unseen: frozenset[str] = frozenset()
    words: bool = True
    untold: Collection[str] = ()

    def of(self, value: Any, *, word: bool) -> Any:
        """The value of a field as the reader gets it, None for what is not to be seen."""
        if isinstance(value, tuple):
            return tuple(each for each in value if not self._hides(each, word=word))
        return None if self._hides(value, word=word) else value

    def parts(self, value: Any) -> tuple[Any, ...]:
        """The parts of a value that has some, without those that name what is hidden.

        A commit of a hidden merge request tells as much as the id of that, and so would a part that
        says nothing: there was one more.
        """
        return tuple(each for each in value if self.unseen.isdisjoint(_names(each)))

    def around(self, values: Iterable[Any]) -> Telling:
        """How an event with these values is told: without words where it names what is unseen.

        Its words may be about that.
        """
        return replace(self, words=False) if any(map(self._lacks, values)) else self

    def _lacks(self, value: Any) -> bool:
        if parted(value):
            return len(self.parts(value)) < len(value)
        return isinstance(value, str) and value in self.unseen

    def _hides(self, value: Any, *, word: bool) -> bool:
        if not isinstance(value, str) or isinstance(value, Enum):
            return word and not self.words
        return (word and not self.words) or value in self.unseen


def parted(value: Any) -> bool:
    """Whether a value is parts that have fields of their own."""
    return isinstance(value, tuple) and bool(value) and is_dataclass(value[0])


def _names(part: Any) -> Iterator[str]:
    """The texts of one part, ids and commits among them."""
    values = (getattr(part, each.name) for each in fields(part))
    return (each for each in values if isinstance(each, str))


def unseen_among(connection: Connection, sight: Sight, texts: Iterable[bytes]) -> frozenset[str]:
    """The ids in these texts of what is hidden from the reader."""
    ids = {each.decode() for text in texts for each in IDS.findall(text)}
    found: set[str] = set()
    for some in batches(ids):
        found.update(connection.execute(sight.veil.among(some)).scalars())
    return frozenset(found)
