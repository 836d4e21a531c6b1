"""The surface derived from the shelf's noun, for tests of what is derived."""

from __future__ import annotations

from typing import Any

import strawberry

from api.derived.expose import Exposed, expose
from api.derived.inputs import Inputs
from api.derived.nouns import OMITTED
from api.derived.scalars import LocalDateTime
from api.derived.surface import assemble
from api.derived.types import Types
from api.derived.windows import CONVERTED
from domain.calendar.window import Window
from tests.api.shelf import BOOK, Book


def derive() -> tuple[strawberry.Schema, Exposed]:
    """A fresh schema of the one noun."""
    types = Types(
        (BOOK,),
        omitted=OMITTED,
        references={Book: {"successor": "book"}},
        kinds={Window: {"local_since": LocalDateTime, "local_until": LocalDateTime}},
    )
    exposed = expose(Inputs(types, CONVERTED, {"successor": "book"}), BOOK, hidden=("audit",))
    return assemble(types, [exposed]), exposed


def fields_of(schema: strawberry.Schema, name: str) -> dict[str, str]:
    """The fields of a published type, with their types as the schema spells them."""
    found: Any = schema._schema.type_map[name]
    return {name: str(field.type) for name, field in found.fields.items()}
