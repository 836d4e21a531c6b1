"""Frames between edge and writer process: a length, then a request or an answer in MessagePack."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from domain.kernel import Problem
from ledger.request import Answer, Request

LENGTH = struct.Struct(">I")
MAX_FRAME = 4 * 1024 * 1024
MOST_PROBLEMS = 100
MOST_SHOWN = 1_000
"""What is left of an answer that fits no frame: so many problems, of so many characters."""


class Asked(msgspec.Struct, array_like=True, frozen=True):
    """A request on its way: until when its asker waits, and whether it was sent before.

    `deadline` is in seconds of this host's monotonic clock, which both processes share.
    """

    request: Request
    deadline: float
    again: bool = False


class BrokenFrame(ValueError):
    """Bytes that are no frame, or a message that no frame can hold."""


_ENCODE = msgspec.msgpack.Encoder().encode
_ASKED = msgspec.msgpack.Decoder(Asked)
_ANSWER = msgspec.msgpack.Decoder(Answer)
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def frame(message: Asked | Answer) -> bytes:
    """One message with its length before it; raises BrokenFrame for one that does not fit."""
    try:
        body = _ENCODE(message)
    except (TypeError, ValueError, OverflowError) as fault:
        raise BrokenFrame(f"a message cannot be spelled: {fault}") from fault
    if len(body) > MAX_FRAME:
        raise BrokenFrame(f"a message of {len(body)} bytes is too long")
    return LENGTH.pack(len(body)) + body


def answer_frame(answer: Answer) -> bytes:
    """An answer's frame; one that does not fit loses its verdict and most of its problems."""
    try:
        return frame(answer)
    except BrokenFrame:
        shown = tuple([_shortened(each) for each in answer.problems[:MOST_PROBLEMS]])
        return frame(replace(answer, problems=shown, verdict=None))


def _shortened(problem: Problem) -> Problem:
    message = problem.message[:MOST_SHOWN].encode(errors="replace").decode()
    return Problem(problem.code, message)


def bodies(buffer: bytearray) -> Iterator[bytes]:
    """Take the complete messages out of a buffer; raises BrokenFrame for a frame too long."""
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
    except _UNREADABLE as fault:
        raise BrokenFrame(str(fault)) from fault


def read_answer(body: bytes) -> Answer:
    """An answer; raises BrokenFrame for anything else."""
    try:
        return _ANSWER.decode(body)
    except _UNREADABLE as fault:
        raise BrokenFrame(str(fault)) from fault
