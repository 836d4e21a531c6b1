"""The log's own history: whose it is, and what the operator at the machine did to it.

There is one subject, `log`. That the log is a demo's is said once, by event 0: no event changes
it, so it cannot be cleared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from domain.askers import check_operator
from domain.kernel import (
    Aggregate,
    Audience,
    Command,
    Context,
    Problems,
    Recorded,
    Text,
    moved,
)
from domain.wording import LINE, NOTE, check_given

SUBJECT: Final = "log"
"""The id of the only one."""

_ROOT: Final = re.compile(r"[0-9a-f]{64}")
_KEY: Final = re.compile(r"[^\s+]{1,200}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{1,120}={0,2}")


@dataclass(frozen=True, slots=True)
class Log:
    """The log as a whole. `origin` stands in every checkpoint; `key` signs them.

    `restores` counts how often a backup took the place of a longer log, which every reader of the
    older one can prove; `clocks` how often an operator vouched for a clock that had gone back.
    """

    id: str
    version: int
    origin: str
    demo: bool
    opened_at: datetime
    opened_by: str
    key: str | None = None
    restores: int = 0
    restored_at: datetime | None = None
    restored_size: int | None = None
    restored_root: str | None = None
    restored_reason: Text | None = None
    clocks: int = 0
    clock_accepted_at: datetime | None = None


# Events.


@dataclass(frozen=True, slots=True)
class Opened:
    """A log began; this is its event 0."""

    origin: str
    demo: bool
    key: str | None


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup of this size and root took the log's place; what followed it is lost here."""

    size: int
    root: str
    reason: Text


@dataclass(frozen=True, slots=True)
class ClockAccepted:
    """An operator vouched for a clock that stood behind the log."""

    reason: Text


@dataclass(frozen=True, slots=True)
class KeyRotated:
    """Another key signs the checkpoints from now on."""

    key: str
    reason: Text


def evolve(state: Log | None, recorded: Recorded) -> Log:
    """Fold one event."""
    event = recorded.event
    if state is None:
        return _opened(event, recorded)
    match event:
        case Restored():
            return _restored(state, event, recorded)
        case ClockAccepted():
            return moved(state, recorded, clocks=state.clocks + 1, clock_accepted_at=recorded.at)
        case KeyRotated(key=key):
            return moved(state, recorded, key=key)
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a log that is open")


def _opened(event: Opened, recorded: Recorded) -> Log:
    if not isinstance(event, Opened):
        raise TypeError(f"a log does not begin with {type(event).__name__}")
    return Log(
        id=recorded.subject,
        version=recorded.version,
        origin=event.origin,
        demo=event.demo,
        opened_at=recorded.at,
        opened_by=recorded.by,
        key=event.key,
    )


def _restored(state: Log, event: Restored, recorded: Recorded) -> Log:
    return moved(
        state,
        recorded,
        restores=state.restores + 1,
        restored_at=recorded.at,
        restored_size=event.size,
        restored_root=event.root,
        restored_reason=event.reason,
    )


# Commands.


def open(  # noqa: A001  logs are opened
    _state: None,
    context: Context,
    *,
    origin: Annotated[str, "The name that stands in every checkpoint; it never changes."],
    demo: Annotated[bool, "Whether it holds a made-up organisation; it never changes."],
    key: Annotated[str | None, "The verifier key of whoever signs the checkpoints."] = None,
) -> list[Any]:
    """Begin the log; the operator does this once, as its event 0."""
    problems = Problems()
    check_operator(problems, context)
    problems.unless(context.subject == SUBJECT, "id_unusable", "The log's id is `log`.", "id")
    check_given(problems, origin, LINE, "origin")
    if key is not None:
        _check_key(problems, key)
    problems.settle()
    return [Opened(origin, demo, key)]


def restore(
    state: Log,
    context: Context,
    *,
    size: Annotated[int, "How many events the backup holds."],
    root: Annotated[str, "The root of the backup's tree, in hex."],
    reason: Annotated[Text, "Why the log is restored."],
) -> list[Any]:
    """Record that a backup took the log's place, so that the fork shows."""
    problems = Problems()
    check_operator(problems, context)
    problems.unless(size > 0, "out_of_range", "A log holds at least its first event.", "size")
    good = _ROOT.fullmatch(root)
    problems.unless(good, "root_unusable", "A root is 64 hex digits.", "root")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Restored(size, root, reason)]


def accept_clock(
    state: Log,
    context: Context,
    *,
    reason: Annotated[Text, "Why the clock is right although it stands behind the log."],
) -> list[Any]:
    """Vouch for a clock that stands behind the log, so that writing goes on."""
    problems = Problems()
    check_operator(problems, context)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [ClockAccepted(reason)]


def rotate_key(
    state: Log,
    context: Context,
    *,
    key: Annotated[str, "The verifier key of whoever signs from now on."],
    reason: Annotated[Text, "Why another key signs."],
) -> list[Any]:
    """Record that another key signs the checkpoints."""
    problems = Problems()
    check_operator(problems, context)
    _check_key(problems, key)
    problems.unless(key != state.key, "unchanged", "This key signs already.", "key")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [KeyRotated(key, reason)]


def _check_key(problems: Problems, key: str) -> None:
    message = "A verifier key is written <name>+<8 hex digits>+<base64>."
    problems.unless(_KEY.fullmatch(key), "key_unusable", message, "key")


AGGREGATE = Aggregate(
    "log",
    Log,
    events=(Opened, Restored, ClockAccepted, KeyRotated),
    evolve=evolve,
    commands=(
        Command(open, operator=True),
        Command(restore, operator=True),
        Command(accept_clock, operator=True),
        Command(rotate_key, operator=True),
    ),
    audience=Audience.SCOPED,
    erasable=False,
)
