"""Who is of another team than those who had a hand in something."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from domain.authority import Authority
from domain.kernel import is_person


def of_another_team(
    found: Mapping[str, str], hands: Collection[str], authority: Authority, at: datetime
) -> dict[str, str]:
    """Those of another team than everybody with a hand in it, now and in the year before.

    Nobody is while a team of theirs is not known (X-05); programs have none, and are left aside.
    """
    people = [each for each in hands if is_person(each)]
    if not people or not all(map(authority.team, people)):
        return {}
    theirs = frozenset().union(*(authority.teams(each, at) for each in people))
    return {
        person: grant
        for person, grant in found.items()
        if authority.team(person) and theirs.isdisjoint(authority.teams(person, at))
    }
