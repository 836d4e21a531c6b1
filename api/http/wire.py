"""JSON off the wire: bounded before it is parsed, and free of what nobody may store."""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from api.settings import Limits

STRINGS: Final = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+"?)', re.DOTALL)
"""A string with its quotes. The last quote is optional, so that a string that never ends is one
match to the end of the body and not a search begun again at each of its quotes."""
NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
FORBIDDEN: Final = re.compile(
    "[\0\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
    + "]"
)
"""NUL, lone surrogates and Unicode noncharacters: databases and canonical bytes refuse them."""


Place = tuple[str, ...]
"""Where something stands in a body: the keys and positions that lead there."""
PLACES: Final = 20
"""How many places are told at most."""


class Unreadable(ValueError):
    """The body is refused unread. `code` is one of the catalogue's; `places` say where it lies."""

    def __init__(self, code: str, places: Sequence[Place] = ()) -> None:
        """Refuse the body for this reason."""
        super().__init__(code)
        self.code = code
        self.places = tuple(places)


def decode(body: bytes, limits: Limits) -> Any:
    """The value that JSON text stands for.

    Nesting and lengths are judged on the raw bytes, in time that grows with the body's length
    alone. An object that names a key twice is refused, for readers would differ about what it
    says: there are more colons then than keys. Raises `Unreadable`.
    """
    pieces = STRINGS.split(body)
    if max(map(len, pieces[1::2]), default=0) > limits.string + 2:
        raise Unreadable("string_too_long")
    outside = b"".join(pieces[0::2])
    if nests_deeper(outside, limits.json_depth):
        raise Unreadable("json_too_deep")
    try:
        value = msgspec.json.decode(body)
    except ValueError as error:
        raise Unreadable("bad_json") from error
    if holds_forbidden(value):
        raise Unreadable("forbidden_character", forbidden_places(value))
    if outside.count(b":") != keys_of(value):
        raise Unreadable("doubled_key")
    return value


def nests_deeper(outside: bytes, depth: int) -> bool:
    """Whether brackets open deeper than `depth`, given the JSON text without its strings.

    Each round removes the innermost pairs: nothing is left of what nests no deeper and closes,
    which is nearly everything that comes. Only the rest is counted bracket by bracket.
    """
    brackets = rest = outside.translate(None, NOT_BRACKETS)
    for _ in range(depth):
        rest = rest.replace(b"[]", b"").replace(b"{}", b"")
    if not rest:
        return False
    level = 0
    for bracket in brackets:
        level += 1 if bracket in b"[{" else -1
        if level > depth:
            return True
    return False


def keys_of(value: Any) -> int:
    """How many keys the objects in a decoded value have together."""
    found, waiting = 0, [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            found += len(item)
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return found


def holds_forbidden(value: Any) -> bool:
    """Whether a decoded value holds a forbidden character in any string or key."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if (not item.isascii() or "\0" in item) and FORBIDDEN.search(item):
                return True
        elif isinstance(item, dict):
            waiting += item.keys()
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return False


def forbidden_places(value: Any) -> list[Place]:
    """Where a decoded value holds forbidden characters, in order; of a key, where its object is."""
    found: list[Place] = []
    waiting: list[tuple[Place, Any]] = [((), value)]
    while waiting and len(found) < PLACES:
        place, item = waiting.pop()
        if isinstance(item, str):
            found += [place] if holds_forbidden(item) else []
        elif isinstance(item, dict):
            found += [place] if any(map(holds_forbidden, item)) else []
            inside = [((*place, key), each) for key, each in item.items()]
            waiting += [each for each in reversed(inside) if not holds_forbidden(each[0][-1])]
        elif isinstance(item, list):
            waiting += [((*place, str(at)), each) for at, each in reversed(list(enumerate(item)))]
    return list(dict.fromkeys(found))
