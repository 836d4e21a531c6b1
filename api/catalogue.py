"""The catalogue of codes: everything a request may be refused with, in one sentence each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from api.errors import CATALOGUE

SOURCE: Final = Path(__file__).with_name("codes.toml")


def codes() -> Mapping[str, str]:
    """Each code with its meaning, sorted; raises ValueError when one stands there twice."""
    found = {code: fault.message for code, fault in CATALOGUE.items()}
    told: dict[str, str] = {}
    for section in tomllib.loads(SOURCE.read_text()).values():
        if twice := told.keys() & section.keys():
            raise ValueError(f"codes that stand in two sections: {', '.join(sorted(twice))}")
        told |= section
    return dict(sorted((found | told).items()))


def catalogue() -> str:
    """The catalogue as front ends read it: JSON, an object of code and meaning."""
    return msgspec.json.format(msgspec.json.encode(codes()), indent=2).decode() + "\n"
