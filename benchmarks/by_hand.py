"""The table and the statement of a bare insert, as somebody would write them by hand."""

from __future__ import annotations

from sqlalchemy import text

from benchmarks.places import Place
from ledger.databases import admin_engine

TABLE = {
    "postgresql": (
        "create table bare_events (position bigint generated always as identity primary key, "
        "subject text not null, at timestamptz not null default now(), body text not null)"
    ),
    "sqlite": (
        "create table bare_events (position integer primary key, "
        "subject text not null, at text not null default current_timestamp, body text not null)"
    ),
}
INSERT_POSTGRESQL = "insert into bare_events (subject, body) values (%s, %s)"
INSERT_SQLITE = "insert into bare_events (subject, body) values (?, ?)"


def prepare(place: Place) -> None:
    """Make the table in a database."""
    engine = admin_engine(place.settings.url)
    with engine.begin() as connection:
        connection.execute(text(TABLE[place.kind]))
    engine.dispose()
