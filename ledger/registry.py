"""Every aggregate of a deployment, found by name, by state, by action and by event kind."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, get_type_hints

import msgspec

from domain.belonging import BELONGING
from domain.kernel import Aggregate, Audience, Command, Keep, Problem, Refusal

AnyAggregate = Aggregate[Any]
NUL = b"\\u0000"
"""The only way JSON can spell it."""


@dataclass(frozen=True, slots=True)
class Action:
    """A command where it belongs, with the decoder of its arguments."""

    name: str
    aggregate: AnyAggregate
    command: Command
    decoder: msgspec.json.Decoder[Any]
    fields: tuple[str, ...]
    creates: bool

    def arguments(self, encoded: bytes) -> dict[str, Any]:
        """The keyword arguments; raises Refusal when they are not of the command's shape."""
        try:
            given = self.decoder.decode(encoded)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as fault:
            raise Refusal(Problem("malformed_arguments", str(fault))) from fault
        if NUL in encoded:
            told, places = "Text holds a NUL character.", _nul_at(msgspec.json.decode(encoded))
            if found := [Problem("malformed_arguments", told, each) for each in places]:
                raise Refusal(*found)
        return {name: getattr(given, name) for name in self.fields}


@dataclass(slots=True, eq=False)
class Registry:
    """The aggregates by every name the ledger knows them by."""

    aggregates: tuple[AnyAggregate, ...]
    by_name: dict[str, AnyAggregate] = field(init=False)
    by_state: dict[type, AnyAggregate] = field(init=False)
    actions: dict[str, Action] = field(init=False)
    kinds: dict[str, tuple[AnyAggregate, type]] = field(init=False)
    kind_of: dict[type, str] = field(init=False)
    hiding: tuple[AnyAggregate, ...] = field(init=False)
    """Those of which some may be hidden, themselves or with what they belong to."""

    def __post_init__(self) -> None:
        """Index the aggregates; raises ValueError when two share a name."""
        self.by_name = _unique((one.name, one) for one in self.aggregates)
        self.by_state = _unique((one.state, one) for one in self.aggregates)
        self.actions = _unique(
            (one.action(command), make_action(one, command))
            for one in self.aggregates
            for command in one.commands
        )
        self.kinds = _unique(
            (one.kind(event), (one, event)) for one in self.aggregates for event in one.events
        )
        self.kind_of = _unique((event, kind) for kind, (_, event) in self.kinds.items())
        self.hiding = tuple(
            each
            for each in self.aggregates
            if each.audience is Audience.EMBARGOED or each.name in BELONGING
        )


def _nul_at(value: Any, *near: str) -> Iterator[tuple[str, ...]]:
    """Where any text in it holds what PostgreSQL cannot store, and so no log may."""
    if isinstance(value, str) and "\x00" in value:
        yield near
    inside = dict(enumerate(value)) if isinstance(value, list) else value
    for key, each in inside.items() if isinstance(inside, dict) else ():
        yield from _nul_at(each, *near, str(key))


def make_action(aggregate: AnyAggregate, command: Command) -> Action:
    """Derive the decoder of a command's arguments from its signature."""
    name = aggregate.action(command)
    fields = argument_fields(command)
    shape = msgspec.defstruct(f"{name}.arguments", fields, forbid_unknown_fields=True, kw_only=True)
    names = tuple(each[0] for each in fields)
    return Action(name, aggregate, command, msgspec.json.Decoder(shape), names, command.creates)


def argument_fields(command: Command) -> list[Any]:
    """The keyword arguments as msgspec field definitions; an omitted edit stays KEEP."""
    hints = get_type_hints(command.run, include_extras=True)
    fields: list[Any] = []
    for name, parameter in inspect.signature(command.run).parameters.items():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        kind = without_keep(hints[name])
        default = parameter.default
        fields.append((name, kind) if default is inspect.Parameter.empty else (name, kind, default))
    return fields


def without_keep(hint: Any) -> Any:
    """The annotation without `Keep`, which stands for an omitted argument and is never sent."""
    options = getattr(hint, "__args__", ())
    if Keep not in options:
        return hint
    kept = [each for each in options if each is not Keep]
    union = kept[0]
    for each in kept[1:]:
        union = union | each
    return union


def _unique(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{key!r} names two things")
        found[key] = value
    return found
