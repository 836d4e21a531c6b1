"""A small schema with everything the HTTP edge has to answer for."""

import asyncio
import enum
import threading
from dataclasses import replace
from datetime import datetime

import anyio.to_thread
import strawberry
from graphql import GraphQLError
from starlette.requests import Request
from starlette.types import ASGIApp

from api.authentication.bearer import Caller
from api.http.edge import edge
from api.http.endpoint import graphql_app, schema_extensions
from api.http.exchange import Exchange, exchange_of
from api.settings import Limits, Settings
from domain.kernel import Problem, Refusal

SECRET = "the password is swordfish"


@strawberry.enum
class Risk(enum.Enum):
    LOW = "low"
    HIGH = "high"


@strawberry.input
class Window:
    starts: datetime
    risk: Risk = Risk.LOW


@strawberry.type
class Change:
    id: strawberry.ID
    title: str = "Renew the certificate"
    risk: Risk = Risk.LOW

    @strawberry.field
    def related(self) -> "Change":
        return Change(id=strawberry.ID(f"{self.id}+"))

    @strawberry.field
    def approvals(self, first: int | None = None) -> list["Change"]:
        return [Change(id=strawberry.ID(str(n))) for n in range(first or 20)]


@strawberry.type
class Edge:
    cursor: str
    node: Change


@strawberry.type
class Changes:
    edges: list[Edge]


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"Hello {name}"

    @strawberry.field
    def times(self, n: int = 3) -> int:
        return n

    @strawberry.field
    def window(self, of: Window) -> str:
        return of.starts.isoformat()

    @strawberry.field
    def change(self) -> Change:
        return Change(id=strawberry.ID("1"))

    @strawberry.field
    def changes(self, first: int | None = None, last: int | None = None) -> Changes:
        size = first or last or 20
        change = Change(id=strawberry.ID("1"))
        return Changes(edges=[Edge(cursor=str(n), node=change) for n in range(size)])

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError(SECRET)

    @strawberry.field
    def hollow(self) -> str:
        return None  # type: ignore[return-value]

    @strawberry.field
    def coded(self) -> str | None:
        raise GraphQLError("The cursor is not ours.", extensions={"code": "bad_cursor"})

    @strawberry.field
    def bare(self) -> str | None:
        raise GraphQLError(SECRET)

    @strawberry.field
    def refused(self) -> str | None:
        first = Problem("page_too_large", "At most 100.", ("first",))
        raise Refusal(first, Problem("bad_cursor", "Not ours.", ("after",)))

    @strawberry.field
    def away(self) -> str | None:
        raise Refusal(Problem("unavailable", "The database cannot be used just now."))

    @strawberry.field
    async def slow(self) -> str:
        await asyncio.sleep(60)
        return "late"

    @strawberry.field
    async def thread(self) -> str:
        return await anyio.to_thread.run_sync(lambda: threading.current_thread().name)


@strawberry.type
class Mutation:
    @strawberry.mutation
    def approve(self, id: strawberry.ID) -> Change:
        return Change(id=id)

    @strawberry.mutation
    def hurry(self, code: str) -> Change:
        raise Refusal(Problem(code, "It is not done."))


def make_schema(settings: Settings) -> strawberry.Schema:
    """The small schema with the edge's checks."""
    return strawberry.Schema(Query, Mutation, extensions=schema_extensions(settings))


async def exchange_as_context(request: Request) -> Exchange:
    """The exchange is all that the small schema's resolvers could want."""
    return exchange_of(request.scope)


def small_app(settings: Settings | None = None) -> ASGIApp:
    """The small schema behind the whole edge, for anybody."""
    chosen = settings or Settings()
    endpoint = graphql_app(make_schema(chosen), exchange_as_context, chosen)
    return edge(endpoint, anybody, replace(chosen, hosts=("testserver", "127.0.0.1")))


async def anybody(authorization: str) -> Caller | None:
    """Lets in whoever says anything."""
    return Caller("token", "token:1", "user:ada")


def limited(**limits: float) -> Settings:
    """Settings with these limits."""
    return Settings(limits=Limits(**limits))  # type: ignore[arg-type]
