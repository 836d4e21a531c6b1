"""Verifying asks the newest signature there is, wherever it is kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from api.machine.agreement import signature_faults
from api.machine.keys import checkpoint_file
from ledger.databases import admin_engine
from ledger.heads import HeadSigner
from tests.api.office import Office


@pytest.fixture
def office(database: str, tmp_path: Path) -> Iterator[Office]:
    found = Office(tmp_path, database)
    found.change()
    yield found
    found.close()


def kept(office: Office) -> Path:
    path = checkpoint_file(office.installation.settings)
    assert path is not None
    return path


def codes(office: Office) -> list[str]:
    return [fault.code for fault in signature_faults(office.installation, seconds=0)]


def test_a_log_whose_newest_events_are_signed_is_well(office: Office) -> None:
    assert codes(office) == []


def test_events_under_no_signature_are_told(office: Office) -> None:
    kept(office).unlink()
    engine = admin_engine(office.installation.settings.url)
    with engine.begin() as connection:
        connection.execute(text("update head set signed_size = signed_size - 3"))
    engine.dispose()
    assert codes(office) == ["unsigned_tail"]


def test_a_log_shorter_than_what_was_signed_was_rolled_back(office: Office) -> None:
    installation = office.installation
    with installation.reader.connection() as connection:
        size = installation.reader.head(connection).size
    signer = HeadSigner(installation.origin, [installation.key], kept(office))
    signer.sign(size + 5, bytes(32))
    signer.rest()
    assert codes(office) == ["rolled_back"]
