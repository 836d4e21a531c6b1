"""The inbox: fifty changes that await somebody, found among many, against one plain statement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import anyio.to_thread
import msgspec
from sqlalchemy import Connection, Table, text

from api.context import new_id
from api.deployment import TABLES
from api.derived.identity import global_id
from api.machine.installation import Desk, Installation
from benchmarks import places
from benchmarks.figures import Figure, against
from benchmarks.organisation import SERVICES, WHY, Organisation, approval, check
from benchmarks.places import Place
from benchmarks.sizes import Size
from benchmarks.through_schema import through_schema
from ledger.databases import admin_engine
from ledger.store import Reader
from tests.api.counted import statements

MINE = 50
MOST = 3
"""Statements of a page, with what is shown of its changes."""
WAITING_ELSEWHERE = 33
"""One change in so many awaits somebody else; the rest are decided."""
ASKED = 15
DOCUMENT = """
query ChangesAwaitingMe($first: Int) {
  changesAwaitingMe(first: $first) {
    edges { node { rule title change { id status risk content { title service } } } }
  }
}
"""
PLAIN = """
select c.id, c.status, c.risk, c.title, c.service, a.rule, min(a.title)
from change_awaited a join changes c on c.id = a.owner
where not a.filled
  and (a.person = :me
       or a.role = 'role:change_manager' and a.scope = 'service' and a.value = :service)
  and not exists (select 1 from change_people p where p.owner = a.owner and p.person = :me)
  and not exists (
    select 1 from change_votes v where v.owner = a.owner and v.rule = a.rule and v.seat = :me)
group by c.id, c.status, c.risk, c.title, c.service, a.rule
order by c.id, a.rule limit :first
"""
Ask = Callable[[], Awaitable[bytes]]


def measure(size: Size, server: str) -> Iterator[Figure]:
    """Statements and time of an inbox on both databases."""
    for place in places.each(server):
        yield from _measured(place, size)


def _measured(place: Place, size: Size) -> Iterator[Figure]:
    with places.founded(place) as desk:
        me = _crowded(place, desk, size.changes)
    installation = Installation.open(place.settings)
    try:
        yield from _figures(place, installation.reader, me, size)
    finally:
        installation.close()


def _figures(place: Place, reader: Reader, me: str, size: Size) -> Iterator[Figure]:
    ours, plain = _through_schema(reader, me), _by_hand(reader, me)
    with asyncio.Runner() as runner:
        first = runner.run(_answer(ours))
        assert first == runner.run(_answer(plain)), "the two answers differ"
        assert len(msgspec.json.decode(first)["changesAwaitingMe"]["edges"]) == MINE
        with statements(reader.engine) as seen:
            runner.run(_answer(ours))
        rounds = [
            [runner.run(_timed(each, size.seconds)) for each in (ours, plain)]
            for _ in range(size.rounds)
        ]
    name = f"inbox of {MINE} among {size.changes:,} changes"
    asked = len(seen)
    yield Figure(
        f"{name}, statements",
        place.kind,
        asked,
        "",
        ratio=asked,
        required=MOST,
        at_most=True,
    )
    mine, theirs = ([times[at] for times in rounds] for at in (0, 1))
    yield against(f"{name}, time", place.kind, mine, "ms", theirs, "one statement")


async def _answer(ask: Ask) -> bytes:
    return await ask()


async def _timed(ask: Ask, seconds: float) -> float:
    """The median of some askings, in ms; of fewer when they take longer than so many seconds."""
    took: list[float] = []
    while len(took) < ASKED and sum(took) < seconds * 1000:
        started = perf_counter()
        await ask()
        took.append((perf_counter() - started) * 1000)
    return median(took)


# The two ways.


def _through_schema(reader: Reader, me: str) -> Ask:
    found = through_schema(reader, me, DOCUMENT, first=MINE)

    async def ask() -> bytes:
        return msgspec.json.encode(await found())

    return ask


def _by_hand(reader: Reader, me: str) -> Ask:
    given = {"me": me, "service": SERVICES[0], "first": MINE}
    statement = text(PLAIN)

    def rows() -> Sequence[Any]:
        with reader.connection() as connection:
            return connection.execute(statement, given).all()

    async def ask() -> bytes:
        edges = [{"node": _entry(*row)} for row in await anyio.to_thread.run_sync(rows)]
        return msgspec.json.encode({"changesAwaitingMe": {"edges": edges}})

    return ask


def _entry(  # noqa: PLR0917  (the columns of the statement)
    id: str, status: str, risk: str, title: str, service: str, rule: str, asks: str
) -> dict[str, Any]:
    content = {"title": title, "service": service}
    change = {"id": global_id("Change", id), "status": status.upper(), "risk": risk}
    return {"rule": rule, "title": asks, "change": {**change, "content": content}}


# What there is.


@dataclass(frozen=True, slots=True)
class Patterns:
    """Changes made by real commands, of which the many are copies."""

    mine: str
    waiting: Sequence[str]
    decided: Sequence[str]


def _crowded(place: Place, desk: Desk, number: int) -> str:
    """Fill the database with so many changes; whoever decides on fifty of them."""
    organisation = Organisation(desk)
    organisation.build()
    me = _manager(organisation)
    patterns = _patterns(organisation)
    engine = admin_engine(place.settings.url)
    with engine.begin() as connection:
        _copy(connection, list(_copies(patterns, number)))
        places.analyze(place, connection)
    engine.dispose()
    return me


def _manager(organisation: Organisation) -> str:
    """A change manager of one service alone."""
    person = organisation.person("role:requester", "service")
    first, second = organisation.administrators
    given = organisation.desk.ask(
        "grant.give",
        by=first,
        person=person,
        role="role:change_manager",
        reason=WHY,
        scope="service",
        value=SERVICES[0],
    )
    organisation.desk.ask("grant.confirm", given.subject, by=second)
    return person


def _patterns(organisation: Organisation) -> Patterns:
    """One change of low risk awaits the manager; three await others; three are decided."""
    mine, *others = organisation.changes(7)
    board, assessor, manager, *decided = others
    votes = [approval(each, "assessment", organisation.assessor) for each in (mine, board, manager)]
    for turn, each in enumerate(decided):
        votes += [approval(each, *vote) for vote in organisation.votes((turn + 1) % 3)]
    for vote in votes:
        [answer] = organisation.desk.writer.run([vote])
        check(answer)
    return Patterns(mine, (board, assessor, manager), decided)


def _copies(patterns: Patterns, number: int) -> Iterator[dict[str, str]]:
    """Which pattern each new change follows; mine are spread among all, one is there already."""
    every = number // (MINE - 1)
    for nth in range(number):
        if nth % every == 0 and nth // every < MINE - 1:
            pattern = patterns.mine
        elif nth % WAITING_ELSEWHERE == 0:
            pattern = patterns.waiting[nth // WAITING_ELSEWHERE % len(patterns.waiting)]
        else:
            pattern = patterns.decided[nth % len(patterns.decided)]
        yield {"id": new_id(), "pattern": pattern}


def _copy(connection: Connection, copies: list[dict[str, str]]) -> None:
    """Copy what the ledger painted, snapshots and derived rows alike."""
    connection.execute(text("create temporary table copies (id text, pattern text)"))
    connection.execute(text("insert into copies values (:id, :pattern)"), copies)
    copy_table(connection, TABLES.snapshots["change"], "id")
    for name, table in TABLES.rows.items():
        if name.startswith("change_"):
            copy_table(connection, table, "owner")


def copy_table(connection: Connection, table: Table, key: str) -> None:
    """Copy the rows of each pattern for each copy of it; `key` names the column that differs."""
    names = [name for name in table.columns.keys() if name != key]  # noqa: SIM118  (in order)
    listed = ", ".join(f'"{name}"' for name in names)
    kept = ", ".join(f't."{name}"' for name in names)
    connection.execute(
        text(
            f'insert into {table.name} ("{key}", {listed}) '
            f'select c.id, {kept} from copies c join {table.name} t on t."{key}" = c.pattern'
        )
    )
