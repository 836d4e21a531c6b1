"""`changegate verify`, `rebuild`, `backup` and `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.saying import (
    BROKEN,
    Stop,
    endings,
    installation,
    progress,
    say,
    say_json,
    settings,
)

Json = Annotated[bool, typer.Option("--json", help="Answer for a program.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (verify, rebuild, backup, restore):
        app.command()(command)


def verify(json: Json = False, tree_only: Annotated[bool, typer.Option(help="Pass 1 only.")] = False) -> None:
    """Check the whole log: hashes, tree, checkpoint; then contents, columns and snapshots.

    Exits with 0 when all is as it was recorded, 1 when something was altered, 2 when the log
    cannot be read.
    """
    from dataclasses import asdict

    from ledger.verifying import verify_contents, verify_tree

    with installation() as opened:
        with opened.reader.connection() as connection:
            size = opened.reader.head(connection).size
        with progress("reading the log", size) as told:
            found = list(verify_tree(opened.reader, [opened.key.verifier], told))
        if not tree_only:
            with progress("checking contents", size) as told:
                found += verify_contents(opened.reader, told)
    if json:
        say_json({"events": size, "faults": [asdict(fault) for fault in found]})
    else:
        for fault in found:
            where = f" at {fault.position}" if fault.position is not None else ""
            say(f"{fault.code}{where}: {fault.message}")
        say(f"{size} events, {len(found)} faults")
    if found:
        raise Stop("the log is not as it was recorded", BROKEN)


def rebuild(
    stale: Annotated[bool, typer.Option("--stale", help="Only what a changed fold left.")] = False,
) -> None:
    """Paint the snapshots anew from the log; an interrupted rebuild goes on with --stale."""
    from ledger.databases import admin_engine
    from ledger.rebuilding import rebuild

    with installation() as opened, progress("rebuilding") as told:
        engine = admin_engine(opened.settings.url)
        try:
            count = rebuild(opened.reader, engine, everything=not stale, progress=told)
        finally:
            engine.dispose()
    say(f"{count} snapshots rebuilt")


def backup(file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")]) -> None:
    """Copy the log and its snapshots as of one moment, while the service runs."""
    from api.backups import save

    with installation() as opened, progress("copying") as told:
        size = save(opened, file, told)
    say(f"{file} holds the log up to its {size} events. Keys are not in it: keep them apart.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file made by `changegate backup`.")],
    reason: Annotated[str, typer.Option(help="Why the log is restored; it is recorded.")],
) -> None:
    """Put a backup in the place of an empty or older database, visibly forking the log."""
    from api.backups import load

    with endings(), progress("restoring") as told:
        size = load(settings(), file, reason, told)
    say(f"The log was restored at {size} events; the restore is its next event.")
