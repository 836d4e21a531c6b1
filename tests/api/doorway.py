"""A client of the application in this process that crosses over to its loop once for a document."""

from __future__ import annotations

import json as text
from typing import Any

import anyio
import httpx2
from starlette.testclient import TestClient
from starlette.types import Message
from typing_extensions import override

HOST = "testserver"


class Doorway(TestClient):
    """Posts a JSON document in one turn of the loop, where the client it is takes eight.

    Whatever else is asked goes the client's own way. Use it as a context.
    """

    @override
    def post(self, url: Any, **given: Any) -> httpx2.Response:
        """The response to a document, as a client on the line would have it."""
        if given.keys() - {"json", "headers"} or "json" not in given or self.portal is None:
            return super().post(url, **given)
        told: httpx2.Response = self.portal.call(
            self._answered, str(url), given["json"], given.get("headers") or {}
        )
        return told

    async def _answered(self, path: str, document: Any, headers: dict[str, str]) -> httpx2.Response:
        body = text.dumps(document).encode()
        sent = {
            "host": HOST,
            "accept": "*/*",
            "content-type": "application/json",
            "content-length": str(len(body)),
            **headers,
        }
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "scheme": "http",
            "query_string": b"",
            "headers": [(name.lower().encode(), each.encode()) for name, each in sent.items()],
            "client": ("testclient", 50_000),
            "server": [HOST, 80],
            "extensions": {},
            "state": self.app_state.copy(),
        }
        over, coming = anyio.Event(), [body]
        status, came, parts = 0, list[tuple[str, str]](), list[bytes]()

        async def receive() -> Message:
            if coming:
                return {"type": "http.request", "body": coming.pop(), "more_body": False}
            await over.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                came.extend((name.decode(), each.decode()) for name, each in message["headers"])
            elif message["type"] == "http.response.body":
                parts.append(bytes(message.get("body", b"")))
                if not message.get("more_body", False):
                    over.set()

        await self.app(scope, receive, send)
        asked = httpx2.Request("POST", f"http://{HOST}{path}")
        return httpx2.Response(status, headers=came, content=b"".join(parts), request=asked)
