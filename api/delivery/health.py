"""Reads what was said of environments: what people did, and of monitors' words what matters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Executable, Select, select, union_all

from api.delivery.log import Log, Where, unindexed
from domain.delivery import blockers
from domain.delivery.happening import Happening
from domain.environment.state import Environment, Health

REPORTED: Final = "environment.health_reported"
DISMISSED: Final = "environment.reporter_dismissed"
ACTS: Final = tuple(each for each in blockers.KINDS if each != REPORTED)
AT_ONCE: Final = 50
"""Of how many monitors the last word is looked up in one statement."""
PAGE: Final = 500
Monitor = tuple[str, str]
"""An environment and who reports of it, by id."""


@dataclass(frozen=True, slots=True)
class Words:
    """The reports of monitors in a stretch of the log, and around it those of what lasted then.

    Monitors report all the time, so theirs is nearly all that is recorded of environments.
    """

    log: Log
    since: int
    before: int
    names: dict[str, str]

    def told(self, monitors: Iterable[Monitor]) -> list[Happening]:
        """The reports in the stretch; before and after it those of what was bad at its ends."""
        inside = self._read(self._reports().where(self.log.events.c.position >= self.since))
        last = {(each.subject, each.facts["by"]): each for each in self._latest(monitors)}
        earlier = [one for each in last.values() if _bad(each) for one in (each, *self._run(each))]
        last |= {(each.subject, each.facts["by"]): each for each in inside}
        ended = [one for each in last.values() if _bad(each) for one in self._end(each)]
        return [*earlier, *inside, *ended]

    def _reports(self) -> Select[Any]:
        events = self.log.events
        return (
            select(*self.log.columns, events.c.subject.label("place"))
            .where(events.c.kind == REPORTED, events.c.subject.in_(sorted(self.names)))
            .where(events.c.position < self.before)
            .order_by(events.c.position)
        )

    def _latest(self, monitors: Iterable[Monitor]) -> Iterator[Happening]:
        """The last word of each before the stretch."""
        wanted = sorted(monitors)
        for at in range(0, len(wanted), AT_ONCE):
            each = (
                self._of(one).where(self.log.events.c.position < self.since)
                for one in wanted[at : at + AT_ONCE]
            )
            last = self.log.events.c.position.desc()
            parts = [one.order_by(last).limit(1).subquery() for one in each]
            yield from self._read(union_all(*(select(part) for part in parts)))

    def _of(self, monitor: Monitor) -> Select[Any]:
        subject, reporter = monitor
        events = self.log.events
        return select(*self.log.columns, events.c.subject.label("place")).where(
            events.c.actor == reporter,
            unindexed(events.c.kind) == REPORTED,
            events.c.subject == subject,
        )

    def _run(self, last: Happening) -> Iterator[Happening]:
        """What was bad before that, as long as nothing else was said in between."""
        events, mine = self.log.events, self._of((last.subject, last.facts["by"]))
        position: int | None = last.position
        while position is not None:
            page = mine.where(events.c.position < position).order_by(events.c.position.desc())
            found = self._read(page.limit(PAGE))
            position = found[-1].position if len(found) == PAGE else None
            for each in found:
                if not _bad(each):
                    return
                yield each

    def _end(self, last: Happening) -> Iterator[Happening]:
        """What was said after the stretch, up to the first word that is no bad one."""
        events, mine = self.log.events, self._of((last.subject, last.facts["by"]))
        position = self.before - 1
        while position < self.log.until:
            page = mine.where(events.c.position > position, events.c.position < self.log.until)
            found = self._read(page.order_by(events.c.position).limit(PAGE))
            position = found[-1].position if len(found) == PAGE else self.log.until
            for each in found:
                yield each
                if not _bad(each):
                    return

    def _read(self, statement: Executable) -> list[Happening]:
        found = self.log.read(statement, placed=True)
        return [replace(each, place=self.names[each.subject]) for each in found]


def _bad(report: Happening) -> bool:
    return bool(report.facts["health"] == Health.UNHEALTHY)


def environments(log: Log, since: int, before: int, where: Where) -> list[Happening]:
    """What was said of the environments that matters in a stretch of the log, in order.

    What people and alarms did is read from the beginning, for it is little and may last.
    """
    acts = log.happenings(Environment, ACTS, where, "name")
    reader = log.sight.reader
    columns = reader.columns(Environment)
    seen = select(*columns).where(log.sight.visible(Environment), *where)
    rows = log.sight.connection.execute(seen)
    states = [reader.state_of(Environment, row) for row in rows]
    monitors = {(each.id, report.reporter) for each in states for report in each.reports}
    monitors |= {(each.subject, each.facts["reporter"]) for each in _dismissals(log, acts, where)}
    words = Words(log, since, before, {each.id: each.name for each in states})
    found = [*acts, *words.told(monitors)]
    return sorted(found, key=lambda each: each.position)


def _dismissals(log: Log, acts: Iterable[Happening], where: Where) -> list[Happening]:
    """Every monitor that is not waited for any more, also since the moment looked at."""
    if not log.past:
        return [each for each in acts if each.kind == DISMISSED]
    size = log.sight.reader.head(log.sight.connection).size
    return replace(log, until=size).happenings(Environment, (DISMISSED,), where, "name")
