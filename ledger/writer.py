"""The group-committing writer: whatever waits is decided in order and committed in one go."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

import msgspec

from domain.kernel import Erases, Problem
from ledger import recording
from ledger.access import note_denials
from ledger.agreed import Agreed
from ledger.batching import Late, join, next_batch
from ledger.deciding import Decided, decide, foretell
from ledger.growth import RightEdge
from ledger.hiding import paint_decided
from ledger.judging import Halted, Rules
from ledger.newest import Newest, Signer
from ledger.registry import Registry
from ledger.replay import fold, recorded_events
from ledger.replies import answer_again, answer_from, forgotten_before, key_of, reply_to
from ledger.request import Answer, Request, Status
from ledger.room import Room
from ledger.scene import Scene
from ledger.tables import WRITER_VERSION
from ledger.view import View
from ledger.writes import ConnectionLost, Database, Head, Opening, Reply, ReplyKey, Unusable, Writes

LOG = logging.getLogger("changegate.ledger")
LIMIT = 128
CLOSES_AFTER_S = 0.05
CLOCK_TOLERANCE = timedelta(seconds=60)
TRIES = 3
UNKNOWN = (-1, -1)


@dataclass(slots=True)
class Writer:
    """Decides requests over one in-memory view per batch; plain, synchronous, not thread-safe.

    `limit` is the most requests in a batch; one makes every request a transaction of its own.
    `clock` replaces the database's clock.
    """

    registry: Registry
    database: Database
    rules: Rules
    signer: Signer | None = None
    clock: Callable[[], datetime] | None = None
    limit: int = LIMIT
    view: View = field(init=False)
    agreed: Agreed = field(init=False)
    _edge: RightEdge = field(init=False)
    _newest: Newest = field(init=False)
    _room: Room = field(init=False)
    _known: tuple[int, int] = UNKNOWN
    _forgot: datetime | None = None

    def __post_init__(self) -> None:
        """See nothing of the log yet."""
        self.view = View(self.registry, self.database)
        self.agreed = Agreed(self.registry, self.database, self.rules, self.view)
        self._edge = RightEdge(self.database)
        self._newest = Newest(self.database, self.signer)
        self._room = Room(self.database)

    def submit(self, request: Request) -> Answer:
        """Run one request and keep its checkpoint at once."""
        [answer] = self.run([request])
        self.rest()
        return answer

    def run(self, requests: Sequence[Request], late: Late | None = None) -> list[Answer]:
        """Run many requests in order, in as few transactions as the limits allow.

        Where there was another writer to wait for, those that `late` hands over come after them.
        """
        asked = list(requests)
        answers: list[Answer] = []
        while len(answers) < len(asked):
            batch = next_batch(asked, len(answers), self.limit)
            of_these, last = len(batch), len(answers) + len(batch) == len(asked)
            answers.extend(self._chunk(batch, late if last else None))
            asked.extend(batch[of_these:])
        return answers

    def look(self, request: Request) -> Answer | None:
        """The answer to a request that is in the log already, None when it is not."""
        return self.looked([request]).get(request.id)

    def looked(self, requests: Sequence[Request]) -> dict[str, Answer]:
        """The answers to those requests that are in the log already, by request id."""
        stored = self.database.recorded([each.id for each in requests])
        return {
            each.id: answer_from(each, stored[each.id]) for each in requests if each.id in stored
        }

    def rest(self) -> None:
        """Nothing waits: keep the newest checkpoint, which the next batch would have kept."""
        self._newest.rest()

    def catch_up(self) -> None:
        """Sign what was committed by a writer that died before it signed."""
        self._newest.catch_up()

    def close(self) -> None:
        """Keep what is unkept and let the database go."""
        try:
            self.rest()
        finally:
            self.database.close()

    def _chunk(self, requests: list[Request], late: Late | None = None) -> list[Answer]:
        """One batch with its ways to fail: each alone once, again, or ask the log.

        Those that come late are added to `requests`, and fare like the others.
        """
        for attempt in range(1, TRIES + 1):
            try:
                return self._batch(requests, late)
            except ConnectionLost as lost:
                self._reset()
                if lost.committing and (done := self.looked(requests)):
                    return self._the_rest(requests, done)
                if attempt == TRIES:
                    raise
            except (Halted, Unusable) as halt:
                self._reset()
                return [_failed(each, halt.code, str(halt)) for each in requests]
            except Exception:
                LOG.exception("a batch of %d failed", len(requests))
                self._reset()
                if len(requests) == 1:
                    return [_failed(requests[0], "internal", "The service failed.")]
                return [answer for each in requests for answer in self._chunk([each])]
        raise AssertionError

    def _the_rest(self, requests: list[Request], done: dict[str, Answer]) -> list[Answer]:
        """The answers found in the log, and the others' after running them again."""
        others = [each for each in requests if each.id not in done]
        answers = {each.request: each for each in self.run(others)} | done
        return [answers[each.id] for each in requests]

    def _batch(self, requests: list[Request], late: Late | None) -> list[Answer]:
        opening = self._open(requests, late)
        started = monotonic()  # not before: waiting for another writer is no part of our turn
        at = self._time(opening, requests)
        writes = Writes(opening.head, at)
        replies = opening.found.replies
        answers: list[Answer] = []
        for request in requests:
            answers.append(self._one(request, self._scene(at), writes, replies))
            if monotonic() - started > CLOSES_AFTER_S:
                break
        self._room.show(requests)
        self._settle(writes, opening.head)
        return [self._newest.shown_in(answer) for answer in answers]

    def _open(self, requests: list[Request], late: Late | None) -> Opening:
        missing = self.view.missing(self._wanted(requests))
        opening = self.database.open(missing, _keys(requests))
        head = opening.head
        if head.least_writer > WRITER_VERSION:
            raise Halted("writer_outdated", "A newer version writes this log; update this one.")
        moved = (head.size, head.generation) != self._known
        if moved:
            self.view.clear()
            self._edge.forget()
        self.view.remember(opening.found.states, missing)
        if moved:
            self._reopen(requests, opening, late)
        self.agreed.refresh(head)
        return opening

    def _reopen(self, requests: list[Request], opening: Opening, late: Late | None) -> None:
        """Another writer has had its turn: read anew, and take in who came meanwhile.

        Else the batch would be as small as it was before the wait, and the next one, too: whoever
        writes beside us would get nearly everything done, and we nearly nothing.
        """
        joined: Sequence[Request] = ()
        if late and self._known != UNKNOWN:  # else nobody had a turn: it is we who are new here
            joined = join(requests, late, self.limit)
        missing, keys = self.view.missing(self._wanted(requests)), _keys(joined)
        if missing or keys:
            found = self.database.read(missing, keys)
            self.view.remember(found.states, missing)
            opening.found.replies.update(found.replies)

    def _wanted(self, requests: list[Request]) -> dict[str, list[str]]:
        wanted: dict[str, list[str]] = {}
        for request in requests:
            action = self.registry.actions.get(request.action)
            if action is not None:
                wanted.setdefault(action.aggregate.name, []).append(request.subject)
        return wanted

    def _time(self, opening: Opening, requests: list[Request]) -> datetime:
        """The batch's time: never before the last event's, but by an operator's recorded act."""
        now = self.clock() if self.clock else opening.now
        if any(each.action == "log.accept_clock" for each in requests):
            return now
        if now < opening.head.at - CLOCK_TOLERANCE:
            raise Halted("clock_behind", "The clock is behind the log; an operator must look.")
        return max(now, opening.head.at)

    def _scene(self, at: datetime) -> Scene:
        agreed = self.agreed
        return Scene(at, agreed.judge, agreed.authority, agreed.policy, self.view, self.registry)

    def _one(
        self, request: Request, scene: Scene, writes: Writes, replies: dict[ReplyKey, Reply]
    ) -> Answer:
        key = None if request.key is None else key_of(request)
        if key is not None and (known := replies.get(key)):
            return answer_again(request, known, scene)
        problems = self.rules.check(request.action, request.arguments)
        if problems or request.flaws:
            more = foretell(request, scene)
            problems += more.problems if more.status is Status.REFUSED else ()
            return Answer(request.id, Status.REFUSED, request.subject, problems=problems)
        decided = decide(request, scene)
        if decided.answer.status is not Status.DONE:
            note_denials(decided, scene, writes, self.database)
            return decided.answer
        answer = self._record(decided, scene, writes)
        if key is not None:
            replies[key] = reply_to(request, answer, scene)
            writes.replies.append((key, replies[key]))
        return answer

    def _record(self, decided: Decided, scene: Scene, writes: Writes) -> Answer:
        """Give the events bytes and positions, and let them count for the requests after."""
        first = writes.head.size + len(writes.events)
        ids = recording.record(decided.request, decided.events, writes, scene.policy)
        for position, pending in enumerate(decided.events, first):
            self.agreed.follow(pending, position, writes)
            if isinstance(pending.event, Erases):
                self._repaint(pending.event)
        last = first + len(ids) - 1 if ids else None
        return msgspec.structs.replace(decided.answer, position=last, events=ids)

    def _repaint(self, erases: Erases) -> None:
        """Fold the subject again without the parts that are being emptied."""
        aggregate = self.registry.by_name[erases.aggregate]
        rows = self.database.history(erases.aggregate, erases.subject)
        state = fold(aggregate, recorded_events(self.registry, rows, erases.parts))
        if state is not None:
            self.view.put((erases.aggregate, erases.subject), state)
            self.view.settle()
            self.agreed.repainted(erases.aggregate, state)

    def _settle(self, writes: Writes, before: Head) -> None:
        """Write and commit what was decided, then sign the new head."""
        if not (writes.events or writes.denials):
            self.database.rollback()
            self.view.trim()
            self._known = (before.size, before.generation)
            return
        paint_decided(self.registry, self.view, writes)
        self._edge.grow(writes)
        writes.forgotten = forgotten_before(writes.at, self._forgot)
        writes.head = self._newest.kept_in(writes.head)
        self._room.write(writes)
        self._committed(writes)

    def _committed(self, writes: Writes) -> None:
        head = writes.head
        self.view.committed()
        self.agreed.committed(head)
        self._known = (head.size, head.generation)
        if writes.forgotten is not None:
            self._forgot = writes.at
        if writes.events:
            self._newest.sign(head)

    def _reset(self) -> None:
        """Undo and forget: the next batch reads everything anew."""
        self.database.rollback()
        self.view.clear()
        self._edge.forget()
        self.agreed.forget()
        self._known = UNKNOWN


def _keys(requests: Sequence[Request]) -> list[ReplyKey]:
    return [key_of(each) for each in requests if each.key is not None]


def _failed(request: Request, code: str, message: str) -> Answer:
    problems = (Problem(code, message),)
    return Answer(request.id, Status.FAILED, request.subject, problems=problems)
