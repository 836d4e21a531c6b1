"""Reads the settings from environment variables and names every fault at once."""

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec

from api.settings import Limits, Misconfigured, Oidc, Settings

PREFIX: Final = "CHANGEGATE_"
PARTS: Final[Mapping[str, tuple[type[Any], str]]] = {
    "": (Settings, PREFIX),
    "oidc": (Oidc, f"{PREFIX}OIDC_"),
    "limits": (Limits, f"{PREFIX}LIMIT_"),
}
ELSEWHERE: Final = frozenset({"CHANGEGATE_REAL_DATA", "CHANGEGATE_TEST_POSTGRES"})
"""Variables of this prefix that tests read and that set nothing here."""
BY_CODE: Final = frozenset({"oidc", "limits", "demo"})
"""Fields of the settings that no single variable sets."""


def load(environ: Mapping[str, str] | None = None, *, demo: bool = False) -> Settings:
    """Read the settings; an empty variable counts as not set.

    Raises `Misconfigured` with every fault at once: unknown names, wrong values, contradictions.
    No fault repeats a value, because it may be a secret.
    """
    given = os.environ if environ is None else environ
    faults = list(_unknown(given))
    read: dict[str, dict[str, Any]] = {part: {} for part in PARTS}
    for name, (part, item, kind) in variables().items():
        if text := given.get(name):
            try:
                read[part][item] = parsed(text, kind)
            except ValueError as error:
                faults.append(f"{name}: {error}")
    settings = Settings(**read[""], oidc=Oidc(**read["oidc"]), limits=Limits(**read["limits"]))
    faults += settings.faults()
    if faults:
        raise Misconfigured(*faults)
    return replace(settings, demo=demo)


def variables() -> dict[str, tuple[str, str, Any]]:
    """Each variable's name, with the part and the field it sets, and that field's type."""
    return {
        f"{prefix}{item.name.upper()}": (part, item.name, hints[item.name])
        for part, (kind, prefix) in PARTS.items()
        for hints in [get_type_hints(kind, include_extras=True)]
        for item in fields(kind)
        if item.name not in BY_CODE
    }


def parsed(text: str, kind: Any) -> Any:
    """The value a text stands for: lists part at commas. Raises `ValueError` saying what is due."""
    if get_origin(kind) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if get_origin(kind) is UnionType and Path in get_args(kind):
        return Path(text)
    if get_origin(kind) is Literal and text not in get_args(kind):
        raise ValueError(f"must be one of {', '.join(get_args(kind))}")
    return msgspec.convert(text, kind, strict=False)


def _unknown(environ: Mapping[str, str]) -> Iterator[str]:
    known = {*variables(), *ELSEWHERE}
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            yield f"{name[:80]} is not a setting" + (f"; {near[0]} is" if near else "")
