"""The calendar as other programs read it: an iCalendar feed for who holds a token for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.authentication.bearer import Caller, utc_now
from api.calendar.agenda import LONGEST, Wish, agenda
from api.calendar.agenda_items import Agenda, AgendaItem, AgendaKind
from api.concerns import concerns
from api.context import Access, Asker
from api.http.exchange import exchange_of
from api.http.guards import refuse
from api.rules import FEED
from domain.calendar.cadence import Fate

if TYPE_CHECKING:
    from icalendar import Event

PATH: Final = "/calendar.ics"
MEDIA: Final = "text/calendar; charset=utf-8"
BEFORE, AFTER = timedelta(days=30), timedelta(days=180)
"""How far back and ahead of now a feed reaches."""
QUERY: Final = 1_024
"""Bytes of a query that are looked at."""
OFTEN: Final = 130
"""Of a cadence with more dates in a feed than that, none is shown: they would hide all else."""
SINCE: Final = LONGEST
"""So far back from now whoever had a part in something is still told of its playbook's dates."""
_KNOWN: Final = {"token", "service", "team", "playbook"}

Enter = Callable[[str], Awaitable[Caller | None]]
"""The caller behind an Authorization header."""


def is_for_feed(caller: Caller) -> bool:
    """Whether a credential is for the feed and for nothing else.

    No other is taken: an address stands in the histories and logs of programs that are not ours.
    """
    return caller.actions == frozenset((FEED,))


class Feed:
    """Answers with the calendar of whoever owns the token: what is theirs, a service's or a team's.

    Whatever is wrong with an address has one and the same answer, which is also that for a token
    that was revoked; there are no validators, so nothing is learned by asking twice.
    """

    def __init__(
        self, access: Access, enter: Enter, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.access = access
        self.enter = enter
        self.clock = clock

    def route(self) -> Route:
        """Where it is asked for."""
        return Route(PATH, self.answer, methods=["GET"])

    async def answer(self, request: Request) -> Response:
        """The feed, or the one refusal."""
        given = _given(request.scope["query_string"])
        caller = await self.enter(f"Bearer {given.get('token', '')}")
        if caller is None or not is_for_feed(caller) or caller.principal is None:
            return refuse("unauthenticated", request.scope)
        exchange_of(request.scope).caller = caller
        asker = Asker(caller.principal, caller.credential, (FEED,))
        body = await anyio.to_thread.run_sync(self._body, asker, given)
        return Response(body, media_type=MEDIA)

    def _body(self, asker: Asker, given: Mapping[str, str]) -> bytes:
        """The calendar as its owner may see it now."""
        at, service, team = self.clock(), given.get("service"), given.get("team")
        person = asker.principal if service is None and team is None else None
        wish = Wish(at - BEFORE, at + AFTER, service, person, team)
        context = self.access.context(asker, "")
        with self.access.reader.connection() as connection:
            sight = context.sight(connection)
            within = concerns(sight, at - SINCE, service, person, team)
            if "playbook" in given:
                within = replace(within, playbooks=within.playbooks | {given["playbook"]})
            found = agenda(sight, wish, often=OFTEN, within=within)
        return written(found, at)


def _given(query: bytes) -> dict[str, str]:
    """The parameters, each at most once; nothing of a query that says anything else."""
    if len(query) > QUERY:
        return {}
    try:
        pairs = parse_qsl(query.decode("ascii"), strict_parsing=True, errors="strict")
    except ValueError:
        return {}
    names = [name for name, _ in pairs]
    return dict(pairs) if len(set(names)) == len(names) and _KNOWN.issuperset(names) else {}


def written(found: Agenda, at: datetime) -> bytes:
    """An agenda as iCalendar (RFC 5545); every text is escaped by the library."""
    from icalendar import Calendar  # noqa: PLC0415  (a third of a second, only for feeds)

    calendar = Calendar()
    calendar.add("prodid", "-//Changegate//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Changegate")
    for item in found.items:
        calendar.add_component(_event(item, at))
    body: bytes = calendar.to_ical()
    return body


def _event(item: AgendaItem, at: datetime) -> Event:
    from icalendar import Event  # noqa: PLC0415  (as above)

    event = Event()
    event.add("uid", _uid(item))
    event.add("dtstamp", at)
    event.add("dtstart", item.since)
    if item.until > item.since:
        event.add("dtend", item.until)
    event.add("summary", item.title or "(erased)")
    event.add("categories", [item.kind.value])
    if item.reasons:
        event.add("description", "\n".join(item.reasons))
    out = item.fate in (Fate.SKIPPED, Fate.MERGED)
    event.add("status", "CANCELLED" if out else "CONFIRMED")
    event.add("transp", "OPAQUE" if item.kind is AgendaKind.CHANGE else "TRANSPARENT")
    return event


def _uid(item: AgendaItem) -> str:
    """The same for the same thing, also after a change or a release was moved."""
    if item.change is not None:
        return f"{item.change}@changegate"
    if item.release is not None:
        return ".".join(filter(None, (item.release, item.milestone))) + "@changegate"
    named = (item.playbook, item.cadence, item.milestone)
    name = ".".join(filter(None, named)) or item.entry or item.lock
    return f"{name}.{item.since:%Y%m%dT%H%M%SZ}@changegate"
