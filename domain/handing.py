"""What helps where only programs could whose owner is suspended: that they get another one."""

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
    """Those for whom somebody answers; where there are none, all, and that they are handed over.

    `who` tells who may ask for an action.
    """
    able = frozenset(each for each in people if answered(authority, each))
    if able or not people:
        return able, ()
    named = ", ".join(sorted(person_name(authority.person(each)) for each in people))
    told = f"Give {named} to an owner who is not suspended, and who makes new tokens for it."
    return frozenset(people), (Act(HAND_OVER, who(HAND_OVER), 1, told),)
