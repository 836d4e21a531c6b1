"""Bringing in a local clone: commits a second, and the most memory the import ever takes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from time import perf_counter
from typing import Final

import msgspec
from sqlalchemy import create_engine, text

from benchmarks import places
from benchmarks.figures import Figure, against
from benchmarks.places import Place
from benchmarks.sizes import Size

MOST_MB: Final = 500
KIB_IN_MB: Final = 1024
TAGGED_EVERY: Final = 50
"""Commits from one tag to the next."""
BEGAN: Final = 1_600_000_000
BATCH: Final = 128
"""How many rows the plain insert commits at once: as many as the import does."""
WHO: Final = "Ann Example <ann@example.invalid>"


class Recorded(msgspec.Struct):
    """What the command says it recorded: releases, and claims in all."""

    added: int
    claims: int


def measure(size: Size, server: str) -> Iterator[Figure]:
    """A clone made for this, through the command, beside inserting its commits as rows."""
    with places.scratch() as folder:
        clone = folder / "clone"
        tags = _made(clone, size.commits)
        for place in places.both(folder, server):
            with places.founded(place):
                pass
            took, memory, told = _imported(place, clone)
            assert (told.added, told.claims) == (tags, tags + size.commits), told
            rate = size.commits / took
            plain = size.commits / _inserted(place, size.commits)
            name = f"import of {size.commits:,} commits"
            yield against(name, place.kind, [rate], "/s", [plain], "rows inserted")
            yield against(
                f"{name}, most memory",
                place.kind,
                [memory],
                "MB",
                [MOST_MB],
                "at most",
                required=1.0,
                at_most=True,
            )


def _made(clone: Path, commits: int) -> int:
    """A clone with so many commits on one line, a tag every so often and at its end."""
    git = which("git")
    if git is None:
        raise RuntimeError("this benchmark needs git")
    subprocess.run([git, "init", "-q", "--bare", str(clone)], check=True)
    stream = subprocess.Popen(
        [git, "-C", str(clone), "fast-import", "--quiet"], stdin=subprocess.PIPE, text=True
    )
    assert stream.stdin is not None
    with stream.stdin as lines:
        tags = 0
        for number in range(1, commits + 1):
            when = f"{BEGAN + number * 600} +0000"
            said = f"Change number {number} (#{number})"
            lines.write(f"commit refs/heads/main\nmark :{number}\ncommitter {WHO} {when}\n")
            lines.write(f"data {len(said)}\n{said}\n")
            if number % TAGGED_EVERY == 0 or number == commits:
                tags += 1
                lines.write(f"tag v1.{tags}.0\nfrom :{number}\ntagger {WHO} {when}\ndata 0\n")
    if stream.wait():
        raise RuntimeError("git could not make the clone")
    return tags


def _imported(place: Place, clone: Path) -> tuple[float, float, Recorded]:
    """Seconds and the most MB the command took, and what it says it recorded."""
    command = ("import", "git", str(clone), "--project", "bench/app", "--json")
    started = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", *command],
        env=dict(place.environment),
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    with process.stdout as said:
        told = said.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took = perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"the import ended with status {process.returncode}")
    return took, used.ru_maxrss / KIB_IN_MB, msgspec.json.decode(told, type=Recorded)


def _inserted(place: Place, commits: int) -> float:
    """Seconds for rows with the same facts, as many to a transaction, and no proof of anything."""
    engine = create_engine(place.settings.url)
    columns = "sha VARCHAR(40) PRIMARY KEY, at BIGINT, author TEXT, subject TEXT, tag TEXT"
    insert = text("INSERT INTO plain_commits VALUES (:sha, :at, :author, :subject, :tag)")
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE plain_commits ({columns})"))
    started = perf_counter()
    for since in range(0, commits, BATCH):
        rows = [
            {
                "sha": f"{number:040x}",
                "at": BEGAN + number * 600,
                "author": "Ann Example",
                "subject": f"Change number {number} (#{number})",
                "tag": f"v1.{number // TAGGED_EVERY}.0",
            }
            for number in range(since, min(since + BATCH, commits))
        ]
        with engine.begin() as connection:
            connection.execute(insert, rows)
    took = perf_counter() - started
    engine.dispose()
    return took
