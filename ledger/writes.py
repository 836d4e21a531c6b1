"""What one batch is about to write: rows for every table, gathered before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from domain.kernel import Erases
from ledger.codec import read_instant
from ledger.merkle import CompactRange, Tile


class EventRow(NamedTuple):
    """One row of `events`, in the order of its columns."""

    position: int
    id: str
    at: datetime
    happened: datetime | None
    kind: str
    aggregate: str
    subject: str
    version: int
    actor: str
    behalf: str | None
    credential: str | None
    request: str
    policy: str | None
    outcome: str
    sealed: bool
    envelope: bytes
    leaf: bytes
    facts: bytes
    salt: bytes


class PartRow(NamedTuple):
    """One row of `event_parts`."""

    position: int
    name: str
    commitment: bytes
    salt: bytes
    content: bytes


class ReplyKey(NamedTuple):
    """What makes a retry recognisable: the asker, the action and the asker's key."""

    actor: str
    action: str
    key: str


class Reply(NamedTuple):
    """What is kept of a request done under a key; `asked` is the hash of its arguments."""

    request: str
    asked: bytes
    subject: str
    version: int
    position: int | None
    events: int


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log: its size and compact range, and what every writer must agree on.

    `policy` is the id of the adopted policy. The positions tell caches when they are stale.
    `generation` rises when snapshots were rebuilt or the log restored. `hiding` is the id of an
    event, and another one whenever anything may hide otherwise than before.
    """

    range: CompactRange
    at: datetime
    origin: str
    demo: bool
    least_writer: int
    generation: int
    policy: str | None
    policy_position: int
    authority_position: int
    signed_size: int
    checkpoint: str | None
    hiding: str | None = None

    @property
    def size(self) -> int:
        """How many events the log holds."""
        return self.range.size


class Replaced(NamedTuple):
    """An owner's derived rows from an ordinal on; `over` says that some stand there already."""

    owner: str
    since: int
    over: bool
    rows: list[tuple[Any, ...]]

    def keyed(self) -> list[tuple[Any, ...]]:
        """The rows with their owner and ordinals, as their table holds them."""
        return [(self.owner, at, *row) for at, row in enumerate(self.rows, self.since)]


@dataclass(slots=True)
class Writes:
    """Everything one transaction writes, at its time `at`; the head's is its last event's."""

    head: Head
    at: datetime
    events: list[EventRow] = field(default_factory=list)
    parts: list[PartRow] = field(default_factory=list)
    tiles: list[Tile] = field(default_factory=list)
    inserts: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    updates: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]] = field(default_factory=dict)
    rows: dict[str, list[Replaced]] = field(default_factory=dict)
    replies: list[tuple[ReplyKey, Reply]] = field(default_factory=list)
    denials: dict[tuple[str, str, datetime], int] = field(default_factory=dict)
    erasures: list[Erases] = field(default_factory=list)
    forgotten: datetime | None = None
    """Replies from before this moment are dropped: nobody retries after so long."""


class Found(NamedTuple):
    """Snapshots by aggregate and id, and earlier replies by their keys."""

    states: dict[tuple[str, str], Any]
    replies: dict[ReplyKey, Reply]


class Opening(NamedTuple):
    """What the first round trip of a batch brings: the locked head, the time, what was wanted."""

    head: Head
    now: datetime
    found: Found


class Stored(NamedTuple):
    """What is told of an event that is in the log."""

    position: int
    id: str
    subject: str
    version: int


class DatabaseFault(Exception):
    """A statement failed; everything since the batch was opened is to be rolled back."""


class ConnectionLost(DatabaseFault):
    """The database went away; `committing` tells whether a COMMIT was under way."""

    def __init__(self, *, committing: bool) -> None:
        """Say when the connection was lost."""
        super().__init__("the connection to the database was lost")
        self.committing = committing


class Unusable(DatabaseFault):
    """The database cannot be used just now: no statement is at fault, and nothing was written."""

    code: str


class Busy(Unusable):
    """Another process has held the database for longer than anybody should wait."""

    code = "busy"

    def __init__(self) -> None:
        """Say who is to blame."""
        super().__init__("another process has been writing to the database for too long")


class OutOfReach(Unusable):
    """The database can be neither read nor written, as when its disk is full or gone."""

    code = "unavailable"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("the database cannot be used just now; nothing was written, ask again")


class Database(Protocol):
    """What the writer needs of a driver; one implementation per database.

    Every method may raise DatabaseFault, ConnectionLost or Unusable.
    """

    def open(self, wanted: Mapping[str, list[str]], keys: list[ReplyKey]) -> Opening:
        """Begin, lock the head, and read the wanted snapshots and earlier replies."""

    def read(self, wanted: Mapping[str, list[str]], keys: list[ReplyKey]) -> Found:
        """Read more snapshots and earlier replies in the open batch."""

    def find(self, aggregate: Any, equal: Mapping[str, Any]) -> list[Any]:
        """States whose columns equal these values, in order of id."""

    def states(self, aggregate: Any, ids: list[str]) -> list[Any]:
        """The states with these ids, those that exist."""

    def leaves(self, start: int, end: int) -> list[bytes]:
        """Leaf hashes of the events from `start` up to `end`."""

    def roots(self, level: int, start: int, end: int) -> list[bytes]:
        """Roots of complete tiles of a level, from number `start` up to `end`."""

    def history(self, aggregate: str, subject: str) -> list[Any]:
        """The stored events of a subject with their parts, oldest first."""

    def changed(self, kinds: Sequence[str], since: int) -> Sequence[tuple[str, str]]:
        """Aggregate and subject of the events of these kinds from a position on, each once."""

    def denied(self, actor: str, action: str) -> tuple[datetime, int] | None:
        """The latest hour with denials of this person and action, and how many."""

    def recorded(self, requests: Sequence[str]) -> Mapping[str, Sequence[Stored]]:
        """The events of those requests that are in the log, in order; takes the head's lock."""

    def write(self, writes: Writes) -> None:
        """Send everything and commit.

        Raises ConnectionLost(committing=True) when it is not known whether it was committed.
        """

    def attempt(self, size: int) -> None:
        """Write so many bytes in the open batch, which is to be rolled back."""

    def rollback(self) -> None:
        """Undo, whatever the state of the connection."""

    def sign(self, size: int, checkpoint: str) -> None:
        """Keep the newest signed checkpoint, outside any batch."""

    def close(self) -> None:
        """Let the connection go."""


HEAD_COLUMNS = ("size", "range", *[name for name in Head.__dataclass_fields__ if name != "range"])


def read_head(row: Sequence[Any]) -> Head:
    """A head row, in the order of HEAD_COLUMNS, from either database."""
    size, stored, at, origin, demo, *rest = row
    moment = read_instant(at) if isinstance(at, str) else at
    return Head(CompactRange.from_bytes(size, bytes(stored)), moment, origin, bool(demo), *rest)


def head_values(head: Head) -> tuple[Any, ...]:
    """The head as a row, in the order of HEAD_COLUMNS."""
    fields = [getattr(head, name) for name in HEAD_COLUMNS[2:]]
    return (head.size, head.range.to_bytes(), *fields)
