"""What an auditor asks the log itself: its signed head, and proofs about its events."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Annotated, Any, Final

import strawberry
from sqlalchemy import Connection, Select, and_, not_, select
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.context import READ_LOG
from api.hiding.hushed import cleared, hushed
from api.hiding.visibility import Sight
from domain.kernel import refusal
from domain.log import SUBJECT, Log

Size = Annotated[int, strawberry.argument(description="How many events the tree holds.")]
EventId = Annotated[str, strawberry.argument(description="The event's id.")]


async def _receipt(info: Info, event: EventId) -> str | None:
    def prove(sight: Sight) -> str | None:
        position = sight.connection.execute(_found(sight, event, "position")).scalar_one_or_none()
        return None if position is None else sight.reader.receipt(sight.connection, position)

    proof: str | None = await _shown(info, prove)
    return proof


async def _entry(info: Info, event: EventId) -> str | None:
    def read(sight: Sight) -> str | None:
        envelope = sight.connection.execute(_found(sight, event, "envelope")).scalar_one_or_none()
        return None if envelope is None else bytes(envelope).decode()

    entry: str | None = await _shown(info, read)
    return entry


async def _consistency(info: Info, old: Size, new: Size) -> list[str]:
    def prove(sight: Sight) -> list[str]:
        reader, connection = sight.reader, sight.connection
        if not 0 < old <= new <= reader.head(connection).size:
            message = "Sizes rise from 1 to the number of events in the log."
            raise refusal("size_out_of_range", message, "old" if old < 1 else "new")
        hashes = reader.tree(connection, new).consistency(old)
        return [b64encode(each).decode() for each in hashes]

    proof: list[str] = await _shown(info, prove)
    return proof


async def _root(info: Info, size: Size) -> str:
    def prove(sight: Sight) -> str:
        reader, connection = sight.reader, sight.connection
        if not 0 <= size <= reader.head(connection).size:
            raise refusal("size_out_of_range", "The log never had so many events.", "size")
        return b64encode(reader.tree(connection, size).root()).decode()

    root: str = await _shown(info, prove)
    return root


@strawberry.type(description="Proofs about the log, in the formats that C2SP has published.")
class LogProofs:
    """The head that was signed last, and what can be shown of the tree below it."""

    origin: str = strawberry.field(description="The log's name, which stands in every checkpoint.")
    size: int = strawberry.field(description="How many events the signed tree holds.")
    checkpoint: str | None = strawberry.field(
        description="The signed note over that tree; null before the first was signed."
    )
    verifier_key: str | None = strawberry.field(
        description="The key that checks the signature, as the verifier key of a signed note."
    )
    receipt: str | None = strawberry.field(
        resolver=_receipt,
        description="The tlog-proof of one event: index, audit path, checkpoint. It stands alone; "
        "null when there is no such event to be seen or no signed checkpoint covers it yet.",
    )
    entry: str | None = strawberry.field(
        resolver=_entry,
        description="The text that was hashed for the event, to the byte: its leaf in the tree is "
        "SHA-256 over a zero byte and this. Null when there is no such event to be seen.",
    )
    consistency: list[str] = strawberry.field(
        resolver=_consistency,
        description="The hashes, in base64, that show the tree of `old` events to be a beginning "
        "of the tree of `new` events (RFC 6962, 2.1.2).",
    )
    root: str = strawberry.field(
        resolver=_root, description="The root hash, in base64, of the tree of so many events."
    )


def _found(sight: Sight, event: str, column: str) -> Select[Any]:
    """A column of the event with this id, if the reader may know that it is its id.

    An event is one of its request by its id: whoever could ask for more of them would count what
    followed in secret.
    """
    events, veil = sight.reader.tables.events, sight.veil
    told = and_(cleared(veil), not_(hushed(veil)))
    return select(events.c[column]).where(events.c.id == event, told)


async def _shown(info: Info, prove: Callable[[Sight], Any]) -> Any:
    """The answer to an auditor's question; positions and roots are shown to nobody else."""

    def question(_connection: Connection, sight: Sight) -> Any:
        if not sight.may(READ_LOG):
            raise refusal("forbidden", f"This needs {READ_LOG}.")
        return prove(sight)

    return await info.context.look(question)


def _proofs() -> StrawberryField:
    async def resolver(info: Info) -> Any:
        return await _shown(info, _head)

    about = "The log's signed head and proofs about its events; for those who may read the log."
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = StrawberryAnnotation(LogProofs)
    return field  # type: ignore[no-any-return]


def _head(sight: Sight) -> LogProofs:
    head = sight.reader.head(sight.connection)
    log = sight.reader.get(sight.connection, Log, SUBJECT)
    return LogProofs(
        origin=head.origin,
        size=head.signed_size,
        checkpoint=head.checkpoint,
        verifier_key=None if log is None else log.key,
    )


FIELDS: Final[dict[str, StrawberryField]] = {"proofs": _proofs()}
"""The query `proofs`."""
