"""Processes that are measured or make load: started, awaited, ended."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.places import Place
from tests.api.served import running

ROOT = Path(__file__).parent.parent
PATIENCE_S = 60.0
NUMBERS = count(1)


@contextmanager
def child(
    module: str, *arguments: str, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A module run as a process, ended at the end; one that fails is an error."""
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=dict(environment), stdin=subprocess.DEVNULL)
    try:
        yield process
    except BaseException:
        process.kill()
        process.wait()
        raise
    process.terminate()
    if process.wait(PATIENCE_S) not in (0, -15):
        raise RuntimeError(f"{module} ended with status {process.returncode}")


@contextmanager
def bare(place: Place) -> Iterator[str]:
    """The bare server over a database; answers its URL."""
    command = [sys.executable, "-m", "benchmarks.bare", place.settings.url]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        process.stdout.close()


@contextmanager
def service(place: Place, socket: Path | None = None, **more: Any) -> Iterator[str]:
    """The whole service, with one edge process; answers its URL."""
    settings: dict[str, Any] = {
        name: value for name, value in place.environment.items() if "CHANGEGATE" in name
    }
    if socket is not None:
        settings["CHANGEGATE_WRITER_SOCKET"] = str(socket)
    with running("serve", **settings, **more) as url:
        yield url


@contextmanager
def writer(place: Place, *more: str) -> Iterator[Path]:
    """A writer process; answers the path of its socket."""
    path = place.folder / f"w{next(NUMBERS)}"
    arguments = ("--socket", str(path), *more)
    with child("benchmarks.writing", *arguments, environment=place.environment) as process:
        wait_for(path.exists, process)
        yield path


def wait_for(holds: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait until something holds; raises when the process ends before."""
    until = time.monotonic() + PATIENCE_S
    while not holds():
        if process.poll() is not None:
            raise RuntimeError(f"a process ended with status {process.returncode} at once")
        if time.monotonic() > until:
            raise RuntimeError("a process did not come up")
        time.sleep(0.002)
