"""Global ids: which type, which object; anything else reads as an object that is not there."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from typing import Final

PERSON: Final = "Principal"
"""The published type of people and bots, which whoever asks is one of."""
_ID = re.compile(r"[\x21-\x39\x3b-\x7e]{1,120}(?::[\x21-\x39\x3b-\x7e]{1,120})?")
_LONGEST = 400


def global_id(type_name: str, id: str) -> str:
    """The opaque id a client holds for an object of this type."""
    return base64.b64encode(f"{type_name}:{id}".encode()).decode()


def read_global_id(given: str, allowed: Collection[str]) -> tuple[str, str] | None:
    """The type name and id of a well-spelled global id of an allowed type, else None."""
    if len(given) > _LONGEST or not given.isascii():
        return None
    try:
        plain = base64.b64decode(given, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    type_name, _, id = plain.partition(":")
    if type_name not in allowed or not _ID.fullmatch(id) or global_id(type_name, id) != given:
        return None
    return type_name, id


def read_id(given: str, type_name: str) -> str | None:
    """The id within a global id of this one type, else None."""
    found = read_global_id(given, (type_name,))
    return found[1] if found else None
