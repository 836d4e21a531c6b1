"""The writer process: `python -m api.processes.writer`; ends when its parent is gone."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from api import logs
from api.installation import Installation, Unready
from api.keys import UnusableKey
from api.processes.settings import child_settings, parser
from api.settings import Misconfigured
from ledger.heads import RolledBack
from ledger.server import WriterServer

UNFIT = 78
"""The exit status that tells the parent that starting again would not help (EX_CONFIG)."""


def main() -> int:
    """Serve until told to stop."""
    try:
        settings = child_settings(parser("Changegate's writer process").parse_args())
        logs.configure(settings)
        installation = Installation.open(settings)
        writer = installation.writer()
    except (Misconfigured, Unready, UnusableKey, RolledBack) as unfit:
        print(unfit, file=sys.stderr)  # noqa: T201  (the parent shows it)
        return UNFIT
    assert settings.writer_socket is not None  # noqa: S101  (the parser demands it)
    server = WriterServer(writer, settings.writer_socket, queue=settings.queue)
    parent = os.getppid()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends us in turn
    server.serve(watch=lambda: os.getppid() == parent)
    installation.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
