"""What is said of locks: who confirms what waits, what awaits whoever asks, and slips in names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField

from api.derived.fields import attribute, batched
from api.derived.nouns import TYPES
from api.derived.paging import Listing, listing
from api.gates import Moment, moment_of
from api.hiding.visibility import Sight
from api.permission import permits
from api.queues import queue_field
from domain.adoption import Status
from domain.environment.state import Environment
from domain.explanation import SHOWN, Slot
from domain.lock.aggregate import AGGREGATE
from domain.lock.seconding import confirmers
from domain.lock.state import Lock, Waiting
from domain.playbook.aggregate import Playbook, process

ACTION: Final = "lock.confirm"
SAID: Final = {
    Waiting.DECLARATION: "Confirm that it locks.",
    Waiting.AMENDMENT: "Confirm what it is to say.",
    Waiting.LIFTING: "Confirm that it ends before its time.",
}


def confirmations(
    _connection: Connection, sight: Sight, locks: Sequence[Lock]
) -> list[Slot | None]:
    """Whose word what waits of each lock takes; None where nothing does."""
    moment = moment_of(sight)
    return [_confirmation(each, moment) for each in locks]


def _confirmation(lock: Lock, moment: Moment) -> Slot | None:
    if lock.waiting is None:
        return None
    asking = moment.who(ACTION, AGGREGATE.scopes(lock, "confirm", {}))
    people = confirmers(lock, asking, moment.standing.authority)
    return Slot(ACTION, 1, people[:SHOWN], len(people), SAID[lock.waiting])


def unknown(connection: Connection, sight: Sight, locks: Sequence[Lock]) -> list[list[str]]:
    """Which of the environments that each names nobody keeps here or declares: slips, it may be."""
    said = [(each.terms, *filter(None, (each.proposal,))) for each in locks]
    named = [{name for terms in every for name in terms.environments} for every in said]
    wanted = set().union(*named)
    known = _known(connection, sight, wanted) if wanted else set()
    return [sorted(each - known) for each in named]


def _known(connection: Connection, sight: Sight, names: set[str]) -> set[str]:
    """Those of these environments that are kept here, or that a playbook in force declares."""
    kept, books = sight.reader.snapshot(Environment), sight.reader.snapshot(Playbook)
    where = (kept.c.name.in_(sorted(names)), sight.visible(Environment))
    found = {name for (name,) in connection.execute(select(kept.c.name).where(*where))}
    if found == names:
        return found
    adopted = sight.select(Playbook).where(books.c.status == Status.ADOPTED.value)
    for row in connection.execute(adopted):
        book = process(sight.reader.state_of(Playbook, row).body)
        found |= {each.name for each in book.releases.environments}
    return found


FIELDS: Final[dict[str, StrawberryField]] = {
    "waiting": attribute(
        "waiting",
        StrawberryOptional(TYPES.enum(Waiting)),
        "What of it waits for a second person, if anything does; until then it stays as it is.",
    ),
    "confirmation": batched(
        "confirmation",
        StrawberryOptional(TYPES.object(Slot)),
        "Who may confirm what waits, as a second person; null while nothing waits.",
        confirmations,
    ),
    "unknown_environments": batched(
        "unknown_environments",
        list[str],
        "Which of the environments that it names, or is to name, nobody keeps here or declares in "
        "a playbook in force. It locks them all the same: see whether a name is a slip.",
        unknown,
    ),
}


# What awaits whoever asks.


def awaiting(sight: Sight) -> Listing:
    """The locks of which something waits that the asker may confirm now."""
    waits = sight.reader.snapshot(Lock).c.waiting.is_not(None)
    found = listing(sight, Lock, "locksAwaitingMe", where=[waits], descending=False)
    authority = sight.standing.authority

    def mine(lock: Lock) -> bool:
        asks = confirmers(lock, (sight.principal,), authority)
        return bool(asks) and permits(sight, ACTION, AGGREGATE.scopes(lock, "confirm", {}))

    return Listing(found.name, found.statement, found.order, found.node, keep=mine)


ABOUT: Final = (
    "The locks of which something awaits your confirmation as a second person, oldest first."
)
QUERIES: Final[dict[str, StrawberryField]] = queue_field(
    "locks_awaiting_me", "LockConnection", ABOUT, awaiting
)
