"""The triggers that make the log append-only, compared with those that a database has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy import Connection, text

from ledger.faults import Fault
from ledger.store import Reader
from migrations import append_only

TABLES: Final = ("events", "event_parts", "head")
_SHAPE: Final = re.compile(
    r"create trigger (?P<name>\w+) before (?P<on>[\w ]+) on (?P<table>\w+)\s+"
    r"for each (?P<each>row|statement) execute function (?P<function>\w+)\(\)"
)
_FUNCTION: Final = re.compile(r"create function (\w+)\(\).*?\$\$(.*?)\$\$", re.DOTALL)
_BEFORE, _ROW = 2, 1
_ON: Final = {"insert": 4, "delete": 8, "update": 16, "truncate": 32}

_SQLITE: Final = """
select name, sql from sqlite_master where type = 'trigger'
and tbl_name in ('events', 'event_parts', 'head')
"""
_POSTGRESQL: Final = """
select t.tgname, c.relname, t.tgtype, t.tgenabled, t.tgqual is null and t.tgattr = '' as always,
    p.proname, p.prosrc
from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
where not t.tgisinternal
and c.oid in (to_regclass('events'), to_regclass('event_parts'), to_regclass('head'))
"""


def trigger_faults(reader: Reader) -> Iterator[Fault]:
    """Triggers of the log's tables that are gone, off, not as they were made, or not ours.

    Without them a row can be changed where no reader would notice until the log is verified again.
    """
    with reader.connection() as connection:
        if connection.dialect.name == "postgresql":
            wanted, found = _wanted_of_postgresql(), _found_in_postgresql(connection)
        else:
            wanted, found = _wanted_of_sqlite(), _found_in_sqlite(connection)
    yield from _compared(wanted, found)


def _compared(wanted: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Fault]:
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            yield Fault("trigger_missing", f"{name} is gone, which keeps the log append-only")
        elif name not in wanted:
            yield Fault("trigger_unknown", f"{name} is no trigger of the log's tables")
        elif wanted[name] != found[name]:
            yield Fault("trigger_altered", f"{name} is off, or does not do what it did")


def _wanted_of_sqlite() -> dict[str, str]:
    made = map(_plain, append_only.statements("sqlite"))
    return {each.split()[2]: _named(each) for each in made}


def _found_in_sqlite(connection: Connection) -> dict[str, str]:
    return {name: _named(_plain(made)) for name, made in connection.execute(text(_SQLITE))}


def _named(made: str) -> str:
    """A trigger's text from its name on: SQLite spells the words before it in its own way."""
    return made.split(maxsplit=2)[2]


def _wanted_of_postgresql() -> dict[str, str]:
    whole = ";\n\n".join(append_only.statements("postgresql"))
    bodies = {name: _plain(body) for name, body in _FUNCTION.findall(whole)}
    return {
        each["name"]: _told(
            each["table"],
            _BEFORE
            + (_ROW if each["each"] == "row" else 0)
            + sum(_ON[word] for word in each["on"].split(" or ")),
            each["function"],
            bodies[each["function"]],
            runs=True,
        )
        for each in _SHAPE.finditer(whole)
    }


def _found_in_postgresql(connection: Connection) -> dict[str, str]:
    return {
        row.tgname: _told(
            row.relname,
            row.tgtype,
            row.proname,
            _plain(row.prosrc),
            runs=row.always and row.tgenabled in ("O", "A"),
        )
        for row in connection.execute(text(_POSTGRESQL))
    }


def _told(table: str, kind: int, function: str, body: str, *, runs: bool) -> str:
    return f"{table} {kind} {function} {runs}: {body}"


def _plain(words: str) -> str:
    return " ".join(words.split())
