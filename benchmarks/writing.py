"""A writer process as the service runs it, with two more wishes: batches of one, and a stopwatch.

`python -m benchmarks.writing --socket PATH [--limit 1] [--stopwatch FILE]`; the rest is read from
the environment.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path
from types import FrameType

from api.environment import load
from api.machine.installation import Installation
from benchmarks.stopwatch import Stopwatch
from ledger.server import WriterServer, spare_what_stays


def main() -> int:
    """Serve until told to stop; then write down what took how long."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--socket", type=Path, required=True)
    arguments.add_argument("--limit", type=int)
    arguments.add_argument("--stopwatch", type=Path)
    given = arguments.parse_args()
    settings = load()
    installation = Installation.open(settings)
    writer = installation.writer()
    writer.limit = given.limit or writer.limit
    watch = Stopwatch.over(writer) if given.stopwatch else None
    server = WriterServer(writer, given.socket, queue=settings.queue)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.stop()

    signal.signal(signal.SIGTERM, stop)
    spare_what_stays()
    server.serve()
    installation.close()
    if watch is not None:
        given.stopwatch.write_text(json.dumps(watch.spent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
