"""What answers for the contents of a release, and is approved for another place or time (X-01)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Final

from domain.change.going_out import in_time
from domain.change.state import EDITABLE, Change
from domain.gate import Act, Finding, or_else
from domain.inclusion import Inclusion
from domain.process.release import RequirementRow
from domain.release.checks.content import every
from domain.release.gate.question import Question
from domain.titles import change_title

MOST: Final = 5
"""Of how many changes it is told how they are approved; of more one by one."""


def change_of(ask: Question, item: Inclusion) -> str | None:
    """The change that an item is, or that answers for it."""
    return next((id for id in (item.reference, item.covered_by) if id in ask.changes), None)


def changes_of(ask: Question, items: Collection[Inclusion]) -> list[Change]:
    """The changes that items are, or that answer for them, each once."""
    ids = {id for each in items if (id := change_of(ask, each))}
    return [ask.changes[id] for id in sorted(ids)]


def otherwise(
    ask: Question, row: RequirementRow, left: Collection[Inclusion], place: str, act: Act
) -> Iterator[Finding]:
    """What is approved for other environments, and for another time."""
    away = _for_another_place(ask, left, place)
    if away:
        answer = every(ask, row, away, "not_authorised", f"approved, but not for {place}", act)
        yield _elsewhere(ask, answer, away, place)
    if late := [each for each in left if each not in away]:
        answer = every(ask, row, late, "not_authorised", "approved for another time", act)
        yield _untimely(ask, answer, late)


def _for_another_place(ask: Question, items: Collection[Inclusion], name: str) -> list[Inclusion]:
    """Those whose change is not approved for this environment."""
    every = ((each, change_of(ask, each)) for each in items)
    return [e for e, id in every if id and name not in ask.changes[id].content.environments]


def _elsewhere(ask: Question, answer: Finding, items: Collection[Inclusion], name: str) -> Finding:
    """The finding, with that what is approved for other places is approved for this one too.

    What is under way says what it says.
    """
    changes = changes_of(ask, items)
    if len(changes) > MOST or any(each.status not in EDITABLE for each in changes):
        return answer
    told = f"Plan {{}} for {name} too, and have it approved."
    return or_else(answer, tuple(_editing(ask, each, told) for each in changes))


def _untimely(ask: Question, answer: Finding, items: Collection[Inclusion]) -> Finding:
    """The finding, with that it waits for the time, or that another one is approved."""
    changes = [each for each in changes_of(ask, items) if not in_time(each, ask.at)]
    if len(changes) > MOST:
        return answer
    anew = tuple(another(ask, each) for each in changes)
    return or_else(answer, *dict.fromkeys((tuple(_in_turn(ask, changes)), anew)))


def _in_turn(ask: Question, changes: Collection[Change]) -> Iterator[Act]:
    """That windows which are over are planned anew, and those to come are waited for.

    All are planned anew where those to come are never open at once.
    """
    ahead = [each for each in changes if not over(each, ask.at)]
    waits = tuple(waiting(ahead, ask.at))
    yield from (another(ask, each) for each in changes if not waits or each not in ahead)
    yield from waits


def over(change: Change, at: datetime) -> bool:
    """Whether its window is over, if it has one."""
    window = change.content.window
    return window is not None and window.until <= at


def waiting(changes: Iterable[Change], at: datetime) -> Iterator[Act]:
    """That it waits until all windows of these which are to come are open, if they ever are."""
    ahead = [w for each in changes if (w := each.content.window) and at < w.since]
    opens = max((each.since for each in ahead), default=at)
    if ahead and all(opens < each.until for each in ahead):
        yield Act("release.wait", count=0, description=f"The window opens at {opens.isoformat()}.")


def another(ask: Question, change: Change) -> Act:
    """That another window is planned for it."""
    return _editing(ask, change, "Plan another window for {}, and have it approved.")


def _editing(ask: Question, change: Change, told: str) -> Act:
    described = told.format(change_title(change))
    return Act("change.edit", ask.who("change.edit"), 1, described, subject=change.id)
