"""Other aggregates as a gate looks at them, read within one transaction, whoever asks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, select
from typing_extensions import override

from domain.sides import After, Before, Wanted
from ledger.codec import hints
from ledger.queries import any_of
from ledger.together import But, fits

if TYPE_CHECKING:
    from ledger.store import Reader

S = TypeVar("S")
_ID: Final = attrgetter("id")
SHAPES: Final = 2048
"""How many ways to ask for records are kept in words."""
Test = Callable[[ColumnElement[Any], str], ColumnElement[bool]]
"""What a column has to be, by what is bound under a name."""


@dataclass(slots=True, kw_only=True)
class KnownRecords(ABC):
    """Other aggregates as a gate looks at them, each read once."""

    _known: dict[tuple[type, str], Any] = field(default_factory=dict)
    _found: dict[tuple[type, frozenset[tuple[str, object]]], Any] = field(default_factory=dict)

    def get(self, state: type[S], id: str) -> S | None:
        """The aggregate, or None when there is none."""
        if (state, id) not in self._known:
            self._known[state, id] = self._get(state, id)
        found: S | None = self._known[state, id]
        return found

    def find(self, state: type[S], **equal: object) -> tuple[S, ...]:
        """All aggregates whose indexed columns equal these values, in order of id.

        A frozenset stands for any of its values.
        """
        asked = _question(state, equal)
        if asked not in self._found:
            named = self._named(state, equal)
            self._found[asked] = self._find(state, equal) if named is None else named
        found: tuple[S, ...] = self._found[asked]
        return found

    @abstractmethod
    def together(self, *asked: Wanted) -> None:
        """Read at once what will be found so and is not known yet, where it can be."""

    def gather(self, state: type[S], column: str, values: frozenset[str]) -> tuple[S, ...]:
        """Find at once what will be asked for by each of these values of a column, and answer it.

        Of ids it is known afterwards, too, which of them stand for nothing.
        """
        found = self.find(state, **{column: values}) if values else ()
        if column == "id":
            self._keep(state, values, found)
            return found
        by_value: dict[str, list[S]] = {each: [] for each in values}
        for each in found:
            by_value[getattr(each, column)].append(each)
        for value, those in by_value.items():
            self._found[state, frozenset({(column, value)})] = tuple(those)
        return found

    def _keep(self, state: type, ids: frozenset[str], found: Sequence[Any]) -> None:
        """Know what these ids stand for, and of those that were not found that it is nothing."""
        for each in found:
            self._known.setdefault((state, each.id), each)
        for id in ids:
            self._known.setdefault((state, id), None)

    def _is_known(self, state: type, equal: Mapping[str, object]) -> bool:
        """Whether it would be answered without asking."""
        return _question(state, equal) in self._found or self._named(state, equal) is not None

    def _named(self, state: type[S], equal: Mapping[str, object]) -> tuple[S, ...] | None:
        """What is asked for by several ids alone, if all of it was read before; else None."""
        ids = equal.get("id")
        if len(equal) > 1 or not isinstance(ids, frozenset):
            return None
        if any((state, id) not in self._known for id in ids):
            return None
        found = (self._known[state, id] for id in sorted(ids))
        return tuple(each for each in found if each is not None)

    @abstractmethod
    def _get(self, state: type[S], id: str) -> S | None:
        """Read the aggregate."""

    @abstractmethod
    def _find(self, state: type[S], equal: Mapping[str, object]) -> tuple[S, ...]:
        """Read all whose columns equal these values, in order of id."""


@dataclass(slots=True)
class StoredRecords(KnownRecords):
    """Reads snapshots; a gate judges by what is, not by what the asker may see."""

    reader: Reader
    connection: Connection

    def _get(self, state: type[S], id: str) -> S | None:
        return self.reader.get(self.connection, state, id)

    def _find(self, state: type[S], equal: Mapping[str, object]) -> tuple[S, ...]:
        rows = self.connection.execute(*having(self.reader, state, equal)).all()
        return tuple([self._one(state, id, row) for id, *row in rows])

    @override
    def together(self, *asked: Wanted) -> None:
        """Read all of it by one statement, but for what was read before."""
        left = {_question(state, equal): equal for state, equal in asked if fits(equal)}
        left = {key: equal for key, equal in left.items() if not self._is_known(key[0], equal)}
        if not left:
            return
        met = [self._met(state, equal) for (state, _), equal in left.items()]
        wanted = [
            (state, {**equal, **but})
            for (state, _), equal, (but, _) in zip(left, left.values(), met, strict=True)
        ]
        answers = self.reader.together(self.connection, wanted, self._known)
        for (key, equal), read, (_, own) in zip(left.items(), answers, met, strict=True):
            found = self._found[key] = tuple(sorted((*own, *read), key=_ID)) if own else read
            ids = equal.get("id") if len(equal) == 1 else None
            self._keep(key[0], ids if isinstance(ids, frozenset) else frozenset(), found)

    def _met(self, state: type, equal: Mapping[str, object]) -> tuple[dict[str, But], list[Any]]:
        """How what is in an answer to another question already is left out, and what of it is that.

        It was asked by one value of another field: as by a release, for all that is in that.
        """
        fields = hints(state).keys()
        for (kind, asked), found in self._found.items():
            if kind is state and found and len(asked) == 1 and equal.keys() <= fields:
                ((column, value),) = asked
                if isinstance(value, str) and column in fields - equal.keys():
                    return {column: But(_plain(value))}, _those(found, equal)
        return {}, []

    def _one(self, state: type[S], id: str, row: Sequence[Any]) -> S:
        """The aggregate in a row; what another question brought already is not read twice."""
        found: S | None = self._known.get((state, id))
        if found is None:
            found = self._known[state, id] = self.reader.state_of(state, row)
        return found


def _question(state: type, equal: Mapping[str, object]) -> tuple[type, frozenset[Any]]:
    """What is asked for, in one way: any of one value is that value."""

    def plain(wanted: object) -> object:
        alone = isinstance(wanted, frozenset) and len(wanted) == 1
        return next(iter(wanted)) if alone else wanted  # type: ignore[call-overload]

    return state, frozenset((name, plain(wanted)) for name, wanted in equal.items())


def having(
    reader: Reader, state: type, equal: Mapping[str, object]
) -> tuple[Select[Any], dict[str, Any]]:
    """The ids and snapshots of all whose columns equal these values now, in order of id.

    And what that statement is to be given as it is run.
    """
    tests = {name: _test(wanted) for name, wanted in equal.items()}
    shape = tuple((name, test) for name, (test, _) in tests.items())
    asked = _having(reader.snapshot(state), reader.columns(state), shape)
    return asked, {name: value for name, (_, value) in tests.items()}


@lru_cache(maxsize=SHAPES)
def _having(
    table: Table, columns: tuple[ColumnElement[Any], ...], shape: tuple[tuple[str, Test], ...]
) -> Select[Any]:
    tests = [test(table.c[name], name) for name, test in shape]
    return select(table.c.id, *columns).where(*tests).order_by(table.c.id)


def _those(found: Iterable[Any], equal: Mapping[str, object]) -> list[Any]:
    """Those of these whose fields are the given values, or any of several."""
    left = list(found)
    for name, wanted in equal.items():
        of = wanted if isinstance(wanted, frozenset) else (wanted,)
        left = [each for each in left if getattr(each, name) in of]
    return left


def _test(wanted: object) -> tuple[Test, Any]:
    """The test for a value or any of several, and what is bound; a gate may name hundreds."""
    if isinstance(wanted, frozenset):
        return any_of, sorted(_plain(each) for each in wanted)
    if isinstance(wanted, Before):
        return _before, wanted.at
    if isinstance(wanted, After):
        return _after, wanted.at
    plain = _plain(wanted)
    return (_null, None) if plain is None else (_same, plain)


def _before(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return column < bindparam(name)


def _after(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return column > bindparam(name)


def _same(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    equal: ColumnElement[bool] = column == bindparam(name)
    return equal


def _null(column: ColumnElement[Any], _name: str) -> ColumnElement[bool]:
    return column.is_(None)


def _plain(value: object) -> Any:
    return getattr(value, "value", value)
