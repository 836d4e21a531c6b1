"""Makes a demo once, in an own empty SQLite file; `make serve` starts it."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from api.demo.places import settle
from api.demo.settings import tokens_file
from api.demo.stage import Stage
from api.demo.story import tell
from api.machine.files import Unwritable, told
from api.machine.founding import adopt_shipped, found_log, has_begun
from api.machine.installation import Desk, Installation, Unready
from api.machine.keys import pepper, write_private
from api.settings import Settings

BESIDE: Final = ("key", "pepper", "checkpoint", "tokens")
"""The endings of the files that belong to a demo's database."""
SQLITE: Final = ("-wal", "-shm", "-journal")
"""The endings of the files that SQLite keeps beside one; an old one must not meet a new file."""


def ensure_demo(settings: Settings, file: Path) -> bool:
    """Make the demo if there is none; answers whether it did.

    It is made in a folder of its own and then moved to its place, so there is a whole demo or
    none. Raises Unready when the file holds a log that is no demo, or something else, and
    Unwritable where there can be none.
    """
    _make_room(file)
    with _alone(file) as folder:
        if file.exists() and file.stat().st_size:
            _check_demo(settings, file)
            return False
        made = folder / file.name
        _make(replace(settings, database=str(made)), made)
        _move(made, file)
    return True


def _make_room(file: Path) -> None:
    """Make the folder that the file is to be in; nothing that is no file is taken for one."""
    if file.is_dir():
        raise Unwritable(f"{file} is a folder: name a file")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as fault:
        raise Unwritable(f"{file.parent} is no folder, and cannot be made one") from fault
    except OSError as fault:
        raise Unwritable(told(file.parent, fault)) from fault


@contextmanager
def _alone(file: Path) -> Iterator[Path]:
    """An empty folder beside the file, for one process at a time."""
    folder = file.with_name(f".{file.name}.making")
    lock = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(folder, ignore_errors=True)  # somebody was killed while making it
        try:
            folder.mkdir(mode=0o700)
        except OSError as fault:
            raise Unwritable(f"nothing can be made in {file.parent}") from fault
        try:
            yield folder
        finally:
            shutil.rmtree(folder)
    finally:
        os.close(lock)


def _check_demo(settings: Settings, file: Path) -> None:
    if not has_begun(settings):
        raise Unready(f"{file} holds something that is no demo: name another file")
    opened = Installation.open(settings)
    opened.close()
    if not opened.demo:
        raise Unready(f"{file} holds a log that is no demo: name another file")
    if not tokens_file(file).exists():
        raise Unready(f"{tokens_file(file)} is gone; remove {file} to make the demo anew")


def _make(settings: Settings, file: Path) -> None:
    """Found the log and live through its story; nothing is flushed, since nothing may be lost."""
    found_log(settings, demo=True)
    opened = Installation.open(settings)
    writer = opened.writer(durable=False)
    try:
        desk = Desk(writer)
        adopt_shipped(desk)
        stage = Stage(desk)
        stage.build()
        settle(stage)
        tell(stage)
        tokens = stage.tokens(pepper(settings))
    finally:
        writer.close()
        opened.close()
    lines = (f"{handle} {token}\n" for handle, token in sorted(tokens.items()))
    write_private(tokens_file(file), "".join(lines))


def _move(made: Path, file: Path) -> None:
    """Put what was made in its place, the database last."""
    for ending in SQLITE:
        file.with_name(f"{file.name}{ending}").unlink(missing_ok=True)
    for ending in (*(f".{each}" for each in BESIDE), ""):
        one = made.with_name(f"{made.name}{ending}")
        with one.open("rb") as stored:
            os.fsync(stored.fileno())
        one.replace(file.with_name(f"{file.name}{ending}"))
    with suppress(OSError):  # some file systems cannot flush a folder
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
