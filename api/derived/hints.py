"""Annotations of the domain taken apart: kind, marks, meaning, and what may be absent."""

from __future__ import annotations

import types
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from domain.kernel import Keep, Mark

HIDDEN = frozenset((Mark.PERSONAL, Mark.INTERNAL, Mark.SECRET))
"""Marks that keep a field out of every derived surface."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One annotation: the bare kind, whether there are many of it, and what surrounds it."""

    kind: Any
    many: bool = False
    optional: bool = False
    keep: bool = False
    marks: frozenset[Mark] = frozenset()
    meaning: str = ""

    @property
    def free_text(self) -> bool:
        """Whether it is a free text, stored apart and erasable."""
        return Mark.TEXT in self.marks


def hints(owner: Any) -> dict[str, Any]:
    """The resolved annotations of a class or function, with what they are annotated with."""
    return dict(_resolved(owner))


@cache
def _resolved(owner: Any) -> dict[str, Any]:
    """Annotations are spelled as text: to resolve them costs more than to read an event."""
    return get_type_hints(owner, include_extras=True)


@cache
def marks_of(hint: Any) -> frozenset[Mark]:
    """Every mark anywhere in an annotation, also of types no surface can be derived from."""
    own = {extra for extra in _unwrap(hint)[1] if isinstance(extra, Mark)}
    inner = (marks_of(each) for each in get_args(hint) if not isinstance(each, Mark))
    return frozenset(own).union(*inner)


def shape(hint: Any) -> Shape:
    """Take an annotation apart; raises TypeError for what no surface can be derived from."""
    optional = keep = many = False
    marks: set[Mark] = set()
    meaning = ""
    while True:
        hint, extras = _unwrap(hint)
        marks.update(extra for extra in extras if isinstance(extra, Mark))
        meaning = meaning or next((extra for extra in extras if isinstance(extra, str)), "")
        if get_origin(hint) in (Union, types.UnionType):
            options = get_args(hint)
            if many:
                raise TypeError(f"{hint!r}: an element of many is one thing, always there")
            optional |= type(None) in options
            keep |= Keep in options
            hint = _only(hint, [each for each in options if each not in (type(None), Keep)])
        elif get_origin(hint) in (tuple, frozenset) and not many:
            many, hint = True, _element(hint)
        elif get_origin(hint) is not Annotated:
            return Shape(_bare(hint), many, optional, keep, frozenset(marks), meaning)


def _unwrap(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(hint) is not Annotated:
        return hint, ()
    inner, *extras = get_args(hint)
    return inner, tuple(extras)


def _only(hint: Any, options: list[Any]) -> Any:
    if len(options) != 1:
        raise TypeError(f"{hint!r} is a choice between several types")
    return options[0]


def _element(hint: Any) -> Any:
    parts = [each for each in get_args(hint) if each is not Ellipsis]
    return _only(hint, parts)


def _bare(hint: Any) -> type:
    if not isinstance(hint, type):
        raise TypeError(f"{hint!r} is no type a surface can be derived from")
    return hint
