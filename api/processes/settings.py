"""How a parent hands its settings to its children: through their environment and arguments."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from api.environment import load
from api.settings import Settings


def parser(description: str) -> argparse.ArgumentParser:
    """What every child takes."""
    found = argparse.ArgumentParser(description=description)
    found.add_argument("--database", required=True)
    found.add_argument("--socket", type=Path, required=True)
    found.add_argument("--demo", action="store_true")
    return found


def child_settings(given: argparse.Namespace) -> Settings:
    """The environment's settings, for the database and socket the parent chose."""
    settings = load(demo=given.demo)
    return replace(settings, database=given.database, writer_socket=given.socket)


def child_arguments(settings: Settings) -> list[str]:
    """What a parent passes on."""
    arguments = ["--database", settings.database, "--socket", str(settings.writer_socket)]
    return [*arguments, "--demo"] if settings.demo else arguments
