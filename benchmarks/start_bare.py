"""A bare Starlette server, which imports nothing of ours: `python -m benchmarks.start_bare`."""

from __future__ import annotations

import os

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def main() -> None:
    """Serve one route, which answers as a log without changes would."""

    async def answer(_request: Request) -> JSONResponse:
        return JSONResponse({"data": {"changes": {"edges": []}}})

    port = int(os.environ["CHANGEGATE_PORT"])
    app = Starlette(routes=[Route("/graphql", answer, methods=["POST"])])
    uvicorn.run(app, port=port, loop="uvloop", http="httptools", ws="none", log_config=None)


if __name__ == "__main__":
    main()
