"""An edge process: `python -m api.processes.edge`; answers HTTP on a socket it was handed."""

from __future__ import annotations

import socket
import sys

import uvicorn
from starlette.types import ASGIApp

from api.app import create_app
from api.machine.installation import Installation
from api.processes.child import run
from api.processes.handing import parser
from api.processes.lifeline import ChildEnd
from ledger.client import WriterClient

GRACE_S = 10


class Server(uvicorn.Server):
    """Tells the parent once it answers."""

    def __init__(self, app: ASGIApp, line: ChildEnd) -> None:
        """Serve an application."""
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop",
                http="httptools",
                ws="none",
                lifespan="on",
                proxy_headers=False,
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        self.line = line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        if self.started:
            self.line.ready()

    def end(self) -> None:
        """Stop soon: callable from another thread."""
        self.should_exit = True


def main() -> int:
    """Serve until told to stop."""
    arguments = parser("One of Changegate's edge processes")
    arguments.add_argument("--listener", type=int, required=True)
    given = arguments.parse_args()

    def serve(installation: Installation, line: ChildEnd) -> None:
        client = WriterClient(given.socket)
        server = Server(create_app(installation, client.submit, close=client.close), line)
        line.watch(server.end)
        server.run(sockets=[socket.socket(fileno=given.listener)])

    return run(given, serve)


if __name__ == "__main__":
    sys.exit(main())
