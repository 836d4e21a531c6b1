"""Runs `changegate` as a stranger would, as processes of their own on a free port of loopback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

ROOT = Path(__file__).parent.parent.parent
PROGRAM = (sys.executable, "-m", "api.cli")
ANSWERS = re.compile(r"answers at (http://\S+)/graphql")
SECONDS = 120


@contextmanager
def running(*arguments: str, cwd: Path = ROOT, **settings: Any) -> Iterator[str]:
    """The URL of a service that answers as long as the block runs, and then ends cleanly."""
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=cwd,
        env=environment(CHANGEGATE_PORT="0", **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: Queue[str] = Queue()
    said: list[str] = []
    reading = Thread(target=_read, args=(process, lines), daemon=True)
    reading.start()
    try:
        yield _url(process, lines, said)
    finally:
        process.terminate()
        status = process.wait(SECONDS)
        reading.join()
    assert status == 0, "".join(said)


def command(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=ROOT,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def environment(**settings: str) -> Mapping[str, str]:
    """This process's environment, with no other settings than these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHANGEGATE_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **settings}


def _read(process: subprocess.Popen[str], lines: Queue[str]) -> None:
    assert process.stdout is not None
    with process.stdout as output:
        for line in output:
            lines.put(line)


def _url(process: subprocess.Popen[str], lines: Queue[str], said: list[str]) -> str:
    while process.poll() is None:
        try:
            said.append(lines.get(timeout=SECONDS))
        except Empty:
            break
        if found := ANSWERS.search(said[-1]):
            return found[1]
    raise AssertionError(f"the service did not come up:\n{''.join(said)}")
