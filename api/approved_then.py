"""How approvals stood when they were used: what changes afterwards voids none of these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from api.hiding.visibility import Sight
from domain.approval.voting import Standing, Standings
from domain.authority import Authority
from ledger import store

S = TypeVar("S")


def as_used(
    sight: Sight,
    asked: Sequence[tuple[S, datetime | None]],
    stand: Callable[[S, Authority, datetime], Standings],
) -> list[tuple[Standing, ...]]:
    """How the rules of each stand; of what was used, and is not satisfied any more, as then.

    Who chairs and sits by now is looked at first: mostly nothing has changed.
    """
    found = [stand(state, sight.held.authority, sight.moment) for state, _ in asked]
    lost: dict[datetime, list[int]] = {}
    for place, (now, (_, used_at)) in enumerate(zip(found, asked, strict=True)):
        if used_at is not None and not now.satisfied:
            lost.setdefault(used_at, []).append(place)

    def look(used_at: datetime, then: store.Standing) -> None:
        for place in lost[used_at]:
            found[place] = stand(asked[place][0], then.authority, used_at)

    sight.reader.visit(sight.connection, lost, look)
    return [each.rules for each in found]
