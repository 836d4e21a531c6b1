"""Verifying what is kept beside the log: answers for who asks again, and who was turned away."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, and_, select

from domain.access import Access, counted
from ledger.faults import Fault
from ledger.request import event_id
from ledger.store import Reader


def check_replies(reader: Reader, connection: Connection) -> Iterator[Fault]:
    """What is answered to who asks again under a key is what the log says was done.

    What they asked for is kept as a hash alone, and of what changed nothing there is no event.
    """
    replies, events = reader.tables.replies, reader.tables.events
    own = and_(
        events.c.position > replies.c.position - replies.c.events,
        events.c.position <= replies.c.position,
    )
    told = ("actor", "action", "key", "request", "subject", "version", "position", "events")
    statement = (
        select(
            *[replies.c[name] for name in told],
            events.c.id,
            events.c.actor.label("by"),
            events.c.subject.label("about"),
            events.c.version.label("now"),
        )
        .select_from(replies.outerjoin(events, own))
        .order_by(replies.c.actor, replies.c.action, replies.c.key, events.c.position)
    )
    rows = connection.execution_options(yield_per=500).execute(statement)
    for _, found in groupby(rows, key=lambda row: tuple(row[:3])):
        done = list(found)
        if not _is_as_done(done):
            message = f"what is answered anew to {done[0].action} is not what was done"
            yield Fault("reply_altered", message, done[0].position, done[0].subject)


def _is_as_done(done: list[Any]) -> bool:
    """Whether a reply, with the events that it names, is about these."""
    reply = done[0]
    if not reply.events:
        return reply.position is None and reply.id is None
    ids = [event_id(reply.request, nth) for nth in range(reply.events)]
    if [row.id for row in done] != ids or any(row.by != reply.actor for row in done):
        return False
    last = next((row for row in reversed(done) if row.about == reply.subject), done[-1])
    return bool(last.now == reply.version)


def check_denials(reader: Reader, connection: Connection) -> Iterator[Fault]:
    """Nobody was turned away less often than was recorded once the hour was over."""
    if Access not in reader.registry.by_state:
        return
    denials, table = reader.tables.denials, reader.snapshot(Access)
    stored = select(denials.c.actor, denials.c.action, denials.c.hour, denials.c.count)
    counts = {tuple(row[:3]): row[3] for row in connection.execute(stored)}
    for row in connection.execute(select(*reader.columns(Access)).order_by(table.c.id)):
        access = reader.state_of(Access, row)
        if counts.get((access.person, counted(access), access.hour), 0) < access.count:
            message = "it was counted less often than was recorded"
            yield Fault("denials_altered", message, None, access.id)
