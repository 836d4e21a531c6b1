"""From a database URL to engines for readers, drivers for writers, and an error for neither."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Engine, create_engine, make_url

from ledger.registry import Registry
from ledger.sqlite import SqliteDatabase
from ledger.tables import Tables, guard_connections
from ledger.writes import Database

READ_ONLY = "-c default_transaction_read_only=on -c timezone=UTC -c statement_timeout=5000"


class UnusableDatabase(ValueError):
    """A database URL that names no database this service can use."""


def parse(url: str) -> URL:
    """The URL of a SQLite file or of PostgreSQL by psycopg; raises UnusableDatabase otherwise."""
    try:
        parsed = make_url(url)
    except Exception as fault:
        raise UnusableDatabase("the database URL cannot be read") from fault
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "postgresql+psycopg":
        return parsed
    if parsed.drivername in ("sqlite", "sqlite+pysqlite") and parsed.database not in (
        None,
        "",
        ":memory:",
    ):
        return parsed
    raise UnusableDatabase("the database must be sqlite:///FILE or postgresql://...")


def read_engine(url: str, *, pool: int = 8) -> Engine:
    """An engine whose every transaction is read-only and sees one moment of the database."""
    parsed = parse(url)
    if parsed.get_backend_name() == "sqlite":
        return guard_connections(create_engine(parsed, pool_size=pool), read_only=True)
    return create_engine(
        parsed,
        pool_size=pool,
        isolation_level="REPEATABLE READ",
        connect_args={"options": READ_ONLY, "application_name": "changegate reader"},
    )


def admin_engine(url: str) -> Engine:
    """An engine for migrations, rebuilds and restores, which write outside the log's one way in."""
    return guard_connections(create_engine(parse(url)))


def write_database(url: str, registry: Registry, tables: Tables, **options: Any) -> Database:
    """The writer's driver for a database URL."""
    parsed = parse(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteDatabase(str(parsed.database), registry, tables, **options)
    from ledger.postgres import PostgresDatabase  # noqa: PLC0415  (slow to import, and only here)

    return PostgresDatabase(libpq(parsed), registry, tables)


def libpq(url: URL) -> str:
    """The connection string of a PostgreSQL URL, as libpq takes it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
