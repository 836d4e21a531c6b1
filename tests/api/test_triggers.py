"""Verifying tells when what keeps the log append-only is gone, off, or something else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.machine.triggers import trigger_faults
from ledger.faults import Fault
from tests.ledger.ground import Ground, lay

KEPT = {
    "sqlite": {
        "events_keep_update": "events",
        "events_keep_delete": "events",
        "event_parts_keep_delete": "event_parts",
        "event_parts_keep_update": "event_parts",
        "head_keep_delete": "head",
    },
    "postgresql": {
        "events_keep": "events",
        "events_keep_all": "events",
        "event_parts_keep": "event_parts",
        "event_parts_keep_all": "event_parts",
        "event_parts_keep_update": "event_parts",
        "head_keep": "head",
        "head_keep_all": "head",
    },
}
REFUSED = "begin select raise(abort, 'events are append-only'); end"
ALTERED: dict[str, dict[str, tuple[str, ...]]] = {
    "sqlite": {
        "events_keep_delete": (
            "drop trigger events_keep_delete",
            f"create trigger events_keep_delete before delete on events when false {REFUSED}",
        ),
        "events_keep_update": (
            "drop trigger events_keep_update",
            f"create trigger events_keep_update before update of actor on events {REFUSED}",
        ),
    },
    "postgresql": {
        "events_keep": ("alter table events disable trigger events_keep",),
        "events_keep_all": ("alter table events enable replica trigger events_keep_all",),
        "event_parts_keep": (
            (
                "create or replace trigger event_parts_keep before delete on event_parts "
                "for each row when (old.position < 0) execute function changegate_append_only()"
            ),
        ),
        "event_parts_keep_update": (
            (
                "create or replace trigger event_parts_keep_update before update of name "
                "on event_parts for each row execute function changegate_part_emptied()"
            ),
        ),
        "head_keep": (
            (
                "create or replace trigger head_keep before update on head for each row "
                "execute function changegate_append_only()"
            ),
        ),
    },
}
EMPTIED = """
create or replace function changegate_part_emptied() returns trigger language plpgsql as
$$ begin return new; end $$
"""
UNKNOWN = {
    "sqlite": ["create trigger quiet before update on head begin select raise(ignore); end"],
    "postgresql": [
        "create function quiet() returns trigger language plpgsql as $$ begin return null; end $$",
        "create trigger quiet before update on head for each row execute function quiet()",
    ],
}


@pytest.fixture
def ground(empty_database: str) -> Iterator[Ground]:
    lay(empty_database)
    found = Ground(empty_database)
    yield found
    found.close()


def kind(ground: Ground) -> str:
    return ground.reader.engine.dialect.name


def found(ground: Ground) -> list[tuple[str, str]]:
    return [_told(fault) for fault in trigger_faults(ground.reader)]


def _told(fault: Fault) -> tuple[str, str]:
    return fault.code, fault.message.split()[0]


def test_a_guarded_log_is_well(ground: Ground) -> None:
    assert found(ground) == []


def test_each_trigger_that_is_gone_is_told(ground: Ground) -> None:
    for name, table in KEPT[kind(ground)].items():
        place = f" on {table}" if kind(ground) == "postgresql" else ""
        ground.execute(f"drop trigger {name}{place}")
    assert found(ground) == sorted(("trigger_missing", name) for name in KEPT[kind(ground)])


def test_a_trigger_that_is_off_or_does_something_else_is_told(ground: Ground) -> None:
    altered = ALTERED[kind(ground)]
    for statements in altered.values():
        ground.execute(*statements)
    assert found(ground) == sorted(("trigger_altered", name) for name in altered)


def test_a_trigger_whose_function_does_something_else_is_told(ground: Ground) -> None:
    if kind(ground) == "postgresql":
        ground.execute(EMPTIED)
        assert found(ground) == [("trigger_altered", "event_parts_keep_update")]


def test_a_trigger_that_is_not_the_logs_is_told(ground: Ground) -> None:
    ground.execute(*UNKNOWN[kind(ground)])
    assert found(ground) == [("trigger_unknown", "quiet")]
