"""What the schema says of a field or a value is more than its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from graphql import is_enum_type, is_input_object_type, is_object_type

from api.derived.meanings import camel, from_name
from api.derived.meanings_given import GIVEN
from api.schema import make_schema
from domain.aggregates import AGGREGATES

FROZEN: Final = Path(__file__).with_name("unsaid.txt")
"""What is described by its name alone, from before this was asked. It only becomes shorter."""
SAID: Final = re.compile(
    "(Deployment|Environment|Lock|Exemption|Package|Passed|Override|OverriddenFinding)"
)
"""The types of which everything is described."""
MECHANICAL: Final = re.compile(r"The ([a-z0-9 ]+) of this [a-z ]+\.(?: Null .*| Only .*)?")


def unsaid() -> Iterator[str]:
    """Every field and value of the schema that is described by its name alone."""
    for name, kind in make_schema()._schema.type_map.items():
        fields = kind.fields if is_object_type(kind) or is_input_object_type(kind) else {}
        values = kind.values if is_enum_type(kind) else {}
        parts = {**fields, **values} if not name.startswith("__") else {}
        for part, made in parts.items():
            if part != "id" and _is_its_name(part, made.description or ""):
                yield f"{name}.{part}"


def _is_its_name(part: str, description: str) -> bool:
    """Whether a description says no more than the name of a field or a value."""
    said = MECHANICAL.fullmatch(description)
    words = part.lower().replace("_", " ")
    return description.rstrip(".").lower() == words or (
        said is not None and camel(said[1].replace(" ", "_")) == part
    )


def test_nothing_more_is_described_by_its_name_alone() -> None:
    found, frozen = sorted(set(unsaid())), FROZEN.read_text().split()
    assert not set(found) - set(frozen), "say what it means, in its annotation or in GIVEN"
    assert not set(frozen) - set(found), "it was described: strike it off the list"
    assert frozen == found


def test_everything_of_deployments_environments_and_locks_is_described() -> None:
    assert not [each for each in unsaid() if SAID.match(each)]


def test_whatever_a_name_alone_says_is_noticed() -> None:
    for field in ("planned_start", "doubts"):
        told = from_name(field, "LockLifting")
        found = MECHANICAL.fullmatch(f"{told} Null if there is none, or none to be seen.")
        assert found is not None
        assert camel(found[1].replace(" ", "_")) == camel(field)


@pytest.mark.parametrize("kind", GIVEN, ids=lambda kind: kind.__qualname__)
def test_what_is_described_is_there(kind: type) -> None:
    names = {*getattr(kind, "__members__", ()), *getattr(kind, "__annotations__", ())}
    derived = {name for each in AGGREGATES if each.state is kind for name in each.columns}
    assert GIVEN[kind].keys() <= names | derived
