"""`changegate migrate` and `changegate rebuild`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.saying import progress, say, settings

if TYPE_CHECKING:
    from api.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(migrate)
    app.command()(rebuild)


def migrate() -> None:
    """Bring the database to this version's revision; rebuild what a changed fold made stale."""
    from api.machine.founding import has_begun, make_private
    from api.machine.migrating import upgrade
    from api.machine.revision import needed

    chosen = settings()
    make_private(chosen)
    upgrade(chosen.url)
    reached = f"The database is at revision {needed()}"
    if has_begun(chosen):
        say(f"{reached}; {_rebuild(chosen, everything=False)} snapshots were rebuilt.")
    else:
        say(f"{reached}; it holds no log yet: `changegate init` begins one.")


def rebuild(
    stale: Annotated[bool, typer.Option("--stale", help="Only what a changed fold left.")] = False,
) -> None:
    """Paint the snapshots anew from the log; an interrupted rebuild goes on with --stale."""
    from api.machine.installation import Installation

    chosen = settings()
    Installation.open(chosen).close()
    say(f"{_rebuild(chosen, everything=not stale)} snapshots were rebuilt.")


def _rebuild(chosen: Settings, *, everything: bool) -> int:
    from api.machine.installation import reader_of
    from ledger.databases import admin_engine
    from ledger.rebuilding import rebuild as paint

    reader, engine = reader_of(chosen), admin_engine(chosen.url)
    try:
        with progress("rebuilding") as told:
            return paint(reader, engine, everything=everything, progress=told)
    finally:
        engine.dispose()
        reader.engine.dispose()
