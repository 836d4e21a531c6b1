"""What one request of the edge knows: who asks, how to ask for changes, how to look things up."""

from __future__ import annotations

from asyncio import Future, ensure_future, shield
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import anyio.to_thread
from graphql.pyutils import Path
from sqlalchemy import Connection
from strawberry.dataloader import DataLoader
from strawberry.types.info import Info
from typing_extensions import override

from api.authentication.tokens import Minted
from api.derived.cursors import Cursors
from api.derived.flaws import with_flaws
from api.hiding.since import Since
from api.hiding.visibility import Sight
from api.history.past import PastSight, Then
from api.ids import new_id
from ledger.request import Answer, Request, Status

if TYPE_CHECKING:
    from ledger.store import Reader

__all__ = ["READ_LOG", "Access", "Asker", "RequestContext", "Submit", "new_id"]

T = TypeVar("T")
S = TypeVar("S")
Submit = Callable[[Request], Awaitable[Answer]]
READ_LOG = "log.read"
BATCH = 500
"""The most ids one statement of a loader names."""


def utc_now() -> datetime:
    """The time by this machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the principal, the credential as the log may name it, and its allow-list."""

    principal: str
    credential: str | None = None
    limits: tuple[str, ...] | None = None


@dataclass(slots=True)
class Access:
    """What all requests of a process share: the reader, the way to the writer, the cursors."""

    reader: Reader
    submit: Submit
    cursors: Cursors
    mint: Callable[[], Minted] | None = None
    clock: Callable[[], datetime] = utc_now
    """By which an operation runs, and rights end meanwhile."""

    def context(self, asker: Asker, request_id: str) -> RequestContext:
        """The context of one request."""
        return RequestContext(self, asker, request_id, self.clock())


@dataclass(slots=True)
class RequestContext:
    """Who asks, and everything a resolver may do: `ask()` for a change, `look()`, `load()`.

    What loaders answer is awaited shielded: fields share it, and when one of them fails, the
    others are not to be called off with it.
    """

    access: Access
    asker: Asker
    request_id: str
    at: datetime = field(default_factory=utc_now)
    then: Then | None = None
    done: bool = False
    """Whether anything was recorded for this request."""
    _since: Since = field(default_factory=Since)
    _pasts: dict[str, RequestContext] = field(default_factory=dict)
    _loaders: dict[Any, DataLoader[Any, Any]] = field(default_factory=dict)

    def new_id(self) -> str:
        """A fresh id: 32 hex digits of a UUID version 7, which sort by time."""
        return new_id()

    def asking(self) -> dict[str, Any]:
        """What a request says of whoever makes it."""
        who = self.asker
        return {
            "id": self.new_id(),
            "by": who.principal,
            "credential": who.credential,
            "limits": who.limits,
        }

    async def ask(self, request: Request) -> Answer:
        """Submit a request; whatever was loaded before is looked up anew afterwards.

        Of one whose input is flawed, the answer tells at once everything that is wrong with it.
        """
        try:
            answer = await self.access.submit(request)
            self.done = self.done or answer.status is Status.DONE
            return with_flaws(request, answer) if request.flaws else answer
        finally:
            self._loaders.clear()
            self._since = Since()

    async def look(self, question: Callable[[Connection, Sight], T]) -> T:
        """Answer a question in a thread, within one read-only transaction, by the asker's sight.

        What they hold is looked up in that very transaction and judged at its own time: a right
        that ends while an operation runs is gone for whatever is read after its end.
        """

        def answer() -> tuple[T, Sight]:
            with self.access.reader.connection() as connection:
                sight = self.sight(connection)
                return question(connection, sight), sight

        found, sight = await anyio.to_thread.run_sync(answer)
        self._since.note(sight)
        return found

    def sight(self, connection: Connection) -> Sight:
        """What the asker may see within a transaction, now."""
        who, now = self.asker, self.access.clock()
        told = (self.access.reader, connection, who.principal, who.limits, now)
        return Sight(*told) if self.then is None else PastSight(*told, then=self.then)

    # The past.

    def past(self, path: Path, then: Then) -> RequestContext:
        """The context of a past moment, in which everything below this field is answered."""
        same = (each for each in self._pasts.values() if each.then == then)
        found = next(same, None) or replace(self, then=then, _pasts={}, _loaders={})
        self._pasts[_outermost(path)] = found
        return found

    def within(self, path: Path) -> RequestContext:
        """The context in which a field is answered: of the past below an object of the past."""
        return self._pasts.get(_outermost(path), self) if self._pasts else self

    async def load(self, state: type[S], id: str) -> S | None:
        """One object by its id, None when there is none to be seen; one statement a level."""
        found: S | None = await _shared(self._loader(state).load(id))
        return found

    async def load_many(self, state: type[S], ids: Iterable[str]) -> list[S]:
        """Those of the objects that are to be seen, in the order of the ids."""
        found = await _shared(self._loader(state).load_many(list(ids)))
        return [each for each in found if each is not None]

    async def batch(
        self, question: Callable[[Connection, Sight, Sequence[Any]], Sequence[Any]], key: Any
    ) -> Any:
        """The answer for a key to a question that answers many keys in one transaction.

        A key is a record, or begins with one. Of a record that may no longer be seen nothing more
        is told: that is refused as `not_found`, as if it had never been there.
        """
        if question not in self._loaders:

            async def load(keys: list[Any]) -> Sequence[Any]:
                since = self._since
                return await self.look(
                    lambda connection, sight: since.answered(question, connection, sight, keys)
                )

            self._loaders[question] = DataLoader(load, max_batch_size=BATCH)
        return await _shared(self._loaders[question].load(key))

    def _loader(self, state: type) -> DataLoader[str, Any]:
        if state not in self._loaders:

            async def load(ids: list[str]) -> Sequence[Any]:
                found: dict[str, Any] = await self.look(
                    lambda _connection, sight: sight.find(state, ids)
                )
                return [found.get(id) for id in ids]

            self._loaders[state] = DataLoader(load, max_batch_size=BATCH)
        return self._loaders[state]

    async def receipt(self, position: int, checkpoint: str | None) -> str | None:
        """The proof of an event in the log, for those who may read the log."""

        def prove(connection: Connection, sight: Sight) -> str | None:
            if not sight.may(READ_LOG):
                return None
            return self.access.reader.receipt(connection, position, checkpoint)

        return await self.look(prove)


def _outermost(path: Path) -> str:
    """The response key of the query's own field below which a field stands."""
    while path.prev is not None:
        path = path.prev
    return str(path.key)


class MomentInfo(Info[Any, Any]):
    """What a resolver is told; its context is that of the moment for which it answers."""

    @property
    @override
    def context(self) -> Any:
        found = self._raw_info.context
        return found.within(self.path) if isinstance(found, RequestContext) else found


def _shared(answer: Awaitable[T]) -> Awaitable[T]:
    """What several fields await: a failure that none of them waits for is none to report."""
    future = ensure_future(answer)
    future.add_done_callback(_looked_at)
    return shield(future)


def _looked_at(future: Future[Any]) -> None:
    if not future.cancelled():
        future.exception()
