"""Domain values to canonical bytes and back: events into facts and parts, states into columns."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache, lru_cache
from operator import attrgetter
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from domain.digest import instant
from domain.kernel import ERASED, Mark
from ledger.envelope import canonical_json

ENCODER = msgspec.json.Encoder(order="sorted")
Contents = dict[str, bytes]
Encoder = Callable[[Any, str, Contents], Any]
APART = frozenset((Mark.TEXT, Mark.PERSONAL))


spelled = lru_cache(maxsize=256)(instant)
"""`instant`, for a batch's one time, which stands in every event of it."""


def read_instant(text: str) -> datetime:
    """The time spelled by `instant`."""
    return datetime.fromisoformat(text)


def read_moment(text: str | None) -> datetime | None:
    """The time of a column, which may be null."""
    return None if text is None else datetime.fromisoformat(text)


# Events.


def encode_event(event: object) -> tuple[bytes, Contents]:
    """An event's facts in canonical JSON, and the contents of its text and personal parts."""
    contents: Contents = {}
    kind: Any = type(event)
    facts = encoder(kind)(event, "", contents)
    return canonical_json(facts), contents


def decode_event(kind: type, facts: bytes, contents: Mapping[str, bytes | None]) -> Any:
    """The event of these facts and parts; an emptied part (None) reads as erased."""
    whole = msgspec.json.decode(facts)
    for name, content in contents.items():
        _place(whole, name.split("."), content, kind)
    return msgspec.convert(whole, kind)


def _place(whole: Any, path: list[str], content: bytes | None, kind: type) -> None:
    *parents, last = path
    hint: Any = kind
    for step in parents:
        hint = _child(hint, step)
        whole = whole[int(step) if isinstance(whole, list) else step]
    value = _read_part(content, _child(hint, last))
    if isinstance(whole, list):
        whole[int(last)] = value
    else:
        whole[last] = value


def _child(hint: Any, step: str) -> Any:
    """The annotation of a field of a dataclass, or of an element of a tuple."""
    bare = strip(hint)
    if dataclasses.is_dataclass(bare):
        return hints(bare)[step]  # type: ignore[arg-type]
    return get_args(bare)[0]


def _read_part(content: bytes | None, hint: Any) -> Any:
    bare = strip(hint)
    if bare is str:
        return ERASED if content is None else content.decode()
    return [] if content is None else msgspec.json.decode(content)


@cache
def hints(kind: type) -> dict[str, Any]:
    """A dataclass's annotations, resolved, with their marks."""
    return get_type_hints(kind, include_extras=True)


def marks(hint: Any) -> frozenset[Mark]:
    """The marks on an annotation, also on one side of an optional one."""
    if get_origin(hint) is Annotated:
        own = {each for each in get_args(hint)[1:] if isinstance(each, Mark)}
        return frozenset(own) | marks(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return frozenset().union(*(marks(each) for each in get_args(hint)))
    return frozenset()


def strip(hint: Any) -> Any:
    """The annotation without marks and without None."""
    if get_origin(hint) is Annotated:
        return strip(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        kept = [strip(each) for each in get_args(hint) if each is not type(None)]
        return kept[0] if len(kept) == 1 else hint
    return hint


@cache
def encoder(hint: Any) -> Encoder:
    """The function that turns a value of this annotation, but None, into plain facts.

    Parts are set apart.
    """
    bare = strip(hint)
    if marks(hint) & APART:
        return _apart_text if bare is str else _apart_json
    if dataclasses.is_dataclass(bare):
        return _fields(bare)  # type: ignore[arg-type]
    if get_origin(bare) is tuple:
        return _elements(get_args(bare)[0])
    if isinstance(bare, type) and issubclass(bare, datetime):
        return _time
    if isinstance(bare, type) and issubclass(bare, Enum):
        return _enum
    if bare in (str, int, bool):
        return _plain
    raise TypeError(f"{hint!r} is no type an event may hold")


def _plain(value: Any, _path: str, _contents: Contents) -> Any:
    return value


def _time(value: datetime, _path: str, _contents: Contents) -> Any:
    return spelled(value)


def _enum(value: Enum, _path: str, _contents: Contents) -> Any:
    return value._value_


def _apart_text(value: str, path: str, contents: Contents) -> None:
    contents[path] = value.encode()


def _apart_json(value: Any, path: str, contents: Contents) -> None:
    contents[path] = ENCODER.encode(value)


@cache
def values_of(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """What reads these attributes of an object at once; `attrgetter` of one alone is no tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple([getattr(value, name) for name in names])


def _fields(kind: type) -> Encoder:
    fields = [(name, encoder(hint)) for name, hint in hints(kind).items()]
    plain = [name for name, each in fields if each is _plain]
    others = [(name, each) for name, each in fields if each is not _plain]
    read, read_others = values_of(tuple(plain)), values_of(tuple(name for name, _ in others))

    def encode(value: Any, path: str, contents: Contents) -> Any:
        facts = dict(zip(plain, read(value), strict=True))
        prefix = f"{path}." if path else ""
        for (name, each), own in zip(others, read_others(value), strict=True):
            facts[name] = None if own is None else each(own, prefix + name, contents)
        return facts

    return encode


def _elements(hint: Any) -> Encoder:
    each = encoder(hint)

    def encode(value: Any, path: str, contents: Contents) -> Any:
        return [
            None if one is None else each(one, f"{path}.{at}", contents)
            for at, one in enumerate(value)
        ]

    return encode


# States.


class Column(msgspec.Struct, frozen=True):
    """How one field or derived value of a state stands in its snapshot's table."""

    name: str
    kind: str  # text, integer, boolean, instant, json
    hint: Any
    derived: bool = False


@cache
def columns(aggregate: Any) -> tuple[Column, ...]:
    """The columns of an aggregate's snapshot: its fields, then its derived values."""
    own = [Column(name, column_kind(hint), hint) for name, hint in hints(aggregate.state).items()]
    derived = [
        Column(name, column_kind(kind), kind, derived=True)
        for name, (kind, _) in aggregate.columns.items()
    ]
    return (*own, *derived)


def column_kind(hint: Any) -> str:
    """The storage kind of an annotation."""
    bare = strip(hint)
    if isinstance(bare, type) and issubclass(bare, Enum):
        return "text"
    simple = {str: "text", int: "integer", bool: "boolean", datetime: "instant"}
    return simple.get(bare, "json")


def taken_as_it_is(column: Column) -> bool:
    """Whether a driver takes every value of the column as it is."""
    bare = strip(column.hint)
    return column.kind != "json" and not (isinstance(bare, type) and issubclass(bare, Enum))


def plain_value(column: Column, value: Any) -> Any:
    """A column's value as a driver takes it: JSON as text, enums as their values."""
    if value is None:
        return None
    if column.kind == "json":
        return ENCODER.encode(value).decode()
    return value._value_ if isinstance(value, Enum) else value


@cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    bare = strip(hint)
    if isinstance(bare, type) and issubclass(bare, Enum):
        return _Members(bare).__getitem__
    kind = column_kind(hint)
    if kind == "json":
        decode = msgspec.json.Decoder(hint).decode
        return lambda value: decode(value if isinstance(value, (str, bytes)) else str(value))
    if kind == "boolean":
        return bool
    if kind == "instant":
        return lambda value: value if isinstance(value, datetime) else read_instant(value)
    return _same


def _same(value: Any) -> Any:
    return value


class _Members(dict[str, Enum]):
    """The members of a closed set by value; a value that is none raises what the set does."""

    def __init__(self, kind: type[Enum]) -> None:
        super().__init__((each.value, each) for each in kind)
        self.kind = kind

    def __missing__(self, value: str) -> Enum:
        return self.kind(value)


@cache
def state_reader(state: type) -> Callable[[Any], Any]:
    """The function from a row (values in the order of the state's fields) to the state.

    JSON columns must come as text, times as text or as aware datetimes.
    """
    readers = [_reader(hint) for hint in hints(state).values()]
    width = len(readers)
    converted = [(at, reader) for at, reader in enumerate(readers) if reader is not _same]

    def read(row: Any) -> Any:
        values = list(row)
        if len(values) != width:
            raise ValueError(f"{len(values)} values for the {width} fields of {state.__name__}")
        for at, reader in converted:
            if values[at] is not None:
                values[at] = reader(values[at])
        return state(*values)

    return read
