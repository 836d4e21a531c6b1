"""The writer process: one thread that gathers what waits on its socket and commits it in groups."""

from __future__ import annotations

import gc
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from domain.kernel import OPERATOR, Problem
from ledger.batching import runs_alone
from ledger.peers import Peer, Peers
from ledger.request import Answer, Request, Status
from ledger.wire import Asked
from ledger.writer import Writer
from ledger.writes import DatabaseFault

LOG = logging.getLogger("changegate.writer")
QUEUE = 4096
IDLE_S = 0.02
"""After so long without a request the newest checkpoint is kept in the database."""
WATCH_S = 1.0
PAUSE_S = 0.2
"""How long to leave a database alone that cannot be reached."""
DRAIN_S = 2.0


@dataclass(slots=True, eq=False)
class Waiting:
    """A request that waits for its answer, and who waits for it: a peer may have asked twice."""

    request: Request
    deadline: float
    again: bool
    peers: list[Peer]
    answer: Answer | None = None


def spare_what_stays() -> None:
    """Tell a writer process's garbage collector to look at little: next to nothing is in cycles.

    Each of its full rounds would look at every remembered state, and hold everybody up.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


class WriterServer:
    """Serves a writer on a Unix socket until told to stop; then answers what it has taken in."""

    def __init__(self, writer: Writer, path: Path, *, queue: int = QUEUE) -> None:
        """Listen on `path`, for this user alone; `queue` bounds how many requests may wait.

        Raises SocketTaken when another process serves there, SocketUnusable for a bad path.
        """
        self._writer = writer
        self._most = queue
        self._waiting: deque[Waiting] = deque()
        self._by_id: dict[str, Waiting] = {}
        self._stopping = False
        self._peers = Peers(path, self._take)

    def stop(self) -> None:
        """Stop soon: callable from a signal or another thread."""
        self._stopping = True
        self._peers.wake()

    def serve(self, *, watch: Callable[[], bool] | None = None) -> None:
        """Serve until stopped, or until `watch` (asked when idle) says that nobody needs us."""
        try:
            self._catch_up()
            while not self._stopping:
                self._peers.wait(0 if self._waiting else IDLE_S)
                if self._waiting:
                    self._commit()
                    continue
                self._writer.rest()
                if self._is_over(watch):
                    break
                self._peers.wait(WATCH_S)
            while self._waiting and self._commit():
                pass
            self._peers.drain(DRAIN_S)
        finally:
            self._close()

    def _is_over(self, watch: Callable[[], bool] | None) -> bool:
        return self._stopping or (watch is not None and not watch())

    def _catch_up(self) -> None:
        try:
            self._writer.catch_up()
        except DatabaseFault:
            LOG.exception("the head was not looked at; it is signed with the next batch")

    def _take(self, peer: Peer, asked: Asked) -> None:
        """Let a request wait, unless it may not, or waits already."""
        request = asked.request
        waiting = self._by_id.get(request.id)
        if request.by == OPERATOR or request.by.startswith(f"{OPERATOR}:"):
            self._refuse(peer, request, "forbidden", "The operator acts at the machine.")
        elif waiting is not None and waiting.request == request:
            waiting.peers.append(peer)
        elif waiting is not None:
            self._refuse(peer, request, "duplicate_request", "Another request has this id.")
        elif len(self._waiting) >= self._most:
            self._refuse(peer, request, "busy", "Too much waits; try again.")
        else:
            waiting = Waiting(request, asked.deadline, asked.again, [peer])
            self._waiting.append(waiting)
            self._by_id[request.id] = waiting

    def _refuse(self, peer: Peer, request: Request, code: str, message: str) -> None:
        self._peers.answer(peer, _failed(request, code, message))
        self._peers.send()

    def _commit(self) -> bool:
        """Answer one batch of what waits; false when the database leaves no answer."""
        most = min(len(self._waiting), self._writer.limit)
        batch = [self._waiting.popleft() for _ in range(most)]
        reached = True
        try:
            self._decide(batch)
        except DatabaseFault as fault:
            LOG.warning("a batch of %d is to be tried again: %s", len(batch), fault)
            self._put_back(batch)
            reached = False
        self._answer([each for each in batch if each.answer is not None])
        if not reached and not self._stopping:
            self._pause()
        return reached

    def _decide(self, batch: list[Waiting]) -> None:
        """Find the answers: in the log for what was sent before, else by running requests."""
        if again := [each for each in batch if each.again]:
            done = self._writer.looked([each.request for each in again])
            for each in again:
                each.answer = done.get(each.request.id)
        now = monotonic()
        for each in batch:
            if each.answer is None and each.deadline < now:
                each.answer = _failed(each.request, "deadline_passed", "Nobody waits any more.")
        runs = [each for each in batch if each.answer is None]

        def late(room: int) -> list[Request]:
            came = self._came_meanwhile(room)
            batch.extend(came)
            runs.extend(came)
            return [each.request for each in came]

        answers = self._writer.run([each.request for each in runs], late)
        for each, answer in zip(runs, answers, strict=True):
            each.answer = answer

    def _came_meanwhile(self, room: int) -> list[Waiting]:
        """So many at most of those that came while another writer held the head."""
        if not self._stopping:  # else there might be no end to it
            self._peers.wait(0)
        now = monotonic()
        came: list[Waiting] = []
        while self._waiting and len(came) < room and _runs_with_others(self._waiting[0], now):
            came.append(self._waiting.popleft())
        return came

    def _put_back(self, batch: list[Waiting]) -> None:
        """Whether these were done is not known: look into the log before they are run again."""
        now = monotonic()
        for each in reversed(batch):
            if each.answer is not None:
                continue
            each.again = True
            if each.deadline < now:
                each.answer = _failed(
                    each.request, "writer_unavailable", "The database did not answer in time."
                )
            else:
                self._waiting.appendleft(each)

    def _answer(self, batch: list[Waiting]) -> None:
        for each in batch:
            del self._by_id[each.request.id]
            for peer in each.peers:
                assert each.answer is not None  # noqa: S101  (the caller has chosen them so)
                self._peers.answer(peer, each.answer)
        self._peers.send()

    def _pause(self) -> None:
        """Go on taking requests in for a while."""
        end = monotonic() + PAUSE_S
        while not self._stopping and (left := end - monotonic()) > 0:
            self._peers.wait(left)

    def _close(self) -> None:
        self._peers.close()
        self._writer.close()


def _runs_with_others(waiting: Waiting, now: float) -> bool:
    """Whether a request may join an open batch: nothing has to be looked at before it is run."""
    return not waiting.again and waiting.deadline >= now and not runs_alone(waiting.request)


def _failed(request: Request, code: str, message: str) -> Answer:
    return Answer(request.id, Status.FAILED, request.subject, problems=(Problem(code, message),))
