"""Golden files: the names that are stored for ever, and one stored example of every event."""

from __future__ import annotations

import base64
import dataclasses
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec

from api.deployment import REGISTRY
from ledger.codec import encode_event, hints, marks, strip

FOLDER = Path(__file__).parent
ACTIONS, EVENTS = FOLDER / "actions.txt", FOLDER / "events.jsonl"


def actions() -> list[str]:
    """The actions that were ever published."""
    return ACTIONS.read_text().split()


def events() -> dict[str, tuple[bytes, dict[str, bytes]]]:
    """Facts and parts of one event of every kind, as they were stored once."""
    stored = {}
    for line in EVENTS.read_text().splitlines():
        read = msgspec.json.decode(line)
        parts = {name: base64.b64decode(part) for name, part in read["parts"].items()}
        stored[read["kind"]] = (read["facts"].encode(), parts)
    return stored


def example(hint: Any, name: str = "value") -> Any:
    """A value of this annotation with every optional field filled."""
    bare = strip(hint)
    if dataclasses.is_dataclass(bare):
        kind: Any = bare
        return kind(**{field: example(found, field) for field, found in hints(kind).items()})
    if get_origin(bare) is tuple:
        return (example(get_args(bare)[0], name),)
    if isinstance(bare, type) and issubclass(bare, Enum):
        return next(iter(bare))
    simple: dict[Any, Any] = {
        str: f"{name} ü" if marks(hint) else name,
        int: 7,
        bool: True,
        datetime: datetime(2026, 11, 20, 19, 4, 40, 123456, tzinfo=UTC),
    }
    return simple[bare]


def add_missing() -> list[str]:
    """Append what the registry has and the files lack."""
    fresh = sorted(set(REGISTRY.actions) - set(_lines(ACTIONS)))
    with ACTIONS.open("a") as file:
        file.writelines(f"{name}\n" for name in fresh)
    known = events() if EVENTS.exists() else {}
    kinds = sorted(set(REGISTRY.kinds) - set(known))
    with EVENTS.open("a") as out:
        for kind in kinds:
            out.write(_stored(kind) + "\n")
    return [*fresh, *kinds]


def _lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def _stored(kind: str) -> str:
    facts, contents = encode_event(example(REGISTRY.kinds[kind][1]))
    parts = {name: base64.b64encode(part).decode() for name, part in contents.items()}
    return msgspec.json.encode({"kind": kind, "facts": facts.decode(), "parts": parts}).decode()
