"""What loaders answer is shared by fields, of which some may be called off."""

from __future__ import annotations

import asyncio
import gc
from typing import Any, cast

import pytest
from typing_extensions import override

from api.context import Access, Asker, RequestContext
from domain.change.state import Change
from domain.kernel import Refusal, refusal


class Failing(RequestContext):
    """A context in which nothing is found, after a while."""

    @override
    async def look(self, question: Any) -> Any:
        await asyncio.sleep(0.01)
        raise refusal("not_found", "There is no such record.")


@pytest.mark.parametrize("many", [False, True])
def test_a_failure_that_nobody_waits_for_any_more_is_not_reported(many: bool) -> None:
    reported: list[Any] = []

    async def asked() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, told: reported.append(told))
        context = Failing(cast("Access", None), cast("Asker", None), "0" * 32)
        one, other = (
            asyncio.ensure_future(
                context.load_many(Change, ["1"]) if many else context.load(Change, "1")
            )
            for _ in range(2)
        )
        await asyncio.sleep(0)
        one.cancel()
        with pytest.raises(Refusal):
            await other
        third = asyncio.ensure_future(
            context.load_many(Change, ["2"]) if many else context.load(Change, "2")
        )
        await asyncio.sleep(0)
        third.cancel()
        await asyncio.sleep(0.05)

    asyncio.run(asked())
    gc.collect()
    assert reported == []
