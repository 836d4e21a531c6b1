"""GraphQL over HTTP to the letter: one endpoint, JSON in, JSON out, every status meant."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import anyio
import msgspec
from cross_web import AsyncHTTPRequestAdapter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.asgi import GraphQL
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.http import GraphQLRequestData
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType
from typing_extensions import override

from api.errors import CATALOGUE, HEADERS, failure, is_refusal, passes, presented, refusing
from api.http.documents import Documents
from api.http.exchange import exchange_of
from api.http.guards import Bodies
from api.http.wire import Place, Unreadable, decode, forbidden_places, holds_forbidden
from api.settings import Limits, Settings

NEW: Final = "application/graphql-response+json"
OLD: Final = "application/json"
NAME: Final = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,99}", re.ASCII)
ALLOWED: Final = {
    "GET": frozenset({OperationType.QUERY}),
    "POST": frozenset({OperationType.QUERY, OperationType.MUTATION}),
}

ContextGetter = Callable[[Request], Awaitable[Any]]
"""Makes the context of one execution; the caller is in `exchange_of(request.scope)`."""


def graphql_app(schema: Schema, get_context: ContextGetter, settings: Settings) -> ASGIApp:
    """The GraphQL endpoint for a schema that was made with `schema_extensions`."""
    return Bodies(GraphQLOverHttp(schema, get_context, settings.limits), settings.limits)


def schema_extensions(settings: Settings) -> list[Callable[[], SchemaExtension]]:
    """What a schema needs so that its documents are bounded, checked once and remembered."""
    return [Documents(settings.limits, introspection=settings.introspection).extension]


class Rejected(Exception):
    """The request is no GraphQL request; `code` is one of the catalogue's."""

    def __init__(self, code: str, message: str | None = None, places: Sequence[Place] = ()) -> None:
        """Reject it for this reason, for what stands at these places of it."""
        super().__init__(code)
        self.code = code
        self.message = message
        self.places = tuple(places)


class GraphQLOverHttp(GraphQL[Any, None]):
    """Strawberry's view with the specification's statuses, media types and refusals.

    No batches, uploads, pages for people, streams or web sockets; queries by GET, mutations not.
    Resolvers run on the event loop, so whatever waits for a database hops to a thread at the root
    of its list or object, and leaves are plain attributes.
    """

    def __init__(self, schema: Schema, get_context: ContextGetter, limits: Limits) -> None:
        super().__init__(schema, graphql_ide=None, subscription_protocols=())
        self.make_context = get_context
        self.limits = limits

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request = Request(scope, receive)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        exchange = exchange_of(request.scope)
        try:
            media = negotiated(request.headers.getlist("accept"))
            response = await self.run(request)
        except Rejected as error:
            exchange.codes.append(error.code)
            return failure(error.code, error.message, places=error.places)
        response.headers["content-type"] = f"{media}; charset=utf-8"
        if media == NEW and exchange.refused:
            response.status_code = 400
        if exchange.away:
            response.status_code = CATALOGUE["unavailable"].status
            response.headers.update(HEADERS["unavailable"])
        return response

    @override
    async def get_context(self, request: Request | WebSocket, response: Any) -> Any:
        assert isinstance(request, Request)  # noqa: S101  (web sockets are not routed here)
        return await self.make_context(request)

    @override
    def is_request_allowed(self, request: Any) -> bool:
        if request.method not in ("GET", "POST"):
            raise Rejected("method_not_allowed")
        return True

    @override
    def should_render_graphql_ide(self, request: Any) -> bool:
        return False

    @override
    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        """The request's parts, each of the type the specification gives it."""
        if request.method == "GET":
            given = self._from_query(dict(request.query_params))
        else:
            given = self._decoded(await request.get_body())
        if not isinstance(given, dict):
            raise Rejected("bad_request", "The body must be a JSON object; batches are not taken.")
        return GraphQLRequestData(
            query=_part(given, "query", str),
            variables=_part(given, "variables", dict),
            operation_name=_part(given, "operationName", str) or None,
            extensions=_part(given, "extensions", dict),
        )

    def _from_query(self, given: dict[str, Any]) -> dict[str, Any]:
        if holds_forbidden(given):
            raise Rejected("forbidden_character", places=forbidden_places(given))
        for name in ("variables", "extensions"):
            if given.get(name):
                given[name] = self._decoded(given[name].encode(), name)
            else:
                given.pop(name, None)
        return given

    def _decoded(self, body: bytes, *near: str) -> Any:
        try:
            return decode(body, self.limits)
        except Unreadable as error:
            places = [(*near, *each) for each in error.places]
            raise Rejected(error.code, places=places) from error

    @override
    async def execute_single(
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,
        context: Any,
        root_value: None,
        request_data: GraphQLRequestData,
    ) -> ExecutionResult:
        """Execute one operation in bounded time."""
        exchange = exchange_of(request.scope)
        exchange.operation = operation_name(request_data)
        try:
            with anyio.fail_after(self.limits.seconds):
                result = await self.schema.execute(
                    request_data.query,
                    variable_values=request_data.variables,
                    context_value=context,
                    operation_name=request_data.operation_name,
                    allowed_operation_types=ALLOWED[request_adapter.method],
                )
            exchange.done = context.done
            return result
        except TimeoutError:
            raise Rejected("timeout") from None
        except MissingQueryError:
            raise Rejected("bad_request", "There is no query in the request.") from None
        except InvalidOperationTypeError as error:
            by_get = error.operation_type is OperationType.MUTATION
            raise Rejected("method_not_allowed" if by_get else "bad_request") from None
        except CannotGetOperationTypeError:
            return PreExecutionError(None, [refusing("unknown_operation")])

    @override
    async def process_result(self, request: Request, result: ExecutionResult) -> Any:
        """The answer's parts; a request that was refused has no `data`, not even null."""
        exchange = exchange_of(request.scope)
        exchange.refused = is_refusal(result)
        answer: dict[str, Any] = {}
        if result.errors:
            shown = presented(result, exchange, self.limits.errors)
            exchange.away = not exchange.done and passes(result, shown)
            answer["errors"] = shown
        if not exchange.refused:
            answer["data"] = result.data
        return answer

    @override
    def encode_json(self, data: object) -> bytes:
        return msgspec.json.encode(data)


def negotiated(accepts: list[str]) -> str:
    """The media type to answer in: the client's first choice among ours.

    Raises `Rejected` when it wants neither.
    """
    accept = ",".join(accepts)
    best, weight = "", 0.0
    for item in accept.split(",") if accept.strip() else [OLD]:
        kind, _, parameters = item.partition(";")
        kind = kind.strip().lower()
        ours = OLD if kind in ("*/*", "application/*") else kind
        if ours in (NEW, OLD) and (quality := _quality(parameters)) > weight:
            best, weight = ours, quality
    if not best:
        raise Rejected("not_acceptable")
    return best


def _quality(parameters: str) -> float:
    """The `q` of a media range: 1 if there is none, 0 if it is no number from 0 to 1."""
    found = re.search(r"(?:^|;)\s*q\s*=\s*([^;]*)", parameters, re.IGNORECASE)
    if found is None:
        return 1.0
    return float(found[1]) if re.fullmatch(r"[01](?:\.[0-9]{0,3})?\s*", found[1]) else 0.0


def _part(given: dict[str, Any], name: str, kind: type) -> Any:
    value = given.get(name)
    if value is not None and not isinstance(value, kind):
        raise Rejected("bad_request", f"`{name}` is of the wrong type.")
    return value


OPERATION: Final = re.compile(
    rf"(?:[\s,]|#[^\r\n]*[\r\n])*(?:query|mutation)\s+({NAME.pattern})", re.ASCII
)


def operation_name(request: GraphQLRequestData) -> str | None:
    """The operation's name as it may stand in a log: a plain name or nothing."""
    if request.operation_name:
        return request.operation_name if NAME.fullmatch(request.operation_name) else None
    found = OPERATION.match(request.query or "")
    return found[1] if found else None
