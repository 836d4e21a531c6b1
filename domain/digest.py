"""Canonical JSON and the content digests that votes and gates are bound to."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Final

MAX_INTEGER: Final = 2**53 - 1
"""Beyond it, implementations that read numbers as doubles would hash other bytes."""
MAX_DEPTH: Final = 100


class NotCanonical(ValueError):
    """A value without a canonical form: a float, a naive time, text that is not NFC, and so on."""


def content_digest(content: object) -> str:
    """The digest an approval names: "sha256:" and the hex SHA-256 of the canonical JSON."""
    return "sha256:" + sha256(canonical(content)).hexdigest()


def canonical(value: object) -> bytes:
    """The one spelling of a value: sorted keys, no spaces, UTF-8; agrees with RFC 8785.

    Takes None, booleans, integers within ±(2^53-1), NFC text, dates, aware datetimes, enums (their
    value), lists, tuples, sets (sorted by spelling), mappings with text keys, and dataclasses (an
    object of their fields). Raises NotCanonical for anything else, above all for floats.
    """
    return _spell(value, 0).encode()


def instant(moment: datetime) -> str:
    """The one spelling of a moment: UTC, microseconds, fixed width; raises for a naive time."""
    if moment.tzinfo is None:
        raise NotCanonical("a time without a zone names no moment")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def check_text(text: str) -> str:
    """The same text if the log may hold it: NFC, no NUL, no lone surrogate; else NotCanonical."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as lone:
            raise NotCanonical("text holds a lone surrogate") from lone
        if not unicodedata.is_normalized("NFC", text):
            raise NotCanonical("text is not in Unicode normalisation form C")
    if "\x00" in text:
        raise NotCanonical("text holds a NUL character")
    return text


def _spell(value: object, depth: int) -> str:
    """One value; enums go first because an enum may be text or an integer as well."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return encode_basestring(check_text(value))
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, datetime):
        return f'"{instant(value)}"'
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    return _container(value, depth + 1)


def _integer(value: int) -> str:
    if abs(value) > MAX_INTEGER:
        raise NotCanonical("an integer lies beyond 2^53-1")
    return int.__repr__(value)


def _container(value: object, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise NotCanonical(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        return _object(value, depth)
    if isinstance(value, list | tuple):
        return "[" + ",".join(_spell(each, depth) for each in value) + "]"
    if isinstance(value, set | frozenset):
        return "[" + ",".join(sorted(_spell(each, depth) for each in value)) + "]"
    if is_dataclass(value) and not isinstance(value, type):
        return _object({each.name: getattr(value, each.name) for each in fields(value)}, depth)
    raise NotCanonical(f"{type(value).__name__} has no canonical form")


def _object(members: Mapping[object, object], depth: int) -> str:
    """Members in the order of their UTF-16 code units, as RFC 8785 sorts them."""
    keys = [key for key in members if isinstance(key, str) and not isinstance(key, Enum)]
    if len(keys) != len(members):
        raise NotCanonical("the keys of an object are plain text")
    pairs = ((encode_basestring(check_text(key)), members[key]) for key in sorted(keys, key=_utf16))
    return "{" + ",".join(f"{key}:{_spell(member, depth)}" for key, member in pairs) + "}"


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")
