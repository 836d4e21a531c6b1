"""Where a demo may be: in a SQLite file of its own, with its own secrets, on loopback."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from api.environment import load
from api.settings import LOOPBACK, Misconfigured, Settings

REAL: Final = (
    "CHANGEGATE_DATABASE",
    "CHANGEGATE_SIGNING_KEY",
    "CHANGEGATE_SIGNING_KEY_TEXT",
    "CHANGEGATE_CHECKPOINT_FILE",
    "CHANGEGATE_TOKEN_PEPPER",
    "CHANGEGATE_TOKEN_PEPPER_FILE",
    "CHANGEGATE_WRITER_SOCKET",
    "CHANGEGATE_HOSTS",
)
"""What is set belongs to an installation that is no demo."""
LOG_FORMAT: Final = "CHANGEGATE_LOG_FORMAT"
"""A demo is looked at on a terminal, unless this says otherwise."""


def demo_settings(file: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of a demo in this file; raises Misconfigured where a demo must not be."""
    given = os.environ if environ is None else environ
    if real := [name for name in REAL if given.get(name)]:
        raise Misconfigured(
            f"{', '.join(real)} is set, as for an installation that is no demo: unset it, or use "
            "`changegate serve`"
        )
    if "://" in str(file) or ":/" in str(file):
        raise Misconfigured("a demo is kept in a SQLite file of its own")
    settings = replace(load({LOG_FORMAT: "console", **given}, demo=True), database=str(file))
    if settings.host not in (*LOOPBACK, "::1"):
        raise Misconfigured("a demo listens on loopback only: unset CHANGEGATE_HOST")
    return settings


def is_made(file: Path) -> bool:
    """Whether there is something in the file, with tokens beside it: whoever serves it looks."""
    return file.is_file() and file.stat().st_size > 0 and tokens_file(file).is_file()


def tokens_file(file: Path) -> Path:
    """Where a demo's tokens are written, one line for each person."""
    return file.with_name(f"{file.name}.tokens")
