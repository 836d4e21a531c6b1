"""What tests of the edge share: the demo's people behind the real application, on each database."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.ids import new_id
from tests import postgres
from tests.api.company import Headquarters, fresh_database, headquarters
from tests.api.machine import Machine, lay_foundations


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def hq(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Headquarters]:
    """The company on SQLite and on PostgreSQL; tests that share it act on records of their own."""
    folder = tmp_path_factory.mktemp("company")
    with fresh_database(request, folder) as database, headquarters(database, folder) as company:
        yield company


@pytest.fixture(params=["sqlite", "postgresql"])
def office_database(request: pytest.FixtureRequest) -> str:
    """Where an office of one test is kept: in a file of its own (""), or in PostgreSQL."""
    if request.param == "sqlite":
        return ""
    url: str = request.getfixturevalue("postgresql_database")
    return url


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_office_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where an office that the tests of a file share is kept, likewise."""
    if request.param == "sqlite":
        yield ""
        return
    server: str = request.getfixturevalue("pg_server")
    name = f"office_{new_id()}"
    postgres.create_database(server, name, request.getfixturevalue("pg_template"))
    yield postgres.url(server, name)
    postgres.drop_database(server, name)


@pytest.fixture
def machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Machine:
    """A machine on which nothing has been founded yet."""
    for name in [name for name in os.environ if name.startswith("CHANGEGATE_")]:
        monkeypatch.delenv(name)
    return Machine(tmp_path, monkeypatch, capsys)


@pytest.fixture(scope="session")
def founded_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A founded installation with an embedded database, to copy; ada and ben administer it."""
    folder = tmp_path_factory.mktemp("founded")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("CHANGEGATE_")]:
            patch.delenv(name)
        patch.setenv("CHANGEGATE_DATABASE", str(folder / "gate.sqlite"))
        lay_foundations(folder)
    return folder


@pytest.fixture
def founded(machine: Machine, founded_folder: Path) -> Machine:
    """A machine with a founded log; the administrators' tokens are in ada.token and ben.token."""
    for each in founded_folder.iterdir():
        shutil.copy(each, machine.folder / each.name)
    return machine
