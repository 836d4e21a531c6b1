"""Reads what releases deliver themselves, as far as a report on delivery needs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, select

from api.calendar.scheduled import GOING_ON
from api.delivery.log import Log
from domain.delivery.attested import ATTESTED, PINNED, Pin, Watched, pin_of
from domain.delivery.delivered import KINDS, SETTLED, deliveries
from domain.delivery.deployments import LATER, Place, service_of
from domain.delivery.happening import Happening, by_subject
from domain.playbook.aggregate import Playbook, process
from domain.process.release import Matter
from domain.release.state import Release

PAGE: Final = 500
Stories = dict[str, list[Happening]]
"""What happened to each deployment, by its id."""


@dataclass(frozen=True, slots=True)
class Own:
    """The deliveries of a service's releases, or of all, to some environments."""

    log: Log
    service: str | None
    there: frozenset[str]

    @property
    def _where(self) -> list[ColumnElement[bool]]:
        """What is of the service now; what was then is told by the releases as they stood."""
        now = self.service is not None and not self.log.past
        return [self.log.table(Release).c.service == self.service] if now else []

    def between(self, since: int, before: int) -> Stories:
        """Those of releases that were deployed in a stretch of the log, and what is under way."""
        ids = self.log.subjects(Release, KINDS, since, before, self._where)
        return self._of(ids | self._going_on())

    def arrived(self, since: int, before: int) -> Stories:
        """Those of releases of which one came to its end in a stretch of the log."""
        return self._of(self.log.subjects(Release, (SETTLED,), since, before, self._where))

    def _going_on(self) -> set[str]:
        """The releases that go on, or of which something ended after the end of the log."""
        log, table = self.log, self.log.table(Release)
        going = select(table.c.id).where(log.sight.visible(Release), *self._where)
        ids = log.sight.connection.execute(going.where(table.c.status.in_(GOING_ON))).scalars()
        ended = log.subjects(Release, (SETTLED,), log.until, None, self._where) if log.past else ()
        return {*ids, *ended}

    def after(self, since: int, waiting: Collection[Place]) -> Stories:
        """Those that tell which of a service arrived first at an environment from a place on."""
        found: Stories = {}
        seen: set[str] = set()
        left, position = set(waiting), since
        while left:
            page = self._settled(position)
            found |= self._of({each.subject for each in page} - seen)
            seen |= {each.subject for each in page}
            left -= _told(found.values(), since)
            if len(page) < PAGE:
                break
            position = page[-1].position + 1
        return found

    def _settled(self, since: int) -> list[Happening]:
        """The first settled deliveries from a place in the log on."""
        log, table = self.log, self.log.table(Release)
        joined = log.events.join(table, table.c.id == log.events.c.subject)
        statement = (
            select(*log.columns, table.c.id)
            .select_from(joined)
            .where(log.events.c.kind == SETTLED, log.events.c.position >= since)
            .where(log.events.c.position < log.until, log.sight.visible(Release), *self._where)
            .order_by(log.events.c.position)
            .limit(PAGE)
        )
        return log.read(statement, placed=False)

    def _of(self, ids: Collection[str]) -> Stories:
        """All deliveries of these releases."""
        kinds = (*KINDS, *PINNED)
        found = self.log.told(Release, kinds, ids, where=self._where, place="service")
        if self.log.past and self.service is not None:
            sight, told = self.log.sight, {each.subject for each in found}
            stood = sight.reader.stood(sight.connection, Release, told, self.log.until)
            mine = {id for id, each in stood.items() if each.plan.service == self.service}
            found = [each for each in found if each.subject in mine]
        return by_subject(deliveries(found, self.there, self._watched(found)))

    def _watched(self, found: Iterable[Happening]) -> dict[Pin, Watched]:
        """By which requirements somebody attests what went by hand, by version and kind."""
        pins = _pins(found)
        books = self.log.sight.find(Playbook, {book for book, _ in pins}) if pins else {}
        kinds = {
            (book, kind): process(books[book].body).releases.kind(kind)
            for book, kind in pins
            if book in books
        }
        return {
            pin: {e.name: e.environment for e in kind.requirements if e.about is Matter.WATCHED}
            for pin, kind in kinds.items()
            if kind is not None
        }


def _pins(found: Iterable[Happening]) -> set[Pin]:
    """Every version by which a release went of which somebody attested something."""
    told = list(found)
    attested = {each.subject for each in told if each.kind == ATTESTED}
    pins: dict[str, list[Pin]] = {}
    for each in told:
        if each.kind in PINNED and each.subject in attested:
            mine = pins.setdefault(each.subject, [])
            mine.append(pin_of(each, mine[-1] if mine else None))
    return {pin for mine in pins.values() for pin in mine}


def _told(stories: Iterable[list[Happening]], since: int) -> set[Place]:
    """The places at which as much arrived from a place in the log on as is asked for."""
    arrived = Counter(
        (each.place, service_of(mine))
        for mine in stories
        for each in mine
        if each.kind == "deployment.succeeded" and each.position >= since
    )
    return {place for place, count in arrived.items() if count >= LATER}
