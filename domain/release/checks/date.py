"""Whether a release goes out when its parties agreed that it does (S1-41, S1-44)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from domain.accord.binding import binding
from domain.accord.standing import electorate
from domain.accord.state import Accord
from domain.gate import Act, Finding, or_else
from domain.process.release import PUBLISH, RequirementRow
from domain.release.gate.question import Question, found

EARLIEST: Final = timedelta(days=1)
"""How long before the agreed time it may be published: on its day, wherever that is."""
DATE: Final = "Its own date is the one that was agreed on"
TIME: Final = "It goes out when that was agreed"


def on_time(
    ask: Question, row: RequirementRow, gate: str, accords: Iterable[Accord]
) -> Iterator[Finding]:
    """That the date which was agreed on last is kept; other terms that are agreed on change it.

    `accords` are those to which every party agrees. What is out is not looked at any more.
    """
    kind = ask.playbook.accord(row.accord or "")
    if ask.state.published_at is not None or kind is None or not kind.dated:
        return
    dated = [each for each in accords if each.terms.due is not None]
    last = binding(dated, ask.authority, ask.at, ask.records) if dated else None
    if last is not None and last.terms.due is not None:
        yield _own_date(ask, row, last, last.terms.due)
        yield _at_its_time(ask, row, gate, last, last.terms.due)


def _own_date(ask: Question, row: RequirementRow, accord: Accord, due: datetime) -> Finding:
    """Its own date, if it has one, is the agreed one: nobody moves that alone."""
    at = ask.state.scheduled
    wanted = due.isoformat()
    message = f"It is scheduled for {at.isoformat() if at else 'no day'}, and agreed is {wanted}."
    act = ask.act("release.reschedule", f"Move it to the agreed date, {wanted}.")
    answer = found(row, DATE, at in (None, due), "date_not_agreed", message, act)
    return or_else(answer, (_revising(ask, accord),))


def _at_its_time(
    ask: Question, row: RequirementRow, gate: str, accord: Accord, due: datetime
) -> Finding:
    """It is not over, and it is published neither after it nor more than a day before."""
    revise, opens = _revising(ask, accord), due - EARLIEST
    if ask.at > due:
        message = f"It was to be out by {due.isoformat()}, which is over."
        return found(row, TIME, None, "agreed_date_passed", message, revise)
    message = f"It goes out by {due.isoformat()}, and not before {opens.isoformat()}."
    wait = Act("release.wait", count=0, description=message)
    early = gate == PUBLISH and ask.at < opens
    return or_else(found(row, TIME, not early, "before_agreed_date", message, wait), (revise,))


def _revising(ask: Question, accord: Accord) -> Act:
    """That who asked for the terms, or a party, puts another date before the parties."""
    rules = [each.rule for each in accord.rules]
    parties = electorate(accord, ask.authority, ask.at, ask.records).entitled(rules)
    hands = frozenset((accord.requested_by,)).union(*parties.values())
    told = "Put another date before the parties, and have each agree to it."
    return Act("accord.revise", ask.who("accord.revise") & hands, description=told)
