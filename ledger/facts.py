"""An event's facts in one go, where nothing is set apart or spelled in a way of its own."""

from __future__ import annotations

import dataclasses
import re
from enum import StrEnum
from functools import cache
from typing import Any, Final, get_args, get_origin

from ledger import codec
from ledger.envelope import is_plain_text

ODD_NUMBER: Final = re.compile(rb"[:,\[]-?(?:[0-9]{16}|[0-9]+[.eE])")
"""What may be a number that is no integer, or so large that not everybody reads it alike."""


def encode_event(event: object) -> tuple[bytes, codec.Contents]:
    """The same as `codec.encode_event`, twenty times sooner for rules and other lists of values."""
    kind: Any = type(event)
    if _is_whole(kind) and (line := _whole(event)) is not None:
        return line, {}
    return codec.encode_event(event)


@cache
def _is_whole(hint: Any) -> bool:
    """Whether such values are nothing but text, integers and truths, in lists and by name."""
    bare = codec.strip(hint)
    if codec.marks(hint) & codec.APART:
        return False
    if dataclasses.is_dataclass(bare):
        return all(map(_is_whole, codec.hints(bare).values()))  # type: ignore[arg-type]
    if get_origin(bare) is tuple:
        return _is_whole(get_args(bare)[0])
    return bare in (str, int, bool) or (isinstance(bare, type) and issubclass(bare, StrEnum))


def _whole(event: object) -> bytes | None:
    """Facts where they surely are canonical as they are spelled at once."""
    try:
        line = codec.ENCODER.encode(event)
    except (UnicodeEncodeError, OverflowError):
        return None
    return line if is_plain_text(line) and not ODD_NUMBER.search(line) else None
