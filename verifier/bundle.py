"""Reads a bundle line by line; anything that is not as the format says makes it unreadable."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from verifier.files import told
from verifier.note import from_base64, hash_of
from verifier.tree import LIMIT, Refused

LONGEST_LINE = 32 * 1024 * 1024


class Unreadable(Exception):
    """The bundle, a key or the memory cannot be read; nothing was judged."""


class Header(NamedTuple):
    """Whose log the bundle is of, and the keys it claims for it."""

    origin: str
    keys: list[str]


class Note(NamedTuple):
    """A signed checkpoint."""

    note: str


class Consistency(NamedTuple):
    """The proof that the tree of one size extends that of another."""

    old: int
    new: int
    hashes: list[bytes]


class Part(NamedTuple):
    """A part of an event; salt and content are None where it is erased or withheld."""

    name: str
    commitment: bytes
    salt: bytes | None
    content: bytes | None
    erased: bool


class Entry(NamedTuple):
    """A log entry: where it stands, its bytes, its parts if shown, its audit path if it has one."""

    position: int
    envelope: bytes
    parts: list[Part] | None
    path: list[bytes] | None


class Receipt(NamedTuple):
    """A tlog-proof and the entry it proves."""

    text: str
    envelope: bytes


Line = Header | Note | Consistency | Entry | Receipt


def read(path: Path) -> Iterator[Line]:
    """The lines of a bundle, the header first; raises Unreadable with the number of a bad line."""
    number, next_index = 0, 0
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise Unreadable(f"{path} is no file")
        with path.open("rb") as bundle:
            while raw := bundle.readline(LONGEST_LINE + 1):
                number += 1
                line = _line(raw, number)
                if isinstance(line, Entry):
                    next_index = _in_order(line, next_index)
                yield line
    except OSError as fault:
        raise Unreadable(told(path, fault)) from None
    except (Refused, KeyError, TypeError, ValueError, RecursionError) as fault:
        raise Unreadable(f"{path}, line {number}: {_reason(fault)}") from None
    if number == 0:
        raise Unreadable(f"{path} is empty, and no bundle")


def _in_order(entry: Entry, next_index: int) -> int:
    if entry.position < next_index:
        raise Refused("entries stand in rising order of their index")
    return entry.position + 1


def _line(raw: bytes, number: int) -> Line:
    """One line of the file, every field of it known and of its type."""
    if not raw.endswith(b"\n") or len(raw) > LONGEST_LINE:
        raise Refused("the line is cut or too long")
    fields = json.loads(raw.decode(), object_pairs_hook=_object, parse_float=_no_float)
    if not isinstance(fields, dict):
        raise Refused("the line is no object")
    kind = _text(fields, "type")
    if (kind == "bundle") != (number == 1):
        raise Refused("the first line, and only it, is the header")
    if kind not in READERS:
        raise Refused(f"there is no line of type {kind[:40]!r}")
    line = READERS[kind](fields)
    if fields:
        raise Refused(f"{min(fields)[:40]!r} is unknown or stands twice")
    return line


def _header(fields: dict[str, Any]) -> Header:
    if _number(fields, "v") != 1:
        raise Refused("the bundle is of a version this verifier does not know")
    return Header(_text(fields, "origin"), [str(each) for each in _list(fields, "keys")])


def _note(fields: dict[str, Any]) -> Note:
    return Note(_text(fields, "note"))


def _consistency(fields: dict[str, Any]) -> Consistency:
    hashes = [hash_of(each) for each in _list(fields, "hashes")]
    return Consistency(_number(fields, "old"), _number(fields, "new"), hashes)


def _entry(fields: dict[str, Any]) -> Entry:
    parts = [_part(each) for each in _list(fields, "parts")] if "parts" in fields else None
    path = [hash_of(each) for each in _list(fields, "proof")] if "proof" in fields else None
    names = {part.name for part in parts or ()}
    if parts is not None and len(names) != len(parts):
        raise Refused("two parts have the same name")
    return Entry(_number(fields, "index"), _bytes(fields, "envelope"), parts, path)


def _part(fields: object) -> Part:
    if not isinstance(fields, dict):
        raise Refused("a part is no object")
    name, commitment = _text(fields, "name"), hash_of(_text(fields, "commitment"))
    shown = "content" in fields or "salt" in fields
    salt = hash_of(_text(fields, "salt")) if shown else None
    content = _bytes(fields, "content") if shown else None
    state = "shown" if shown else _text(fields, "state")
    if fields or state not in ("shown", "erased", "withheld"):
        raise Refused(f"part {name[:80]!r} is neither shown nor erased nor withheld")
    return Part(name, commitment, salt, content, state == "erased")


def _receipt(fields: dict[str, Any]) -> Receipt:
    return Receipt(_text(fields, "text"), _bytes(fields, "envelope"))


READERS: dict[str, Callable[[dict[str, Any]], Line]] = {
    "bundle": _header,
    "checkpoint": _note,
    "consistency": _consistency,
    "entry": _entry,
    "receipt": _receipt,
}


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.pop(name)
    if not isinstance(value, str):
        raise Refused(f"{name} is no text")
    return value


def _bytes(fields: dict[str, Any], name: str) -> bytes:
    return from_base64(_text(fields, name))


def _number(fields: dict[str, Any], name: str) -> int:
    value = fields.pop(name)
    if type(value) is not int or not 0 <= value <= LIMIT:
        raise Refused(f"{name} is no size or index")
    return value


def _list(fields: dict[str, Any], name: str) -> list[Any]:
    value = fields.pop(name)
    if not isinstance(value, list):
        raise Refused(f"{name} is no list")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Refused("a key stands twice")
    return fields


def _no_float(text: str) -> None:
    raise Refused(f"{text[:40]} is no whole number")


def _reason(fault: Exception) -> str:
    if isinstance(fault, Refused):
        return str(fault)
    return f"{fault} is missing" if isinstance(fault, KeyError) else "this is no line of a bundle"
