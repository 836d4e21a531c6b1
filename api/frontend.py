"""What front ends are given as files: the schema, the codes, and both spelled in TypeScript."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from graphql import build_schema

from api import typescript
from api.catalogue import catalogue, codes
from api.derived.contract import breaking
from api.schema import sdl

FOLDER: Final = Path(__file__).parent.parent / "frontend-schema"
PUBLISHED: Final = "published.graphql"
"""The schema that clients were promised; `publish` moves it, and only by what breaks nothing."""
OPERATIONS: Final = FOLDER / "operations"


def files() -> Mapping[str, str]:
    """The generated files by name."""
    schema = sdl()
    operations = {each.stem: each.read_text() for each in OPERATIONS.glob("*.graphql")}
    spelled = typescript.files(build_schema(schema), operations, codes())
    client = {f"client/src/{name}": text for name, text in spelled.items()}
    return {"schema.graphql": schema, "codes.json": catalogue(), **client}


def write(folder: Path = FOLDER) -> tuple[Path, ...]:
    """Write the generated files; answers where."""
    texts = {folder / name: text for name, text in files().items()}
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tuple(texts)


def stale(folder: Path = FOLDER) -> tuple[str, ...]:
    """The generated files that are not what the code says."""
    return tuple(name for name, text in files().items() if _read(folder / name) != text)


def broken(folder: Path = FOLDER) -> tuple[str, ...]:
    """What the schema breaks of the published one without having deprecated it before."""
    return breaking(_read(folder / PUBLISHED), sdl())


def publish(folder: Path = FOLDER) -> tuple[str, ...]:
    """Promise the schema as it is to clients, unless that breaks a promise; what it would break."""
    faults = broken(folder)
    if not faults:
        (folder / PUBLISHED).write_text(sdl())
    return faults


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""
