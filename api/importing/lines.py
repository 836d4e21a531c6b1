"""The lines of a file, one at a time: however long one is, memory holds a bounded piece of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

LONGEST: Final = 256 * 1024
"""Bytes of the longest line that is read; longer ones are skipped to their end."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end; `content` is None when it was too long to be read.

    `number` counts from 1; `end` is how many bytes of the file have been read with it.
    """

    number: int
    content: bytes | None
    end: int


class Unread(Exception):
    """The file cannot be read on; the message says why."""


def lines(file: BinaryIO) -> Iterator[Line]:
    """Every line of a file; raises Unread when it cannot be read on."""
    number = end = 0
    while piece := _piece(file):
        number += 1
        end += len(piece)
        content: bytes | None = piece.rstrip(b"\r\n")
        while len(piece) > LONGEST and not piece.endswith(b"\n"):
            content = None
            piece = _piece(file)
            end += len(piece)
        yield Line(number, content, end)


def _piece(file: BinaryIO) -> bytes:
    """The rest of a line, or as much of it as is read at once."""
    try:
        return file.readline(LONGEST + 1)
    except OSError as fault:
        raise Unread(fault.strerror) from fault
