"""From a database URL to engines for readers, drivers for writers, and an error for neither."""

from __future__ import annotations

import select
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ledger.registry import Registry
from ledger.sqlite import SqliteDatabase
from ledger.sqlite_file import AWAY, HELD, primary
from ledger.tables import Tables, guard_connections
from ledger.writes import ConnectionLost, Database, Unusable

READ_ONLY = (
    "-c default_transaction_read_only=on -c timezone=UTC -c statement_timeout=5000 -c jit=off"
)
"""A page takes milliseconds; to compile its statement, as PostgreSQL would for one that looks dear
to it, can take a hundred times that."""
REACHING: Final[dict[str, Any]] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
"""How soon a server that has gone without a word counts as lost; the URL given overrules."""
READERS: Final = 8
"""How many connections an engine keeps for whoever reads."""
NO_SERVER: Final = ("08", "53", "57P", "58")
"""How the states of PostgreSQL begin that tell of the server, and not of a statement."""


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


def read_engine(url: str) -> Engine:
    """An engine whose every transaction is read-only and sees one moment of the database."""
    parsed = parse(url)
    if parsed.get_backend_name() == "sqlite":
        return guard_connections(create_engine(parsed, pool_size=READERS), read_only=True)
    reaching = {name: value for name, value in REACHING.items() if name not in parsed.query}
    told = {"options": READ_ONLY, "application_name": "changegate reader"}
    engine = create_engine(
        parsed, pool_size=READERS, isolation_level="REPEATABLE READ", connect_args=reaching | told
    )
    event.listen(engine, "checkout", _still_connected)
    return engine


def _still_connected(connection: Any, _record: Any, _proxy: Any) -> None:
    """Let the pool connect anew in place of a connection that its server has ended meanwhile.

    An idle one has something to read then; asking the socket costs no round trip.
    """
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    if idle.poll(0):
        raise DisconnectionError


def is_out_of_reach(fault: BaseException | None) -> bool:
    """Whether a fault says that the database cannot be used just now, whatever was asked."""
    if isinstance(fault, ConnectionLost | Unusable | PoolTimeout):
        return True
    if not isinstance(fault, DBAPIError):
        return False
    if fault.connection_invalidated or primary(fault.orig) in (*AWAY, *HELD):
        return True
    state = getattr(fault.orig, "sqlstate", "")
    never = isinstance(fault, OperationalError) and state is None  # it came to no connection
    return never or (state or "").startswith(NO_SERVER)


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
