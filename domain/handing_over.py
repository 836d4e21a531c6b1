"""Where only programs with a suspended owner could help, they are handed over to another owner."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from domain.authority import Authority
from domain.gate import Act
from domain.office import answered
from domain.titles import person_name

HAND_OVER: Final = "principal.edit"


def those_answered(
    authority: Authority, people: Collection[str], who: Callable[[str], frozenset[str]]
) -> tuple[frozenset[str], tuple[Act, ...]]:
    """Those of these people and programs who can act, as somebody in service answers for them.

    Where there are none: all of them, and the act that hands them over. `who` tells who may ask
    for an action.
    """
    able = frozenset(each for each in people if answered(authority, each))
    if able or not people:
        return able, ()
    named = ", ".join(sorted(person_name(authority.person(each)) for each in people))
    told = f"Give {named} to an owner who is not suspended, and who makes new tokens for it."
    return frozenset(people), (Act(HAND_OVER, who(HAND_OVER), 1, told),)
