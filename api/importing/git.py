"""Git, asked about a clone: it runs nothing of the clone's, and what it says goes no further.

A clone may come from anybody. Git is asked by plumbing alone, with no hooks, pagers, filters or
transports, no configuration but the clone's own, and with that what could run a program set aside.
Names from the clone never become arguments: objects are named by their hashes, on standard input.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from api.derived.text import cleaned

SAFE: Final = (
    "--no-pager",
    "--no-replace-objects",
    "--literal-pathspecs",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.alternateRefsCommand=",
    "-c",
    "log.showSignature=false",
    "-c",
    "protocol.allow=never",
    "-c",
    "safe.directory=*",
    "-c",
    "i18n.logOutputEncoding=UTF-8",
)
ENVIRONMENT: Final = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "HOME": os.devnull,
    "LC_ALL": "C.UTF-8",
}
LONGEST: Final = 1_000
NO_CLONE: Final = re.compile(r"not a git repository|inside a git repository")
"""How git says that a folder is none of its own."""


class Unusable(Exception):
    """The folder is no clone that git can read; the message says why."""


def lines_of(folder: Path, asked: Sequence[str], given: str = "") -> Iterator[str]:
    """The lines git answers of a clone; raises Unusable when it fails."""
    with TemporaryFile() as source, TemporaryFile() as faults:
        source.write(given.encode())
        source.seek(0)
        with _git(folder, asked, source, faults) as running:
            assert running.stdout is not None  # noqa: S101  (asked for)
            for line in running.stdout:
                yield line.decode("utf-8", "replace").rstrip("\n")
        if running.returncode:
            faults.seek(0)
            said = cleaned(faults.read(LONGEST).decode("utf-8", "replace"))
            raise Unusable(_fault(said) or f"git ended with {running.returncode}")


def _fault(said: str) -> str:
    """What is wrong with a clone: that it is none, or what git says of a broken one."""
    return "it is no clone of a repository" if NO_CLONE.search(said) else said


def _git(
    folder: Path, asked: Sequence[str], source: IO[bytes], faults: IO[bytes]
) -> subprocess.Popen[bytes]:
    whole = folder.resolve()
    inner = whole / ".git"
    place = inner if inner.exists() else whole
    command = ["git", *SAFE, f"--git-dir={place}", *asked]
    environment = ENVIRONMENT | {"PATH": os.environ.get("PATH", os.defpath)}
    try:
        return subprocess.Popen(
            command,
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=faults,
            env=environment,
            cwd=os.sep,
        )
    except OSError as fault:
        raise Unusable(f"git cannot be run: {fault}") from fault
