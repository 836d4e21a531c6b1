"""How records stood to who is not told of all their history: as if the rest had not been."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from api.hiding.untold import untold_events
from api.hiding.visibility import Sight
from domain.kernel import Recorded, moved
from domain.merge_request.events import Concealed, Tied
from domain.merge_request.state import MergeRequest
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
        if hidden:
            left: S = passed(before, recorded)
            return left
        return _hidden_along(evolve, evolve(before, recorded), recorded)

    return reader.stood(connection, state, ids, until, told)


def _hidden_along(evolve: Callable[[Any, Recorded], S], state: S, recorded: Recorded) -> S:
    """A merge request hides by the fix that it is told to be tied to, whatever had hidden it."""
    if not isinstance(state, MergeRequest) or state.embargoed:
        return state
    if not isinstance(recorded.event, Tied):
        return state
    return evolve(state, replace(recorded, event=Concealed()))
