"""How approvals stood when they were used: what changes afterwards voids none of these."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from api.hiding.visibility import Sight
from domain.approval.voting import Standing, Standings
from domain.authority import Authority


def as_used(
    sight: Sight, used_at: datetime | None, stand: Callable[[Authority, datetime], Standings]
) -> tuple[Standing, ...]:
    """How its rules stand; of what was used, and is not satisfied any more, how they did then.

    Who chairs and sits by now is looked at first: mostly nothing has changed.
    """
    now = stand(sight.held.authority, sight.moment)
    if now.satisfied or used_at is None:
        return now.rules
    until = sight.reader.after(sight.connection, used_at)
    then = sight.reader.standing_then(sight.connection, until)
    return stand(then.authority, used_at).rules
