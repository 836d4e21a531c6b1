"""How a parent hands its settings to its children: by arguments, and by their environment."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

from api.demo.settings import demo_settings
from api.environment import load
from api.settings import Settings

DATABASE = "CHANGEGATE_DATABASE"


def parser(description: str) -> argparse.ArgumentParser:
    """What every child takes."""
    found = argparse.ArgumentParser(description=description)
    found.add_argument("--socket", type=Path, required=True)
    found.add_argument("--lifeline", type=int, required=True)
    found.add_argument("--demo", type=Path)
    return found


def arguments(settings: Settings, socket: Path) -> list[str]:
    """What a parent passes to its children; the database's URL may hold a password, see below."""
    passed = ["--socket", str(socket)]
    return [*passed, "--demo", settings.database] if settings.demo else passed


def environment(settings: Settings) -> dict[str, str]:
    """The environment of children: unlike arguments, other users of the machine cannot read it."""
    return {**os.environ} if settings.demo else {**os.environ, DATABASE: settings.database}


def handed(given: argparse.Namespace) -> Settings:
    """The settings as the parent has them; raises Misconfigured."""
    chosen = demo_settings(given.demo) if given.demo else load()
    return replace(chosen, writer_socket=given.socket)
