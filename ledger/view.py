"""One in-memory view of a batch: what the database holds, with what the batch has decided."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from domain.sides import After, Before, Wanted
from ledger.registry import Registry
from ledger.writes import Database

S = TypeVar("S")
Key = tuple[str, str]
CACHED = 50_000
"""How many states are remembered between batches; they hold while nobody else writes."""


class View:
    """The states as they stand for the next request: stored, decided in this batch, or pending.

    `settle` makes a request's states the batch's; `forget` drops them. States remembered from
    earlier batches, and the derived rows `beside` them, are right only while no other writer has
    moved the head: see `Writer`.
    """

    def __init__(self, registry: Registry, database: Database) -> None:
        """See nothing yet."""
        self._registry = registry
        self._database = database
        self.stored: OrderedDict[Key, Any] = OrderedDict()
        self.beside: dict[Key, Mapping[str, tuple[Any, ...]]] = {}
        self.decided: dict[Key, Any] = {}
        self.pending: dict[Key, Any] = {}

    def get(self, state: type[S], id: str) -> S | None:
        """The aggregate as it stands now, or None."""
        return self.at((self._registry.by_state[state].name, id))  # type: ignore[no-any-return]

    def at(self, key: Key) -> Any:
        """The state under (aggregate name, id), read from the database if it is not yet known."""
        if key in self.pending:
            return self.pending[key]
        if key in self.decided:
            return self.decided[key]
        if key not in self.stored:
            self.load({key[0]: [key[1]]})
        return self.stored[key]

    def load(self, wanted: Mapping[str, list[str]]) -> None:
        """Read these ids of each aggregate and remember also those that do not exist."""
        for name, ids in wanted.items():
            found = self._database.states(self._registry.by_name[name], ids)
            self.remember({(name, one.id): one for one in found}, {name: ids})

    def remember(self, found: Mapping[Key, Any], wanted: Mapping[str, list[str]]) -> None:
        """Keep what was read; an id that was wanted and not found does not exist."""
        for name, ids in wanted.items():
            for id in ids:
                self.stored[(name, id)] = found.get((name, id))

    def missing(self, wanted: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """Those of the wanted ids that are not remembered."""
        lacking = {
            name: [id for id in ids if (name, id) not in self.stored]
            for name, ids in wanted.items()
        }
        return {name: ids for name, ids in lacking.items() if ids}

    def find(self, state: type[S], **equal: object) -> tuple[S, ...]:
        """States whose columns equal these values: the database's, as this batch changed them."""
        aggregate = self._registry.by_state[state]
        plain = comparable(equal)
        found = {one.id: one for one in self._database.find(aggregate, plain)}
        for (name, id), changed in {**self.decided, **self.pending}.items():
            if name != aggregate.name:
                continue
            found.pop(id, None)
            if matches(aggregate, changed, plain):
                found[id] = changed
        return tuple(found[id] for id in sorted(found))

    def together(self, *asked: Wanted) -> None:
        """Nothing: what a batch has changed is looked for beside what is stored, each time."""

    def parts(self, aggregate: str, subject: str) -> frozenset[str]:
        """The names of all parts that the stored events of a subject have."""
        rows = self._database.history(aggregate, subject)
        return frozenset(row[-2] for row in rows if row[-2] is not None)

    def put(self, key: Key, state: Any) -> None:
        """Set a state for the request being decided."""
        self.pending[key] = state

    def settle(self) -> None:
        """Make the request's states the batch's."""
        self.decided.update(self.pending)
        self.pending.clear()

    def forget(self) -> None:
        """Drop what a refused request had set."""
        self.pending.clear()

    def committed(self) -> None:
        """Remember what the batch wrote, now that it is stored."""
        for key, state in self.decided.items():
            self.stored[key] = state
            self.stored.move_to_end(key)
        self.decided.clear()
        self.trim()

    def trim(self) -> None:
        """Forget the oldest of too many: an asker may ask for any number of unknown ids."""
        while len(self.stored) > CACHED:
            key, _ = self.stored.popitem(last=False)
            self.beside.pop(key, None)

    def clear(self) -> None:
        """Forget everything: another writer moved the head, or the batch was rolled back."""
        self.stored.clear()
        self.beside.clear()
        self.decided.clear()
        self.pending.clear()


def column_value(aggregate: Any, state: Any, column: str) -> Any:
    """What a column of a state's table holds, before it is made plain."""
    derived = aggregate.columns.get(column)
    return derived[1](state) if derived else getattr(state, column)


def comparable(equal: Mapping[str, object]) -> dict[str, Any]:
    """What columns are compared with, made plain once for all that is compared."""
    return {name: _wanted(value) for name, value in equal.items()}


def matches(aggregate: Any, state: Any, plain: Mapping[str, Any]) -> bool:
    """Whether the columns of a state are as `comparable` said they are to be."""
    return all(_meets(column_value(aggregate, state, each), plain[each]) for each in plain)


def _wanted(value: Any) -> Any:
    if isinstance(value, frozenset):
        return frozenset([_plain(each) for each in value])
    return _plain(value)


def _meets(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, Before | After):
        return wanted.holds(value)
    plain = _plain(value)
    return plain in wanted if isinstance(wanted, frozenset) else plain == wanted


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
