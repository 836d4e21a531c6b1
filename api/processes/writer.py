"""The writer process: `python -m api.processes.writer`; ends when its parent is gone."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType

from api.machine.installation import Installation
from api.machine.preflight import check
from api.processes.child import run
from api.processes.handing import parser
from api.processes.lifeline import ChildEnd
from ledger.server import WriterServer, spare_what_stays


def main() -> int:
    """Serve until told to stop."""
    given = parser("Changegate's writer process").parse_args()
    return run(given, lambda installation, line: serve(installation, line, given.socket))


def serve(installation: Installation, line: ChildEnd, path: Path) -> None:
    """Commit what arrives on the socket; raises Unready when nothing may be written."""
    check(installation)
    server = WriterServer(installation.writer(), path, queue=installation.settings.queue)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to pass on
    line.watch(server.stop)
    line.ready()
    spare_what_stays()
    server.serve()


if __name__ == "__main__":
    sys.exit(main())
