"""One edge process: the schema, who may come in, what it reads and whom it asks for changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import anyio.from_thread
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.types import ASGIApp

from api.authentication.bearer import Caller
from api.authentication.entrance import Entrance
from api.authentication.tokens import mint
from api.calendar.feed import Feed
from api.context import Access, Asker, RequestContext, Submit
from api.derived.cursors import Cursors
from api.http.edge import edge
from api.http.endpoint import graphql_app, schema_extensions
from api.http.exchange import exchange_of
from api.http.health import Check, Readiness, health_routes
from api.ids import new_id
from api.machine.installation import Installation
from api.machine.keys import pepper
from api.machine.preflight import checks, notes
from api.schema import make_schema
from domain.log import SUBJECT
from ledger.request import LOOK, Answer, Request, Status

Close = Callable[[], Awaitable[None]]


def create_app(
    installation: Installation,
    submit: Submit,
    *,
    close: Close | None = None,
) -> ASGIApp:
    """The whole application over an installation; `submit` leads to the writer.

    `close` is awaited when the process ends. Raises Misconfigured for settings that are unfit.
    """
    settings = replace(installation.settings, demo=installation.demo)
    entrance = Entrance(settings, installation.reader, submit)
    secret = pepper(settings)
    access = Access(installation.reader, submit, Cursors(secret), partial(mint, secret))
    found: dict[str, Check] = {"writer": partial(_writer_answers, submit)}
    found |= checks(installation) | entrance.checks()
    readiness = Readiness(found, notes=notes(installation))

    async def context(request: HttpRequest, *_: Any) -> RequestContext:
        exchange = exchange_of(request.scope)
        return access.context(_asker(exchange.caller), exchange.id)

    @asynccontextmanager
    async def living(_app: Starlette) -> AsyncIterator[Any]:
        await entrance.prepare()
        yield None
        readiness.stopping = True
        if close is not None:
            await close()
        installation.close()

    schema = make_schema(schema_extensions(settings))
    graphql = graphql_app(schema, context, settings)
    feed = Feed(access, entrance.any).route()
    return edge(graphql, entrance, settings, [*health_routes(readiness), feed], living)


def _asker(caller: Caller | None) -> Asker:
    if caller is None or caller.principal is None:
        raise LookupError("a request without a caller passed the entrance")
    limits = None if caller.actions is None else tuple(sorted(caller.actions))
    return Asker(caller.principal, caller.credential, limits)


def _writer_answers(submit: Submit) -> str | None:
    """Ask the writer for what does not exist: it takes the log's lock and looks at its clock."""
    request = Request(new_id(), LOOK, SUBJECT, b"{}", "nobody")

    async def ask() -> Answer:
        return await submit(request)

    answer = anyio.from_thread.run(ask)
    if answer.status is not Status.FAILED:
        return None
    return "; ".join(problem.message for problem in answer.problems) or "the writer failed"
