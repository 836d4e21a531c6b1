"""Puts the layers of the edge around an application's routes, in the one right order."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Lifespan

from api.errors import code_of, failure
from api.http.exchange import exchange_of
from api.http.guards import Authenticate, Authenticated, Hosts, Outermost, refuse
from api.settings import Settings


def edge(
    graphql: ASGIApp,
    authenticate: Authenticate,
    settings: Settings,
    public: Sequence[BaseRoute] = (),
    lifespan: Lifespan[Starlette] | None = None,
) -> ASGIApp:
    """The whole application: `/graphql` for those signed in, and what is public.

    From the outside in: id, log and headers; hosts; routes; credentials; the endpoint, which
    looks after its own bodies.
    """
    routes = [Route("/graphql", Authenticated(graphql, authenticate)), *public]
    inner = Starlette(
        routes=routes,
        lifespan=_with_threads(settings.threads, lifespan),
        exception_handlers={HTTPException: _no_such, Exception: _fault},
    )
    inner.router.redirect_slashes = False  # a redirect would repeat the Host header
    return Outermost(Hosts(inner, settings.allowed_hosts, direct=settings.demo))


def _with_threads(threads: int, lifespan: Lifespan[Starlette] | None) -> Lifespan[Starlette]:
    """Let that many threads of an edge wait for databases, beside what the lifespan does."""

    @asynccontextmanager
    async def living(app: Starlette) -> AsyncIterator[Any]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = threads
        if lifespan is None:
            yield None
        else:
            async with lifespan(app) as state:
                yield state

    return living


def _no_such(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return refuse("method_not_allowed" if status == 405 else "not_found", request.scope)


def _fault(request: Request, error: Exception) -> Response:
    """Answer now; Starlette raises the error again, and the outermost layer logs it."""
    return failure(code_of(error), request=exchange_of(request.scope).id)
