"""What the edge asks of the writer, and what the writer answers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from domain.gate import Verdict
from domain.kernel import Problem

NOT_FOR_THIS: Final = "The token used is not for this action."
"""Why a token that is for some actions alone asks for nothing else."""
LOOK: Final = "log.look"
"""What nobody can do: asked for, it tells whether the log's writer can decide and write."""


class Status(StrEnum):
    """How a request ended.

    DONE: its events are in the log. REFUSED: a rule said no, nothing was written. DENIED: the
    policy said no. ABSENT: no such subject, or none the asker may know of. FAILED: a fault of
    ours, nothing was written.
    """

    DONE = "done"
    REFUSED = "refused"
    DENIED = "denied"
    ABSENT = "absent"
    FAILED = "failed"


class Request(msgspec.Struct, frozen=True):
    """One wish to run one command, made and encoded at the edge.

    `arguments` is a JSON object of the command's keyword arguments. `seen` is the revision or
    version the asker looked at, as they count them: `uncounted` are those of which they are told
    nothing. `key` makes a retry harmless. `claimed` and `happened` mark facts
    recorded elsewhere. `operator` requests come only from the machine itself, never over the wire.
    Of one with `flaws`, found as its input was read, nothing is done: it is answered what else is
    wrong with it.
    """

    id: str
    action: str
    subject: str
    arguments: bytes
    by: str
    behalf: str | None = None
    credential: str | None = None
    seen: int | None = None
    key: str | None = None
    claimed: bool = False
    happened: datetime | None = None
    limits: tuple[str, ...] | None = None
    flaws: tuple[Problem, ...] = ()
    uncounted: int = 0


class Answer(msgspec.Struct, frozen=True):
    """What became of a request.

    `position` is the index of its last event in the log; `checkpoint` a signed note over a tree
    that holds it. `again` says that an earlier request with the same key had been done already.
    """

    request: str
    status: Status
    subject: str = ""
    version: int = 0
    position: int | None = None
    events: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    verdict: Verdict | None = None
    checkpoint: str | None = None
    again: bool = False


def event_id(request: str, ordinal: int) -> str:
    """The id of a request's event, by its number within the request."""
    return f"{request}.{ordinal}"
