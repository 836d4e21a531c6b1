"""Frames between edge and writer process: a length, then a request or an answer in MessagePack."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import msgspec

from ledger.request import Answer, Request

LENGTH = struct.Struct(">I")
MAX_FRAME = 4 * 1024 * 1024


class Asked(msgspec.Struct, array_like=True, frozen=True):
    """A request on its way: until when its asker waits, and whether it was sent before.

    `deadline` is in seconds of this host's monotonic clock, which both processes share.
    """

    request: Request
    deadline: float
    again: bool = False


class BrokenFrame(ValueError):
    """Bytes that are no frame; the connection cannot be used any more."""


_ENCODE = msgspec.msgpack.Encoder().encode
_ASKED = msgspec.msgpack.Decoder(Asked)
_ANSWER = msgspec.msgpack.Decoder(Answer)


def frame(message: Asked | Answer) -> bytes:
    """One message with its length before it."""
    body = _ENCODE(message)
    if len(body) > MAX_FRAME:
        raise BrokenFrame(f"a message of {len(body)} bytes is too long")
    return LENGTH.pack(len(body)) + body


def bodies(buffer: bytearray) -> Iterator[bytes]:
    """Take the complete messages out of a buffer."""
    while len(buffer) >= LENGTH.size:
        (length,) = LENGTH.unpack_from(buffer)
        if length > MAX_FRAME:
            raise BrokenFrame(f"a frame of {length} bytes is too long")
        end = LENGTH.size + length
        if len(buffer) < end:
            return
        body = bytes(buffer[LENGTH.size : end])
        del buffer[:end]
        yield body


def read_asked(body: bytes) -> Asked:
    """A request on its way; raises BrokenFrame for anything else."""
    try:
        return _ASKED.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise BrokenFrame(str(fault)) from fault


def read_answer(body: bytes) -> Answer:
    """An answer; raises BrokenFrame for anything else."""
    try:
        return _ANSWER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise BrokenFrame(str(fault)) from fault
