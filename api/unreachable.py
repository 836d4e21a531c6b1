"""Lists narrowed by whether anybody may still approve, which only the people as of now can tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from api.derived.nouns import INPUTS
from api.derived.paging import ALL, Kept
from api.hiding.visibility import Sight

NAME: Final = "unreachable"


@dataclass(frozen=True, slots=True)
class Reach:
    """What narrows a list by that."""

    unreachable: Annotated[
        bool | None, "Whose approval nobody can give as of now, since too few may; or the others."
    ] = None


ARGUMENTS: Final = INPUTS.of_fields(Reach)

Beyond = Callable[[Any], object]
"""Whether nobody can give what a record waits for, or what of that."""
Ahead = Callable[[Sequence[Any]], None]
"""Reads at once what that looks at."""


def kept(
    sight: Sight, wanted: Mapping[str, Any], beyond: Beyond, ahead: Ahead | None = None
) -> Kept:
    """Keep those that are beyond reach, or the others, as is wanted.

    What is hidden and seen as one's own alone is neither: who may decide on it is not told.
    """
    unreachable = wanted.get(NAME)
    if unreachable is None:
        return ALL

    def keep(state: Any) -> bool:
        return not sight.partial([state]) and bool(beyond(state)) is unreachable

    return Kept(keep, ahead)
