"""A migrated SQLite file, made once in each process, to copy wherever a log is to be founded."""

from __future__ import annotations

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp


def copy_to(path: Path) -> None:
    """Put a fresh, migrated SQLite database there."""
    shutil.copy(_template(), path)


@cache
def _template() -> Path:
    from api.machine.migrating import upgrade

    folder = Path(mkdtemp(prefix="changegate-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "changegate.sqlite"
    upgrade(f"sqlite:///{path}")
    wal = path.with_name(f"{path.name}-wal")
    assert not wal.exists(), "the migration left a connection open"
    return path
