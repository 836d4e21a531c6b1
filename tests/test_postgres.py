"""The tests' own PostgreSQL: it is the version asked for, and every test gets its own database."""

import os
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests import postgres


def test_the_server_is_the_version_asked_for(pg_server: str) -> None:
    with psycopg.connect(pg_server) as connection:
        version = connection.info.server_version // 10000
    assert version == int(os.environ.get("CHANGEGATE_TEST_POSTGRES", "18"))


def test_all_who_ask_during_a_run_share_one_server(pg_server: str, run_folder: Path) -> None:
    with postgres.shared_server(run_folder) as again:
        assert again == pg_server


def test_an_empty_database_holds_nothing(empty_database: str) -> None:
    engine = create_engine(empty_database)
    schema = "sqlite_master" if engine.dialect.name == "sqlite" else "pg_stat_user_tables"
    with engine.connect() as connection:
        assert connection.execute(text(f"select count(*) from {schema}")).scalar() == 0
    engine.dispose()


def test_a_server_ends_when_its_last_user_leaves(tmp_path: Path) -> None:
    with postgres.shared_server(tmp_path) as dsn:
        base = Path((tmp_path / "server").read_text())
        with postgres.shared_server(tmp_path) as again:
            assert again == dsn
        psycopg.connect(dsn).close()
    for _ in range(3000):
        if not base.exists():
            break
        time.sleep(0.01)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)
