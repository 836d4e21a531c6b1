"""The migrations lead to the tables that the code derives, neither more nor less."""

import re
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.architecture import ROOT

MIGRATIONS = sorted((ROOT / "migrations" / "versions").glob("0*.py"))
ADDED = re.compile(r'batch_alter_table\("(\w+)".*?\n((?:        .*\n)+)')
PAINTED = re.compile(r"update (\w+) set fold = 0")
LATEST_THAT_FILLS_ITSELF = "0041"
"""Up to here a list that was added is of what may lack, or was filled by hand."""


def test_a_migrated_database_has_the_tables_of_the_code(database: str) -> None:
    from api.machine.migrating import drift

    assert drift(database) == []


def test_a_difference_would_be_noticed(database: str) -> None:
    from api.machine.migrating import drift

    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("create table unheard_of (id integer)"))
    engine.dispose()
    assert "remove_table" in [difference[0] for difference in drift(database)]


LATER = [path for path in MIGRATIONS if path.stem[:4] > LATEST_THAT_FILLS_ITSELF]


@pytest.mark.parametrize("path", LATER, ids=lambda path: path.stem[:4])
def test_what_gets_a_list_is_painted_anew(path: Path) -> None:
    """A list that a snapshot lacks is none, where its fold has an empty one: it seems altered."""
    said = path.read_text(encoding="utf-8").partition("def downgrade")[0]
    added = {
        table for table, body in ADDED.findall(said) if "add_column" in body and "Json()" in body
    }
    assert added <= set(PAINTED.findall(said))
