"""What is read together is what is read one by one, of every kind there is, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from api.records import StoredRecords
from domain.aggregates import AGGREGATES
from domain.grant.aggregate import Grant
from domain.principal.state import Kind, Principal
from domain.sides import Wanted
from tests.api import fixes
from tests.api.company import Headquarters
from tests.api.counted import statements

HANDLES = ("noor", "quinn")


@pytest.fixture(scope="session")
def busy(hq: Headquarters) -> Headquarters:
    """The company, with a fix beside what its founding made."""
    fixes.complete(hq, iter(range(9_700, 9_800)))
    return hq


def test_every_state_is_read_together_as_it_is_by_itself(busy: Headquarters) -> None:
    reader, some = busy.installation.reader, set()
    with reader.connection() as connection:
        for aggregate in AGGREGATES:
            state: Any = aggregate.state
            ids = connection.execute(select(reader.snapshot(state).c.id)).scalars().all()
            asked: list[Wanted] = [(state, {"id": frozenset(ids)}), (state, {"id": "nothing"})]
            told, none = reader.together(connection, asked, {})
            alone = reader.find(connection, state, ids)
            assert told == tuple(alone[id] for id in sorted(ids)), aggregate.name
            assert none == ()
            some |= {aggregate.name} if ids else set()
    assert {"security_fix", "merge_request", "evidence", "principal", "playbook"} <= some


def test_what_was_read_together_is_found_without_asking_again(busy: Headquarters) -> None:
    reader = busy.installation.reader
    with reader.connection() as connection:
        found = StoredRecords(reader, connection).find(Principal, handle=frozenset(HANDLES))
        people = frozenset(each.id for each in found)
        asked: tuple[tuple[type, dict[str, object]], ...] = (
            (Principal, {"id": people | {"user:nobody"}}),
            (Principal, {"kind": Kind.BOT, "suspended": False}),
            (Grant, {"person": people}),
            (Grant, {"person": frozenset(("nobody",))}),
        )
        plain = StoredRecords(reader, connection)
        alone: list[tuple[Any, ...]] = [plain.find(state, **equal) for state, equal in asked]
        records = StoredRecords(reader, connection)
        with statements(busy.engine) as seen:
            records.together(*asked)
            assert len(seen) == 1, seen
            assert [records.find(state, **equal) for state, equal in asked] == alone
            assert records.get(Principal, "user:nobody") is None
            records.together(*asked)
        assert len(seen) == 1, seen
    assert all(alone[:3])
    assert not alone[3]


def test_what_an_answer_has_already_is_not_read_again(busy: Headquarters) -> None:
    reader = busy.installation.reader
    with reader.connection() as connection:
        plain = StoredRecords(reader, connection)
        owned = plain.find(Principal, kind=Kind.BOT)
        asked: dict[str, object] = {"suspended": False}
        alone = plain.find(Principal, **asked)
        records = StoredRecords(reader, connection)
        first = records.find(Principal, owner=next(each.owner for each in owned if each.owner))
        with statements(busy.engine) as seen:
            records.together((Principal, asked))
            found = records.find(Principal, **asked)
        assert len(seen) == 1, seen
        assert "owner is " in seen[0].replace('"', "")
    assert found == alone
    assert any(each.owner is None for each in found)  # whoever has none has another one
    assert {id(each) for each in first} < {id(each) for each in found}


def test_several_values_are_bound_as_they_are(busy: Headquarters) -> None:
    odd = frozenset(
        ('say "no"', "back\\slash", "a,b", "{c}", "NULL", "null", "", "\t\n\u0001", "ü'")
    )
    plain = frozenset(("plain", "a,b", "{c}", "NULL", "", "ü'"))
    reader = busy.installation.reader
    on_sqlite = busy.engine.dialect.name == "sqlite"
    read = "select value from json_each(:v)" if on_sqlite else "select unnest(cast(:v as text[]))"
    with reader.connection() as connection:
        for values in (odd, plain):
            given = reader._together._given(values)
            assert set(connection.execute(text(read), {"v": given}).scalars()) == values
