"""`changegate demo`: a made-up organisation in an SQLite file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.saying import Stop, endings, say


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
    from api.demo.making import demo_settings, ensure_demo, tokens_file

    with endings():
        settings = demo_settings(database)
        made = ensure_demo(settings, database)
    say(f"{'Made' if made else 'Using'} the demo in {database}.")
    tokens = tokens_file(database)
    say(f"Tokens of its people, one a line, in {tokens}:")
    say(tokens.read_text(encoding="ascii").rstrip())
    if serve:
        _serve(settings)


def _serve(settings: object) -> None:
    from api import logs
    from api.installation import Installation
    from api.preflight import faults
    from api.processes.parent import CannotServe, answers_at, service
    from api.settings import Settings

    assert isinstance(settings, Settings)  # noqa: S101  (typed so that starting stays quick)
    with endings():
        opened = Installation.open(settings)
        try:
            wrong = list(faults(opened))
        finally:
            opened.close()
        if wrong:
            raise Stop("; ".join(f"{name}: {reason}" for name, reason in wrong))
        logs.configure(settings)
        try:
            with service(settings) as running:
                running.run(lambda: say(f"\nChangegate answers at {answers_at(running.listener)}"))
        except CannotServe as fault:
            raise Stop(str(fault)) from fault
    say("Ended.")
