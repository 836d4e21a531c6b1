"""`changegate demo`: a made-up organisation in an SQLite file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.saying import say

if TYPE_CHECKING:
    from api.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    database: Annotated[Path, typer.Option(help="The SQLite file; made if it is missing.")] = Path(
        "var/changegate-demo.sqlite"
    ),
    serve: Annotated[bool, typer.Option("--serve", help="Serve it, until Ctrl-C.")] = False,
) -> None:
    """Make a demo organisation if the file is empty, and serve it on loopback if asked to.

    That it is a demo stands in event 0 and in the log's origin, and cannot be cleared.
    """
    from api.demo.settings import demo_settings, is_made, tokens_file

    settings = demo_settings(database)
    if serve and is_made(database):  # whoever serves it looks at it
        say(f"Using the demo in {database}.")
    else:
        _ensure(settings, database)
    tokens = tokens_file(database)
    say(f"Tokens of its people, one a line, in {tokens}:")
    say(tokens.read_text(encoding="ascii").rstrip())
    if serve:
        _serve(settings)


def _ensure(settings: Settings, database: Path) -> None:
    from api.demo.making import ensure_demo

    made = ensure_demo(settings, database)
    say(f"{'Made' if made else 'Using'} the demo in {database}.")


def _serve(settings: Settings) -> None:
    from api.http import logs
    from api.processes.parent import answers_at, service

    logs.configure(settings)
    with service(settings) as running:
        running.run(lambda: say(f"\nChangegate answers at {answers_at(running.listener)}"))
    say("Ended.")
