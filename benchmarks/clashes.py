"""What stands in one change's way among thousands of planned ones, against one plain statement."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any

import msgspec
from sqlalchemy import bindparam, select, text, update

from api.calendar.planned import BUSY
from api.context import new_id
from api.deployment import TABLES
from api.derived.identity import global_id
from api.machine.installation import Desk, Installation
from api.records import StoredRecords
from benchmarks import places
from benchmarks.figures import Figure, against
from benchmarks.inbox import copy_table
from benchmarks.organisation import SERVICES, Organisation
from benchmarks.places import Place
from benchmarks.sizes import Size
from benchmarks.through_schema import through_schema
from domain.change.planned import LIVE, others, plan_of
from domain.change.state import Change
from domain.clash.clash import Cause, Severity, clashes
from domain.clash.findings import Asked
from domain.digest import instant
from ledger.databases import admin_engine
from ledger.store import Reader
from tests.api.counted import statements

PLANNED = 10_000
DAYS = 60
"""Over how many days they are spread."""
ASKED = 15
DOCUMENT = """
query ChangeClashes($id: ID!) {
  change(id: $id) { clashes { cause severity since until names change { id } } }
}
"""
PLAIN = """
select c.id, c.service, c.window_since, c.window_until,
  (select count(*) from change_relations r where r.owner = c.id
    and r.kind = 'configuration_item' and r.reference in (:first, :second)),
  (select count(*) from change_people p where p.owner = c.id
    and p.part in (:busy) and p.person || '' = :owner)
from changes c
where c.status in (:live) and c.window_since < :until and c.window_until > :since
  and c.id <> :id
"""
Ask = Callable[[], Any]


def measure(size: Size, server: str) -> Iterator[Figure]:
    """Time and statements of the clashes of one change, on both databases."""
    for place in places.each(server):
        yield from _measured(place, min(PLANNED, size.changes), size)


def _measured(place: Place, number: int, size: Size) -> Iterator[Figure]:
    with places.founded(place) as desk:
        mine, requester = _planned(place, desk, number)
    installation = Installation.open(place.settings)
    try:
        yield from _figures(place, installation.reader, (mine, requester), number, size)
    finally:
        installation.close()


def _figures(
    place: Place, reader: Reader, who: tuple[str, str], number: int, size: Size
) -> Iterator[Figure]:
    plain, name = _by_hand(reader, who[0]), f"clashes of one change with {number:,} planned"
    for what, ours in (
        ("time", _through_schema(reader, *who)),
        ("at a gate", _at_a_gate(reader, who[0])),
    ):
        found = ours()
        assert found == plain(), "the two answers differ"
        assert found
        with statements(reader.engine) as seen:
            ours()
        rounds = [[_timed(e, size.seconds) for e in (ours, plain)] for _ in range(size.rounds)]
        mine, theirs = ([times[at] for times in rounds] for at in (0, 1))
        note = f"{len(found)} in its way, {len(seen)} statements"
        told = (f"{name}, {what}", place.kind, mine, "ms", theirs, "one statement")
        yield against(*told, at_most=True, note=note)


def _at_a_gate(reader: Reader, mine: str) -> Callable[[], set[str]]:
    """The other changes as a gate looks at them whose playbook lets every clash block."""
    with reader.connection() as connection:
        change = reader.get(connection, Change, mine)
    plan = plan_of(change) if change else None
    assert plan is not None
    asked = Asked(plan, dict.fromkeys(Cause, Severity.BLOCK))

    def ask() -> set[str]:
        with reader.connection() as connection:
            around = tuple(others(asked, StoredRecords(reader, connection)))
        found = clashes(plan, around, (), asked.severities)
        return {global_id("Change", each.change) for each in found if each.change}

    return ask


def _timed(ask: Ask, seconds: float) -> float:
    took: list[float] = []
    while len(took) < ASKED and sum(took) < seconds * 1000:
        started = perf_counter()
        ask()
        took.append((perf_counter() - started) * 1000)
    return median(took)


def _through_schema(reader: Reader, mine: str, requester: str) -> Callable[[], set[str]]:
    found = through_schema(reader, requester, DOCUMENT, id=global_id("Change", mine))

    def ask() -> set[str]:
        answer = asyncio.run(found())
        return {each["change"]["id"] for each in answer["change"]["clashes"]}

    return ask


def _by_hand(reader: Reader, mine: str) -> Callable[[], set[str]]:
    with reader.connection() as connection:
        change = reader.get(connection, Change, mine)
    assert change is not None
    assert change.content.window is not None
    first, second = change.content.configuration_items
    window = change.content.window
    table = TABLES.snapshots["change"]
    statement = text(
        PLAIN.replace("(:busy)", f"({_listed(BUSY)})").replace("(:live)", f"({_listed(LIVE)})")
    ).bindparams(
        bindparam("since", type_=table.c.window_since.type),
        bindparam("until", type_=table.c.window_until.type),
    )
    given = {
        "id": mine,
        "since": window.since,
        "until": window.until,
        "first": first,
        "second": second,
        "owner": change.owner,
    }

    def ask() -> set[str]:
        with reader.connection() as connection:
            rows = connection.execute(statement, given).all()
        return {
            global_id("Change", id)
            for id, service, _, _, items, people in rows
            if service == change.content.service or items or people
        }

    return ask


def _listed(words: Any) -> str:
    return ", ".join(f"'{each}'" for each in words)


# What there is.


def _planned(place: Place, desk: Desk, number: int) -> tuple[str, str]:
    """So many submitted changes over some weeks, copied from one of each service."""
    organisation = Organisation(desk)
    organisation.build()
    patterns = organisation.changes(len(SERVICES))
    copies = [
        {"id": new_id(), "pattern": patterns[nth % len(patterns)]}
        for nth in range(number - len(patterns))
    ]
    table = TABLES.snapshots["change"]
    engine = admin_engine(place.settings.url)
    with engine.begin() as connection:
        connection.execute(text("create temporary table copies (id text, pattern text)"))
        connection.execute(text("insert into copies values (:id, :pattern)"), copies)
        copy_table(connection, table, "id")
        for name, rows in TABLES.rows.items():
            if name.startswith("change_"):
                copy_table(connection, rows, "owner")
        begin: datetime = connection.execute(
            select(table.c.window_since).where(table.c.id == patterns[0])
        ).scalar_one()
        moved = update(table).where(table.c.id == bindparam("at")).values(_times())
        said = select(table.c.id, table.c.content).where(table.c.id.in_(patterns))
        contents = {id: msgspec.json.decode(each) for id, each in connection.execute(said)}
        connection.execute(moved, list(_spread(begin, copies, contents)))
        places.analyze(place, connection)
    engine.dispose()
    return patterns[0], organisation.requester


def _times() -> dict[str, Any]:
    times: dict[str, Any] = {"window_since": bindparam("begin"), "window_until": bindparam("end")}
    return times | {"content": bindparam("said")}


def _spread(
    begin: datetime, copies: list[dict[str, str]], contents: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Windows of two hours, one after another through the weeks around the first."""
    step = timedelta(days=DAYS) / len(copies)
    for nth, each in enumerate(copies):
        since = begin + nth * step - timedelta(days=1)
        until, content = since + timedelta(hours=2), contents[each["pattern"]]
        window = content["window"] | {"since": instant(since), "until": instant(until)}
        said = msgspec.json.encode(content | {"window": window}).decode()
        yield {"at": each["id"], "begin": since, "end": until, "said": said}
