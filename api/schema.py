"""The schema: every aggregate, the lists and questions of their own files, and its text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import strawberry

from api.expose import Exposed, expose
from api.nouns import HIDDEN, INPUTS, TYPES
from api.surface import assemble
from domain.aggregates import AGGREGATES

EXPOSED: Final[tuple[Exposed, ...]] = tuple(
    expose(INPUTS, each, hidden=HIDDEN.get(each.name, ())) for each in AGGREGATES
)


def make_schema(extensions: Iterable[Any] = ()) -> strawberry.Schema:
    """The schema, with what else an endpoint needs around it."""
    return assemble(TYPES, EXPOSED, extensions=extensions)


def sdl() -> str:
    """The schema as text, the way front ends read it."""
    return make_schema().as_str() + "\n"
