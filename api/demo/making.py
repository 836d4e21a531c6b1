"""Makes a demo once, in an own empty SQLite file; `make serve` starts it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from api.demo.stage import Stage
from api.demo.story import tell
from api.environment import load
from api.founding import adopt_shipped, found_log, is_new
from api.installation import Desk, Installation, Unready
from api.keys import pepper
from api.settings import LOOPBACK, Settings

DATABASE: Final = "CHANGEGATE_DATABASE"


def demo_settings(file: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of a demo in this file; raises Unready where a demo must not be made."""
    given = os.environ if environ is None else environ
    if given.get(DATABASE):
        raise Unready(f"{DATABASE} is set: a demo uses an SQLite file of its own only")
    if "://" in str(file):
        raise Unready("a demo is kept in an SQLite file")
    settings = replace(load(given, demo=True), database=str(file), hosts=())
    if settings.host not in (*LOOPBACK, "::1"):
        raise Unready("a demo listens on loopback only: unset CHANGEGATE_HOST")
    return settings


def tokens_file(file: Path) -> Path:
    """Where a demo's tokens are written, one line for each person."""
    return file.with_name(f"{file.name}.tokens")


def ensure_demo(settings: Settings, file: Path) -> bool:
    """Make the demo if the file holds no log; answers whether it did.

    Raises Unready when the file holds a log that is no demo, or something else.
    """
    if not is_new(settings):
        _check_demo(settings)
        return False
    if file.exists() and file.stat().st_size:
        raise Unready(f"{file} exists and holds no demo: name another file")
    found_log(settings, origin="changegate.invalid", demo=True)
    opened = Installation.open(settings)
    writer = opened.writer()
    try:
        desk = Desk(writer)
        adopt_shipped(desk)
        stage = Stage(desk)
        stage.build()
        tell(stage)
        _write_tokens(tokens_file(file), stage.tokens(pepper(settings)))
    finally:
        writer.close()
        opened.close()
    return True


def _check_demo(settings: Settings) -> None:
    opened = Installation.open(settings)
    opened.close()
    if not opened.demo:
        raise Unready(f"{settings.database} holds a log that is no demo: name another file")


def _write_tokens(file: Path, tokens: dict[str, str]) -> None:
    """Only their owner may read them; a file left from before is replaced."""
    file.unlink(missing_ok=True)
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w", encoding="ascii") as out:
        out.writelines(f"{handle} {token}\n" for handle, token in sorted(tokens.items()))
