"""An edge process: `python -m api.processes.edge`; answers HTTP on a socket it was handed."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time

import uvicorn

from api import logs
from api.app import create_app
from api.installation import Installation, Unready
from api.keys import UnusableKey
from api.processes.settings import child_settings, parser
from api.processes.writer import UNFIT
from api.settings import Misconfigured
from ledger.client import WriterClient

GRACE_S = 10


def main() -> int:
    """Serve until told to stop."""
    arguments = parser("One of Changegate's edge processes")
    arguments.add_argument("--listener", type=int, required=True)
    given = arguments.parse_args()
    try:
        settings = child_settings(given)
        logs.configure(settings)
        installation = Installation.open(settings)
        client = WriterClient(given.socket)
        app = create_app(
            installation,
            client.submit,
            more_checks={"writer": lambda: None if given.socket.exists() else "the writer is down"},
            close=client.close,
        )
    except (Misconfigured, Unready, UnusableKey) as unfit:
        print(unfit, file=sys.stderr)  # noqa: T201  (the parent shows it)
        return UNFIT
    config = uvicorn.Config(
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
    server = uvicorn.Server(config)
    _end_with_parent(server)
    server.run(sockets=[socket.socket(fileno=given.listener)])
    return 0


def _end_with_parent(server: uvicorn.Server) -> None:
    """Stop when the parent has died, so that no edge outlives its service."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        server.should_exit = True

    threading.Thread(target=watch, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
