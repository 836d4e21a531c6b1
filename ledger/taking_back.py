"""What has changed of who holds what in a stretch of the log, to be taken back step by step."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import Connection, select

from domain.authority import Authority
from ledger.agreed import AUTHORITY, ERASURE, MOVING, POLICY, kinds_of

if TYPE_CHECKING:
    from ledger.store import Reader

ADOPTED: Final = "policy.adopted"


class Move(NamedTuple):
    """A moment at which what is said of a subject changed."""

    at: datetime
    aggregate: str
    subject: str


Stage = tuple[datetime, Any]
"""How a subject stood from a moment on."""


@dataclass(slots=True)
class Changes:
    """What has changed in a stretch, oldest first, and how each subject stood after every event."""

    moves: list[Move]
    policies: list[Move]
    _kinds: dict[str, type]
    _stages: dict[tuple[str, str], list[Stage]]

    @classmethod
    def read(cls, reader: Reader, connection: Connection, since: int, until: int) -> Changes:
        """Those at positions from `since` up to (not with) `until`, in a few statements."""
        rows = _moves(reader, connection, since, until)
        moves = _resolved(reader, connection, [each for each in rows if each.aggregate != POLICY])
        kinds = {name: reader.registry.by_name[name].state for name in {m.aggregate for m in moves}}
        stages: dict[tuple[str, str], list[Stage]] = {}
        for name, state in kinds.items():
            ids = {each.subject for each in moves if each.aggregate == name}
            for recorded, stood in reader.stages(connection, state, ids, until):
                stages.setdefault((name, recorded.subject), []).append((recorded.at, stood))
        return cls(moves, [each for each in rows if each.aggregate == POLICY], kinds, stages)

    def take_back(self, authority: Authority, moment: datetime) -> None:
        """Let an authority of a later moment forget what came after this one."""
        moved = set()
        while self.moves and self.moves[-1].at > moment:
            moved.add(self.moves.pop()[1:])
        for name, subject in moved:
            stages = self._stages.get((name, subject), [])
            if before := bisect_right(stages, moment, key=_at):
                authority.learn(stages[before - 1][1])
            else:
                authority.forget(self._kinds[name], subject)

    def policy(self, moment: datetime, before: str | None) -> str | None:
        """The policy in force at a moment; `before` is the one before the whole stretch."""
        known = bisect_right(self.policies, moment, key=_at)
        return self.policies[known - 1].subject if known else before


def _at(each: Move | Stage) -> datetime:
    return each[0]


def _moves(reader: Reader, connection: Connection, since: int, until: int) -> list[Move]:
    events = reader.tables.events
    kinds = [*kinds_of(reader.registry, MOVING), ADOPTED]
    statement = (
        select(events.c.at, events.c.aggregate, events.c.subject)
        .where(events.c.kind.in_(kinds), events.c.position >= since, events.c.position < until)
        .order_by(events.c.position)
    )
    return [Move(*row) for row in connection.execute(statement)]


def _resolved(reader: Reader, connection: Connection, moves: list[Move]) -> list[Move]:
    """Of an erasure, whose parts it emptied, where those say who holds what."""
    erasures = {each.subject for each in moves if each.aggregate == ERASURE}
    if not erasures:
        return moves
    kind: Any = reader.registry.by_name[ERASURE].state
    erased = reader.find(connection, kind, erasures)
    found = []
    for each in moves:
        about: Any = erased[each.subject] if each.aggregate == ERASURE else each
        if about.aggregate in AUTHORITY:
            found.append(Move(each.at, about.aggregate, about.subject))
    return found
