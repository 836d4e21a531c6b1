"""What stands between the socket and the application: hosts, credentials, bodies, faults, logs."""

import re
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.authentication.bearer import Caller
from api.errors import failure, logged
from api.http.exchange import Exchange, exchange_of
from api.http.logs import log
from api.settings import Limits

JSON: Final = re.compile(r'application/json(?:\s*;\s*charset="?utf-8"?)?', re.IGNORECASE)
HOST: Final = re.compile(
    r"(\[[0-9a-f:.]{2,45}\]|[0-9a-z._-]{1,253})(?::[0-9]{1,5})?", re.IGNORECASE
)
FORWARDED: Final = re.compile(r"forwarded|x-forwarded-.*|x-real-ip|via")
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
QUERY_LENGTH: Final = 32 * 1024
"""Bytes of a query string: a document and its variables, escaped."""


class Outermost:
    """Names every request, logs it when answered, and never lets a fault through.

    The line holds who asked and what came of it: no query string, no variables, no headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange, started, status = exchange_of(scope), time.monotonic(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.update({**HEADERS, "X-Request-Id": exchange.id})
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001  (whatever it is, the client learns its id only)
            code = logged(error, exchange.id)
            exchange.codes.append(code)
            if not status:
                await failure(code, request=exchange.id)(scope, receive, sending)
        finally:
            _log(scope, exchange, status, time.monotonic() - started)


def _log(scope: Scope, exchange: Exchange, status: int, seconds: float) -> None:
    log.info(
        "request",
        request=exchange.id,
        method=scope["method"],
        path=scope["path"],
        status=status,
        ms=round(seconds * 1000, 1),
        principal=exchange.caller.principal if exchange.caller else None,
        credential=exchange.caller.credential if exchange.caller else None,
        operation=exchange.operation,
        codes=exchange.codes,
    )


def refuse(code: str, scope: Scope) -> Response:
    """The answer for a fault of the catalogue, noted for the log."""
    exchange_of(scope).codes.append(code)
    return failure(code)


class Hosts:
    """Answers to the named hosts alone; on loopback, to nobody a proxy speaks for.

    A page in a browser can reach a server on its own machine under a name it has chosen; that
    name is in the Host header.
    """

    def __init__(self, app: ASGIApp, allowed: Iterable[str], *, direct: bool = False) -> None:
        self.app = app
        self.allowed = frozenset(host.lower() for host in allowed)
        self.direct = direct

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        code = None if scope["type"] == "lifespan" else self._fault(Headers(scope=scope))
        await (refuse(code, scope) if code else self.app)(scope, receive, send)

    def _fault(self, headers: Headers) -> str | None:
        if self.allowed and not self._named(headers.getlist("host")):
            return "unknown_host"
        if self.direct and any(FORWARDED.fullmatch(name.lower()) for name in headers):
            return "forwarded"
        return None

    def _named(self, hosts: list[str]) -> bool:
        found = HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        return found is not None and found[1].lower() in self.allowed


Authenticate = Callable[[str], Awaitable[Caller | None]]


class Authenticated:
    """Lets in whoever shows a valid credential; everyone else gets one and the same answer.

    It stands before the body is read, so the answer depends on nothing that was asked.
    """

    def __init__(self, app: ASGIApp, authenticate: Authenticate) -> None:
        self.app = app
        self.authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or note the caller and pass on."""
        given = Headers(scope=scope).getlist("authorization")
        caller = await self.authenticate(given[0]) if len(given) == 1 else None
        exchange_of(scope).caller = caller
        await (self.app if caller else refuse("unauthenticated", scope))(scope, receive, send)


class Bodies:
    """Lets through JSON of bounded size that arrives in bounded time."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or read the whole body and pass it on."""
        headers = Headers(scope=scope)
        code = self._fault(scope, headers)
        body = b""
        if code is None and scope["method"] == "POST":
            try:
                with anyio.fail_after(self.limits.body_seconds):
                    body, code = await self._read(receive)
            except TimeoutError:
                code = "body_too_slow"
        answer = refuse(code, scope) if code else self.app
        await answer(scope, _replaying(body, receive), send)

    def _fault(self, scope: Scope, headers: Headers) -> str | None:
        if len(scope["query_string"]) > QUERY_LENGTH:
            return "uri_too_long"
        if scope["method"] != "POST":
            return None
        if not is_json(headers.getlist("content-type")) or "content-encoding" in headers:
            return "unsupported_media_type"
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length[:20]) > self.limits.body:
            return "body_too_large"
        return None

    async def _read(self, receive: Receive) -> tuple[bytes, str | None]:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return b"", "bad_request"
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self.limits.body:
                return b"", "body_too_large"
            if not message.get("more_body", False):
                return b"".join(parts), None


def is_json(content_types: list[str]) -> bool:
    """Whether the one content type given is JSON in UTF-8, exactly."""
    return len(content_types) == 1 and JSON.fullmatch(content_types[0].strip()) is not None


def _replaying(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body read already, and then what the client does next."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed
