"""Questions asked through the schema in this process, as an edge would ask them for somebody."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any

from strawberry import Schema
from strawberry.types import ExecutionResult

from api.context import Access, Asker, new_id
from api.derived.cursors import Cursors
from api.schema import make_schema
from ledger.request import Answer, Request
from ledger.store import Reader

Ask = Callable[[], Coroutine[Any, Any, dict[str, Any]]]


def through_schema(reader: Reader, who: str, document: str, **given: Any) -> Ask:
    """Asks one question, each time anew; an answer with errors stops the benchmark."""
    access = Access(reader, _nowhere, Cursors(b"c" * 32))

    async def ask() -> dict[str, Any]:
        context = access.context(Asker(who), new_id())
        found = await _schema().execute(document, variable_values=given, context_value=context)
        assert isinstance(found, ExecutionResult)
        assert found.errors is None, found.errors
        assert found.data is not None
        return found.data

    return ask


@cache
def _schema() -> Schema:
    return make_schema()


async def _nowhere(asked: Request) -> Answer:
    raise AssertionError(f"a question asked for {asked.action}")
