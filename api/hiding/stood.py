"""How records stood to who is not told of all their history: as if the rest had not been."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypeVar

from api.hiding.untold import untold_events
from api.hiding.visibility import Sight
from domain.kernel import Recorded, moved
from domain.release.evolve import passed_over
from domain.release.state import Release

S = TypeVar("S")
PASSED: Final[Mapping[type, Callable[[Any, Recorded], Any]]] = {Release: passed_over}
"""How a record stands to who is not told of an event, where more than its number moves by it."""


def stood(sight: Sight, state: type[S], ids: Collection[str], until: int) -> dict[str, S]:
    """These as they stood before the event at a position, as the reader is told of it (S1-12).

    What was done with them and with what stays hidden was not done, to who is not told of that.
    """
    reader, connection = sight.reader, sight.connection
    untold = untold_events(sight, state, ids)
    if not untold:
        return reader.stood(connection, state, ids, until)
    evolve: Callable[[Any, Recorded], S] = reader.registry.by_state[state].evolve
    passed = PASSED.get(state, moved)

    def told(before: S | None, recorded: Recorded) -> S:
        hidden = recorded.version in untold.get(recorded.subject, ())
        return passed(before, recorded) if hidden else evolve(before, recorded)

    return reader.stood(connection, state, ids, until, told)
